"""Intervals around a score, and how much chance alone moves one."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, binomtest

Interval = tuple[float, float]


def clopper_pearson(right: int, of: int, level: float = 0.95) -> Interval:
    """Return the exact binomial interval of a proportion: it covers at least at its level."""
    found = binomtest(right, of).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)


def bootstrap(
    statistic: Callable[[NDArray[np.bool_], NDArray[np.float64]], float],
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    rng: np.random.Generator,
    repeats: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Return the percentile interval of a statistic, people drawn anew within each class."""
    truth, score = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=float)
    groups = [np.flatnonzero(truth), np.flatnonzero(~truth)]
    values = []
    for _ in range(repeats):
        people = np.concatenate([rng.choice(group, len(group)) for group in groups])
        values.append(statistic(truth[people], score[people]))
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def right_answers(shares: Sequence[float], sizes: Sequence[int]) -> NDArray[np.float64]:
    """Return P(k right answers in all), k = 0..sum(sizes), for groups with these success rates."""
    law = np.ones(1)
    for share, size in zip(shares, sizes, strict=True):
        law = np.convolve(law, binom.pmf(np.arange(size + 1), size, share))
    return law
