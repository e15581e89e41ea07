"""How often the intervals of the comparison hold the truth: from a record, the quickest anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hfgnn.evaluate.coverage import SIZES, Setting, covered
from hfgnn.seeding import rng
from hfgnn.train.records import HOW, RECORDED, kept, trusted

COMMAND = "hfgnn sweep coverage"
TABLE = "covered.parquet"
FILES = {name: RECORDED / "coverage" / name for name in (TABLE, HOW)}
FARTHEST = 0.005  # between a recorded share and today's: a replicate at the edge may fall otherwise


@dataclass(frozen=True)
class CoveredParams:
    """How models and people are drawn, how many of the smaller class, and how often."""

    seed: int
    setting: Setting = Setting()
    sizes: tuple[int, ...] = SIZES
    replicates: int = 2_000


@dataclass(frozen=True)
class Covered:
    """Shares of intervals that hold the truth."""

    table: pd.DataFrame  # smaller, what, covered, low, high, replicates
    again: bool  # whether the least size was held against a record
    apart: float  # and how far its shares are from the recorded ones


@dataclass(frozen=True)
class CellParams:
    """One size of the smaller class."""

    of: CoveredParams
    smaller: int


@dataclass(frozen=True)
class Cell:
    """Its shares."""

    table: pd.DataFrame


def cell(params: CellParams) -> Cell:
    """Return the shares for one size."""
    of = params.of
    stream = rng(of.seed, "coverage", str(params.smaller))
    return Cell(covered(of.setting, params.smaller, replicates=of.replicates, stream=stream))


def gathered(cells: Iterable[Cell]) -> dict[str, pd.DataFrame]:
    """Return the record's table."""
    return {TABLE: pd.concat([one.table for one in cells], ignore_index=True)}


def coverage(params: CoveredParams) -> Covered:
    """Return the recorded shares, and hold those of the least size against today's."""
    table, least = read(params), min(params.sizes)
    first = cell(CellParams(params, least))
    if table is None:
        more = [cell(CellParams(params, size)) for size in params.sizes if size != least]
        return Covered(gathered([first, *more])[TABLE], again=False, apart=0.0)
    then = table[table["smaller"] == least]["covered"].to_numpy()
    apart = float(abs(first.table["covered"].to_numpy() - then).max())
    if apart > FARTHEST:
        raise ValueError(
            f"recorded coverage differs from today's by {apart:.4f}, more than {FARTHEST}: it is "
            f"of other code; make it anew with `{COMMAND}`"
        )
    return Covered(table, again=True, apart=apart)


def told(params: CoveredParams) -> dict[str, Any]:
    """Return what a record must agree with."""
    return {"params": repr(params)}


def read(params: CoveredParams) -> pd.DataFrame | None:
    """Return the record if it is of this; refuse a damaged one."""
    if (found := kept(FILES, told(params), COMMAND)) is None:
        return None
    with trusted(FILES[TABLE], COMMAND):
        table = found[0][TABLE]
        if sorted(set(table["smaller"])) != sorted(params.sizes):
            raise ValueError(f"it must have the sizes {params.sizes}")
        if not table["covered"].between(0, 1).all():
            raise ValueError("a share is not between 0 and 1")
    return table
