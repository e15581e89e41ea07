"""Do chances keep what they promise? Their reliability, and lines that recalibrate them.

labels [n] are True for sick, chances [n] are P(sick), and logit(p) = log(p / (1 - p)).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from hfgnn.evaluate.intervals import clopper_pearson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
EDGE = 1e-9  # no chance is nearer to certainty than this, or its logit would be infinite


def _checked(labels: ArrayLike, chances: ArrayLike) -> tuple[Bools, Floats]:
    sick, said = np.asarray(labels, dtype=bool), np.asarray(chances, dtype=float)
    if sick.shape != said.shape or sick.ndim != 1 or not ((said >= 0) & (said <= 1)).all():
        raise ValueError(
            f"labels {sick.shape} and chances {said.shape}; give each of the n people one label "
            "and one chance of being sick, from 0 to 1"
        )
    return sick, said


def _odds(chances: ArrayLike) -> Floats:
    found: Floats = logit(np.clip(np.asarray(chances, dtype=float), EDGE, 1 - EDGE))
    return found


def widths(bins: int = 10) -> Floats:
    """Return the edges [bins + 1] of equally wide bins."""
    return np.linspace(0, 1, bins + 1)


def masses(chances: ArrayLike, bins: int = 10) -> Floats:
    """Return edges of bins that hold equally many people: fewer bins where chances are equal."""
    inner = np.quantile(np.asarray(chances, dtype=float), np.linspace(0, 1, bins + 1)[1:-1])
    return np.unique(np.concatenate([[0.0], inner, [1.0]]))


def reliability(
    labels: ArrayLike, chances: ArrayLike, *, edges: ArrayLike | None = None
) -> pd.DataFrame:
    """Return of each bin that holds someone: n, mean chance, share who are sick, its 95 % interval.

    Bins are (from, to], the first with its left edge; ten equally wide ones unless edges are given.
    """
    sick, said = _checked(labels, chances)
    cuts = widths() if edges is None else np.asarray(edges, dtype=float)
    held = np.searchsorted(cuts[1:-1], said)
    rows = []
    for bin_ in np.unique(held):
        here = held == bin_
        ill, n = int(sick[here].sum()), int(here.sum())
        low, high = clopper_pearson(ill, n)
        rows.append((cuts[bin_], cuts[bin_ + 1], n, said[here].mean(), ill / n, low, high))
    return pd.DataFrame(rows, columns=["from", "to", "n", "chance", "share", "low", "high"])


def calibration_error(
    labels: ArrayLike, chances: ArrayLike, *, edges: ArrayLike | None = None
) -> float:
    """Return the expected calibration error: sum over bins of n_b / n |mean chance - share|."""
    bins = reliability(labels, chances, edges=edges)
    return float(np.average((bins["chance"] - bins["share"]).abs(), weights=bins["n"]))


def brier(labels: ArrayLike, chances: ArrayLike) -> float:
    """Return Brier's score, the mean of (chance - label)^2."""
    sick, said = _checked(labels, chances)
    return float(np.mean((said - sick) ** 2))


@dataclass(frozen=True)
class Line:
    """logit P(sick) = intercept + slope logit(chance); slope 1 and intercept 0 change nothing."""

    slope: float
    intercept: float

    def __call__(self, chances: ArrayLike) -> Floats:
        """Return P(sick) [n] of people who were given these chances."""
        found: Floats = expit(self.intercept + self.slope * _odds(chances))
        return found


def recalibration(labels: ArrayLike, chances: ArrayLike) -> Line:
    """Return the line on which the labels lie (Cox 1958): a slope below 1 says: chances too bold.

    It measures. To mend chances, take `platt` or `temperature`, of other people.
    """
    sick, odds = _both(labels, chances)
    bounds = [(odds[rows].min(), odds[rows].max()) for rows in (sick, ~sick)]
    if bounds[0][0] >= bounds[1][1] or bounds[1][0] >= bounds[0][1]:
        raise ValueError(
            f"chances of {sick.sum()} sick and {(~sick).sum()} normal people separate the two, or "
            "do not differ, so that no slope is the likeliest; judge more people"
        )
    intercept, slope = _likeliest(np.column_stack([np.ones_like(odds), odds]), sick.astype(float))
    return Line(float(slope), float(intercept))


def in_the_large(labels: ArrayLike, chances: ArrayLike) -> float:
    """Return the intercept where the slope is held at 1: above 0, more are sick than was said."""
    sick, odds = _both(labels, chances)
    return float(_likeliest(np.ones((len(sick), 1)), sick.astype(float), offset=odds)[0])


def platt(labels: ArrayLike, chances: ArrayLike) -> Line:
    """Return Platt's line (1999), to be applied to others than those whom it is fitted to.

    Of s sick and m normal people, the sick count as (s + 1) / (s + 2), the normal as 1 / (m + 2),
    so that a line exists also where the chances separate the two.
    """
    sick, odds = _both(labels, chances)
    intercept, slope = _likeliest(np.column_stack([np.ones_like(odds), odds]), _softened(sick))
    return Line(float(slope), float(intercept))


def temperature(labels: ArrayLike, chances: ArrayLike) -> Line:
    """Return the line logit P(sick) = logit(chance) / T (Guo et al. 2017), labels as in `platt`."""
    sick, odds = _both(labels, chances)
    return Line(float(_likeliest(odds[:, None], _softened(sick))[0]), 0.0)


def _both(labels: ArrayLike, chances: ArrayLike) -> tuple[Bools, Floats]:
    sick, said = _checked(labels, chances)
    if not 0 < sick.sum() < len(sick):
        raise ValueError(
            f"{sick.sum()} of {len(sick)} people are sick; a line of log-odds needs some of each"
        )
    return sick, _odds(said)


def _softened(sick: Bools) -> Floats:
    ill, well = sick.sum(), (~sick).sum()
    target: Floats = np.where(sick, (ill + 1) / (ill + 2), 1 / (well + 2))
    return target


def _likeliest(columns: Floats, target: Floats, *, offset: Floats | float = 0.0) -> Floats:
    """Return b [k] of the greatest likelihood of targets [n] under expit(offset + columns b)."""

    def loss(b: Floats) -> float:
        odds = offset + columns @ b
        return float(np.mean(np.logaddexp(0, odds) - target * odds))

    def slope(b: Floats) -> Floats:
        found: Floats = columns.T @ (expit(offset + columns @ b) - target) / len(target)
        return found

    def bend(b: Floats) -> Floats:
        chance = expit(offset + columns @ b)
        found: Floats = (columns.T * (chance * (1 - chance))) @ columns / len(target)
        return found

    start = np.zeros(columns.shape[1])
    done = minimize(loss, start, jac=slope, hess=bend, method="trust-exact", options={"gtol": 1e-9})
    best: Floats = done.x
    return best
