"""How often an interval of `hfgnn.evaluate.panel` holds the truth, where the truth is known.

Two models have learned in S studies each. Of person i with label y_i model m says in study s

    a_ms y_i + c e_i + sqrt(1 - c^2) e_im ,  e Gaussian, a_ms = a_m + spread u_s ,

so its AUROC there is Phi(a_ms / sqrt 2), and its true one the mean of that over all studies that
could be. What both models share, e_i, is why a difference is paired.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from hfgnn.evaluate.panel import Labels, Told, difference, draws, interval

SIZES = (10, 20, 50, 100, 200, 500)  # people in the smaller class
WHAT = ("a score", "a difference")


@dataclass(frozen=True)
class Setting:
    """How models and people are drawn."""

    signal: tuple[float, float] = (1.4, 1.2)  # a_m: AUROC 0.84 and 0.80
    spread: float = 0.1  # of a_ms between studies
    shared: float = 0.9  # c
    studies: int = 4
    others: int = 4  # times as many people in the larger class
    repeats: int = 200  # draws of an interval

    @property
    def truth(self) -> tuple[float, float]:
        """Return the score of the first model, and how much better it is than the second."""
        wide = (2 + self.spread**2) ** 0.5  # E Phi((a + spread u) / sqrt 2)
        one, other = (float(norm.cdf(a / wide)) for a in self.signal)
        return one, one - other


def told(setting: Setting, smaller: int, stream: np.random.Generator) -> tuple[Told, Told]:
    """Draw people and studies once, and return both intervals."""
    ill = np.arange((1 + setting.others) * smaller) < smaller
    n, (models, studies) = len(ill), (2, setting.studies)
    strong = np.array(setting.signal)[:, None] + setting.spread * stream.normal(size=(2, studies))
    own = (1 - setting.shared**2) ** 0.5 * stream.normal(size=(models, 1, n))
    score = strong[:, :, None] * ill + setting.shared * stream.normal(size=n) + own
    drawn = draws(Labels(ill), score, rng=stream, repeats=setting.repeats)
    return interval(drawn, 0), difference(drawn, 0, 1)


def covered(
    setting: Setting, smaller: int, *, replicates: int, stream: np.random.Generator
) -> pd.DataFrame:
    """Return of what share of replicates the intervals hold the truth, with Wilson's interval."""
    held = np.zeros((replicates, len(WHAT)), bool)
    for row in held:
        both = zip(told(setting, smaller, stream), setting.truth, strict=True)
        row[:] = [found.low <= true <= found.high for found, true in both]
    return pd.DataFrame([_row(smaller, *pair) for pair in zip(WHAT, held.T, strict=True)])


def _row(smaller: int, what: str, held: NDArray[np.bool_]) -> dict[str, object]:
    low, high = proportion_confint(held.sum(), len(held), method="wilson")
    share = {"covered": float(held.mean()), "low": float(low), "high": float(high)}
    return {"smaller": smaller, "what": what} | share | {"replicates": len(held)}
