"""The best that anybody could score, from the chances themselves: no label is drawn, none is noise.

People i = 1..n with chances p_i of the label and a score s_i each; the hidden heart's own score is
p_i. With W(a, b; s) = sum over i != j of a_i b_j ([s_i > s_j] + [s_i = s_j] / 2):

AUROC = W(p, 1 - p; s) over all pairs' weight, and Harrell's C = the integral of
W(f(t), S(t); s) G(t)^2 dt over all pairs' weight, where f_i(t) is the density of i's event,
S_j(t) the chance that j is still well then, and G(t) that a person is still followed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray

from hfgnn.world.survival import HAZARD, Study

Floats = NDArray[np.float64]
Statistic = Callable[..., float]  # of the truth [n] and a score [n]


@dataclass(frozen=True)
class Estimate:
    """A ceiling over a sample of people, with its Monte Carlo standard error."""

    value: float
    error: float


def estimate(statistic: Statistic, *arrays: ArrayLike, batches: int = 20) -> Estimate:
    """Return the statistic of all people; the spread over batches of people gives its error."""
    whole = [np.asarray(array) for array in arrays]
    parts = zip(*(np.array_split(array, batches) for array in whole), strict=True)
    values = [statistic(*part) for part in parts]
    error = np.std(values, ddof=1) / np.sqrt(batches)
    return Estimate(float(statistic(*whole)), float(error))


class Order:
    """People in the order of a score [n], so that many sums over pairs need one sort."""

    def __init__(self, score: ArrayLike) -> None:
        ranked = np.asarray(score, dtype=float)
        self.walk = np.argsort(ranked, kind="stable")
        ascending = ranked[self.walk]
        self.low = np.searchsorted(ascending, ascending, side="left")
        self.high = np.searchsorted(ascending, ascending, side="right")

    def wins(self, a: Floats, b: Floats) -> float:
        """Return W(a, b; score): the weight of pairs in which a's person scores above b's."""
        first, second = a[self.walk], b[self.walk]
        total = np.concatenate([[0.0], np.cumsum(second)])
        return float(first @ ((total[self.low] + total[self.high]) / 2) - first @ second / 2)


def auroc(p: ArrayLike, score: ArrayLike) -> float:
    """Return the AUROC that a score [n] has for labels drawn with chances p [n]."""
    sick = np.asarray(p, dtype=float)
    pairs = sick.sum() * (1 - sick).sum() - sick @ (1 - sick)
    return Order(score).wins(sick, 1 - sick) / float(pairs)


def accuracy(p: ArrayLike, score: ArrayLike) -> float:
    """Return the share of right answers, E[p_k] at the largest score_k: [n] or [n, classes]."""
    return float(_at(_classes(p), _classes(score)).mean())


def balanced_accuracy(p: ArrayLike, score: ArrayLike) -> float:
    """Return the mean of the classes' recalls where the largest score_k / E[p_k] is called."""
    chances = _classes(p)
    shares = chances.mean(axis=0)
    return float(_at(chances / shares, _classes(score) / shares).mean() / len(shares))


def _classes(p: ArrayLike) -> Floats:
    chances = np.asarray(p, dtype=float)
    return chances if chances.ndim == 2 else np.stack([1 - chances, chances], axis=1)


def _at(chances: Floats, scores: Floats) -> Floats:
    return np.asarray(chances[np.arange(len(scores)), scores.argmax(axis=1)])


def concordance(eta: ArrayLike, score: ArrayLike, *, study: Study, nodes: int = 8) -> float:
    """Return Harrell's C of a score [n] where eta [n] is the truth: the limit over many outcomes.

    Gauss-Legendre in u = t^shape, where the density is h exp(-h u), h = scale exp(eta); a piece
    before anybody is lost to follow-up and one after.
    """
    hazard = HAZARD.scale * np.exp(np.asarray(eta, dtype=float))
    order, points, weights = Order(score), *leggauss(nodes)
    start, won, pairs = 0.0, 0.0, 0.0
    for end in np.array(study.months) ** HAZARD.shape:
        for u, du in zip(start + (points + 1) / 2 * (end - start), weights, strict=True):
            well = np.exp(-hazard * u)
            ill = hazard * well * du * (end - start) * study.followed(u ** (1 / HAZARD.shape)) ** 2
            won += order.wins(ill, well)
            pairs += float(ill.sum() * well.sum() - ill @ well)
        start = end
    return won / pairs
