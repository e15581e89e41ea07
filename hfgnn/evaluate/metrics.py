"""Scores of a yes-or-no prediction: labels [n] are True for sick, scores [n] rise with sickness."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata


def recalls(labels: ArrayLike, called: ArrayLike) -> tuple[float, float]:
    """Return (sensitivity, specificity) of calls [n], True where a person was called sick."""
    sick, said = np.asarray(labels, dtype=bool), np.asarray(called, dtype=bool)
    return float(said[sick].mean()), float((~said[~sick]).mean())


def auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return P(a sick scores above a normal), ties counting one half (Mann and Whitney's U)."""
    sick = np.asarray(labels, dtype=bool)
    positives, negatives = int(sick.sum()), int((~sick).sum())
    if not positives or not negatives:
        raise ValueError(
            f"auroc of {positives} sick and {negatives} normal people: it compares pairs, "
            "so give it at least one of each"
        )
    wins = rankdata(np.asarray(scores))[sick].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * negatives))
