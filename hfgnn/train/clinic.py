"""Does the graph help? The same people, splits and starts, with a graph and without one.

Each person is there once. Clinical values come from the heart. A person hears its own nearest among
the training people; whoever is validated or tested is attached to these and heard by nobody. What
the graph adds is the difference between a network and itself where nobody hears anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.data.split import by_group
from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.paired import over_resplits
from hfgnn.features.fuse import CLINICAL, Scaler
from hfgnn.graph.attach import attach
from hfgnn.graph.direction import hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.mix import Weighed
from hfgnn.models.gnn import GAT, GCN, SAGE, Transformer, Widths
from hfgnn.seeding import rng
from hfgnn.train.flat import CONTROLS
from hfgnn.train.nodes import NOBODY, SOUND, Graph, NodeClassifier, Recipe
from hfgnn.train.pages import Pages

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
NETWORKS = {"GCN": GCN, "GAT": GAT, "GraphSAGE": SAGE, "graph transformer": Transformer}
ALONE = ", nobody heard"  # the same network on the same people, without an edge
SHARES = {"train": 0.6, "val": 0.2, "test": 0.2}


@dataclass(frozen=True)
class ClinicParams:
    """How often the people are split anew, and how networks learn."""

    seed: int
    backbone: str = "ecg"
    splits: int = 10
    k: int = 5  # the thesis's
    recipe: Recipe = SOUND


@dataclass(frozen=True)
class Clinic:
    """How well each model does on each view, and what the graph adds."""

    scores: pd.DataFrame  # split, view, model, AUROC, accuracy
    added: pd.DataFrame  # view, model: what a graph adds to the same network; mean, low, high
    people: dict[str, int]  # on each side of a split


@dataclass(frozen=True)
class Split:
    """Who trains, validates and tests, and what is seen of everybody."""

    train: Rows
    val: Rows
    test: Rows


def clinic(params: ClinicParams, pages: Pages) -> Clinic:
    """Score every model on every split; compare each network with itself without a graph."""
    sick, views = pages.table["sick"].to_numpy(bool), seen_of(pages, params.backbone)
    rows, split = [], None
    for number in range(params.splits):
        split = split_of(pages.table, rng(params.seed, "clinic", str(number)))
        for view, parts in views.items():
            for model, chances in _scored(params, parts, sick, split, number):
                truth = sick[split.test]
                accuracy = float(((chances > 0.5) == truth).mean())
                rows.append((number, view, model, auroc(truth, chances), accuracy))
    assert split is not None
    scores = pd.DataFrame(rows, columns=["split", "view", "model", "AUROC", "accuracy"])
    sizes = {name: len(part) for name, part in vars(split).items()}
    return Clinic(scores, added(scores, sizes), sizes)


def seen_of(pages: Pages, backbone: str) -> dict[str, list[Floats]]:
    """Return the modalities of each view: [n, 512], [n, 5], or both."""
    names = [name if name in pages.table else name.upper() for name in CLINICAL]
    page = pages.seen[backbone].astype(float)
    clinical = pages.table[names].to_numpy(float)
    return {"clinical": [clinical], "page": [page], "both": [page, clinical]}


def split_of(table: pd.DataFrame, stream: np.random.Generator) -> Split:
    """Deal people, class by class."""
    part = by_group(table["id"], table["class"], stream, shares=SHARES)
    return Split(*(np.flatnonzero(part == name) for name in SHARES))


def _scored(
    params: ClinicParams, parts: list[Floats], sick: NDArray[np.bool_], split: Split, seed: int
) -> Iterator[tuple[str, Floats]]:
    """Yield each model's chances of the tested people."""
    x = np.hstack([Scaler.fit(part[split.train])(part) for part in parts])
    for name, control in CONTROLS.items():
        fitted = control(seed).fit(x[split.train], sick[split.train])
        yield name, fitted.predict_proba(x[split.test])[:, 1]
    near = np.hstack([Weighed.fit(part[split.train])(part) for part in parts])
    for name in networks(parts):
        yield name + ALONE, _asked(params, name, x, sick, split, None, seed)
        yield name, _asked(params, name, x, sick, split, near, seed)


def networks(parts: list[Floats]) -> list[str]:
    """Return the thesis's network, and all of them where both modalities are seen."""
    return list(NETWORKS) if len(parts) > 1 else ["GCN"]


def _asked(
    params: ClinicParams,
    name: str,
    x: Floats,
    sick: NDArray[np.bool_],
    split: Split,
    near: Floats | None,
    seed: int,
) -> Floats:
    """Train a network on the training people's graph; return the chances of those attached."""
    model = NodeClassifier(NETWORKS[name], Widths(inputs=x.shape[1]), params.recipe)
    edges = NOBODY if near is None else hears_neighbours(neighbours(near[split.train], params.k))

    def joined(rows: Rows) -> Graph:
        new = NOBODY if near is None else attach(near[split.train], near[rows], params.k)
        both, count = np.r_[split.train, rows], len(split.train)
        last = np.arange(count, len(both))
        return Graph(x[both], sick[both], np.hstack([edges, new]), last)

    fitted = model.fit(
        x[split.train], sick[split.train], edges, seed=seed, validation=joined(split.val)
    )
    asked = joined(split.test)
    return fitted.predict_proba(asked.x, asked.edges)[len(split.train) :, 1]


def added(scores: pd.DataFrame, sizes: dict[str, int]) -> pd.DataFrame:
    """Return by view and network the AUROC that hearing others adds, with its 95 % interval."""
    wide = scores.pivot(index="split", columns=["view", "model"], values="AUROC")
    rows = []
    train = sizes["train"] + sizes["val"]
    for view in scores["view"].unique():
        for name in NETWORKS:
            if (view, name) in wide.columns:
                one, other = wide[view, name], wide[view, name + ALONE]
                found = over_resplits(one, other, train=train, test=sizes["test"])
                rows.append((view, name, found.mean, found.low, found.high))
    return pd.DataFrame(rows, columns=["view", "model", "mean", "low", "high"])
