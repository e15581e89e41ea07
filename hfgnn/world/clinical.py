"""The thesis's stage 3 as published: five clinical variables drawn given the label.

Each value is drawn from its class's law, clipped to [low, high], then rounded. So it can take
finitely many values ("cells") and the probability of each one is exact. Arrays of cells: [n].
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Reported:
    """The thesis's folders and its test report, as far as they can be read from its text."""

    train: int = 2367  # pages in each class of the "balanced" training folder
    sick: int = 678  # pages in the test folder; the counts below are pages as well
    normal: int = 228
    sick_right: int = 657  # the kinder of the two counts that fit the printed report
    sick_right_low: int = 656  # the other one
    normal_right: int = 220  # the only count that fits

    @property
    def pages(self) -> int:
        """Return the size of the test."""
        return self.sick + self.normal

    @property
    def right(self) -> int:
        """Return the number of right answers, by the kinder reading."""
        return self.sick_right + self.normal_right

    @property
    def right_low(self) -> int:
        """Return the number of right answers, by the other reading."""
        return self.sick_right_low + self.normal_right


REPORTED = Reported()


@dataclass(frozen=True)
class Normal:
    """The normal law."""

    mean: float
    sd: float

    def __str__(self) -> str:
        """Return the law in the notation of the book."""
        return f"N({self.mean:g}, {self.sd:g})"

    def z(self, value: ArrayLike) -> Floats:
        """Return how many standard deviations the value lies above the mean."""
        return (np.asarray(value, dtype=float) - self.mean) / self.sd

    def mass(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Return P(low < X <= high), as precise in the upper tail as in the lower."""
        a, b = self.z(low), self.z(high)
        return np.where(a > 0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw unclipped, unrounded values."""
        return rng.normal(self.mean, self.sd, size)


@dataclass(frozen=True)
class LogNormal(Normal):
    """The law of a positive value whose natural logarithm is normal with this mean and sd."""

    def __str__(self) -> str:
        """Return the law in the notation of the book."""
        return f"logN({self.mean:g}, {self.sd:g})"

    def z(self, value: ArrayLike) -> Floats:
        """Return how many standard deviations the value's logarithm lies above its mean."""
        with np.errstate(divide="ignore"):
            return (np.log(np.maximum(value, 0.0)) - self.mean) / self.sd

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw unclipped, unrounded values."""
        return rng.lognormal(self.mean, self.sd, size)


@dataclass(frozen=True)
class Categorical:
    """Classes 1, 2, ... with these probabilities."""

    probabilities: tuple[float, ...]

    def __str__(self) -> str:
        """Return the law in the notation of the book."""
        return " / ".join(f"{p:g}" for p in self.probabilities)

    def mass(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Return P(low < X <= high)."""
        steps = np.concatenate([[0.0], np.cumsum(self.probabilities)])
        ends = [np.clip(np.floor(end), 0, len(self.probabilities)) for end in (low, high)]
        return np.asarray(steps[ends[1].astype(int)] - steps[ends[0].astype(int)])

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw classes."""
        classes = np.arange(1, len(self.probabilities) + 1)
        return rng.choice(classes, size, p=self.probabilities).astype(float)


@dataclass(frozen=True)
class Cells:
    """Every value a variable can take, and its probability in each class; all [n]."""

    values: Floats
    normal: Floats
    sick: Floats

    @property
    def log_ratio(self) -> Floats:
        """Return log P(value | sick) / P(value | normal)."""
        return np.log(self.sick) - np.log(self.normal)


@dataclass(frozen=True)
class Variable:
    """One clinical variable: a law for each class, then the clip, then the rounding."""

    name: str
    unit: str
    normal: Normal | Categorical
    sick: Normal | Categorical
    low: float
    high: float
    decimals: int  # not stated by the thesis: inferred from the patients that it prints

    def index(self, value: ArrayLike) -> NDArray[np.int64]:
        """Return the number of the cell that each value falls in."""
        clipped = np.clip(np.asarray(value, dtype=float), self.low, self.high)
        return np.asarray(np.rint((clipped - self.low) * 10**self.decimals), dtype=np.int64)

    def cells(self) -> Cells:
        """Return every possible value with its exact probability; clip masses are in the ends."""
        count = int(self.index(self.high)) + 1
        values = np.round(self.low + np.arange(count) / 10**self.decimals, self.decimals)
        inner = (values[1:] + values[:-1]) / 2
        edges = np.concatenate([[-np.inf], inner, [np.inf]])
        masses = [law.mass(edges[:-1], edges[1:]) for law in (self.normal, self.sick)]
        return Cells(values, *masses)

    def sample(self, sick: Bools, rng: np.random.Generator) -> Floats:
        """Draw one clipped and rounded value for each person, given the label."""
        value = np.empty(len(sick))
        value[sick] = self.sick.sample(rng, int(sick.sum()))
        value[~sick] = self.normal.sample(rng, int((~sick).sum()))
        return np.asarray(np.clip(value, self.low, self.high).round(self.decimals), dtype=float)


NYHA = (Categorical((0.5, 0.3, 0.15, 0.05)), Categorical((0.1, 0.3, 0.4, 0.2)))
PUBLISHED = (
    Variable("EF", "fraction", Normal(0.60, 0.07), Normal(0.38, 0.09), 0.20, 0.75, 3),
    Variable("BNP", "pg/mL", LogNormal(4.2, 0.6), LogNormal(5.8, 0.6), 10.0, 2000.0, 1),
    Variable("NYHA", "class", *NYHA, 1.0, 4.0, 0),
    Variable("SBP", "mmHg", Normal(125, 15), Normal(110, 15), 80.0, 180.0, 1),
    Variable("age", "years", Normal(55, 10), Normal(68, 10), 20.0, 90.0, 0),
)


def draw(sick: Bools, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the five variables for people whose labels are given: one row a person."""
    return pd.DataFrame({variable.name: variable.sample(sick, rng) for variable in PUBLISHED})
