"""When does a graph help? Every model with ties and without, at each place of a map.

A place is a regime of people and ties (`hfgnn.train.ties`). One axis at a time is moved away from
the thesis's regime, with three kinds of ties: drawn, found in what models read, found in another
look. Each seed is a world of its own. All people are one graph; labels are known of some.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.rare import redrawn
from hfgnn.graph.measures import homophily
from hfgnn.models.gnn import GAT, GCN, SAGE, Widths
from hfgnn.seeding import rng
from hfgnn.train.flat import logistic
from hfgnn.train.nodes import NOBODY, SOUND, Graph, NodeClassifier, Recipe
from hfgnn.train.ties import Bools, Floats, Ints, Regime, World, world

NETWORKS = {"GCN": GCN, "GAT": GAT, "GraphSAGE": SAGE}
ALONE = ", nobody heard"  # the same network on the same people, without an edge
FLAT = "logistic regression"
SMOOTHED, VOTED = f"{FLAT} + means of those heard", f"{FLAT} + their vote"
BEST, BEST_HEARD = "best alone", "best with ties"  # ceilings: every law is known
TWINS = {name: name + ALONE for name in NETWORKS} | {SMOOTHED: FLAT, VOTED: FLAT, BEST_HEARD: BEST}
MODELS = tuple(dict.fromkeys([*TWINS, *TWINS.values()]))  # with a graph, and without
MOST = 4  # times as many worlds of few people
FINEST = 10_000  # steps between 0 and 1 in which an AUROC is kept
TIES = {  # kinds of ties at the thesis's regime
    "drawn": Regime(homophily=0.62),  # as homophilous as those found
    "own look": Regime(),
    "other look": Regime(other=1.0),
}


@dataclass(frozen=True)
class Axes:
    """Which values each axis takes; the thesis's is among them."""

    homophily: tuple[float, ...] = (0.5, 0.56, 0.62, 0.7, 0.8, 0.9, 0.97)
    labelled: tuple[float, ...] = (0.02, 0.05, 0.1, 0.25, 0.5, 0.8)
    tells: tuple[float, ...] = (0.0, 0.7, 1.4, 2.1, 2.8)  # AUROC 0.5, 0.69, 0.84, 0.93, 0.98
    people: tuple[int, ...] = (200, 400, 800, 1_600, 3_200)
    k: tuple[int, ...] = (1, 2, 5, 10, 20)
    wide: tuple[int, ...] = (4, 16, 64, 512)
    other: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    plane: tuple[float, ...] = (0.5, 0.62, 0.7, 0.8, 0.9, 0.97)  # homophily, by every `tells`


@dataclass(frozen=True)
class RegimesParams:
    """How the map is drawn."""

    seed: int
    axes: Axes = Axes()
    seeds: int = 5  # worlds of each regime at least; of small ones up to four times more
    people: int = 1_600  # of a world of the thesis's size
    recipe: Recipe = SOUND  # the same for all networks; validation chooses the epoch
    draws: int = 50  # of the people of each world, anew

    def repeated(self, regime: Regime) -> int:
        """Return how many worlds there are of a regime."""
        more = min(MOST, self.people // regime.people)
        return self.seeds * max(1, more)


def places(params: RegimesParams) -> pd.DataFrame:
    """Return the map: axis, ties, value, and the regime's number in `regimes`."""
    numbers, rows = {regime: i for i, regime in enumerate(regimes(params))}, []
    for axis, ties, value, regime in _placed(params):
        rows.append({"axis": axis, "ties": ties, "value": value, "regime": numbers[regime]})
    return pd.DataFrame(rows)


def regimes(params: RegimesParams) -> list[Regime]:
    """Return each regime of the map once."""
    return list(dict.fromkeys(regime for *_, regime in _placed(params)))


def middle(params: RegimesParams) -> dict[str, Regime]:
    """Return the thesis's regime by kind of ties: the middle of the map, from which axes go out."""
    return {name: replace(regime, people=params.people) for name, regime in TIES.items()}


def _placed(params: RegimesParams) -> Iterator[tuple[str, str, float, Regime]]:
    """Yield axis, kind of ties, value and regime; on the plane value is homophily."""
    base = middle(params)
    for value in params.axes.homophily:
        yield "homophily", "drawn", value, replace(base["drawn"], homophily=value)
    for value in params.axes.other:
        yield "other", "found", value, replace(base["own look"], other=value)
    for axis in ("labelled", "tells", "people", "k", "wide"):
        for (ties, regime), value in product(base.items(), getattr(params.axes, axis)):
            yield axis, ties, value, replace(regime, **{axis: value})
    for tells, value in product(params.axes.tells, params.axes.plane):
        yield "plane", "drawn", value, replace(base["drawn"], homophily=value, tells=tells)


@dataclass(frozen=True)
class Split:
    """Who trains, validates and tests: numbers of people, as many sick as normal."""

    train: Ints
    val: Ints
    test: Ints


def split(sick: Bools, labelled: float, stream: np.random.Generator) -> Split:
    """Deal people: a quarter of those whose label is known validate, who has none is tested."""
    parts: list[list[Ints]] = [[], [], []]
    for group in (np.flatnonzero(sick), np.flatnonzero(~sick)):
        known = max(2, round(labelled * len(group)))
        ends = [min(round(0.75 * known), known - 1), known]
        for part, rows in zip(parts, np.split(stream.permutation(group), ends), strict=True):
            part.append(rows)
    return Split(*(np.sort(np.concatenate(part)) for part in parts))


def cell(params: RegimesParams, regime: Regime, seed: int) -> pd.DataFrame:
    """Return every model's AUROC in one world: of those tested, then of each draw of them.

    In every row stands the homophily of the ties. Regimes of one seed meet the same luck.
    """
    people = world(regime, rng(params.seed, "regimes", "world", str(seed)))
    dealt = split(people.sick, regime.labelled, rng(params.seed, "regimes", "split", str(seed)))
    scores = told(params, people, dealt, seed)
    sick = people.sick[dealt.test]
    every = np.column_stack([scores[name][dealt.test] for name in MODELS])
    luck = rng(params.seed, "regimes", "draws", str(seed))
    drawn = redrawn(sick, every, rng=luck, repeats=params.draws)["AUROC"]
    fine = np.vstack([[auroc(sick, score) for score in every.T], drawn]) * FINEST
    table = pd.DataFrame(np.round(fine).astype(np.uint16), columns=MODELS)
    met = round(homophily(people.edges, people.sick) * FINEST)
    return table.assign(seed=np.uint16(seed), homophily=np.uint16(met))


def told(params: RegimesParams, people: World, dealt: Split, seed: int) -> dict[str, Floats]:
    """Return by model a score [n] of everybody, which rises with the chance of being sick."""
    known = np.zeros(len(people.sick), dtype=bool)
    known[dealt.train] = known[dealt.val] = True
    found = {BEST: people.alone(), BEST_HEARD: people.heard(known)} | plain(people, dealt)
    for name, (label, edges) in product(NETWORKS, (("", people.edges), (ALONE, NOBODY))):
        widths = Widths(inputs=people.regime.wide)
        model = NodeClassifier(NETWORKS[name], widths, params.recipe)
        watched = Graph(people.x, people.sick, edges, dealt.val)
        fitted = model.fit(
            people.x, people.sick, edges, seed=seed, rows=dealt.train, validation=watched
        )
        found[name + label] = fitted.predict_proba(people.x, edges)[:, 1]
    return found


def plain(people: World, dealt: Split) -> dict[str, Floats]:
    """Return the scores [n] of logistic regressions, of which two hear others, once or twice over.

    One reads, beside a person's numbers, their means over those heard, and the means of these. The
    other reads what is known of those heard, or thought of them without ties: the mean of y or, of
    whom the label is not learned from, of 2 p - 1.
    """
    n, (speaks, hears) = len(people.sick), people.edges
    mean = csr_array((np.full(len(hears), 1 / people.regime.k), (hears, speaks)), shape=(n, n))

    def fitted(x: Floats) -> Floats:
        model = logistic(0).fit(x[dealt.train], people.sick[dealt.train])
        return np.asarray(model.predict_proba(x)[:, 1])

    flat, once = fitted(people.x), mean @ people.x
    thought = 2 * flat - 1
    thought[dealt.train] = np.where(people.sick[dealt.train], 1.0, -1.0)
    voted = fitted(np.column_stack([people.x, mean @ thought]))
    return {
        FLAT: flat,
        SMOOTHED: fitted(np.hstack([people.x, once, mean @ once])),
        VOTED: voted,
    }
