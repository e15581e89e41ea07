"""The picture of a graph: its slope by finite differences, and who stands beside whom."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cdist

from hfgnn.graph.direction import hears_both, hears_choosers, hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.layout import Descent, _joined, layout, slope

CLASSES = np.arange(120) % 3
X = np.random.default_rng(0).standard_normal((120, 20)) + 2 * np.eye(20)[CLASSES]
EDGES = hears_neighbours(neighbours(X))


START = layout(X, EDGES, np.random.default_rng(1), descent=Descent(steps=0))  # by components


def drawn(edges: np.ndarray = EDGES, seed: int = 1) -> np.ndarray:
    return layout(X, edges, np.random.default_rng(seed))


def divergence(at: np.ndarray, share: np.ndarray) -> float:
    """Return KL(P || Q), written out."""
    weight = 1 / (1 + cdist(at, at) ** 2)
    np.fill_diagonal(weight, 0)
    likely, pairs = weight / weight.sum(), share > 0
    return float((share[pairs] * np.log(share[pairs] / likely[pairs])).sum())


def test_the_slope_is_that_of_the_divergence():
    rng = np.random.default_rng(3)
    joined = _joined(hears_neighbours(neighbours(rng.standard_normal((9, 3)), 2)), 9)
    at, share = rng.standard_normal((9, 2)), joined.toarray()
    assert share.sum() == pytest.approx(1)
    assert np.array_equal(share, share.T)
    numeric = approx_fprime(at.ravel(), lambda y: divergence(y.reshape(9, 2), share), 1e-6)
    assert slope(at, joined).ravel() == pytest.approx(numeric, abs=1e-5)


def test_it_goes_down_and_ends_centred_within_a_circle():
    at, share = drawn(), _joined(EDGES, len(X)).toarray()
    assert at.shape == (120, 2)
    assert at.mean(axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert np.linalg.norm(at, axis=1).max() == pytest.approx(1)
    sizes = np.geomspace(0.5, 50, 40)  # each picture at the size that suits it
    best = [min(divergence(y * size, share) for size in sizes) for y in (START, at)]
    assert best[1] < best[0] - 0.5  # nats


def test_edges_decide_who_stands_together_not_features():
    """Two graphs that are not joined, of patients whose features are noise, come apart."""
    rng = np.random.default_rng(4)
    half = np.arange(60) % 2
    near = np.stack([rng.choice(np.flatnonzero(half == side), 5, replace=False) for side in half])
    edges = hears_neighbours(near)
    edges = edges[:, edges[0] != edges[1]]

    def beside(at: np.ndarray) -> float:
        far = cdist(at, at) + np.diag(np.full(60, np.inf))
        return float((half[far.argmin(axis=1)] == half).mean())

    x = rng.standard_normal((60, 20))
    assert beside(layout(x, edges, rng)) == 1
    assert beside(layout(x, edges, rng, descent=Descent(steps=0))) < 0.8


def test_the_same_stream_draws_the_same_picture_whatever_the_direction():
    assert np.array_equal(drawn(), drawn())
    assert not np.array_equal(drawn(), drawn(seed=2))
    assert drawn(hears_choosers(neighbours(X))) == pytest.approx(drawn(), abs=1e-6)


def test_copies_do_not_hide_each_other():
    x = np.vstack([X[:30], X[:30]])
    at = layout(x, hears_both(neighbours(x)), np.random.default_rng(0))
    far = cdist(at, at)
    assert far[np.triu_indices(60, 1)].min() > 1e-4


def test_a_graph_without_edges_is_refused():
    with pytest.raises(ValueError, match="a graph without edges has no layout"):
        layout(X, np.empty((2, 0), int), np.random.default_rng(0))
