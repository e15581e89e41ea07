"""Probes: encoders stay as they are, and logistic regression weighs what they say.

A rare disease is made to count once, or, as published, twice: in a balanced file and by weights
that the whole file asks for. How much a probe's weights are held back is chosen by those who teach.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from hfgnn.seeding import rng
from hfgnn.train.steps import Rows

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
FOLDS = 4


@dataclass(frozen=True)
class Balance:
    """How a rare disease is made to count."""

    weights: bool = False  # its people weigh as much more as they are fewer
    sampled: bool = False  # of the others only as many teach
    moved: bool = False  # who is called ill: with more than the disease's share as chance


NEVER, PUBLISHED = Balance(), Balance(weights=True, sampled=True)
ONCE = Balance(weights=True)


@dataclass(frozen=True)
class ProbeParams:
    """How a disease counts, and how far weights may be held back."""

    seed: int
    balance: Balance = PUBLISHED
    penalties: tuple[float, ...] = PENALTIES  # 1 / C for each person who teaches


def few(labels: Labels, positives: int | None, stream: np.random.Generator) -> Rows:
    """Return who teaches: so many who are ill, by chance, and their share of the others; or all."""
    ill, well = (stream.permutation(np.flatnonzero(part)) for part in (labels, ~labels))
    positives = len(ill) if positives is None else min(positives, len(ill))
    if positives < 2:
        raise ValueError(f"{positives} ill cannot teach and choose; take two at least")
    others = round(positives / len(ill) * len(well))
    return np.sort(np.concatenate([ill[:positives], well[:others]]))


def probe(
    params: ProbeParams, seen: Floats, labels: Labels, teach: Rows, asked: Floats
) -> tuple[Floats, Floats]:
    """Return log odds of those asked [n], as they come and as who is called ill needs them.

    `seen` are the features of everybody who could teach, without labels; `teach` those with.
    """
    mean, spread = seen.mean(axis=0), np.maximum(seen.std(axis=0), 1e-9)
    rows, weights = counted(params.balance, params.seed, labels, teach)
    z, ill = (seen[rows] - mean) / spread, labels[rows]
    penalty = _chosen(params, z, ill, weights)
    model = _fitted(penalty, z, ill, weights)
    told = np.asarray(model.decision_function((asked - mean) / spread))
    return told, told - limit(params.balance, ill)


def _fitted(penalty: float, z: Floats, ill: Labels, weights: Floats) -> LogisticRegression:
    model = LogisticRegression(C=1 / (penalty * len(z)), max_iter=2_000, tol=1e-6)
    return model.fit(z, ill, sample_weight=weights)


def _chosen(params: ProbeParams, z: Floats, ill: Labels, weights: Floats) -> float:
    """Return the penalty under which those left out are likeliest."""
    if len(params.penalties) == 1:
        return params.penalties[0]
    folds = StratifiedKFold(min(FOLDS, int(ill.sum())), shuffle=True, random_state=params.seed)
    lost = dict.fromkeys(params.penalties, 0.0)
    for penalty in lost:
        for known, out in folds.split(z, ill):
            told = _fitted(penalty, z[known], ill[known], weights[known]).decision_function(z[out])
            sign = np.where(ill[out], -1, 1)
            lost[penalty] += float(weights[out] @ np.logaddexp(0, sign * told))
    return min(lost, key=lost.__getitem__)


def counted(balance: Balance, seed: int, labels: Labels, teach: Rows) -> tuple[Rows, Floats]:
    """Return who teaches in the end, and how much each weighs: 1 on average, however many."""
    ill, rows = labels[teach], teach
    share = ill.mean()
    if balance.sampled:
        stream = rng(seed, "sampled")
        well = stream.permutation(teach[~ill])[: ill.sum()]
        rows = np.sort(np.concatenate([teach[ill], well]))
    if not balance.weights:
        return rows, np.ones(len(rows))
    weights = np.where(labels[rows], 1 / share, 1 / (1 - share))  # as the whole file asks for
    return rows, weights / weights.mean()


def limit(balance: Balance, ill: Labels) -> float:
    """Return the log odds above which somebody is called ill."""
    return float(np.log(ill.mean() / (1 - ill.mean()))) if balance.moved else 0.0
