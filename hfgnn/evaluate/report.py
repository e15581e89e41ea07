"""What the thesis shows of a classifier: its report, its confusion matrix, its curves.

labels [n] are True for sick, calls [n] True where a person was called so, chances [n] are P(sick).
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    average_precision_score,
    classification_report,
    confusion_matrix,
    precision_recall_curve,
    roc_curve,
)

NAMES = ("normal", "sick")
Floats = NDArray[np.float64]


def report(labels: ArrayLike, calls: ArrayLike) -> pd.DataFrame:
    """Return precision, recall, F1 and n of each class, and their means: rows as scikit-learn's."""
    sick, said = np.asarray(labels, dtype=bool), np.asarray(calls, dtype=bool)
    found = classification_report(
        sick, said, labels=[False, True], target_names=NAMES, output_dict=True, zero_division=0
    )
    accuracy = dict.fromkeys(["precision", "recall", "f1-score"], found.pop("accuracy"))
    return pd.DataFrame(found | {"accuracy": accuracy | {"support": len(sick)}}).T


def confusion(labels: ArrayLike, calls: ArrayLike) -> pd.DataFrame:
    """Return how many of each class (rows) were called what (columns)."""
    sick, said = np.asarray(labels, dtype=bool), np.asarray(calls, dtype=bool)
    counts = confusion_matrix(sick, said, labels=[False, True])
    rows = pd.Index(NAMES, name="is")
    return pd.DataFrame(counts, index=rows, columns=pd.Index(NAMES, name="called"))


def roc(labels: ArrayLike, chances: ArrayLike) -> pd.DataFrame:
    """Return the corners of the ROC curve: threshold, share of normal and of sick called sick."""
    false, true, cut = roc_curve(np.asarray(labels, dtype=bool), np.asarray(chances))
    return pd.DataFrame({"threshold": cut, "false positive": false, "true positive": true})


def precision_recall(labels: ArrayLike, chances: ArrayLike) -> pd.DataFrame:
    """Return the points of the precision-recall curve, thresholds rising; the last calls nobody."""
    precision, recall, cut = precision_recall_curve(
        np.asarray(labels, dtype=bool), np.asarray(chances), drop_intermediate=True
    )
    return pd.DataFrame(
        {"threshold": np.append(cut, np.inf), "recall": recall, "precision": precision}
    )


def bands(
    labels: ArrayLike,
    chances: ArrayLike,
    *,
    at: ArrayLike,
    rng: np.random.Generator,
    repeats: int = 500,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """Return around ROC and precision-recall curve the pointwise bands: low and high, [2, len(at)].

    `at` are shares of the normal called sick for the one, recalls for the other. People are drawn
    anew within each class, so that the share of the sick, which moves precision, is taken as given;
    the ends are percentiles. A band holds the true height at one place at its level, a whole curve
    less often; and less often where a curve is near one, as errors that nobody makes are not drawn.
    """
    sick, chance = np.asarray(labels, dtype=bool), np.asarray(chances, dtype=float)
    grid = np.asarray(at, dtype=float)
    order = np.argsort(-chance)
    last = np.append(np.flatnonzero(np.diff(chance[order])), len(chance) - 1)  # of equal chances
    true, false = np.zeros((2, repeats, len(last) + 1))  # how many are called, the first time none
    for called, who in ((true, sick[order]), (false, ~sick[order])):
        drawn, size = np.zeros((repeats, len(who))), int(who.sum())
        drawn[:, who] = rng.multinomial(size, np.full(size, 1 / size), size=repeats)
        called[:, 1:] = drawn.cumsum(axis=1)[:, last]
    precision = np.divide(true, true + false, out=np.ones_like(true), where=true + false > 0)
    recall, alarm = true / true[:, -1:], false / false[:, -1:]
    curves, ends = ((alarm, recall), (recall, precision)), [(1 - level) / 2, (1 + level) / 2]
    low_high = [
        np.quantile([np.interp(grid, *draw) for draw in zip(x, y, strict=True)], ends, axis=0)
        for x, y in curves
    ]
    return low_high[0], low_high[1]


def average_precision(labels: ArrayLike, chances: ArrayLike) -> float:
    """Return the area under the precision-recall curve, in steps: chance alone gives P(sick)."""
    return float(average_precision_score(np.asarray(labels, dtype=bool), np.asarray(chances)))
