"""Sets of answers that hold the truth as often as they promise, of people like those calibrated on.

Split-conformal prediction: an answer's strangeness is 1 - its chance. With s_(1) <= ... <= s_(n)
of the true answers of n people, a set holds every answer up to s_(k), k = ceil((n + 1)(1 - alpha)).
It misses a new person's truth with chance alpha at most, whatever the model, if people are
exchangeable. labels [n] are True for sick, chances [n] are P(sick), sets [n, 2] hold normal, sick.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Conformal:
    """How strange an answer may be: (normal, sick)."""

    limits: tuple[float, float]

    def __call__(self, chances: ArrayLike) -> Bools:
        """Return the sets [n, 2]; one may hold both answers, or none: a person like nobody."""
        found: Bools = _strangeness(chances) <= np.array(self.limits)
        return found


def conformal(labels: ArrayLike, chances: ArrayLike, *, alpha: float = 0.1) -> Conformal:
    """Return limits that cover 1 - alpha of all people, if more of one class than of the other."""
    strange, sick = _strangeness(chances), np.asarray(labels, dtype=bool)
    limit = _limit(np.where(sick, strange[:, 1], strange[:, 0]), alpha)
    return Conformal((limit, limit))


def conformal_by_class(labels: ArrayLike, chances: ArrayLike, *, alpha: float = 0.1) -> Conformal:
    """Return limits that cover 1 - alpha of the normal and of the sick (Vovk's Mondrian sets).

    It stays true where the share of sick people changes.
    """
    strange, sick = _strangeness(chances), np.asarray(labels, dtype=bool)
    return Conformal((_limit(strange[~sick, 0], alpha), _limit(strange[sick, 1], alpha)))


def coverage(labels: ArrayLike, sets: ArrayLike) -> pd.DataFrame:
    """Return of all, normal and sick people: share covered, mean size, shares none, both, n."""
    sick, held = np.asarray(labels, dtype=bool), np.asarray(sets, dtype=bool)
    size, true = held.sum(axis=1), np.where(sick, held[:, 1], held[:, 0])
    each = pd.DataFrame({"covered": true, "size": size, "none": size == 0, "both": size == 2})
    groups = {"all": np.ones_like(sick), "normal": ~sick, "sick": sick}
    return pd.DataFrame({name: each[who].mean() for name, who in groups.items()}).T.assign(
        n=[int(who.sum()) for who in groups.values()]
    )


def _strangeness(chances: ArrayLike) -> Floats:
    said = np.asarray(chances, dtype=float)
    if said.ndim != 1 or not ((said >= 0) & (said <= 1)).all():
        raise ValueError(
            f"chances of shape {said.shape}, or some not from 0 to 1; give each of the n people "
            "one chance of being sick"
        )
    return np.column_stack([said, 1 - said])


def _limit(strange: Floats, alpha: float) -> float:
    """Return the k-th smallest, k = ceil((n + 1)(1 - alpha)); with too few people, everything."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha {alpha} is the share that may be missed; take one between 0 and 1")
    k = math.ceil(round((len(strange) + 1) * (1 - alpha), 9))  # 20 * 0.9 is 18, not 18 + 4e-15
    return float(np.sort(strange)[k - 1]) if k <= len(strange) else 1.0
