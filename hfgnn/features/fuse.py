"""Stage 4, the other half: the page's 512 numbers and five clinical ones, scaled, become 517."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hfgnn.features.resnet import WIDTH

Floats = NDArray[np.float64]

CLINICAL = ("ef", "bnp", "nyha", "sbp", "age")  # the thesis's order of columns
FUSED = WIDTH + len(CLINICAL)  # 517


@dataclass(frozen=True)
class Scaler:
    """z = (x - mean) / scale of each column; fitted on training rows, never on those of a test."""

    mean: Floats  # [d]
    scale: Floats  # [d] standard deviation, over n as scikit-learn has it

    @classmethod
    def fit(cls, x: NDArray[np.floating]) -> "Scaler":
        """Return the scaler of training rows [n, d]."""
        rows = np.asarray(x, np.float64)
        if rows.ndim != 2 or len(rows) < 2:
            raise ValueError(f"x has shape {rows.shape}; a scaler needs [n, d] with n of 2 or more")
        _refuse(rows, ~np.isfinite(rows), "is {}, and a mean needs numbers: fill or drop it")
        mean, scale = rows.mean(axis=0), rows.std(axis=0)
        still = scale <= np.finfo(float).eps * len(rows) * np.abs(mean)
        _refuse(
            rows, still & np.ones_like(rows, bool), "is {} in every row and tells nothing: drop it"
        )
        return cls(mean, scale)

    def __call__(self, x: NDArray[np.floating]) -> Floats:
        """Return rows [n, d] in the units of the training rows."""
        if x.ndim != 2 or x.shape[1] != len(self.mean):
            raise ValueError(
                f"x has shape {x.shape}; this scaler was fitted on {len(self.mean)} columns: give "
                "[n, d] with the same columns in the same order"
            )
        return np.asarray((x - self.mean) / self.scale, np.float64)


def _refuse(rows: Floats, bad: NDArray[np.bool_], rule: str) -> None:
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(f"column {column} (row {row}) {rule.format(rows[row, column])}")


def fuse(page: NDArray[np.floating], clinical: NDArray[np.floating]) -> Floats:
    """Return page [n, 512] and clinical [n, 5] side by side, the page first: [n, 517].

    Both as they are to be weighed: the thesis scales the five (columns CLINICAL) and not the 512.
    """
    n = len(page)
    if page.shape != (n, WIDTH) or clinical.shape != (n, len(CLINICAL)):
        raise ValueError(
            f"page is {page.shape} and clinical {clinical.shape}; for the same n people they have "
            f"to be [n, {WIDTH}] and [n, {len(CLINICAL)}] with the columns {', '.join(CLINICAL)}"
        )
    return np.concatenate([page, clinical], axis=1, dtype=np.float64)
