"""Stage 5 of the thesis: who hears whom, among files as published and people as it should be.

A node is a file or a person: its page's 512 numbers beside five clinical values, x [n, 517]. What
the two graphs differ in can be switched one by one (`Recipe`).
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.features.fuse import CLINICAL, Scaler, fuse
from hfgnn.graph import direction, measures
from hfgnn.graph.attach import attach, chosen
from hfgnn.graph.knn import neighbours
from hfgnn.graph.layout import layout
from hfgnn.graph.mix import Weighed
from hfgnn.seeding import rng
from hfgnn.train.pages import Pages
from hfgnn.world import clinical, collection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = dict[str, Any]
NORMAL, ELSEWHERE = "Normal", "elsewhere"
DISTANCES, VALUES = ("equal say", "as they come"), ("from the heart", "from the label")
WAYS: dict[str, Callable[[Ints], Ints]] = {
    "those who chose it": direction.hears_choosers,
    "its own neighbours": direction.hears_neighbours,
    "both": direction.hears_both,
}


@dataclass(frozen=True)
class Recipe:
    """What a node is."""

    copies: bool  # files of the thesis's folders, or everybody once
    label: bool  # five values drawn from the label, anew for each node, or measured on the heart
    plain: bool  # the page's numbers as they come beside five z-scores, or equal say for both


SOUND = Recipe(copies=False, label=False, plain=False)
RECIPES = {"as published": Recipe(copies=True, label=True, plain=True), "as it should be": SOUND}


@dataclass(frozen=True)
class GraphsParams:
    """How large the neighbourhoods are, and how often the folders are dealt anew."""

    seed: int
    backbone: str = "ecg"
    k: int = 5  # the thesis's
    deals: int = 5  # copies, sides and drawn values: the means of five hardly move
    known: int = 942  # files of the graph to which the thesis appends a new patient


@dataclass(frozen=True)
class Nodes:
    """What a graph is made of: one row a node."""

    page: Floats  # [n, 512] as the distance takes them
    five: Floats  # [n, 5]
    classes: NDArray[np.str_]
    person: Ints  # rows of the pages' table
    side: NDArray[np.str_]  # train, test, or elsewhere: not of the collection

    @property
    def x(self) -> Floats:
        """Return both modalities side by side [n, 517]."""
        return fuse(self.page, self.five)

    @property
    def sick(self) -> NDArray[np.bool_]:
        """Return who belongs to one of the three classes that are called sick."""
        return np.asarray(self.classes != NORMAL)

    def on(self, *sides: str) -> "Nodes":
        """Return the nodes of these sides, one side after the other."""
        rows = np.concatenate([np.flatnonzero(self.side == side) for side in sides])
        return Nodes(*(part[rows] for part in vars(self).values()))


def nodes(pages: Pages, recipe: Recipe, stream: np.random.Generator, backbone: str) -> Nodes:
    """Return everybody or all files, both modalities scaled by those of the training side.

    People who are not of the collection come last, if the backbone has read their pages.
    """
    classes, seen = pages.table["class"].to_numpy(str), pages.of_collection(backbone).astype(float)
    deal = collection.published if recipe.copies else collection.apart
    files = deal(classes[pages.collected], stream)
    person, page = pages.collected[files["row"]], seen[files["row"]]
    if len(pages.seen[backbone]) == len(classes):
        others = np.setdiff1d(np.arange(len(classes)), pages.collected)
        person, page = np.r_[person, others], np.vstack([page, pages.seen[backbone][others]])
    side = np.full(len(person), ELSEWHERE)
    side[: len(files)] = files["split"]
    five = pages.table[list(CLINICAL)].to_numpy(float)[person]
    if recipe.label:
        five = clinical.draw(classes[person] != NORMAL, stream).to_numpy(float)
    train = side == "train"
    if not recipe.plain:
        page = Weighed.fit(page[train])(page)
    five = (Scaler if recipe.plain else Weighed).fit(five[train])(five)
    return Nodes(page, five, classes[person], person, side)


def attached(every: Nodes, k: int) -> tuple[Nodes, Ints]:
    """Return training people, then tested ones, and the edges as they should be [2, E].

    Training people hear their own neighbours, tested ones their nearest training people.
    """
    known, new = every.on("train").x, every.on("test").x
    edges = direction.hears_neighbours(neighbours(known, k)), attach(known, new, k)
    return every.on("train", "test"), np.hstack(edges)


@dataclass(frozen=True)
class Anatomy:
    """The graphs in numbers, what each ingredient makes of homophily, and what weighs how much."""

    graphs: pd.DataFrame  # backbone, recipe, graph, hears: as in measures.Anatomy; hubness
    parts: pd.DataFrame  # backbone, who, values, distance, deal: the same
    weights: pd.DataFrame  # backbone, distance, modality: variance in sum, neighbours that it chose


def anatomy(params: GraphsParams, pages: Pages) -> Anatomy:
    """Measure every graph in every direction, with each backbone's pages."""
    tables = [
        pd.DataFrame([row for backbone in pages.seen for row in found(params, pages, backbone)])
        for found in (_graphs, _parts, _weights)
    ]
    return Anatomy(*tables)


def _told(some: Nodes, edges: Ints, near: Ints) -> Row:
    hubness = measures.hubness(near, len(near))
    return asdict(measures.anatomy(edges, some.sick, some.person)) | {"hubness": hubness}


def _graphs(params: GraphsParams, pages: Pages, backbone: str) -> Iterator[Row]:
    for name, recipe in RECIPES.items():
        every = nodes(pages, recipe, rng(params.seed, "graph"), backbone)
        row = {"backbone": backbone, "recipe": name}
        for side in ("test", "train") if recipe.copies else ("train",):
            some = every.on(side)
            near = neighbours(some.x, params.k)
            for hears, way in WAYS.items():
                yield row | {"graph": side, "hears": hears} | _told(some, way(near), near)
    row |= {"graph": "attached", "hears": "its own neighbours"}
    yield row | _told(*attached(every, params.k), near)


def _parts(params: GraphsParams, pages: Pages, backbone: str) -> Iterator[Row]:
    """Switch each ingredient by itself; the same deal serves all that are compared."""
    for deal, *switches in product(range(params.deals), *[(False, True)] * 3):
        recipe = Recipe(*map(bool, switches))
        every = nodes(pages, recipe, rng(params.seed, "graph", str(deal)), backbone)
        row = {"backbone": backbone, "deal": deal, "values": VALUES[recipe.label]}
        for sides in (("test",), ("train",)) if recipe.copies else (("train", "test"),):
            some, kind = every.on(*sides), f"{sides[0]} files" if recipe.copies else "people"
            views = {DISTANCES[recipe.plain]: some.x}
            if not recipe.plain:
                views |= {"page alone": some.page, "values alone": some.five}
            for distance, x in views.items():
                near = neighbours(x, params.k)
                told = _told(some, direction.hears_choosers(near), near)
                yield row | {"who": kind, "distance": distance} | told


def _weights(params: GraphsParams, pages: Pages, backbone: str) -> Iterator[Row]:
    for plain in (True, False):
        every = nodes(pages, replace(SOUND, plain=plain), rng(params.seed, "graph"), backbone)
        some = every.on("train")
        near = neighbours(some.x, params.k)
        for name, part in (("page", some.page), ("values", some.five)):
            row = {"backbone": backbone, "distance": DISTANCES[plain], "modality": name}
            near_alone = neighbours(part, params.k)
            yield row | {"spread": part.var(axis=0).sum(), "near": shared(near, near_alone)}


def shared(near: Ints, other: Ints) -> float:
    """Return the share of neighbours [n, k] who are neighbours of the same node in other [n, k]."""
    return float((near[:, :, None] == other[:, None, :]).any(axis=2).mean())


@dataclass(frozen=True)
class Newcomers:
    """How many a new patient hears in the rebuilt graph, one newcomer at a time."""

    arrivals: pd.DataFrame  # one row a newcomer: graph, known (its nodes), newcomer, sick, heard


def newcomers(params: GraphsParams, pages: Pages) -> Newcomers:
    """Let the tested and people from elsewhere come to each graph, one by one."""
    published, found = RECIPES["as published"], []
    waiting = {
        "as many files as the thesis": (published, params.known),
        "all training files": (published, None),
        "all training files, honest": (replace(SOUND, copies=True), None),
        "training people": (SOUND, None),
    }
    for name, (recipe, most) in waiting.items():
        stream = rng(params.seed, "graph")
        every = nodes(pages, recipe, stream, params.backbone)
        known = stream.permutation(every.on("train").x)[:most]
        for side in ("test", ELSEWHERE):
            new, told = every.on(side), {"graph": name, "known": len(known), "newcomer": side}
            told |= {"sick": new.sick, "heard": choosers(known, new.x, params.k)}
            found.append(pd.DataFrame(told))
    return Newcomers(pd.concat(found, ignore_index=True))


def choosers(known: Floats, new: Floats, k: int) -> Ints:
    """Return how many known nodes [n, d] would choose each newcomer [m, d], came it alone: [m].

    Those whose k-th neighbour is farther away: it hears them if the graph is rebuilt as published,
    and each of them drops that neighbour for it.
    """
    return np.bincount(chosen(known, new, k)[1] - len(known), minlength=len(new))


@dataclass(frozen=True)
class Drawn:
    """Two graphs whole, with a place on a plane for each node."""

    nodes: pd.DataFrame  # recipe, x, y, class, person, side
    edges: pd.DataFrame  # recipe, speaks, hears: numbers within the recipe


def drawn(params: GraphsParams, pages: Pages) -> Drawn:
    """Lay out the thesis's test graph, and everybody once with the tested attached."""
    points, lines = [], []
    for name, recipe in RECIPES.items():
        every = nodes(pages, recipe, rng(params.seed, "graph"), params.backbone)
        some, edges = attached(every, params.k)
        if recipe.copies:
            some = every.on("test")
            edges = direction.hears_choosers(neighbours(some.x, params.k))
        at = layout(some.x, edges, rng(params.seed, "graph", "layout")).round(3)
        told = {"recipe": name, "x": at[:, 0], "y": at[:, 1], "class": some.classes}
        points.append(pd.DataFrame(told | {"person": some.person, "side": some.side}))
        lines.append(pd.DataFrame(edges.T, columns=["speaks", "hears"]).assign(recipe=name))
    return Drawn(pd.concat(points), pd.concat(lines))
