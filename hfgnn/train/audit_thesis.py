"""The audit of the thesis: what each of its decisions does to the AUROC that it would report.

A repeat draws people of its own, half as many as the collection has, so that 96 trainings take a
minute or two; otherwise all is as published (copies a person, new pages, network, steps). With a
third, too few would validate: they choose epochs that all of its people would not. One
training gives every set that differs in what is read from it only; see `protocol_thesis`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.metrics import auroc
from hfgnn.features.fuse import CLINICAL
from hfgnn.seeding import rng
from hfgnn.train.audited import Audit, Scores, Work
from hfgnn.train.augmentation import Pools, PoolsParams, of_one, others
from hfgnn.train.nodes import PUBLISHED, Fitted, NodeClassifier, Recipe
from hfgnn.train.pages import FEWER, Pages, PagesParams, read_pages
from hfgnn.train.protocol_thesis import (
    BIT,
    LATE,
    NEW,
    READ,
    TRAINED,
    Bench,
    Exam,
    Files,
    Found,
    People,
    Protocol,
    Streams,
)
from hfgnn.world.population import COLLECTION

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
READINGS = ("reported", "true", "accuracy")
WORK = Work("audit-thesis", tuple(BIT), farthest=0.05, scores=READINGS)
VALIDATED = {False: ("val", LATE), True: ("val",)}  # by `order`


@dataclass(frozen=True)
class ThesisParams:
    """Whom the repeats meet, and how they train."""

    seed: int
    pages: PagesParams  # of the book's own people, who are the first repeat's
    people: int = 800  # of a repeat; three fifths are the collection's, the others newcomers
    fakes: int = 150  # new pages of one normal, from which a training draws its own
    starts: int = 3  # of the network, whose mean is reported where that is sound
    recipe: Recipe = PUBLISHED

    def of(self, repeat: int) -> PagesParams:
        """Return whose pages a repeat reads."""
        if repeat == 0:
            return self.pages
        seed = int(rng(self.seed, "audit", "thesis", str(repeat)).integers(2**31))
        return replace(self.pages, seed=seed, people=self.people, rivals=())

    def streams(self, repeat: int) -> Streams:
        """Return the named streams of a repeat: every set's alike."""
        return lambda name: rng(self.seed, "audit", "thesis", str(repeat), name)


@dataclass(frozen=True)
class CellParams:
    """One repeat of an audit."""

    of: ThesisParams
    repeat: int


def cell(params: CellParams, pages: Pages, pools: Pools) -> Scores:
    """Return what all sets of decisions score in one repeat."""
    found = people(params.of, params.repeat, pages, pools)
    return scored(params.of, params.repeat, found, range(WORK.sets))


def again(params: ThesisParams, pages: Pages, pools: Pools) -> Audit:
    """Return the recorded audit, held against some sets of the first repeat, scored just now."""
    found = people(params, 0, pages, pools)
    return WORK.audited(told(params), lambda few: scored(params, 0, found, few))


def told(params: ThesisParams) -> dict[str, Any]:
    """Return what a record must agree with, to be of the same audit."""
    alike = replace(params, pages=replace(params.pages, rivals=()))  # whom nobody asks here
    return {"params": repr(alike), "decisions": list(BIT)}


def people(params: ThesisParams, repeat: int, pages: Pages, pools: Pools) -> Found:
    """Return whom a repeat meets: in the first the book's own people, in others new ones."""
    if repeat == 0:
        return found_of(params, pages, pools.seen["bug"])
    drawn = PoolsParams(params.seed, params.of(repeat))
    fresh = read_pages(drawn.pages)
    classes = fresh.table["class"].to_numpy(str)[fresh.collected]
    first = int(fresh.collected[np.flatnonzero(classes == "Normal")[0]])
    return found_of(params, fresh, of_one(drawn, first, params.fakes))


def found_of(params: ThesisParams, pages: Pages, fakes: NDArray[np.float32]) -> Found:
    """Return the first people of each class as the collection, others as newcomers."""
    classes, own = pages.table["class"].to_numpy(str), pages.collected
    share = min(1.0, FEWER * params.people / sum(COLLECTION.values()))
    first = [own[classes[own] == c][: round(share * n)] for c, n in COLLECTION.items()]
    rows = np.sort(np.concatenate(first))
    new = others(pages)[: params.people - len(rows)]
    normal = int(np.flatnonzero(classes[rows] == "Normal")[0])
    return Found(_of(pages, rows), _of(pages, new), normal, fakes[: params.fakes])


def _of(pages: Pages, rows: NDArray[np.int64]) -> People:
    table = pages.table.iloc[rows]
    seen = pages.seen["ecg"][rows]
    return People(table["class"].to_numpy(str), seen, table[list(CLINICAL)].to_numpy(float))


def scored(params: ThesisParams, repeat: int, found: Found, numbers: Iterable[int]) -> Scores:
    """Return what these sets score in a repeat, each training done once for all that read it."""
    sets, rows = [Protocol.of(number) for number in numbers], list[dict[str, float]]()
    streams = params.streams(repeat)
    for trained in sorted({how.number & TRAINED for how in sets}):
        mine = [how for how in sets if how.number & TRAINED == trained]
        exams = Exams.of(Bench(Files.of(found, mine[0], streams), mine[0]))
        starts = {start for how in mine for start in asked(params, how)}
        seeds = {start: int(streams(f"start {start}").integers(2**31)) for start in starts}
        said = {start: read(params, exams, seed) for start, seed in seeds.items()}
        for how in mine:
            means = np.mean([said[s][how.number & READ] for s in asked(params, how)], axis=0)
            key = {"repeat": repeat, "number": how.number}
            rows.append(key | dict(zip(READINGS, means.tolist(), strict=True)))
    return Scores(pd.DataFrame(rows).sort_values("number", ignore_index=True))


def asked(params: ThesisParams, how: Protocol) -> range:
    """Return the starts whose mean a set reports."""
    return range(params.starts) if how.starts else range(int(how.null), int(how.null) + 1)


@dataclass(frozen=True)
class Exams:
    """All that a training is asked, whatever its start."""

    train: Exam
    held: dict[bool, Exam]  # validation as a graph of its own, by `order`
    late: Exam  # the larger one attached, those of the smaller one first
    alone: Exam  # the test as a graph of its own
    asked: Exam  # the test and newcomers, attached

    @classmethod
    def of(cls, bench: Bench) -> "Exams":
        """Return the exams on these files."""
        held = {order: bench.alone(*sides) for order, sides in VALIDATED.items()}
        late, asked = bench.attached(*VALIDATED[False]), bench.attached("test", NEW)
        return cls(bench.train, held, late, bench.alone("test"), asked)

    def stops(self, course: list[Fitted]) -> dict[tuple[bool, bool], int]:
        """Return after which epoch, from 0, validation has its lowest loss: by order, attached."""
        late, found = _chances(self.late, course), {}
        for order, exam in self.held.items():
            many = len(exam.sick)
            seen = {False: _chances(exam, course), True: late[:, :many]}
            for attached, said in seen.items():
                found[order, attached] = int(losses(said, exam.sick).argmin())
        return found


def read(params: ThesisParams, exams: Exams, seed: int) -> dict[int, tuple[float, float, float]]:
    """Train once; return READINGS of every set that differs in what is read from it only."""
    train, network = exams.train, NodeClassifier(recipe=params.recipe)
    course = network.every(train.x, train.sick, train.edges, seed=seed)
    last, many, found = len(course) - 1, len(exams.alone.sick), {}
    stops = exams.stops(course)
    met = {at: exams.asked.chances(course[at]) for at in {last, *stops.values()}}
    for (order, attached), stop in stops.items():
        for epoch, at in ((False, last), (True, stop)):
            said = met[at][:many] if attached else exams.alone.chances(course[at])
            tested, new = np.split(exams.asked.sick, [many])
            right = float(((said > 0.5) == tested).mean())
            mended = Protocol(order=order, attached=attached, epoch=epoch).number
            found[mended] = auroc(tested, said), auroc(new, met[at][many:]), right
    return found


def _chances(exam: Exam, course: list[Fitted]) -> Floats:
    return np.stack([exam.chances(fitted) for fitted in course])


def losses(chances: Floats, sick: Bools) -> Floats:
    """Return the mean cross-entropy of each row of chances to be sick [epochs, n]."""
    given = np.where(sick, chances, 1 - chances)
    return np.asarray(-np.log(np.maximum(given, np.finfo(float).tiny)).mean(axis=1))
