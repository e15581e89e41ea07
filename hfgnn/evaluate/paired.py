"""Is one model better than another? The mean of paired differences, with a 95 % interval.

Both are scored on the same J repeats, d_j = first_j - second_j. The interval is that of Student,
mean(d) +- t_{J-1} s sqrt(1 / J + c), s the standard deviation of d; c says how repeats depend:

- c = 0 where each repeat draws people of its own (`over_seeds`);
- c = n_test / n_train where the same people are split anew each time (`over_resplits`). Test sets
  then overlap, repeats repeat each other, s is too small, and without c a difference that is mere
  chance becomes certain once there are repeats enough (Nadeau and Bengio 2003).

Where each repeat's people have been drawn anew as well, `over_people` needs no law: its interval
holds the share of draws of both repeats and people.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t


@dataclass(frozen=True)
class Difference:
    """How much better the first is: the mean over repeats, its interval, and the repeats."""

    mean: float
    low: float
    high: float
    repeats: int

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out zero."""
        return not self.low <= 0 <= self.high


def over_seeds(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Difference:
    """Return the difference of scores [J] whose repeats are independent: seeds with new people.

    Seeds that only start training anew on the same split are repeats, too, but of that split: the
    interval then says nothing of other people.
    """
    return _difference(first, second, dependence=0.0, level=level)


def over_resplits(
    first: ArrayLike, second: ArrayLike, *, train: int, test: int, level: float = 0.95
) -> Difference:
    """Return the difference of scores [J] on J random splits of the same people in two parts."""
    if train <= 0 or test <= 0:
        raise ValueError(
            f"splits of {train} people to train and {test} to test; give the sizes of the parts"
        )
    return _difference(first, second, dependence=test / train, level=level)


def over_people(
    first: ArrayLike,
    second: ArrayLike,
    *,
    rng: np.random.Generator,
    repeats: int = 2_000,
    level: float = 0.95,
) -> Difference:
    """Return the difference of scores [J, 1 + B]: of each repeat, then of B draws of its people.

    Both models meet the same repeats and the same draws of people. A draw of the mean takes J
    repeats anew, and of each of them people anew. The people's luck is in what differs between
    repeats as well and so counts twice, which makes up for how few repeats there are: of five, a
    95 % interval covers 98 % where people are all the luck, and 94 % where they are half of it.
    Where they are less, it covers less; take `over_seeds`.
    """
    apart = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    if apart.ndim != 2 or apart.shape[1] < 2 or not len(apart):
        raise ValueError(
            f"scores of shape {apart.shape}; give one row a repeat: its score, then one or more of "
            "its people drawn anew"
        )
    n, draws = apart.shape[0], apart.shape[1] - 1
    who, people = rng.integers(n, size=(repeats, n)), rng.integers(draws, size=(repeats, n))
    means = apart[who, 1 + people].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Difference(float(apart[:, 0].mean()), float(low), float(high), n)


def _difference(
    first: ArrayLike, second: ArrayLike, *, dependence: float, level: float
) -> Difference:
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.shape != other.shape or one.ndim != 1 or len(one) < 2:
        raise ValueError(
            f"scores of shapes {one.shape} and {other.shape}; give both models' scores on the same "
            "two or more repeats"
        )
    apart, n = one - other, len(one)
    mean, spread = float(apart.mean()), float(apart.std(ddof=1))
    reach = float(t.ppf((1 + level) / 2, n - 1)) * spread * (1 / n + dependence) ** 0.5
    return Difference(mean, mean - reach, mean + reach, n)
