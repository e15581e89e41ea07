"""Neighbours: the dense float64 formula is the oracle, ties and copies and far away included."""

from unittest.mock import patch

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from hfgnn.graph import knn
from hfgnn.graph.knn import neighbours


def dense(x: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
    """By distance, then by number: what the fast search has to say, too."""
    there = x if among is None else among
    far = np.stack([((there - row) ** 2).sum(axis=1) for row in x.astype(float)])
    own = np.eye(len(x), dtype=bool) if among is None else np.zeros(far.shape, dtype=bool)
    far[own] = np.inf
    return np.lexsort((np.broadcast_to(np.arange(len(there)), far.shape), far))[:, :k]


def searched(x, k=5, *, among=None):
    """Ask even the smallest tables of the search."""
    with patch.object(knn, "FEW", 0):
        return neighbours(x, k, among=among)


@pytest.mark.parametrize("ask", [neighbours, searched])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@settings(deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(2, 40), levels=st.integers(1, 5), data=st.data())
def test_ties_and_copies_are_ordered_by_number(ask, dtype, seed, n, levels, data):
    x = np.random.default_rng(seed).integers(0, levels, (n, 3)).astype(dtype)  # sums are exact
    k = data.draw(st.integers(1, n - 1))
    near = ask(x, k)
    assert near.shape == (n, k)
    assert near.dtype == np.int64
    assert not (near == np.arange(n)[:, None]).any()
    assert np.array_equal(near, dense(x, k))


@pytest.mark.parametrize("ask", [neighbours, searched])
@settings(deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(1, 40), m=st.integers(0, 9), data=st.data())
def test_others_are_found_among_those_given(ask, seed, n, m, data):
    rng = np.random.default_rng(seed)
    known, new = rng.integers(0, 4, (n, 2)), rng.integers(0, 4, (m, 2))
    k = data.draw(st.integers(1, n))
    near = ask(new, k, among=known)
    assert near.shape == (m, k)
    assert m == 0 or np.array_equal(near, dense(new, k, known))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shift", [0, 1e4])
def test_the_search_is_the_dense_formula(dtype, shift):
    rng = np.random.default_rng(1)
    x = (shift + rng.standard_normal((1200, 40))).astype(dtype)
    assert np.array_equal(neighbours(x), dense(x, 5))
    assert np.array_equal(neighbours(x[:300], 7, among=x[200:]), dense(x[:300], 7, x[200:]))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), power=st.integers(-12, 12))
def test_no_scale_and_no_mean_loses_anyone(seed, power):
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal(4) * 100 + rng.standard_normal((60, 4))) * 10.0**power
    assert np.array_equal(searched(x, 3), dense(x, 3))


@pytest.mark.parametrize("size", [1e-9, 1, 1e9])
def test_groups_far_from_their_mean_are_told_apart(size):
    """Rounding in float32 is 10,000 times what tells these people apart: faiss alone fails."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((400, 6)) * 1e-3 + np.repeat([[-1000.0], [1000.0]], 200, axis=0)
    x *= size
    assert np.array_equal(searched(x), dense(x, 5))
    alone = faiss.knn(x.astype(np.float32), x.astype(np.float32), 6)[1]
    assert (np.sort(alone[:, 1:]) == np.sort(dense(x, 5))).mean() < 0.9


@pytest.mark.parametrize("size", [1e-3, 1e3])
@pytest.mark.parametrize("spread", np.geomspace(5e-4, 8e-4, 6))
def test_on_the_brink_of_what_float32_can_tell_nobody_is_missed(size, spread):
    rng = np.random.default_rng(8)
    x = rng.standard_normal((1100, 30)) * spread + np.eye(30)[0] * rng.choice([-1, 1], (1100, 1))
    assert np.array_equal(searched(x * size), dense(x * size, 5))


def test_one_person_far_away_blinds_nobody():
    x = np.random.default_rng(3).standard_normal((500, 6))
    x[7] = 1e12
    assert np.array_equal(searched(x), dense(x, 5))


def test_a_thousand_copies_cost_no_more_than_one():
    rng = np.random.default_rng(4)
    x = np.vstack([np.zeros((1000, 8)), rng.standard_normal((300, 8)), -np.zeros((100, 8))])
    with patch.object(knn.Search, "of", wraps=knn.Search.of) as search:
        near = neighbours(x)
    assert [len(rows) for rows in search.call_args.args] == [301, 301]
    assert np.array_equal(near, dense(x, 5))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_patients_in_another_order_have_the_same_neighbours(seed):
    rng = np.random.default_rng(seed)
    x, order = rng.standard_normal((200, 9)), rng.permutation(200)
    assert np.array_equal(order[neighbours(x[order])], neighbours(x)[order])


def test_scikit_learn_finds_the_same():
    rng = np.random.default_rng(6)
    x, new = rng.standard_normal((600, 40)), rng.standard_normal((90, 40))
    model = NearestNeighbors(n_neighbors=5, algorithm="kd_tree").fit(x)
    assert np.array_equal(neighbours(x), model.kneighbors(return_distance=False))
    assert np.array_equal(neighbours(new, among=x), model.kneighbors(new, return_distance=False))


@pytest.mark.parametrize("ask", [neighbours, searched])
@pytest.mark.parametrize(("k", "n"), [(0, 4), (4, 4), (-1, 4), (1, 1)])
def test_more_neighbours_than_others_are_refused(ask, k, n):
    with pytest.raises(ValueError, match=f"k={k} neighbours of {n - 1} other patients; choose k"):
        ask(np.eye(n), k)
    with pytest.raises(ValueError, match="k=5 neighbours of 4 other patients"):
        ask(np.eye(4), 5, among=np.eye(4))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e38])
def test_what_is_not_a_number_is_refused(wrong):
    x = np.eye(4)
    x[2, 1] = wrong
    with pytest.raises(ValueError, match="1 rows of x, the first is row 2, hold what is not"):
        neighbours(x, 2)
    with pytest.raises(ValueError, match="1 rows of among, the first is row 2"):
        neighbours(np.eye(4), 2, among=x)


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="x has 3 columns, among has 4"):
        neighbours(np.eye(3), 1, among=np.eye(4))
    for shape in ((3,), (3, 0), (3, 2, 2)):
        with pytest.raises(ValueError, match="give one row of features per patient"):
            neighbours(np.zeros(shape), 1)
