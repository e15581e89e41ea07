"""What near means for a page and five clinical values: each modality with equal say.

Euclid's distance adds squares, so a modality weighs as much as its columns vary in sum: as they
come, five z-scores vary by 5 and a page's 512 numbers by whatever their network happens to put out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.preprocessing import StandardScaler

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weighed:
    """One modality made to vary by 1 in sum: (x - mean) / scale, of the rows that it was fitted on.

    scale is a column's standard deviation times the square root of how many columns vary; where a
    column does not, 1 stands for its standard deviation.
    """

    mean: Floats  # [d]
    scale: Floats  # [d]

    @classmethod
    def fit(cls, train: ArrayLike) -> "Weighed":
        """Learn means and scales from training rows [n, d]."""
        rows = np.asarray(train, float)
        moving = np.ptp(rows, axis=0) > 0
        if not moving.any():
            raise ValueError(
                f"none of {moving.size} columns varies in {len(rows)} training rows; "
                "a modality that says nothing cannot be weighed: leave it out"
            )
        fitted = StandardScaler().fit(rows)
        return cls(fitted.mean_, fitted.scale_ * np.sqrt(moving.sum()))

    def __call__(self, x: ArrayLike) -> Floats:
        """Return rows [n, d] on this scale."""
        return (np.asarray(x, float) - self.mean) / self.scale
