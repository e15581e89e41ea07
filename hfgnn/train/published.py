"""Stages 2 to 6 of the thesis as published: files and not people, labels in the features.

Every page of 929 people lies in the folders several times. New normal pages are made of the first
normal one until the classes are equal, and only then is validation held out. Each file is given
five clinical values that were drawn from its label, and 512 numbers of its page, which are not
scaled. A graph of nearest files is made of each side by itself, in which a file hears those that
chose it; the GCN learns for thirty epochs, and the last one is used.

Each of these steps can be mended by itself (`Run`), and so told what it was worth.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.metrics import auroc
from hfgnn.features.fuse import CLINICAL, Scaler, fuse
from hfgnn.graph.direction import hears_choosers, hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.measures import homophily, unheard
from hfgnn.seeding import rng
from hfgnn.train.augmentation import Pools
from hfgnn.train.balance import as_published_bug, augment_then_split, none
from hfgnn.train.nodes import NOBODY, Fitted, Graph, NodeClassifier
from hfgnn.train.pages import Pages
from hfgnn.world import clinical, collection
from hfgnn.world.population import COLLECTION

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Classes = NDArray[np.str_]


@dataclass(frozen=True)
class Run:
    """One way to go through stages 2 to 6; as published, where nothing is said."""

    backbone: str = "ecg"
    copies: bool = True  # False: every person's page is there once, on one side
    new_pages: bool = True  # False: classes stay as unequal as they are
    from_label: bool = True  # False: clinical values are those measured on the heart
    choosers: bool = True  # False: a file hears its own nearest


PUBLISHED = Run()
RUNS = {
    "as published": PUBLISHED,
    "no new pages": Run(new_pages=False),
    "each person once": Run(new_pages=False, copies=False),
    "once, values from the heart": Run(new_pages=False, copies=False, from_label=False),
    # no network but `ecg` has read the new pages: the untrained one goes without
    "untrained network, no new pages": Run("random", new_pages=False),
    "untrained network, each person once": Run("random", new_pages=False, copies=False),
}


@dataclass(frozen=True)
class Printed:
    """What the thesis printed while its GCN learned, as far as the output is to be had as text."""

    epoch: tuple[int, ...] = (1, 5, 10, 15, 20, 22, 24, 26, 28, 30)
    loss: tuple[float, ...] = (
        *(0.6877, 0.4677, 0.3153, 0.2282, 0.1786),
        *(0.1610, 0.1393, 0.1276, 0.1099, 0.0923),
    )
    validation: tuple[float, ...] = (
        *(0.6019, 0.8004, 0.8832, 0.9310, 0.9533),
        *(0.9554, 0.9650, 0.9660, 0.9607, 0.9682),
    )


PRINTED = Printed()


@dataclass(frozen=True)
class PublishedParams:
    """How often the thesis's one run is repeated."""

    seed: int
    repeats: int = 5  # deals of files, draws of clinical values and starts of the network


@dataclass(frozen=True)
class Published:
    """What the thesis would have printed, had it run more than once and one step at a time."""

    scores: pd.DataFrame  # run, repeat, heard: accuracy, AUROC, homophily, unheard
    sizes: dict[str, int]  # files on each side, as published
    curve: pd.DataFrame  # by epoch: the first repeat of the run as published
    sick: Bools  # of its test
    chances: Floats  # of its test
    again: int | None = None  # deals that were made just now; None: all, there is no record
    apart: float | None = None  # the largest difference of their scores from the recorded ones


@dataclass(frozen=True)
class Found:
    """The people of the collection as a run finds them."""

    classes: Classes  # [n]
    seen: NDArray[np.float32]  # [n, 512] what the network sees on their pages
    measured: Floats  # [n, 5] clinical values from the heart
    new: NDArray[np.float32] | None = None  # [m, 512] the same of new pages, all of one person's

    @classmethod
    def of(cls, pages: Pages, backbone: str, pools: Pools | None = None) -> "Found":
        """Return the people of the collection, as a network sees their pages."""
        table, seen = pages.table.iloc[pages.collected], pages.of_collection(backbone)
        measured = table[list(CLINICAL)].to_numpy(float)
        new = None if pools is None else pools.seen["bug"]
        return cls(table["class"].to_numpy(str), seen, measured, new)


@dataclass(frozen=True)
class Side:
    """The files of one side as the network gets them."""

    x: Floats  # [n, 517]
    sick: Bools
    edges: NDArray[np.int64]

    @property
    def graph(self) -> Graph:
        """Return them as a graph to validate on."""
        return Graph(self.x, self.sick, self.edges)

    @property
    def alone(self) -> "Side":
        """Return them where nobody hears anybody."""
        return Side(self.x, self.sick, NOBODY)


def published(params: PublishedParams, pages: Pages, pools: Pools) -> Published:
    """Go through the thesis's run as published, and with one step after another mended."""
    rows, first = [], list[tuple[tuple[Side, Side, Side], Fitted]]()
    for name, run in RUNS.items():
        people = Found.of(pages, run.backbone, pools)
        for repeat in range(params.repeats):
            dealt = sides(run, people, rng(params.seed, "published", str(repeat)))
            for heard in (True, False):
                parts = dealt if heard else (dealt[0].alone, dealt[1].alone, dealt[2].alone)
                fitted, scores = judged(parts, params.seed + repeat, watched=not first)
                rows.append({"run": name, "repeat": repeat, "heard": heard} | scores)
                first += [(parts, fitted)] if not first else []
    (train, val, test), fitted = first[0]
    sizes = {"train": len(train.sick), "val": len(val.sick), "test": len(test.sick)}
    chances = fitted.predict_proba(test.x, test.edges)[:, 1]
    return Published(pd.DataFrame(rows), sizes, fitted.curve, test.sick, chances)


def judged(
    parts: tuple[Side, Side, Side], seed: int, *, watched: bool = False
) -> tuple[Fitted, dict[str, float]]:
    """Train the published GCN; return it with what its test says, and what its graph is like.

    Validation chooses nothing, so that it is looked at only where somebody wants to see its curve.
    """
    train, val, test = parts
    seen = val.graph if watched else None
    fitted = NodeClassifier().fit(train.x, train.sick, train.edges, seed=seed, validation=seen)
    chances = fitted.predict_proba(test.x, test.edges)[:, 1]
    scores = {
        "accuracy": float(((chances > 0.5) == test.sick).mean()),
        "AUROC": auroc(test.sick, chances),
    }
    if test.edges.size:
        scores["homophily"] = homophily(test.edges, test.sick)
        scores["unheard"] = unheard(test.edges, len(test.sick))
    return fitted, scores


def sides(run: Run, people: Found, stream: np.random.Generator) -> tuple[Side, Side, Side]:
    """Deal the files of these people; return training, validation and test as graphs of files.

    New pages are drawn with repetition from `people.new`: as many as equal classes need.
    """
    files = files_of(people.classes, stream, copies=run.copies)
    known = files.loc[files["split"] == "train", "row"].to_numpy()
    tested = files.loc[files["split"] == "test", "row"].to_numpy()
    way = as_published_bug if run.new_pages else none
    plan = augment_then_split(people.classes[known] != "Normal", way, stream)
    row = np.concatenate([known[plan.source], tested])
    side = np.concatenate([plan.split, np.full(len(tested), "test")])
    page = people.seen[row]
    if run.new_pages:
        if people.new is None:
            raise ValueError("nobody has read new pages; give the pools, or Run(new_pages=False)")
        fresh = np.flatnonzero(plan.augmented)
        page[fresh] = people.new[stream.integers(len(people.new), size=len(fresh))]
    sick = people.classes[row] != "Normal"
    values = clinical.draw(sick, stream).to_numpy(float) if run.from_label else people.measured[row]
    x = fuse(page, Scaler.fit(values[side == "train"])(values))
    hears = hears_choosers if run.choosers else hears_neighbours
    train, val, test = (
        Side(x[who], sick[who], hears(neighbours(x[who])))
        for who in (side == name for name in ("train", "val", "test"))
    )
    return train, val, test


def files_of(classes: Classes, stream: np.random.Generator, *, copies: bool) -> pd.DataFrame:
    """Deal files; fewer people than the public collection has get as many fewer of them."""
    if not copies:
        return collection.apart(classes, stream)
    files, whole = collection.published(classes, stream), sum(COLLECTION.values())
    return files.sample(frac=min(1, len(classes) / whole), random_state=stream)
