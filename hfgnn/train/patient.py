"""Stage 7 of the thesis as it should be: one new patient, asked of a graph that stays as it is.

x = z-scores of page and clinical values [517], near = the same with equal say for both modalities.
The newcomer hears its five nearest among the training people; nobody hears the newcomer, so nobody
else's answer moves. Two layers deep it depends on those five, on whom they hear and on how many
these hear: at most 1 + 5 + 25 + 125 people, and only they are asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.preprocessing import StandardScaler

from hfgnn.data.split import by_group
from hfgnn.evaluate.calibration import Line, platt
from hfgnn.evaluate.conformal import Conformal, conformal_by_class
from hfgnn.features.fuse import CLINICAL, fuse
from hfgnn.features.resnet import WIDTH
from hfgnn.graph.attach import attach
from hfgnn.graph.direction import hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.mix import Weighed
from hfgnn.models.gnn import GCN, Network, Widths
from hfgnn.seeding import rng
from hfgnn.train.nodes import SOUND, Fitted, Graph, NodeClassifier, Recipe
from hfgnn.train.pages import Pages

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
SHARES = {"train": 0.6, "validation": 0.2, "calibration": 0.2}
KNOWN = ["id", "class", "sick", *CLINICAL]  # what may be told of a neighbour


@dataclass(frozen=True)
class PatientParams:
    """How the people are dealt, how the network learns, how often a set may miss."""

    seed: int
    backbone: str = "ecg"
    k: int = 5  # the thesis's
    recipe: Recipe = SOUND
    miss: float = 0.1  # nine sets of ten hold the truth


@dataclass(frozen=True)
class Model:
    """All that is needed to ask about somebody: plain arrays, so that nothing is trained again."""

    people: pd.DataFrame  # the training people: KNOWN
    x: Floats  # [n, 517], as the network gets them
    edges: Ints  # [2, k n]: a training person hears its own neighbours
    scales: dict[str, Floats]  # mean, sd: x = (raw - mean) / sd; reach: near = (raw - mean) / reach
    weights: dict[str, NDArray[Any]]  # of the network
    line: tuple[float, float]  # slope and intercept of Platt's line
    limits: tuple[float, float]  # of the conformal sets: normal, sick
    own: pd.DataFrame  # the calibration people: row of the pages' table, sick, raw chance

    @cached_property
    def network(self) -> Fitted:
        """The trained network."""
        return NodeClassifier().restored(self.weights)

    @cached_property
    def heard(self) -> Ints:
        """Whom each training person hears [n, k], nearest first."""
        return np.asarray(self.edges[0].reshape(len(self.people), -1))

    @cached_property
    def near(self) -> Floats:
        """The training people as distances are measured [n, 517]."""
        return self.x * (self.scales["sd"] / self.scales["reach"])

    def calibrated(self, raw: ArrayLike) -> Floats:
        """Return chances of being sick that can be taken at their word [m]."""
        return Line(*self.line)(raw)

    def sets(self, raw: ArrayLike) -> Bools:
        """Return the sets of answers [m, 2]: normal, sick."""
        return Conformal(self.limits)(raw)

    def recalibrated(self, sick: ArrayLike, raw: ArrayLike, miss: float) -> "Model":
        """Return the same model, calibrated on these people, whom it has not met."""
        truth, said = np.asarray(sick, bool), np.asarray(raw, float)
        line, sets = platt(truth, said), conformal_by_class(truth, said, alpha=miss)
        return replace(self, line=(line.slope, line.intercept), limits=sets.limits)


def learned(params: PatientParams, pages: Pages) -> Model:
    """Deal the people, train on the first part, stop by the second, calibrate on the third."""
    return trained(params, pages, pages.table["sick"].to_numpy(bool))


def trained(
    params: PatientParams,
    pages: Pages,
    sick: Bools,
    *,
    network: Callable[[Widths], Network] = GCN,
) -> Model:
    """Return the model of people with these labels [n]; it starts as the network starts."""
    train, validation, own = _dealt(params, pages)
    raw = raw_of(pages, params.backbone)
    parts = [Weighed.fit(part) for part in (raw[train, :WIDTH], raw[train, WIDTH:])]
    scaler = StandardScaler().fit(raw[train])
    scales = {"mean": scaler.mean_, "sd": scaler.scale_}
    scales["reach"] = np.concatenate([part.scale for part in parts])
    near = (raw - scales["mean"]) / scales["reach"]
    x, edges = scaler.transform(raw), hears_neighbours(neighbours(near[train], params.k))

    def joined(rows: NDArray[np.intp]) -> Graph:
        """Attach these people, who count, to the training people."""
        new, both = attach(near[train], near[rows], params.k), np.r_[train, rows]
        last = np.arange(len(train), len(both))
        return Graph(x[both], sick[both], np.hstack([edges, new]), last)

    fitted = NodeClassifier(network, recipe=params.recipe).fit(
        x[train], sick[train], edges, seed=params.seed, validation=joined(validation)
    )
    asked = joined(own)
    chance = fitted.predict_proba(asked.x, asked.edges)[len(train) :, 1]
    line = platt(sick[own], chance)
    return Model(
        people=pages.table.loc[train, KNOWN].reset_index(drop=True),
        x=x[train],
        edges=edges,
        scales=scales,
        weights=fitted.weights,
        line=(line.slope, line.intercept),
        limits=conformal_by_class(sick[own], chance, alpha=params.miss).limits,
        own=pd.DataFrame({"row": own, "sick": sick[own], "chance": chance}),
    )


def _dealt(params: PatientParams, pages: Pages) -> list[NDArray[np.intp]]:
    """Return the rows of the people who train, validate and calibrate, dealt class by class."""
    stream, table = rng(params.seed, "patient"), pages.table
    dealt = by_group(table["id"], table["class"], stream, shares=SHARES)
    return [np.flatnonzero(dealt == name) for name in SHARES]


def raw_of(pages: Pages, backbone: str) -> Floats:
    """Return everybody's page and clinical values as they were read [n, 517]."""
    return fuse(pages.seen[backbone], pages.table[list(CLINICAL)].to_numpy(float))


@dataclass(frozen=True)
class Answer:
    """What can be told of one new patient."""

    raw: float  # the network's chance of being sick
    chance: float  # calibrated
    held: tuple[bool, bool]  # the conformal set: whether normal is in it, and sick
    neighbours: pd.DataFrame  # KNOWN, distance, and the share of its square that is the page's
    lonelier: float  # share of the training people whose nearest is farther than the newcomer's
    graph: Graph  # the people whom the answer depends on; the newcomer is the first


def ask(model: Model, page: ArrayLike, clinical: ArrayLike) -> Answer:
    """Return the answer for a page's numbers [512] and five clinical values [5], as CLINICAL."""
    raw = fuse(np.atleast_2d(np.asarray(page)), np.atleast_2d(np.asarray(clinical)))
    graph, near = attached(model, raw)
    chance = float(model.network.predict_proba(graph.x, graph.edges)[0, 1])
    new = (raw - model.scales["mean"]) / model.scales["reach"]
    gaps = (model.near[near] - new) ** 2
    told = model.people.iloc[near].assign(
        distance=np.sqrt(gaps.sum(axis=1)), page=gaps[:, :WIDTH].sum(axis=1) / gaps.sum(axis=1)
    )
    normal, sick = model.sets([chance])[0]
    own = np.linalg.norm(model.near - model.near[model.heard[:, 0]], axis=1)
    return Answer(
        raw=chance,
        chance=float(model.calibrated([chance])[0]),
        held=(bool(normal), bool(sick)),
        neighbours=told,
        lonelier=float((own > told["distance"].iloc[0]).mean()),
        graph=graph,
    )


def attached(model: Model, raw: Floats) -> tuple[Graph, Ints]:
    """Return the part of the graph that the newcomer [1, 517] depends on, and its neighbours [k].

    The newcomer is node 0. The farthest ring is there to be counted: what its people hear is not.
    """
    new = (raw - model.scales["mean"]) / model.scales["reach"]
    near = attach(model.near, new, model.heard.shape[1])[0]
    hearers = np.unique(np.concatenate([near, model.heard[near].ravel()]))
    who = np.union1d(hearers, model.heard[hearers])
    ends = np.full(len(model.people), -1)
    ends[who] = 1 + np.arange(len(who))
    speaks = np.concatenate([ends[near], ends[model.heard[hearers]].ravel()])
    hears = np.concatenate([np.zeros_like(near), ends[hearers].repeat(model.heard.shape[1])])
    x = np.vstack([(raw - model.scales["mean"]) / model.scales["sd"], model.x[who]])
    sick = np.r_[False, model.people["sick"].to_numpy(bool)[who]]
    return Graph(x, sick, np.stack([speaks, hears])), near


def chances(model: Model, raw: Floats) -> Floats:
    """Return the network's chances [m] of many newcomers [m, 517], none of whom hears another."""
    n, k = len(model.people), model.heard.shape[1]
    near = (raw - model.scales["mean"]) / model.scales["reach"]
    x = np.vstack([model.x, (raw - model.scales["mean"]) / model.scales["sd"]])
    edges = np.hstack([model.edges, attach(model.near, near, k)])
    return model.network.predict_proba(x, edges)[n:, 1]


def strange(model: Model, answer: Answer, clinical: ArrayLike) -> list[str]:
    """Return in what the newcomer is unlike the people whom the model has learned from."""
    told = []
    for name, value in zip(CLINICAL, np.asarray(clinical, dtype=float), strict=True):
        low, high = model.people[name].min(), model.people[name].max()
        if not low <= value <= high:
            ends = f"{low:.4g} to {high:.4g}"
            told.append(f"{name} {value:g} is outside what the model knows, {ends}")
    if not answer.lonelier:
        told.append("nobody whom the model knows is as far from all others as this patient")
    return told


def in_words(answer: Answer) -> dict[str, str]:
    """Return the chance and the set as one would say them."""
    of_ten = round(10 * answer.chance)
    least = {0: "Fewer than one", 10: "More than nine"}.get(of_ten, f"About {of_ten}")
    verdict = {
        (False, False): "neither, as if like nobody",
        (True, False): "normal",
        (False, True): "sick",
        (True, True): "normal or sick, it cannot tell",
    }[answer.held]
    return {"chance": f"{least} of ten people like this one are sick", "set": verdict}
