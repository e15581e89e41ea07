"""Many models beside each other on the same people: scores, differences, and what of them is luck.

Scores are [models, studies, n]: each model has learned in S studies and was asked about the same n
people. A draw takes the n people anew, with repetition, the same for all models and studies, and S
of the studies anew, the same for all models; so a difference of two columns of draws is paired. S
studies are few. The part of a draw that comes of them is made wider by

    sqrt(S / (S - 1)) t_{S-1} / z ,  t and z the 0.975 quantiles of Student and Gauss,

for S deviations from their own mean are too small, and a spread that is known of S of them only is
no certain one. With one study there is no such part: what is said is of that study.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, t

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.survival import concordance

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]
LEVEL = 0.95
REACH = float(norm.ppf((1 + LEVEL) / 2))


class Told(NamedTuple):
    """A number, its interval, and how likely one as far from zero is by luck."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Labels:
    """Who is ill: a model is scored by its AUROC."""

    ill: Bools

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.ill)

    def exact(self, score: Floats) -> float:
        """Return the AUROC of these very people."""
        return auroc(self.ill, score)

    def compares(self, often: NDArray[np.int64]) -> Bools:
        """Tell which draws [repeats, n] have somebody ill and somebody well."""
        return np.asarray((often @ self.ill > 0) & (often @ ~self.ill > 0))

    def prepared(self, often: Singles) -> Callable[[Floats], Floats]:
        """Return what gives a score's AUROC in each draw, people `often` [n, draws] in it."""
        ill, well = often * self.ill[:, None], often * ~self.ill[:, None]
        pairs = ill.sum(0, dtype=float) * well.sum(0, dtype=float)

        def drawn(score: Floats) -> Floats:
            order = np.argsort(score, kind="stable")
            rows = np.flatnonzero(self.ill[order])
            lower = np.zeros((len(order) + 1, often.shape[1]), np.float32)
            np.cumsum(well[order], axis=0, out=lower[1:])  # whole numbers: exact below 2^24
            first, last = (np.searchsorted(score[order], score[order][rows], side=side)
                           for side in ("left", "right"))  # fmt: skip
            beaten = lower[first] + lower[last]
            won = np.einsum("ir,ir->r", ill[order[rows]], beaten, dtype=float)
            return np.asarray(won / (2 * pairs))

        return drawn


@dataclass(frozen=True)
class Times:
    """Who fell ill when, or was lost: a model is scored by Harrell's C."""

    months: Floats
    event: Bools

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.event)

    def exact(self, score: Floats) -> float:
        """Return the C of these very people."""
        return concordance(self.months, self.event, score)

    def compares(self, often: NDArray[np.int64]) -> Bools:
        """Tell which draws have an event during which somebody else is still followed."""
        first = np.where((often > 0) & self.event, self.months, np.inf).min(axis=1)
        last = np.where(often > 0, self.months, -np.inf).max(axis=1)
        return np.asarray(first < last)

    def prepared(self, often: Singles) -> Callable[[Floats], Floats]:
        """Return what gives a score's C in each draw."""
        at, ill = self.months[self.event][:, None], self.event
        after = (at < self.months) | ((at == self.months) & ~ill)
        everybody = np.ascontiguousarray(often.T)
        sick = np.ascontiguousarray(everybody[:, ill])
        pairs = np.einsum("rj,rj->r", sick @ after.astype(np.float32), everybody, dtype=float)

        def drawn(score: Floats) -> Floats:
            one, other = score[ill][:, None], score
            won = after * ((one > other) + np.float32(0.5) * (one == other))
            return np.asarray(np.einsum("rj,rj->r", sick @ won, everybody, dtype=float) / pairs)

        return drawn


Truth = Labels | Times


def draws(truth: Truth, scores: ArrayLike, *, rng: np.random.Generator, repeats: int) -> Floats:
    """Return [1 + repeats, models]: scores, means over studies, then those of each draw."""
    told = np.asarray(scores, dtype=float)
    if told.ndim != 3 or told.shape[2] != len(truth):
        raise ValueError(
            f"scores of shape {told.shape} for {len(truth)} people; give [models, studies, people]"
        )
    models, studies, _ = told.shape
    of_draws = truth.prepared(_drawn(truth, rng, repeats))
    found = np.empty((1 + repeats, models, studies))
    for model, study in np.ndindex(models, studies):
        found[0, model, study] = truth.exact(told[model, study])
        found[1:, model, study] = of_draws(told[model, study])
    means = found.mean(axis=2)
    if studies > 1:
        drawn = rng.multinomial(studies, np.full(studies, 1 / studies), size=repeats) / studies
        other = np.einsum("rms,rs->rm", found[1:], drawn)
        means[1:] += wider(studies) * (other - means[1:])
    return np.asarray(means)


def _drawn(truth: Truth, rng: np.random.Generator, repeats: int) -> Singles:
    """Return how often each person is in each draw [n, repeats]; a draw of no pair is made anew."""
    n = len(truth)
    if not truth.compares(np.ones((1, n), dtype=np.int64)).all():
        raise ValueError(f"among {n} people nobody who is ill meets somebody who is not; ask more")
    often = rng.multinomial(n, np.full(n, 1 / n), size=repeats)
    while (empty := ~truth.compares(often)).any():
        often[empty] = rng.multinomial(n, np.full(n, 1 / n), size=int(empty.sum()))
    return np.ascontiguousarray(often.T, dtype=np.float32)


def wider(studies: int) -> float:
    """Return by how much deviations of so few studies from their mean are to be stretched."""
    return float((studies / (studies - 1)) ** 0.5 * t.ppf((1 + LEVEL) / 2, studies - 1) / REACH)


def interval(draws_: Floats, model: int) -> Told:
    """Return a model's score; its p is of a score of one half."""
    return _told(draws_[:, model], zero=0.5)


def difference(draws_: Floats, model: int, other: int) -> Told:
    """Return how much better a model is than another, drawn in pairs."""
    return _told(draws_[:, model] - draws_[:, other])


def share(draws_: Floats, model: int, best: int, *, chance: float = 0.5) -> Told:
    """Return how much of the way from chance to the best a model goes; p is of no way."""
    ways = draws_ - chance
    return _told(ways[:, model] / ways[:, best])


def _told(values: Floats, *, zero: float = 0.0) -> Told:
    """Return the first value, its normal interval by the spread of the others, and two-sided p."""
    value, spread = float(values[0]), float(values[1:].std(ddof=1))
    if spread == 0.0:
        return Told(value, value, value, float(value == zero))
    reach = REACH * spread
    p = 2 * float(norm.sf(abs(value - zero) / spread))
    return Told(value, value - reach, value + reach, p)
