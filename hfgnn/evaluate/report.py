"""What the thesis shows of a classifier: its report, its confusion matrix, its curves.

labels [n] are True for sick, calls [n] True where a person was called so, chances [n] are P(sick).
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import (
    average_precision_score,
    classification_report,
    confusion_matrix,
    precision_recall_curve,
    roc_curve,
)

NAMES = ("normal", "sick")


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


def average_precision(labels: ArrayLike, chances: ArrayLike) -> float:
    """Return the area under the precision-recall curve, in steps: chance alone gives P(sick)."""
    return float(average_precision_score(np.asarray(labels, dtype=bool), np.asarray(chances)))
