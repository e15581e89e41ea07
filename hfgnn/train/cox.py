"""Cox's model on numbers that are there already: signs of an ECG, values of a clinic, features.

Numbers are standardised by those who train, and what is not known is their mean. Where they are
many, their first principal components stand for them: a few hundred events cannot weigh 512.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
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
        turned = PCA(components, svd_solver="full").fit(kept).components_.T
    seen = kept @ turned
    spread = seen.std(axis=0)
    fit = CoxPHFitter(penalizer=PENALTY).fit(
        pd.DataFrame(seen / spread).assign(
            time=table["time"].to_numpy(), event=table["event"].to_numpy()
        ),
        "time",
        "event",
    )
    weights = np.zeros(raw.shape[1])
    weights[np.isfinite(scale)] = turned @ (fit.params_.to_numpy() / spread)
    return Cox(centre, weights / scale)


def clinical(table: pd.DataFrame) -> Floats:
    """Return the five clinical values [n, 5], BNP as its logarithm."""
    values = table[list(CLINICAL)].astype(float)
    return values.assign(bnp=np.log(values["bnp"])).to_numpy()
