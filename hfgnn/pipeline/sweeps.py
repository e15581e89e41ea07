"""Sweeps: many cells, each a stage, gathered into a record that builds read.

What a cell gives lies in the store by its key, so a sweep that was cut off goes on where it was,
and cells come out the same whoever makes them, in whatever order: one process, several, or a
cluster (`hfgnn.pipeline.cluster`). The record is written last, whole or not at all.

A new sweep is an entry of SWEEPS: what it is and how long it takes, how many seeds it usually has,
its cells, and how they are gathered. `cells(profile, seed, seeds)` returns stages, which may need
each other and those of the book; `gather(profile, seed, seeds, load)` loads those whose results go
into the record, by name, and returns its tables with what they are of (`Gathered`), as the stages
that read it will ask. Only the usual seeds at the book's size are the book's own record, in
book/ledger/recorded/NAME; anything else lies beside the store and replaces nothing.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from filelock import FileLock

from hfgnn.pipeline import audits, swept
from hfgnn.pipeline.answers import STUDIES
from hfgnn.pipeline.build import Performer, run, stage_tasks
from hfgnn.pipeline.gathering import Gathered, Load, told
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.profiles import Profile, profile_named
from hfgnn.pipeline.progress import Watcher, spoken
from hfgnn.pipeline.stage import Stage, Workshop
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.pipeline.store import sweep as clear
from hfgnn.pipeline.work import Task


@dataclass(frozen=True)
class Sweep:
    """A record that is made of cells."""

    about: str
    seeds: int  # usually; 0: there is nothing that more seeds would repeat
    cells: Callable[[Profile, int, int], list[Stage]]
    gather: Callable[[Profile, int, int, Load], Gathered]


SWEEPS = {
    "ablations": Sweep(
        "every part of the three works, asked of the same newcomers: two hours of one core",
        STUDIES,
        swept.ablation_cells,
        swept.gather_ablations,
    ),
    "audit-dual": Sweep(
        "the second work with every set of its decisions mended: a quarter of an hour of one core",
        audits.REPEATS,
        audits.dual_cells,
        audits.gather_dual,
    ),
    "audit-selfsup": Sweep(
        "the third work with every set of its decisions mended: twenty minutes of one core",
        audits.REPEATS,
        audits.selfsup_cells,
        audits.gather_selfsup,
    ),
    "audit-thesis": Sweep(
        "the thesis with every set of its decisions mended: a quarter of an hour of one core",
        audits.REPEATS,
        audits.thesis_cells,
        audits.gather_thesis,
    ),
    "coverage": Sweep(
        "how often the intervals of the comparison hold the truth: ten minutes of one core",
        0,
        swept.coverage_cells,
        swept.gather_coverage,
    ),
    "regimes": Sweep(
        "the map of when a graph helps, 565 small worlds: half an hour of one core",
        5,
        swept.regime_cells,
        swept.gather_regimes,
    ),
}


@dataclass(frozen=True)
class Asked:
    """A sweep as a person asked for it."""

    name: str
    profile: str
    seed: int
    seeds: int = 0  # none: as many as usual

    def __post_init__(self) -> None:
        """Refuse what is not known."""
        if self.name not in SWEEPS:
            known = ", ".join(sorted(SWEEPS))
            raise BuildError(f"sweep {self.name!r} is not known; choose one of {known}")
        profile_named(self.profile)
        if self.seeds < 0:
            raise BuildError(f"{self.seeds} seeds; give 1 or more")
        if self.seeds and not self.sweep.seeds:
            raise BuildError(f"--seeds {self.seeds}: {self.name} repeats nothing; leave it away")

    @property
    def sweep(self) -> Sweep:
        """Return what is to be swept."""
        return SWEEPS[self.name]

    @property
    def many(self) -> int:
        """Return how many seeds there are."""
        return self.seeds or self.sweep.seeds

    @property
    def usual(self) -> bool:
        """Tell whether this is the book's own record."""
        return (self.profile, self.seed, self.many) == ("book", SEED, self.sweep.seeds)

    def folder(self, places: Places) -> Path:
        """Return where the record is kept."""
        if self.usual:
            return places.ledger / "recorded" / self.name
        return places.build / "sweeps" / f"{self.name}-{self.many}"

    def cells(self) -> list[Stage]:
        """Return the cells."""
        return self.sweep.cells(profile_named(self.profile), self.seed, self.many)


@cache
def workshop(asked: Asked, places: Places) -> Workshop:
    """Return the cells and all that they may need, over the store of a build."""
    stages = [*catalogue(profile_named(asked.profile), asked.seed), *asked.cells()]
    return Workshop({stage.name: stage for stage in stages}, places)


def tasks(asked: Asked, shop: Workshop) -> list[Task]:
    """Return what is still to be made."""
    names = shop.missing([cell.name for cell in asked.cells()])
    parameters = {"profile": asked.profile, "seed": asked.seed}
    found = stage_tasks(shop, names, parameters)
    return [replace(task, sweep=asked.name, seeds=asked.many) for task in found]


def used(places: Places) -> set[str]:
    """Return what is in the book's store of sweeps as they usually are: a record may need it."""
    there, found = {path.name for path in places.store.glob("[!.]*")}, set[str]()
    made = {entry.rpartition("-")[0] for entry in there}
    for name in SWEEPS:
        asked = Asked(name, "book", SEED)
        cells = [cell.name for cell in asked.cells()]
        if made & set(cells):  # else, no key need be found
            shop = workshop(asked, places)
            found |= there & {shop.entry(one).folder.name for one in shop.order(cells)}
    return found


def make(
    asked: Asked, places: Places, *, jobs: int, progress: Watcher, crew: Performer | None = None
) -> str:
    """Make the cells that are not there, gather all, and return what became of the record."""
    clear(places.store)
    shop, names = workshop(asked, places), [cell.name for cell in asked.cells()]
    if held := told(asked.folder(places)):
        progress.note(
            f"a record of {held.get('made')} is already in {asked.folder(places)}: it is replaced "
            "when the new one is whole, if that is another"
        )
    tally = Tally(progress, asked.name, tasks(asked, shop), len(shop.order(names)))
    with tally.shown(jobs):
        run(tally.left, places, jobs=jobs, progress=tally, crew=crew)
    if lacking := shop.missing(names):  # made here instead, it would be made otherwise
        raise BuildError(f"{lacking[0]} was lost or damaged meanwhile; run the same command again")
    return _kept(asked, places, shop)


def _kept(asked: Asked, places: Places, shop: Workshop) -> str:
    found = asked.sweep.gather(profile_named(asked.profile), asked.seed, asked.many, shop.load)
    places.locks.mkdir(parents=True, exist_ok=True)
    folder = asked.folder(places)
    with FileLock(places.locks / f"sweep-{asked.name}.lock"):
        news = found.keep(folder, places.build / "sweeps" / f".draft-{asked.name}")
    return f"wrote {folder}" if news else f"{folder} says the same already, and stays as it was"


@dataclass
class Tally:
    """Tells of a whole sweep what a build tells of each task."""

    progress: Watcher
    name: str
    left: Sequence[Task]
    total: int  # cells, and what they need, with those that are there already
    done: int = 0
    spent: float = 0.0  # seconds that what is done was expected to take
    lost: float = 0.0  # and what failed
    started: float = 0.0

    @contextmanager
    def shown(self, jobs: int) -> Iterator[None]:
        """Show the sweep as one task while the block runs."""
        expected = sum(task.seconds for task in self.left)
        there, self.started = self.total - len(self.left), time.monotonic()
        self.note(f"{self.name}: {there} of {self.total} cells are there, {len(self.left)} to make")
        if not self.left:
            yield
            return
        self.progress.start(self.name, expected / jobs)
        self.progress.step(self.name, there, self.total)
        good = False
        try:
            yield
            good = True
        finally:
            self.progress.finish(self.name, good=good)

    def note(self, text: str) -> None:
        """Pass it on."""
        self.progress.note(text)

    def start(self, task: str, seconds: float) -> None:
        """Stay silent: there are hundreds."""

    def step(self, task: str, done: int, of: int) -> None:
        """Stay silent."""

    def tell(self, task: str, text: str) -> None:
        """Stay silent."""

    def finish(self, task: str, *, good: bool) -> None:
        """Count it, and say how many there are and how long the rest will take."""
        expected = {f"stage {one.name}": one.seconds for one in self.left}
        if not good:
            self.lost += expected[task]
            self.note(f"{self.name}: {task} failed; what does not need it goes on")
            return
        self.done, self.spent = self.done + 1, self.spent + expected[task]
        rest = sum(expected.values()) - self.spent - self.lost
        left = spoken((time.monotonic() - self.started) / max(self.spent, 1e-9) * rest)
        there = self.total - len(self.left) + self.done
        self.progress.step(self.name, there, self.total)
        said = f", about {left} left" if rest > 0 else ""
        self.progress.tell(self.name, f"{there} of {self.total} cells{said}")
