"""Sweeps: many cells, each a stage, gathered into a record that builds read.

What a cell gives lies in the store by its key, so a sweep that was cut off goes on where it was,
and cells come out the same whoever makes them, in whatever order: one process, several, or a
cluster (`hfgnn.pipeline.cluster`). The record is written last, whole or not at all.

A new sweep is an entry of SWEEPS: what it is, how many seeds it usually has, its `cells`, and how
they are gathered. Only the usual seeds at the book's size are the book's own record; anything else
lies beside the store and replaces nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from hfgnn.pipeline import audits, swept
from hfgnn.pipeline.answers import STUDIES
from hfgnn.pipeline.build import Performer, run, stage_tasks
from hfgnn.pipeline.gathering import Gathered, Load
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.profiles import Profile, profile_named
from hfgnn.pipeline.progress import Watcher, spoken
from hfgnn.pipeline.stage import Stage, Workshop
from hfgnn.pipeline.stages import catalogue
from hfgnn.pipeline.store import sweep as clear
from hfgnn.pipeline.work import Task

TOLD_EVERY = 60.0  # seconds between two words on how far a sweep is


@dataclass(frozen=True)
class Sweep:
    """A record that is made of cells."""

    about: str
    seeds: int  # usually
    cells: Callable[[Profile, int, int], list[Stage]]
    gather: Callable[[Profile, int, int, Load], Gathered]


SWEEPS = {
    "ablations": Sweep(
        "every part of the three works, asked of the same newcomers: two hours of one core",
        STUDIES,
        swept.ablation_cells,
        swept.gather_ablations,
    ),
    "audit-thesis": Sweep(
        "the thesis with every set of its decisions mended: a quarter of an hour of one core",
        audits.REPEATS,
        audits.thesis_cells,
        audits.gather_thesis,
    ),
    "coverage": Sweep(
        "how often the intervals of the comparison hold the truth: ten minutes of one core",
        1,
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
        if self.seeds < 0:
            raise BuildError(f"{self.seeds} seeds; give 1 or more")

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
        return self.profile == "book" and self.many == self.sweep.seeds

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


def make(
    asked: Asked, places: Places, *, jobs: int, progress: Watcher, crew: Performer | None = None
) -> Path:
    """Make the cells that are not there, gather all, and return the folder of the record."""
    clear(places.store)
    shop = workshop(asked, places)
    left = tasks(asked, shop)
    tally = Tally(progress, asked.name, left, jobs)
    run(left, places, jobs=jobs, progress=tally, crew=crew)
    if lacking := shop.missing([cell.name for cell in asked.cells()]):
        raise BuildError(
            f"{lacking[0]} was made and is not in {places.store}: whoever makes cells must share "
            "this folder; mount it there, or work without --cluster"
        )
    found = asked.sweep.gather(profile_named(asked.profile), asked.seed, asked.many, shop.load)
    folder = None if asked.usual else places.build / "sweeps" / f"{asked.name}-{asked.many}"
    return found.keep(folder)


@dataclass
class Tally:
    """Tells of a whole sweep what a build tells of each task."""

    progress: Watcher
    name: str
    left: Sequence[Task]
    jobs: int
    done: float = 0.0  # seconds that what is done was expected to take
    count: int = 0
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Say how much there is to do."""
        self.expected = {f"stage {task.name}": task.seconds for task in self.left}
        total = spoken(sum(self.expected.values()) / self.jobs)
        self.note(f"{self.name}: {len(self.left)} cells to make, about {total}")

    def note(self, text: str) -> None:
        """Pass it on."""
        self.progress.note(text)

    def start(self, task: str, seconds: float) -> None:
        """Stay silent: there are hundreds."""

    def step(self, task: str, done: int, of: int) -> None:
        """Stay silent."""

    def finish(self, task: str, *, good: bool) -> None:
        """Count it, and now and then say what is left."""
        self.done += self.expected[task]
        self.count += 1
        now = time.monotonic()
        last = self.count == len(self.left)
        if not good:
            self.note(f"{self.name}: {task} failed; others go on")
        if last or now - self.told > TOLD_EVERY:
            self.told = now
            rest = sum(self.expected.values()) - self.done
            left = spoken((now - self.started) / max(self.done, 1e-9) * rest)
            said = "" if last else f", about {left} left"
            self.note(f"{self.name}: {self.count} of {len(self.left)} cells{said}")
