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
from sklearn.preprocessing import StandardScaler

from hfgnn.data.split import by_group
from hfgnn.evaluate.calibration import brier
from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.paired import over_resplits
from hfgnn.features.fuse import CLINICAL
from hfgnn.graph.attach import attach
from hfgnn.graph.direction import hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.mix import Weighed
from hfgnn.models.gnn import GAT, GCN, SAGE, Transformer, Widths
from hfgnn.seeding import rng
from hfgnn.train.flat import CONTROLS, vote
from hfgnn.train.nodes import NOBODY, SOUND, Fitted, Graph, NodeClassifier, Recipe
from hfgnn.train.pages import Pages

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
NETWORKS = {"GCN": GCN, "GAT": GAT, "GraphSAGE": SAGE, "graph transformer": Transformer}
ALONE = ", nobody heard"  # the same network on the same people, without an edge
VOTE = "k-NN vote"
VIEWS = ("clinical", "page", "both")
SHARES = {"train": 0.6, "val": 0.2, "test": 0.2}


@dataclass(frozen=True)
class ClinicParams:
    """What is seen of people, how often they are split anew, and how networks learn."""

    seed: int
    view: str = "both"  # clinical, page, or both
    backbone: str = "ecg"
    splits: int = 10
    k: int = 5  # the thesis's
    recipe: Recipe = SOUND

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise ValueError(f"view {self.view!r} is not known; choose one of {', '.join(VIEWS)}")


@dataclass(frozen=True)
class Clinic:
    """How well each model does on one view, and what the graph adds."""

    scores: pd.DataFrame  # split, model, AUROC, accuracy, Brier
    added: pd.DataFrame  # by network: the AUROC that a graph adds to itself; mean, low, high
    people: dict[str, int]  # on each side of a split
    sick: Bools  # of those tested in the first split
    chances: dict[str, Floats]  # of the same, by model
    curves: pd.DataFrame  # of the first split: epoch, model, and what `NodeClassifier.fit` tells
    again: int | None = None  # splits that were made just now; None: all, there is no record
    apart: float | None = None  # the largest difference of their scores from the recorded ones


@dataclass(frozen=True)
class Split:
    """Who trains, validates and tests."""

    train: Rows
    val: Rows
    test: Rows


@dataclass(frozen=True)
class Seen:
    """One split of people as models get them: x scaled, `near` as distances are measured."""

    split: Split
    sick: Bools  # [n]
    x: Floats  # [n, d]
    near: Floats  # [n, d]

    @classmethod
    def of(cls, parts: list[Floats], sick: Bools, split: Split) -> "Seen":
        """Scale each modality by its training rows: column by column, and to have equal say."""
        x = np.hstack([StandardScaler().fit(part[split.train]).transform(part) for part in parts])
        near = np.hstack([Weighed.fit(part[split.train])(part) for part in parts])
        return cls(split, sick, x, near)

    def asked(self, rows: Rows, k: int | None) -> Graph:
        """Return the training people's graph with these attached, last, who alone count.

        Where k is None nobody hears anybody, and these are there by themselves.
        """
        if k is None:
            return Graph(self.x[rows], self.sick[rows], NOBODY)
        train, everyone = self.split.train, np.r_[self.split.train, rows]
        among = hears_neighbours(neighbours(self.near[train], k))
        edges = np.hstack([among, attach(self.near[train], self.near[rows], k)])
        last = np.arange(len(train), len(everyone))
        return Graph(self.x[everyone], self.sick[everyone], edges, last)


def clinic(params: ClinicParams, pages: Pages) -> Clinic:
    """Score every model on every split; compare each network with itself without a graph."""
    sick = pages.table["sick"].to_numpy(bool)
    parts = modalities(pages, params.backbone)[params.view]
    rows, kept, curves, splits = [], dict[str, Floats](), list[pd.DataFrame](), list[Split]()
    for number in range(params.splits):
        splits.append(split_of(pages.table, rng(params.seed, "clinic", str(number))))
        seen, truth = Seen.of(parts, sick, splits[-1]), sick[splits[-1].test]
        for model, chances, curve in _asked(params, seen, number):
            accuracy = float(((chances > 0.5) == truth).mean())
            rows.append((number, model, auroc(truth, chances), accuracy, brier(truth, chances)))
            if not number:
                kept[model] = chances
                curves.append(curve.assign(model=model))
    scores = pd.DataFrame(rows, columns=["split", "model", "AUROC", "accuracy", "Brier"])
    sizes = {name: len(part) for name, part in vars(splits[0]).items()}
    told = pd.concat(curves).reset_index(names="epoch")
    return Clinic(scores, added(scores, sizes), sizes, sick[splits[0].test], kept, told)


def modalities(pages: Pages, backbone: str) -> dict[str, list[Floats]]:
    """Return the modalities of each view: [n, 5], [n, 512], or both."""
    page = pages.seen[backbone].astype(float)
    clinical = pages.table[list(CLINICAL)].to_numpy(float)
    return dict(zip(VIEWS, ([clinical], [page], [page, clinical]), strict=True))


def split_of(table: pd.DataFrame, stream: np.random.Generator) -> Split:
    """Deal people, class by class."""
    part = by_group(table["id"], table["class"], stream, shares=SHARES)
    return Split(*(np.flatnonzero(part == name) for name in SHARES))


def _asked(
    params: ClinicParams, seen: Seen, seed: int
) -> Iterator[tuple[str, Floats, pd.DataFrame]]:
    """Yield each model, its chances of the tested people, and how its training went."""
    split, sick = seen.split, seen.sick
    controls = {name: (make(seed), seen.x) for name, make in CONTROLS.items()}
    for name, (control, x) in (controls | {VOTE: (vote(params.k), seen.near)}).items():
        fitted = control.fit(x[split.train], sick[split.train])
        yield name, fitted.predict_proba(x[split.test])[:, 1], pd.DataFrame()
    graphs = {
        label: (seen.asked(split.val, k), seen.asked(split.test, k))
        for label, k in ((ALONE, None), ("", params.k))
    }
    for name in networks(params.view):
        for label, (watched, asked) in graphs.items():
            network = _trained(params, name, seen, watched, seed)
            chances = network.predict_proba(asked.x, asked.edges)[-len(split.test) :, 1]
            yield name + label, chances, network.curve


def networks(view: str) -> list[str]:
    """Return the thesis's network, and all of them where both modalities are seen."""
    return list(NETWORKS) if view == "both" else ["GCN"]


def _trained(params: ClinicParams, name: str, seen: Seen, watched: Graph, seed: int) -> Fitted:
    """Train a network on the training people's graph, and watch those of validation."""
    model = NodeClassifier(NETWORKS[name], Widths(inputs=seen.x.shape[1]), params.recipe)
    train, edges = seen.split.train, np.asarray(watched.edges)
    among = edges[:, edges[1] < len(train)]  # without those of the attached
    return model.fit(seen.x[train], seen.sick[train], among, seed=seed, validation=watched)


def added(scores: pd.DataFrame, sizes: dict[str, int]) -> pd.DataFrame:
    """Return by network the AUROC that hearing others adds, with its 95 % interval.

    People of validation count as trained on in the interval: they choose the epoch, and what the
    correction asks for is how little two tests share, test against all the rest.
    """
    wide = scores.pivot(index="split", columns="model", values="AUROC")
    rows, train = {}, sizes["train"] + sizes["val"]
    for name in NETWORKS:
        if name in wide:
            found = over_resplits(wide[name], wide[name + ALONE], train=train, test=sizes["test"])
            rows[name] = (found.mean, found.low, found.high)
    columns = ["mean", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("model")
