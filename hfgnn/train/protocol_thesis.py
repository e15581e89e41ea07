"""The thesis's protocol with any set of its decisions mended: what its test would have said.

Ten decisions, each as published or sound; bit i of a set's number is decision i, in this order.

| decision  | as published                              | sound                                  |
|-----------|-------------------------------------------|----------------------------------------|
| pages     | new pages of one normal make classes equal | no new page                            |
| order     | new pages first, then validation held out | held out first, new pages only trained |
| copies    | each page in the folders several times    | each person once, on one side          |
| values    | five values drawn from a file's label     | those measured on the heart            |
| direction | a file hears those who chose it           | it hears its own five nearest          |
| distance  | 512 numbers as they come, five z-scores   | either modality varies by 1 in sum     |
| attached  | tested files are a graph of their own     | each is attached to the training graph |
| epoch     | the thirtieth                             | lowest loss in validation              |
| starts    | one start of the network is reported      | the mean of several is                 |
| null      | that one is the first                     | that one is the second                 |

Every set is a protocol, in these steps. (1) Files are dealt as `copies` says. Of the training
files of each class 0.16 are held out by chance; of new pages, where there are any, as `order` says.
As many new pages are trained on in either order, and the same ones; so `order` can change nothing
but what validation chooses, and without new pages not even that. (2) Values are drawn anew for each
file, or belong to its person; so do those of a new page. (3) Training files are a graph of their
own. (4) Who is attached hears five nearest training files, or those who would choose it, came it
alone; nobody hears it. Validation is met as the test is. (5) Inputs are the 512 numbers and five
z-scores whatever the distance, so that `distance` changes who is near and nothing else.

One training gives all that `order`, `attached` and `epoch` differ in: the weights after each epoch
are kept. It is asked about newcomers as well, who are of no file: each once, values measured,
attached by the trained graph's own rules. What it says of them is true of it; what it says of the
test is what would be reported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hfgnn.features.fuse import Scaler, fuse
from hfgnn.graph.attach import attach, chosen
from hfgnn.graph.direction import hears_choosers, hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.mix import Weighed
from hfgnn.train.audited import Decisions
from hfgnn.train.balance import HELD_OUT
from hfgnn.train.nodes import Fitted
from hfgnn.train.published import files_of
from hfgnn.world import clinical

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Names = NDArray[np.str_]
Streams = Callable[[str], np.random.Generator]
NEW = "new"  # the side of newcomers
LATE = "late"  # the side of new pages that validate where they were made before it was held out


@dataclass(frozen=True)
class Protocol(Decisions):
    """Which decisions are mended; False, as published."""

    pages: bool = False
    order: bool = False
    copies: bool = False
    values: bool = False
    direction: bool = False
    distance: bool = False
    attached: bool = False
    epoch: bool = False
    starts: bool = False
    null: bool = False


NAMES = Protocol.names()
BIT = {name: 1 << i for i, name in enumerate(NAMES)}
TRAINED = sum(BIT[name] for name in ("pages", "copies", "values", "direction", "distance"))
READ = sum(BIT[name] for name in ("order", "attached", "epoch"))  # from a training that is there


@dataclass(frozen=True)
class People:
    """Some people as a repeat finds them: of the collection, or newcomers."""

    classes: Names  # [n]
    page: NDArray[np.float32]  # [n, 512] what the network sees on their pages
    measured: Floats  # [n, 5] clinical values from the heart

    @property
    def sick(self) -> Bools:
        """Return who belongs to one of the three classes that are called sick."""
        return np.asarray(self.classes != "Normal")


@dataclass(frozen=True)
class Found:
    """Who is in the collection of a repeat, and who is met after it."""

    known: People
    new: People
    first: int  # the normal person of `known` whose page is the first in the folder
    fakes: NDArray[np.float32]  # [m, 512] what the network sees on new pages of that one


@dataclass(frozen=True)
class Files:
    """All that is trained on, validated, tested and met: one row a file, newcomers last."""

    side: Names  # train, val, late, test, new
    sick: Bools
    page: NDArray[np.float32]  # [n, 512]
    five: Floats  # [n, 5], as drawn or measured

    @classmethod
    def of(cls, found: Found, how: Protocol, streams: Streams) -> "Files":
        """Deal the files of a collection; equal streams give sets what they have in common."""
        known, new = found.known, found.new
        side, row = _dealt(found, how, streams)
        made = _made(side, known.sick[row])[: 0 if how.pages else None]
        drawn = streams("new pages").integers(len(found.fakes), size=len(made))
        page = [known.page[row], found.fakes[drawn], new.page]
        row = np.r_[row, np.full(len(made), found.first)]
        sick = known.sick[row]
        five = known.measured[row]
        if not how.values:
            parts = np.split(sick, [len(side)])
            tables = (clinical.draw(part, streams(f"values {i}")) for i, part in enumerate(parts))
            five = np.vstack([table.to_numpy(float) for table in tables])
        return cls(
            np.concatenate([side, made, np.full(len(new.classes), NEW)]),
            np.concatenate([sick, new.sick]),
            np.vstack(page),
            np.vstack([five, new.measured]),
        )

    def on(self, *sides: str) -> Ints:
        """Return the rows of these sides, one side after the other."""
        return np.concatenate([np.flatnonzero(self.side == side) for side in sides])


def _dealt(found: Found, how: Protocol, streams: Streams) -> tuple[Names, Ints]:
    """Return each file's side and person; the first normal file that is trained on is `first`'s.

    People of a class are alike to a deal, so that the two who change places are as good as dealt.
    """
    deal = files_of(found.known.classes, streams("files"), copies=not how.copies)
    row, side = deal["row"].to_numpy(), deal["split"].to_numpy(str)
    sick = found.known.sick[row]
    held = streams("held out")
    for kind in (True, False):
        mine = held.permutation(np.flatnonzero((side == "train") & (sick == kind)))
        side[mine[: round(HELD_OUT * len(mine))]] = "val"
    there = row[np.flatnonzero((side == "train") & ~sick)[0]]
    places = np.arange(len(found.known.classes))
    places[[there, found.first]] = found.first, there
    return side, places[row]


def _made(side: Names, sick: Bools) -> Names:
    """Return the sides of the new pages that equal classes need, those to train on first."""
    known, trained = np.isin(side, ("train", "val")), side == "train"
    whole, first = (int(sick[part].sum() - (~sick[part]).sum()) for part in (known, trained))
    return np.repeat(["train", LATE], [first, whole - first])


@dataclass(frozen=True)
class Exam:
    """A graph in which somebody is asked: those who count come last."""

    x: NDArray[np.float32]
    edges: Ints
    sick: Bools  # of those who count

    def chances(self, fitted: Fitted) -> Floats:
        """Return their chances to be sick."""
        return fitted.predict_proba(self.x, self.edges)[-len(self.sick) :, 1]


@dataclass(frozen=True)
class Bench:
    """Files as a network gets them, with the graphs that it is trained and asked in."""

    files: Files
    how: Protocol  # `direction` and `distance` are asked
    k: int = 5  # the thesis's

    @cached_property
    def x(self) -> NDArray[np.float32]:
        """The inputs: the page's numbers as they come, five z-scores of the training files."""
        return self._fused.astype(np.float32)

    @cached_property
    def near(self) -> Floats:
        """What distances are measured in."""
        if not self.how.distance:
            return self._fused
        train, parts = self.files.on("train"), (self.files.page.astype(float), self.files.five)
        return np.hstack([Weighed.fit(part[train])(part) for part in parts])

    @cached_property
    def _fused(self) -> Floats:
        five = self.files.five
        return fuse(self.files.page, Scaler.fit(five[self.files.on("train")])(five))

    def alone(self, *sides: str) -> Exam:
        """Return files of these sides as a graph of their own."""
        rows = self.files.on(*sides)
        hears = hears_neighbours if self.how.direction else hears_choosers
        return Exam(self.x[rows], hears(neighbours(self.near[rows], self.k)), self.files.sick[rows])

    def attached(self, *sides: str) -> Exam:
        """Return files of these sides, each attached to the training files' graph."""
        train, rows = self.files.on("train"), self.files.on(*sides)
        way = attach if self.how.direction else chosen
        edges = np.hstack([self.train.edges, way(self.near[train], self.near[rows], self.k)])
        return Exam(self.x[np.r_[train, rows]], edges, self.files.sick[rows])

    @cached_property
    def train(self) -> Exam:
        """The graph that is trained on."""
        return self.alone("train")
