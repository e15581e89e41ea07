"""A rare disease: scores whose threshold matters, and intervals over people drawn anew.

Scores [n] are log odds up to what training did to them; whoever has more than 0 is called ill.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]


def balanced_accuracy(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the mean of sensitivity and specificity of who is called ill."""
    sick, called = np.asarray(labels, bool), np.asarray(scores) > 0
    return float((called[sick].mean() + (~called[~sick]).mean()) / 2)


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the mean, over the ill, of who is ill among those who score as much or more."""
    sick, score = np.asarray(labels, bool), np.asarray(scores)
    above = len(score) + 1 - rankdata(score, method="min")
    ill = sick.sum() + 1 - rankdata(score[sick], method="min")
    return float((ill / above[sick]).mean())


def redrawn(
    labels: ArrayLike, scores: Floats, *, rng: np.random.Generator, repeats: int = 1_000
) -> dict[str, Floats]:
    """Return scores [repeats, models] of people drawn anew within each class, the same for all.

    `scores` are [n, models]. AUROC counts pairs, a tie as one half; balanced accuracy counts calls;
    AUPRC is the average precision.
    """
    sick = np.asarray(labels, bool)
    often = np.zeros((repeats, len(sick)))
    for group in (np.flatnonzero(sick), np.flatnonzero(~sick)):
        draws = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), size=repeats)
        often[:, group] = draws / len(group)
    called = scores > 0
    right = often[:, sick] @ called[sick] + often[:, ~sick] @ ~called[~sick]
    found = {"AUROC": _aurocs(sick, scores, often), "AUPRC": _precisions(sick, scores, often)}
    return found | {"balanced accuracy": right / 2}


def _aurocs(sick: NDArray[np.bool_], scores: Floats, often: Floats) -> Floats:
    """Return AUROC [repeats, models]: over the ill the weight of the well below, ties half."""
    found = np.empty((len(often), scores.shape[1]))
    for model, score in enumerate(scores.T):
        order = np.argsort(score[~sick], kind="stable")
        below = np.cumsum(np.pad(often[:, ~sick][:, order], ((0, 0), (1, 0))), axis=1)
        ends = [
            np.searchsorted(score[~sick][order], score[sick], side=side)
            for side in ("left", "right")
        ]
        won = (below[:, ends[0]] + below[:, ends[1]]) / 2
        found[:, model] = (won * often[:, sick]).sum(axis=1)
    return found


def _precisions(sick: NDArray[np.bool_], scores: Floats, often: Floats) -> Floats:
    """Return average precisions [repeats, models]; `often` is a share of each class."""
    people = often * np.where(sick, sick.sum(), (~sick).sum())
    found = np.empty((len(often), scores.shape[1]))
    for model, score in enumerate(scores.T):
        order = np.argsort(-score, kind="stable")
        above = np.searchsorted(-score[order], -score[sick], side="right") - 1
        everybody, ill = (
            np.cumsum(part[:, order], axis=1)[:, above] for part in (people, people * sick)
        )
        precision = np.divide(ill, everybody, out=np.zeros_like(ill), where=everybody > 0)
        found[:, model] = (precision * often[:, sick]).sum(axis=1)
    return found
