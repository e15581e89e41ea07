"""The whole road: pair, make, publish, compare, render. What `hfgnn build` does.

When no source, result or page changed since the last build, none of it is looked at again.
"""

import json
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from hfgnn.ledger.verify import Report
from hfgnn.pipeline import build, site
from hfgnn.pipeline import chapters as chapter_files
from hfgnn.pipeline.build import Order
from hfgnn.pipeline.key import canonical, digest, file_digest
from hfgnn.pipeline.notebook import stages_of
from hfgnn.pipeline.places import BuildError, Places, places
from hfgnn.pipeline.progress import Watcher
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.pipeline.store import remove

SEAL = "build.seal"
SOURCES = ("hfgnn", "notebooks", "book")
SETTINGS = ("_config.yml", "_toc.yml", "requirements.lock")


@dataclass(frozen=True)
class Built:
    """What a build came to."""

    report: Report
    made: int  # stages and chapters
    rendered: bool


def build_book(order: Order, progress: Watcher) -> Built:
    """Bring the site up to date and compare every number in it with what was accepted."""
    places = order.places
    for chapter in chapter_files.listed(places):
        if said := chapter_files.pair_up(chapter, places):
            progress.note(said)
    if _untouched(order):
        return Built(build.verified(places, order.profile), made=0, rendered=False)
    done = build.make(order, progress)
    folders = build.publish(order)
    report = build.verified(places, order.profile)
    rendered = site.build_site(places, folders, report)
    _seal(order)
    return Built(report, made=len(done), rendered=rendered)


def _untouched(order: Order) -> bool:
    try:
        held = json.loads((order.places.build / SEAL).read_text(encoding="utf-8"))
        inputs = {path: file_digest(Path(path)) for path in held["inputs"]}
        return bool(held["inputs"] == inputs and held["all"] == _fingerprint(order))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _seal(order: Order) -> None:
    held = {"all": _fingerprint(order), "inputs": _inputs(order)}
    chapter_files.write_text(order.places.build / SEAL, canonical(held))


def _fingerprint(order: Order) -> str:
    """Return a digest of everything that a build reads or leaves, and of this machine's kind."""
    places = order.places
    sources = [path for name in SOURCES for path in _files(places.root / name)]
    sources += [places.root / name for name in SETTINGS]
    made = [*_files(places.results), *_files(places.site)]
    cpu = Path("/proc/cpuinfo")
    flags = [line for line in _lines(cpu) if line.startswith("flags")][:1]
    about = [sys.version, platform.machine(), *flags, repr(sorted(order.parameters.items()))]
    return digest(canonical([about, {str(path): file_digest(path) for path in sources + made}]))


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and ".ipynb_checkpoints" not in path.parts
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _inputs(order: Order) -> dict[str, str]:
    found: dict[str, str] = {}
    for chapter in order.wanted:
        notebook = chapter_files.source(chapter, order.places)
        parameters, _ = chapter_files.settle(notebook, chapter, order.parameters)
        shop = workshop(parameters["profile"], parameters["seed"], order.places)
        for name in shop.order(stages_of(notebook, chapter)):
            found |= {str(path): file_digest(path) for path in shop.stage(name).inputs}
    return found


def reviewed(*, cold: bool, jobs: int, progress: Watcher) -> Report:
    """Compare the latest results, or those of a run from an empty store, with the accepted."""
    here = places(cold=cold)
    if cold:
        remove(here.build)
        order = Order(here, jobs=jobs)
        build.make(order, progress)
        build.publish(order)
        return build.verified(here)
    if not here.results.is_dir():
        raise BuildError(f"{here.results} is not there: `make book` or `hfgnn build` comes first")
    if changed := [task.name for task in build.plan(Order(here)) if task.kind == "chapter"]:
        names = ", ".join(changed)
        raise BuildError(f"{names}: changed since the results were made; `hfgnn build` first")
    return build.verified(here)


def inventory(here: Places, profile: str) -> list[tuple[str, str, str, str, str]]:
    """Return name, key, state, seconds and bytes of every stage, at the notebooks' seed."""
    shop, rows = workshop(profile, SEED, here), []
    for name in shop.order(list(shop.stages)):
        entry = shop.entry(name)
        state = "missing" if not entry.whole else "ready" if build.sound(entry) else "damaged"
        size = sum(path.stat().st_size for path in entry.folder.rglob("*") if path.is_file())
        seconds = build.cost(entry, here).get("seconds", "")
        rows.append((name, entry.key[:12], state, str(seconds), f"{size:,}" if size else ""))
    return rows


def notebook_text(chapter: str, places: Places) -> str:
    """Return the executed chapter with its claims as text, as the site offers it."""
    entry = chapter_files.entry(chapter, {}, places)
    if not entry.whole:
        raise BuildError(f"{chapter} was not run yet: `hfgnn build` or `hfgnn run {chapter}` first")
    shown = site.evidence(places.ledger, places.results, build.verified(places))
    return site.readable(chapter, entry.check(), shown, places)


def unused(here: Places) -> list[Path]:
    """Return the entries of the store that no present chapter or stage leads to."""
    order, kept = Order(here), set[str]()
    for chapter in order.wanted:
        notebook = chapter_files.source(chapter, here)
        parameters, _ = chapter_files.settle(notebook, chapter, {})
        shop = workshop(parameters["profile"], parameters["seed"], here)
        kept |= {shop.entry(name).folder.name for name in shop.order(stages_of(notebook, chapter))}
        kept.add(chapter_files.entry(chapter, {}, here).folder.name)
    return [path for path in sorted(here.store.glob("*")) if path.name not in kept]
