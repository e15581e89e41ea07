"""What was made, laid out to be compared: all of it or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from hfgnn.ledger.verify import Report, compare
from hfgnn.pipeline.order import Order, listed
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.store import Damaged, remove


@contextmanager
def published(places: Places) -> Iterator[None]:
    """Hold what the latest build published: one writes it, or reads it, at a time."""
    places.locks.mkdir(parents=True, exist_ok=True)
    with FileLock(places.locks / "published.lock"):
        restore(places.results)
        restore(places.site)
        yield


def publish(order: Order) -> dict[str, Path]:
    """Lay the chapters' results out for `verify`, all or none; return each chapter's folder."""
    folders = {name: _made(order, name) for name in order.wanted}
    draft = order.places.build / ".draft-results"
    remove(draft)
    for chapter, folder in folders.items():
        shutil.copytree(folder / "results", draft / chapter)
    swap(draft, order.places.results)
    return folders


def _made(order: Order, chapter: str) -> Path:
    from hfgnn.pipeline.chapters import entry  # heavy; a build that finds nothing new needs none

    try:
        return entry(chapter, order.parameters, order.places).check()
    except Damaged as error:
        raise BuildError(
            f"{chapter}: its code changed while it was being built, or its files did; build again"
        ) from error


def swap(draft: Path, target: Path) -> None:
    """Put a finished folder in the place of the old one."""
    old = _old(target)
    remove(old)
    if target.exists():
        target.rename(old)
    draft.rename(target)
    remove(old)


def restore(target: Path) -> None:
    """Put the old folder back if a swap was killed between its two renames."""
    if not target.exists() and _old(target).exists():
        _old(target).rename(target)


def _old(target: Path) -> Path:
    return target.with_name(f".old-{target.name}")


def verified(places: Places, profile: str = "") -> Report:
    """Compare the latest results with what was accepted."""
    chapters = listed(places)
    return compare(places.ledger, places.results, chapters=chapters, profile=profile or "book")


def run_apart(order: Order, chapter: str) -> tuple[Report, Path]:
    """Lay one chapter's run out beside the published results and compare it."""
    places, folder = order.places, _made(order, chapter)
    target = places.build / "runs" / chapter
    with published(places):
        draft = places.build / ".draft-run"
        remove(draft)
        shutil.copytree(folder / "results", draft)
        shutil.copy(folder / "executed.ipynb", draft)
        target.parent.mkdir(exist_ok=True)
        swap(draft, target)
        profile = order.profile or "book"
        report = compare(places.ledger, target.parent, chapters=[chapter], profile=profile)
    own = tuple(entry for entry in report.entries if entry.chapter == chapter)
    return Report(own), target
