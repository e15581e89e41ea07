"""An audit: what each decision of a published protocol is worth, whichever work's it is.

A protocol has d decisions, each as published or sound. A set's number says which are sound: bit i,
the i-th. Every set is scored in each of R repeats, which draw people and luck of their own, the
same for all sets; so a repeat has a share of its own for every decision (`evaluate.shapley`), and
R of them give an interval by Student's law: of other people, and of other luck.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hfgnn.evaluate import shapley
from hfgnn.evaluate.paired import over_seeds
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted

Floats = NDArray[np.float64]
TABLE = "sets.parquet"
KEYS = ["repeat", "number"]
REPORTED, TRUE = "reported", "true"


@dataclass(frozen=True)
class Decisions:
    """Which decisions of a protocol are mended: each is a field, False as published."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the decisions, in the order of the bits."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def of(cls, number: int) -> Self:
        """Return the set of this number."""
        many = len(cls.names())
        if not 0 <= number < 2**many:
            raise ValueError(
                f"set {number} is not one of {2**many}; bit i says that decision i is sound"
            )
        return cls(*(bool(number >> i & 1) for i in range(many)))

    @property
    def number(self) -> int:
        """Return this set's number."""
        return sum(1 << i for i, sound in enumerate(astuple(self)) if sound)


@dataclass(frozen=True)
class Scores:
    """What sets of decisions scored: what a sweep's cell gives."""

    table: pd.DataFrame  # repeat, number (of the set), reported, and true where it can be had


@dataclass(frozen=True)
class Audit:
    """What the decisions are worth; NaN where it was not made: without a record few sets are."""

    decisions: pd.DataFrame  # decision; share, low, high: of what is reported; alone, last: by how
    # much mending it first or last changes that; then the share of every other score (true, ...)
    whole: pd.DataFrame  # of: published, sound, difference; reported, low, high, then the same of
    # every other score (true, true low, true high), and of gap (reported - true)
    repeats: int
    again: pd.DataFrame  # of: published, each decision mended alone, sound; now: what is reported
    # in the first repeat, made just now; then: what the record says of it, NaN without one
    apart: float  # the largest difference of scores made just now from the recorded ones


@dataclass(frozen=True)
class Work:
    """One published work, of whose protocol an audit is recorded."""

    name: str  # of the record
    decisions: tuple[str, ...]  # in the order of the bits
    farthest: float  # between a recorded score and today's
    scores: tuple[str, ...] = (REPORTED, TRUE)  # all that a set is scored by

    @property
    def files(self) -> dict[str, Path]:
        """Where the record lies."""
        return {name: RECORDED / self.name / name for name in (TABLE, HOW)}

    @property
    def command(self) -> str:
        """What makes the record anew."""
        return f"hfgnn sweep {self.name}"

    @property
    def sets(self) -> int:
        """How many sets of decisions there are."""
        return int(2 ** len(self.decisions))

    @property
    def few(self) -> list[int]:
        """The sets made again in every build: as published, each mended alone, all mended."""
        return [0, *(1 << i for i in range(len(self.decisions))), self.sets - 1]

    def audited(self, told: Mapping[str, Any], made: Callable[[list[int]], Scores]) -> Audit:
        """Return what the record of this (`told`) says, held against `few` sets made just now.

        Without a record these sets are all there is.
        """
        now, table = made(self.few).table, self.read(told)
        apart = 0.0 if table is None else self.held(now, table)
        used = now if table is None else table
        found, repeats = self.tables(used), used["repeat"].nunique()
        return Audit(*found, repeats, self.again(now, table), apart)

    def again(self, now: pd.DataFrame, table: pd.DataFrame | None) -> pd.DataFrame:
        """Return what was made just now beside what a record says of the same."""
        names = ["published", *self.decisions, "sound"]
        found = now.set_index(KEYS)[REPORTED].to_frame("now").reset_index()
        found["then"] = np.nan
        if table is not None:
            then = table.set_index(KEYS)[REPORTED]
            found["then"] = then.loc[pd.MultiIndex.from_frame(found[KEYS])].to_numpy(float)
        order = found.set_index("number").loc[self.few, ["now", "then"]]
        return order.set_axis(names).rename_axis("of").reset_index()

    def gathered(self, cells: Iterable[Scores]) -> dict[str, pd.DataFrame]:
        """Return the record's tables, of the cells of all repeats."""
        table = pd.concat([cell.table for cell in cells], ignore_index=True)
        kinds = {"repeat": np.uint16, "number": np.uint16} | dict.fromkeys(self.scores, np.float32)
        table = table.sort_values(KEYS, ignore_index=True)[[*KEYS, *self.scores]]
        return {TABLE: table.astype(kinds)}

    def keep(self, tables: Mapping[str, pd.DataFrame], told: Mapping[str, Any]) -> None:
        """Write the record."""
        keep(self.files, tables, told, self.command)

    def read(self, told: Mapping[str, Any]) -> pd.DataFrame | None:
        """Return the recorded sets if they are of this; refuse a damaged record."""
        if (found := kept(self.files, told, self.command)) is None:
            return None
        with trusted(self.files[TABLE], self.command):
            table = found[0][TABLE][[*KEYS, *self.scores]]
            if table.duplicated(KEYS).any() or set(table.groupby("repeat").size()) != {self.sets}:
                raise ValueError(f"each repeat must have each of {self.sets} sets once")
            scores = table[list(self.scores)].to_numpy(float)
            if not ((scores >= 0) & (scores <= 1)).all():
                raise ValueError("a score is missing, or not from 0 to 1")
        return table

    def held(self, now: pd.DataFrame, table: pd.DataFrame) -> float:
        """Return the largest difference of scores from those recorded, or refuse the record."""
        then = table.set_index(KEYS).loc[pd.MultiIndex.from_frame(now[KEYS])]
        apart = then[list(self.scores)].to_numpy(float) - now[list(self.scores)].to_numpy(float)
        farthest = float(np.abs(apart).max())
        if not farthest <= self.farthest:
            raise ValueError(
                f"recorded scores differ from today's by {farthest:.3f}, more than "
                f"{self.farthest}: they are of other code; make them anew with `{self.command}`"
            )
        return farthest

    def tables(self, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return what these sets say of the decisions, and of the whole."""
        values = {score: self.values(table, score) for score in self.scores}
        reported = values[REPORTED]
        parts = [
            pd.DataFrame({"decision": list(self.decisions)}),
            intervals(shapley.shares(reported), "share"),
            intervals(shapley.alone(reported), "alone", "alone "),
            intervals(shapley.last(reported), "last", "last "),
        ]
        parts += [
            intervals(shapley.shares(made), score, _before(score))
            for score, made in values.items()
            if score != REPORTED
        ]
        ends = {score: np.stack([v[0], v[-1], v[-1] - v[0]]) for score, v in values.items()}
        whole = [pd.DataFrame({"of": ["published", "sound", "difference"]})]
        whole += [intervals(end, score, _before(score)) for score, end in ends.items()]
        if TRUE in values:
            whole += [intervals(ends[REPORTED] - ends[TRUE], "gap", _before("gap"))]
        return pd.concat(parts, axis=1), pd.concat(whole, axis=1)

    def values(self, table: pd.DataFrame, score: str) -> Floats:
        """Return a score of every set in every repeat [2^d, R]; NaN where it was not made."""
        wide = table.pivot(index="number", columns="repeat", values=score)
        return np.asarray(wide.reindex(range(self.sets)).to_numpy(float))


def _before(score: str) -> str:
    return "" if score == REPORTED else f"{score} "


def intervals(values: ArrayLike, mean: str, before: str = "") -> pd.DataFrame:
    """Return each row's mean over its repeats [n, R] with a 95 % interval; NaN for that of one.

    Repeats must draw people of their own: the interval then holds the luck of people and training.
    """
    rows, found = np.asarray(values, float), []
    for row in rows:
        low = high = np.nan
        if len(row) > 1:
            spread = over_seeds(row, np.zeros(len(row)))
            low, high = spread.low, spread.high
        found.append({mean: row.mean(), f"{before}low": low, f"{before}high": high})
    return pd.DataFrame(found)
