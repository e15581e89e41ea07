"""The map of when a graph helps: from a record, of which some cells are made again in each build.

A cell is one world of one regime (`hfgnn.train.regimes.cell`). A gain is the AUROC of a model with
ties less that of its twin without; its interval takes other worlds, and in them other people.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hfgnn.evaluate.paired import over_people
from hfgnn.seeding import rng
from hfgnn.train.records import HOW, RECORDED, kept, trusted
from hfgnn.train.regimes import (
    FINEST,
    MODELS,
    TIES,
    TWINS,
    RegimesParams,
    cell,
    middle,
    places,
    regimes,
)

COMMAND = "hfgnn sweep regimes"
TABLE = "cells.parquet"
FILES = {name: RECORDED / "regimes" / name for name in (TABLE, HOW)}
REPEATS = 2_000  # draws of worlds and people, for an interval
FARTHEST = 0.05  # between a recorded AUROC and today's: another processor trains otherwise
Cell = tuple[int, int]  # number of the regime, seed


@dataclass(frozen=True)
class Answer:
    """What ties add at each place of the map."""

    gains: pd.DataFrame  # axis, ties, value, the regime, found (homophily), worlds, model: AUROC,
    # twin (its AUROC without ties), gain, low, high
    again: int | None  # cells made just now beside a record; None: there is no record
    apart: float  # the largest difference of their AUROC from the recorded one


def answer(params: RegimesParams) -> Answer:
    """Return the map from a record, and hold some of its cells against today's.

    Without a record there is one world of each regime, made now.
    """
    table = read(params)
    if table is None:
        every = range(len(regimes(params)))
        now = pd.concat([_made(params, (number, 0)) for number in every], ignore_index=True)
        return Answer(gains(params, now), None, 0.0)
    cells = sample(params)
    now = pd.concat([_made(params, one) for one in cells], ignore_index=True)
    apart = distance(now, table)
    if apart > FARTHEST:
        raise ValueError(
            f"recorded AUROCs differ from today's by {apart:.3f}, more than {FARTHEST}: they are "
            f"of other code; make them anew with `{COMMAND}`"
        )
    return Answer(gains(params, table), len(cells), apart)


def sample(params: RegimesParams) -> list[Cell]:
    """Return the cells that a build makes again: the first world of each kind of ties."""
    every = regimes(params)
    return [(every.index(regime), 0) for regime in middle(params).values()]


def distance(now: pd.DataFrame, then: pd.DataFrame) -> float:
    """Return the largest difference of AUROCs, everybody tested once, in the same cells."""
    keys = ["regime", "seed"]
    first, recorded = (part.groupby(keys)[list(MODELS)].first() for part in (now, then))
    apart = first.to_numpy(float) - recorded.loc[first.index].to_numpy(float)
    return float(np.abs(apart).max()) / FINEST


def gains(params: RegimesParams, table: pd.DataFrame) -> pd.DataFrame:
    """Return at each place of the map what ties add to each model, and to the best there is."""
    cells = dict(iter(table.groupby("regime")))
    rows, every = list[dict[str, Any]](), regimes(params)
    for axis, ties, value, number in places(params).itertuples(index=False):
        own, regime = cells[number], every[number]
        worlds = own["seed"].nunique()
        scores = own[list(MODELS)].to_numpy(float).reshape(worlds, -1, len(MODELS)) / FINEST
        by = {model: scores[:, :, column] for column, model in enumerate(MODELS)}
        place = {"axis": axis, "ties": ties, "value": value} | asdict(regime)
        like = {"found": float(own["homophily"].mean()) / FINEST, "worlds": worlds}
        for model, twin in TWINS.items():
            luck = rng(params.seed, "answer", str(number))
            more = over_people(by[model], by[twin], rng=luck, repeats=REPEATS)
            said = {"model": model, "AUROC": by[model][:, 0].mean(), "twin": by[twin][:, 0].mean()}
            said |= {"gain": more.mean, "low": more.low, "high": more.high}
            rows.append(place | like | said)
    return pd.DataFrame(rows)


def told(params: RegimesParams) -> dict[str, Any]:
    """Return what a record must agree with, to be of the same map."""
    return {"params": repr(params), "ties": repr(TIES), "models": list(MODELS)}


def read(params: RegimesParams) -> pd.DataFrame | None:
    """Return the recorded cells if they are of this map; refuse damaged ones."""
    if (found := kept(FILES, told(params), COMMAND)) is None:
        return None
    with trusted(FILES[TABLE], COMMAND):
        table = found[0][TABLE][["regime", "seed", "homophily", *MODELS]]
        rows = table.groupby(["regime", "seed"], sort=False).size()
        if list(rows.index) != _cells(params) or not (rows == params.draws + 1).all():
            raise ValueError(f"it must have {params.draws + 1} rows of each cell, in order")
        if table.isna().any(axis=None) or (table[list(MODELS)] > FINEST).any(axis=None):
            raise ValueError("an AUROC is missing or above 1")
    return table


@dataclass(frozen=True)
class WorldParams:
    """One world of the map."""

    of: RegimesParams
    number: int  # of its regime
    seed: int


@dataclass(frozen=True)
class Scored:
    """How every model scores in one world."""

    table: pd.DataFrame


def scored(params: WorldParams) -> Scored:
    """Let every model learn in a world."""
    return Scored(_made(params.of, (params.number, params.seed)))


def worlds(params: RegimesParams) -> list[WorldParams]:
    """Return every world of the map, in the record's order: the same ones, however many seeds."""
    of = replace(params, seeds=1)
    return [WorldParams(of, number, seed) for number, seed in _cells(params)]


def gathered(found: Iterable[Scored]) -> dict[str, pd.DataFrame]:
    """Return the record's table of all worlds in order."""
    return {TABLE: pd.concat([one.table for one in found], ignore_index=True)}


def _cells(params: RegimesParams) -> list[Cell]:
    every = enumerate(regimes(params))
    return [(n, seed) for n, regime in every for seed in range(params.repeated(regime))]


def _made(params: RegimesParams, one: Cell) -> pd.DataFrame:
    number, seed = one
    return cell(params, regimes(params)[number], seed).assign(regime=np.uint16(number))
