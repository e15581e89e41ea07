"""The whole road: pair, make, publish, compare, render. What `hfgnn build` does."""

from dataclasses import dataclass
from pathlib import Path

from hfgnn.ledger.evidence import confirm, evidence
from hfgnn.ledger.verify import Report, accept
from hfgnn.pipeline import build, site, sweeps
from hfgnn.pipeline import chapters as chapter_files
from hfgnn.pipeline.cited import confirmed
from hfgnn.pipeline.key import file_digest
from hfgnn.pipeline.notebook import stages_of
from hfgnn.pipeline.order import Order, listed
from hfgnn.pipeline.places import BuildError, Places, places
from hfgnn.pipeline.progress import Watcher
from hfgnn.pipeline.publish import publish, published, verified
from hfgnn.pipeline.seal import read, seal
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.pipeline.store import remove


@dataclass(frozen=True)
class Built:
    """What a build came to."""

    report: Report
    made: int  # stages and chapters
    rendered: bool


def build_book(order: Order, progress: Watcher) -> Built:
    """Bring the site up to date and compare every number in it with what was accepted."""
    places = order.places
    for chapter in listed(places):
        if said := chapter_files.pair_up(chapter, places):
            progress.note(said)
    before = read(order)
    done = build.make(order, progress)
    with published(places):
        folders = publish(order)
        report = verified(places, order.profile)
        rendered = site.build_site(places, folders, report)
        seal(order, before, _inputs(order))
    return Built(report, made=len(done), rendered=rendered)


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
        confirm(here.ledger)
        remove(here.build)
        order = Order(here, jobs=jobs)
        build.make(order, progress)
        publish(order)
        return verified(here)
    with published(here):
        _must_be_current(here)
        confirmed(here)
        return verified(here)


def _must_be_current(here: Places) -> None:
    if not here.results.is_dir():
        raise BuildError(f"{here.results} is not there: `hfgnn build` comes first")
    if changed := [task.name for task in build.plan(Order(here)) if task.kind == "chapter"]:
        names = ", ".join(changed)
        raise BuildError(f"{names}: changed since the results were made; `hfgnn build` first")


def accepted(ids: list[str], reason: str) -> list[str]:
    """Publish the latest values of these ids; refuse those that today's code did not make."""
    here = places()
    if not reason.strip():
        raise BuildError("accept: the reason is empty; say why these values are right")
    with published(here):
        _must_be_current(here)
        return accept(here.ledger, here.results, ids=ids, reason=reason, chapters=listed(here))


def inventory(here: Places, profile: str) -> list[tuple[str, str, str, str, str]]:
    """Return name, key, state, seconds and bytes of every stage, at the notebooks' seed."""
    shop, rows = workshop(profile, SEED, here), []
    for name in shop.order(list(shop.stages)):
        entry = shop.entry(name)
        state = "missing" if not entry.whole else "ready" if entry.sound else "damaged"
        size = sum(path.stat().st_size for path in entry.folder.rglob("*") if path.is_file())
        seconds = build.cost(entry, here).get("seconds", "")
        rows.append((name, entry.key[:12], state, str(seconds), f"{size:,}" if size else ""))
    return rows


def notebook_text(chapter: str, places: Places) -> str:
    """Return the executed chapter with its claims as text, as the site offers it."""
    entry = chapter_files.entry(chapter, {}, places)
    if not entry.whole:
        raise BuildError(f"{chapter} was not run yet: `hfgnn build` or `hfgnn run {chapter}` first")
    shown = evidence(places.ledger, places.results, verified(places))
    return site.readable(chapter, entry.check(), shown, places)


def unused(here: Places) -> list[Path]:
    """Return the entries of the store that no present chapter, stage or sweep leads to."""
    order, kept = Order(here), sweeps.used(here)
    for chapter in order.wanted:
        notebook = chapter_files.source(chapter, here)
        parameters, _ = chapter_files.settle(notebook, chapter, {})
        shop = workshop(parameters["profile"], parameters["seed"], here)
        kept |= {shop.entry(name).folder.name for name in shop.order(stages_of(notebook, chapter))}
        kept.add(chapter_files.entry(chapter, {}, here).folder.name)
    return [
        path
        for path in sorted(here.store.glob("*"))
        if path.name not in kept and not path.name.startswith(".")
    ]
