"""A world without hearts, whose every law is known: people, their numbers, and whom they hear.

Half of the people are sick, y = 1, and half are not, y = -1. There are two looks at each of them,
of d numbers, with t the regime's `tells`, u = (1, ..., 1) / sqrt(d) and noise from N(0, I):

    x = t y u / 2 + noise,    z = t y u / 2 + other noise.

Models read x; nobody reads z. Of x alone the log odds of being sick are t u.x, and the best AUROC
is Phi(t / sqrt(2)). Everybody hears k others. Ties are drawn or found:

- drawn at homophily h, each by itself: P(i hears j) = h / (n/2 - 1) where y_i = y_j, else
  (1 - h) / (n/2). Given labels they owe nothing to anybody's numbers.
- found: the k nearest in (sqrt(1 - o) x, sqrt(o) z). With o = 0 they are made of what models read
  anyway, and tell nothing new; with o = 1 of the other look alone. Both are as homophilous.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from hfgnn.graph.direction import hears_neighbours
from hfgnn.graph.knn import neighbours

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
SURE = 50.0  # log odds of those whose label is known
ROUNDS = 200  # of messages at most; they settle in ten to forty
SETTLED = 1e-6  # of log odds
FIELDS = (-4 * SURE, 4 * SURE)  # among which the one lies that makes half of the people sick


@dataclass(frozen=True)
class Regime:
    """One place on the map; as it stands, near the thesis's with each person there once."""

    people: int = 1_600
    labelled: float = 0.8  # share whose label is known, of these a quarter to validate
    tells: float = 1.4  # d' of a person's own numbers: AUROC 0.839 alone
    k: int = 5
    homophily: float | None = None  # of drawn ties; None: ties are found
    other: float = 0.0  # share of the other look in the distance by which ties are found
    wide: int = 16  # numbers in a look; chosen: ties found in it are as homophilous as the thesis's

    def __post_init__(self) -> None:
        if self.people % 2 or self.people < 2 * (self.k + 1):
            raise ValueError(
                f"{self.people} people of two labels, with {self.k} to hear; give an even number, "
                f"{2 * (self.k + 1)} or more"
            )
        if self.homophily is not None and not 0 < self.homophily < 1:
            raise ValueError(f"homophily {self.homophily}; ties are drawn with one between 0 and 1")
        if not 0 <= self.other <= 1:
            raise ValueError(f"a share of {self.other} of the other look; give one from 0 to 1")


@dataclass(frozen=True)
class World:
    """People of one regime."""

    regime: Regime
    sick: Bools  # [n]
    x: Floats  # [n, wide], what models read
    z: Floats  # [n, wide], what nobody reads
    edges: Ints  # [2, n k], from who speaks to who hears

    def alone(self) -> Floats:
        """Return the log odds [n] of being sick of everybody by their own numbers: none is better.

        Where the numbers tell nothing, they are zero.
        """
        return self._odds(self.x)

    def heard(self, known: ArrayLike) -> Floats:
        """Return the log odds [n] by all that may be heard, too: the labels of `known` [n], and x.

        Drawn ties: the posterior given everybody's numbers, those labels and all ties, however far,
        as `posterior` finds it.
        Found ties: a bound. They are made of x and z, so nobody who reads them knows more than
        both looks; made of x alone, no more than that.
        """
        if self.regime.homophily is None:
            return self.alone() + (self._odds(self.z) if self.regime.other else 0.0)
        own = np.where(known, np.where(self.sick, SURE, -SURE), self.alone())
        n, h = self.regime.people, self.regime.homophily
        ratio = h * n / ((1 - h) * (n - 2))  # of the chances of a tie within a label and across
        return posterior(own, self.edges, (ratio - 1) / (ratio + 1))

    def _odds(self, look: Floats) -> Floats:
        return np.asarray(self.regime.tells * look.sum(axis=1) / np.sqrt(self.regime.wide))


def world(regime: Regime, stream: np.random.Generator) -> World:
    """Draw people and their ties; one stream gives any two regimes of one size the same noise."""
    n, wide = regime.people, regime.wide
    sick = stream.permutation(np.arange(n) % 2 == 0)
    noise = stream.normal(size=(2, n, wide))
    x, z = noise + np.where(sick, 1, -1)[:, None] * regime.tells / (2 * np.sqrt(wide))
    if regime.homophily is not None:
        return World(regime, sick, x, z, drawn(sick, regime.k, regime.homophily, stream))
    looks = np.hstack([np.sqrt(1 - regime.other) * x, np.sqrt(regime.other) * z])
    return World(regime, sick, x, z, hears_neighbours(neighbours(looks, regime.k)))


def drawn(sick: Bools, k: int, homophily: float, stream: np.random.Generator) -> Ints:
    """Return edges [2, n k]: each tie to one of the own label with that chance, never to oneself.

    Somebody may be heard twice; that is rare, and keeps ties independent of each other.
    """
    n = len(sick)
    groups = np.flatnonzero(~sick), np.flatnonzero(sick)
    place = np.empty(n, dtype=np.int64)
    for group in groups:
        place[group] = np.arange(len(group))
    same, luck = stream.random((2, n, k))
    near = np.empty((n, k), dtype=np.int64)
    for mine, others in (groups, groups[::-1]):
        at = np.floor(luck[mine] * (len(mine) - 1)).astype(np.int64)
        at += at >= place[mine, None]  # everybody of the own label but oneself
        across = np.floor(luck[mine] * len(others)).astype(np.int64)
        near[mine] = np.where(same[mine] < homophily, mine[at], others[across])
    return hears_neighbours(near)


def posterior(own: ArrayLike, edges: ArrayLike, agree: float, *, halves: bool = True) -> Floats:
    """Return log odds [n] by own ones [n] and ties: P(y) ~ prod exp(own y / 2) prod (1 + a y y').

    `agree` is a; products are over people and over ties. Belief propagation: over a tie goes
    m = 2 atanh(a tanh(c / 2)), c the log odds of who sends it but for what came over the same tie.
    It is exact where ties make no circles, and here circles are long. That half of the people are
    sick (`halves`) is one field on everybody, such that half are expected to be.
    """
    alone = np.asarray(own, float)
    speaks, hears = np.asarray(edges, dtype=np.int64)
    start, end = np.r_[speaks, hears], np.r_[hears, speaks]
    told, total = np.zeros(len(start)), alone
    for _ in range(ROUNDS):
        new = 2 * np.arctanh(agree * np.tanh((total[start] - np.roll(told, len(speaks))) / 2))
        moved = float(np.abs(new - told).max(initial=0))
        told, total = new, alone + np.bincount(end, new, minlength=len(alone))
        if halves:
            total = total - brentq(lambda f, odds=total: np.tanh((odds - f) / 2).sum(), *FIELDS)
        if moved < SETTLED:
            break
    return np.asarray(total)
