"""Cox's model on numbers that are there already: signs of an ECG, values of a clinic, features.

Numbers are standardised by those who train, and what is not known is their mean. Where they are
many, their first principal components stand for them: a few hundred events cannot weigh 512.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA

Floats = NDArray[np.float64]
PENALTY = 0.1  # of squared weights; from 0.03 to 0.3 C moves by less than 0.001
COMPONENTS = 10  # of features: thirty events for each; chosen on other people
CLINICAL = ("ef", "bnp", "nyha", "sbp", "age")


@dataclass(frozen=True)
class Cox:
    """A log risk that is a sum: weights @ (x - centre)."""

    centre: Floats
    weights: Floats

    def of(self, x: ArrayLike) -> Floats:
        """Return log risks [n] of numbers [n, width], up to a constant; NaN counts as the mean."""
        apart = np.asarray(x, dtype=float) - self.centre
        return np.asarray(np.nan_to_num(apart) @ self.weights)


def cox_model(x: ArrayLike, table: pd.DataFrame, *, components: int | None = None) -> Cox:
    """Fit on numbers [n, width], and the time and event of the same people."""
    raw = np.asarray(x, dtype=float)
    centre, varies = np.nanmean(raw, axis=0), np.nanmax(raw, axis=0) > np.nanmin(raw, axis=0)
    scale = np.where(varies, np.nanstd(raw, axis=0), np.inf)  # what never varies weighs nothing
    z = np.nan_to_num((raw - centre) / scale)
    kept = z[:, np.isfinite(scale)]
    turned = np.eye(kept.shape[1])
    if components is not None and components < kept.shape[1]:
        turned = PCA(components, svd_solver="covariance_eigh").fit(kept).components_.T
    seen = kept @ turned
    spread = seen.std(axis=0)
    penalty = (
        PENALTY * len(seen) / (len(seen) - 1)
    )  # of columns scaled as samples, as lifelines does
    found = efron(seen / spread, table["time"], table["event"], penalty=penalty)
    weights = np.zeros(raw.shape[1])
    weights[np.isfinite(scale)] = turned @ (found / spread)
    return Cox(centre, weights / scale)


def efron(
    z: ArrayLike, time: ArrayLike, event: ArrayLike, *, penalty: float, most: int = 50
) -> Floats:
    """Return the weights that maximise Cox's partial likelihood, ties as Efron has them.

    The likelihood is a mean over people, less penalty / 2 |weights|^2; Newton's steps go up. Of k
    events at one time the l-th, l = 0..k-1, meets all who are there, these k by 1 - l / k.
    """
    order = np.argsort(np.asarray(time), kind="stable")
    x, ill = np.asarray(z, dtype=float)[order], np.asarray(event, dtype=bool)[order]
    _, first, at = np.unique(np.asarray(time)[order], return_index=True, return_inverse=True)
    when, steps = at[ill], len(first)
    gone = np.arange(len(when)) - np.searchsorted(when, when)
    less = gone / np.bincount(when, minlength=steps)[when]  # l / k of each event
    weights = np.zeros(x.shape[1])
    for _ in range(most):
        much = np.exp(x @ weights)
        parts = np.column_stack([much, much[:, None] * x])
        there = np.add.reduceat(parts, first, axis=0)[::-1].cumsum(axis=0)[::-1]
        tied = np.add.reduceat(parts * ill[:, None], first, axis=0)
        met = there[when] - less[:, None] * tied[when]  # by each event: sums of much, and of x
        mean = met[:, 1:] / met[:, :1]
        often = np.bincount(when, 1 / met[:, 0], steps).cumsum()[at]  # how much each is met by all
        often -= ill * np.bincount(when, less / met[:, 0], steps)[at]
        slope = (x[ill] - mean).sum(axis=0) / len(x) - penalty * weights
        bend = ((x.T * (much * often)) @ x - mean.T @ mean) / len(x)
        step = np.linalg.solve(bend + penalty * np.eye(len(weights)), slope)
        weights = weights + step
        if np.abs(step).max(initial=0) < 1e-10:
            return weights
    raise ValueError(f"Cox's model found no weights in {most} steps; give fewer columns")


def clinical(table: pd.DataFrame) -> Floats:
    """Return the five clinical values [n, 5], BNP as its logarithm."""
    values = table[list(CLINICAL)].astype(float)
    return values.assign(bnp=np.log(values["bnp"])).to_numpy()
