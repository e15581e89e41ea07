"""Where to draw each patient of a graph: positions y [n, 2] that keep who is joined together.

They are t-SNE's with the graph itself as neighbourhood: P is 1 / (2 E) on each of E edges in either
direction, Q of a pair is w / sum w with w = 1 / (1 + |y_i - y_j|^2), and steps with momentum lower
KL(P || Q) from where the two principal components of x put the patients.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Descent:
    """How positions are moved."""

    steps: int = 300  # then a picture of 930 nodes has settled
    early: int = 100  # of these, steps in which edges pull harder, so that groups form first
    harder: float = 8.0  # t-SNE's usual 12 tears a graph of few edges into crumbs
    momentum: float = 0.8
    spread: float = 0.004  # of the radius, at random: copies, drawn to one point, stay countable


def layout(
    x: ArrayLike, edges: ArrayLike, rng: np.random.Generator, *, descent: Descent | None = None
) -> Floats:
    """Return positions [n, 2] for features x [n, d] and edges [2, E], centred, within radius 1.

    The direction of edges makes no difference. `rng` keeps copies a little apart.
    """
    how = descent or Descent()
    at = _start(np.asarray(x, float), rng)
    joined = _joined(edges, len(at))
    speed = np.zeros_like(at)
    for step in range(how.steps):
        pull = how.harder if step < how.early else 1.0
        speed = how.momentum * speed - len(at) / 12 * slope(at, joined, pull=pull)
        at = at + speed
    at += rng.normal(0, how.spread * np.hypot(*at.T).max(), at.shape)
    at -= at.mean(axis=0)
    return np.asarray(at / np.hypot(*at.T).max())


def slope(at: Floats, joined: csr_array, *, pull: float = 1.0) -> Floats:
    """Return dKL/dy [n, 2] = 4 sum_j (pull p_ij - q_ij) w_ij (y_i - y_j), for P = joined [n, n]."""
    weight = 1 / (1 + cdist(at, at, "sqeuclidean"))
    np.fill_diagonal(weight, 0)
    total = weight.sum()
    drawn = pull * joined.multiply(weight).tocsr()
    weight *= weight
    apart = weight.sum(axis=1)[:, None] * at - weight @ at
    return np.asarray(4 * (drawn.sum(axis=1)[:, None] * at - drawn @ at - apart / total))


def _joined(edges: ArrayLike, nodes: int) -> csr_array:
    speaks, hears = np.asarray(edges)
    if not len(speaks):
        raise ValueError("a graph without edges has no layout; scatter two features instead")
    both = np.r_[speaks, hears], np.r_[hears, speaks]
    share = np.full(len(both[0]), 1 / len(both[0]))
    return coo_array((share, both), shape=(nodes, nodes)).tocsr()


def _start(x: Floats, rng: np.random.Generator) -> Floats:
    at = np.zeros((len(x), 2))
    found = PCA(min(2, *x.shape), svd_solver="full").fit_transform(x)
    at[:, : found.shape[1]] = found / (found[:, 0].std() or 1.0)
    return np.asarray(at + rng.normal(0, 0.01, at.shape))
