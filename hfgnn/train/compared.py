"""All arms beside each other, and beside what is possible: the same newcomers, drawn anew.

A draw takes people anew, the same for all arms, studies and ceilings, so that every difference is
of the same people and of arms that learned from the same ones (`hfgnn.evaluate.panel`). An arm is
held against a reference and against the ceiling of what it sees; one that hears others, against its
twin that hears nobody. Where many differences are judged at once, Holm's p counts how many.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.multiple import alike, holm
from hfgnn.evaluate.panel import Labels, Times, Told, Truth, difference, draws, interval, share
from hfgnn.seeding import rng
from hfgnn.train.ablations import ARMS, TASKS, WITH_GRAPH, decoded
from hfgnn.train.asked import Asked
from hfgnn.train.followed import Followed
from hfgnn.train.gauged import PICTURE, GaugedParams
from hfgnn.train.how_large import weights
from hfgnn.train.risk import FAILURE
from hfgnn.train.tops import VIEWS, Tops

Floats = NDArray[np.float64]
REFERENCE = "clinical values"
MARGIN = 0.01  # of AUROC or C: what differs by less is called alike
SURE = 0.05  # Holm's p, and that of being alike, below which we say so


@dataclass(frozen=True)
class ComparedParams:
    """Who is asked, and how often they are drawn anew."""

    newcomers: GaugedParams
    repeats: int = 1_000


@dataclass(frozen=True)
class Compared:
    """What each arm comes to, and what of it is luck; each number with its low and high."""

    scores: pd.DataFrame  # task, arm: score; more (than the reference), p, holm; share (of the way
    # from chance to its ceiling); over (that ceiling), best (its view); weights
    graphs: pd.DataFrame  # task, arm that hears: heard, alone; gain, p, holm; alike (its p, as
    # Holm counts it);
    # plain (same views, no network), beyond (what is heard has over that)
    ceilings: pd.DataFrame  # task, view: score of these newcomers; expected of all such people


def truth(task: str, table: pd.DataFrame) -> Truth:
    """Return what is true of people, as the task asks it."""
    event = table[TASKS[task]].to_numpy(bool)
    if TASKS[task] == FAILURE:
        return Times(table["time"].to_numpy(float), event)
    return Labels(event)


def ceiling(arm: str) -> str:
    """Return which view of VIEWS holds all that an arm sees."""
    seen = set(ARMS[arm].views)
    values, table, picture = "clinical" in seen, "cheap table" in seen, PICTURE in seen
    ecg = bool(seen - {"clinical", "cheap table", PICTURE})
    own = {"ECG": ecg, "values": values, "table": table, "picture": picture}
    wanted = {name for name, there in own.items() if there}
    return next(view for view, parts in VIEWS.items() if set(parts) == wanted)


def plain(arm: str) -> str:
    """Return the arm that weighs the same views without a network."""
    views = ARMS[arm].views
    return next(n for n, a in ARMS.items() if a.views == views and a.net is None and not a.start)


def compared(params: ComparedParams, asked: Asked, tops: Tops, newcomers: Followed) -> Compared:
    """Return all tables of all tasks."""
    panels = [_Panel(params, task, asked, tops, newcomers.table) for task in TASKS]
    scores = pd.concat([one.scores() for one in panels], ignore_index=True)
    graphs = pd.concat([one.graphs() for one in panels], ignore_index=True)
    others = scores["arm"] != REFERENCE
    scores["holm"] = pd.Series(holm(scores.loc[others, "p"]), index=scores.index[others])
    size = weights(params.newcomers)["weights"]
    scores["weights"] = size[scores["arm"]].to_numpy()
    for name, p in (("holm", "p"), ("alike", "alike")):
        graphs[name] = holm(graphs[p])
    ceilings = pd.concat([one.ceilings() for one in panels], ignore_index=True)
    return Compared(scores, graphs, ceilings)


class _Panel:
    """All arms and ceilings of one task, in the same draws."""

    def __init__(
        self, params: ComparedParams, task: str, asked: Asked, tops: Tops, table: pd.DataFrame
    ) -> None:
        self.task, self.arms, codes = task, asked.arms, asked.codes[task]
        best = [tops.scores[f"{task}: {view}"] for view in VIEWS]
        whole = [np.broadcast_to(one, codes.shape[1:]) for one in best]
        luck = rng(params.newcomers.seed, "compared", task)
        scores = np.concatenate([decoded(codes), np.stack(whole)])
        self.drawn = draws(truth(task, table), scores, rng=luck, repeats=params.repeats)
        self.at = {name: row for row, name in enumerate(self.arms)}
        self.best = {view: row for row, view in enumerate(VIEWS, len(self.arms))}
        self.expected = tops.table.set_index(["question", "view"])["ceiling"]

    def scores(self) -> pd.DataFrame:
        """Return a row an arm."""
        rows = list[dict[str, Any]]()
        for arm in self.arms:
            at, reference, best = self.at[arm], self.at[REFERENCE], self.best[ceiling(arm)]
            more = difference(self.drawn, at, reference)
            row = {"task": self.task, "arm": arm} | _ends("score", interval(self.drawn, at))
            row |= _ends("more", more) | {"p": more.p}
            row |= _ends("share", share(self.drawn, at, best))
            row |= _ends("over", difference(self.drawn, at, best)) | {"best": ceiling(arm)}
            rows.append(row)
        return pd.DataFrame(rows)

    def graphs(self) -> pd.DataFrame:
        """Return a row an arm that hears others."""
        rows = list[dict[str, Any]]()
        for arm, alone in WITH_GRAPH.items():
            if arm in self.arms:
                heard, twin = self.at[arm], self.at[alone]
                gain = difference(self.drawn, heard, twin)
                row = {"task": self.task, "arm": arm} | _ends("heard", interval(self.drawn, heard))
                row |= _ends("alone", interval(self.drawn, twin)) | _ends("gain", gain)
                row |= {"p": gain.p, "alike": alike(gain, MARGIN)}
                weighed = self.at[plain(arm)]
                row |= {"plain": float(self.drawn[0, weighed])}
                rows.append(row | _ends("beyond", difference(self.drawn, heard, weighed)))
        return pd.DataFrame(rows)

    def ceilings(self) -> pd.DataFrame:
        """Return a row a view."""
        rows = list[dict[str, Any]]()
        for view in VIEWS:
            row: dict[str, Any] = {"task": self.task, "view": view}
            row |= _ends("score", interval(self.drawn, self.best[view]))
            rows.append(row | {"expected": float(self.expected[self.task, view])})
        return pd.DataFrame(rows)


def _ends(name: str, told: Told) -> dict[str, float]:
    return {name: told.value, f"{name}, low": told.low, f"{name}, high": told.high}
