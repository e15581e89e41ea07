"""What near means for a page and five clinical values: their features side by side [n, 512 + 5].

Euclid's distance adds squares, so a modality weighs as much as its columns vary in sum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.preprocessing import StandardScaler

Floats = NDArray[np.float64]


def published_mix(page: ArrayLike, clinical: ArrayLike) -> Floats:
    """Return page features [n, 512] as they come beside z-scored clinical values [n, 5].

    As the thesis published it. What either weighs is left to chance: clinical values vary by 5 in
    sum, the page by whatever its network happens to put out.
    """
    return _beside(np.asarray(page, float), np.asarray(clinical, float))


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


@dataclass(frozen=True)
class BalancedMix:
    """Page and clinical values with equal total variance in training, so with equal say."""

    page: Weighed
    clinical: Weighed

    def __call__(self, page: ArrayLike, clinical: ArrayLike) -> Floats:
        """Return both modalities side by side, on the scales of the training rows."""
        return _beside(self.page(page), self.clinical(clinical))


def balanced_mix(page: ArrayLike, clinical: ArrayLike) -> BalancedMix:
    """Return the mix as it should be, fitted on training rows only: call it on those of any split.

    balanced_mix(page[train], clinical[train])(page, clinical) -> [n, 512 + 5]
    """
    return BalancedMix(Weighed.fit(page), Weighed.fit(clinical))


def _beside(page: Floats, clinical: Floats) -> Floats:
    if len(page) != len(clinical):
        raise ValueError(
            f"{len(page)} pages and {len(clinical)} rows of clinical values; "
            "give one of each per patient, in the same order"
        )
    return np.hstack([page, clinical])
