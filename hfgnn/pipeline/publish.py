"""What was made, laid out to be compared: all of it or nothing."""

import shutil
from pathlib import Path

from filelock import FileLock

from hfgnn.ledger.verify import Report, compare
from hfgnn.pipeline.order import Order, listed
from hfgnn.pipeline.places import Places
from hfgnn.pipeline.store import remove


def publish(order: Order) -> dict[str, Path]:
    """Lay the chapters' results out for `verify`, all or none; return each chapter's folder."""
    from hfgnn.pipeline.chapters import (
        entry,
    )  # heavy, and a build that finds nothing new needs none

    places = order.places
    folders = {name: entry(name, order.parameters, places).check() for name in order.wanted}
    with FileLock(_lock(places, "results")):
        draft = places.build / ".draft-results"
        remove(draft)
        for chapter, folder in folders.items():
            shutil.copytree(folder / "results", draft / chapter)
        swap(draft, places.results)
    return folders


def swap(draft: Path, target: Path) -> None:
    """Put a finished folder in the place of the old one."""
    old = target.with_name(f".old-{target.name}")
    remove(old)
    if target.exists():
        target.rename(old)
    draft.rename(target)
    remove(old)


def _lock(places: Places, name: str) -> Path:
    places.locks.mkdir(parents=True, exist_ok=True)
    return places.locks / f"{name}.lock"


def verified(places: Places, profile: str = "") -> Report:
    """Compare the latest results with what was accepted."""
    chapters = listed(places)
    return compare(places.ledger, places.results, chapters=chapters, profile=profile or "book")


def run_apart(order: Order, chapter: str) -> tuple[Report, Path]:
    """Lay one chapter's run out beside the published results and compare it."""
    from hfgnn.pipeline.chapters import EXECUTED, entry

    places = order.places
    folder = entry(chapter, order.parameters, places).check()
    target = places.build / "runs" / chapter
    with FileLock(_lock(places, "runs")):
        draft = places.build / ".draft-run"
        remove(draft)
        shutil.copytree(folder / "results", draft)
        shutil.copy(folder / EXECUTED, draft)
        target.parent.mkdir(exist_ok=True)
        swap(draft, target)
    report = compare(
        places.ledger, target.parent, chapters=[chapter], profile=order.profile or "book"
    )
    return report, target
