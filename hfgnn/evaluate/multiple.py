"""Many differences judged at once, and differences too small to matter.

Holm's way makes each p larger, so that among all of a family the chance to find any difference
where there is none stays below the level. That two models are alike is not shown by an interval
that holds zero; it is shown by one that lies within a margin said beforehand: two one-sided tests,
each at the level, of a difference of the margin and more, up and down.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from hfgnn.evaluate.panel import REACH, Told


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Return each p as it counts among all of them."""
    return np.asarray(multipletests(np.asarray(p, dtype=float), method="holm")[1], dtype=float)


def alike(difference: Told, margin: float) -> float:
    """Return the p of two one-sided tests: small where the difference is surely within margin."""
    if margin <= 0:
        raise ValueError(f"a margin of {margin}; say how large a difference would matter, above 0")
    spread = (difference.high - difference.low) / (2 * REACH)
    if spread == 0.0:
        return float(abs(difference.value) >= margin)
    return float(norm.sf((margin - abs(difference.value)) / spread))
