"""The search: what float32 may get wrong is bounded, and the bound is what the proof rests on."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import faiss
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_info

from hfgnn.graph import search as room
from hfgnn.graph.knn import neighbours
from hfgnn.graph.search import Search, _mutual

X = np.random.default_rng(5).standard_normal((1300, 20))


def rows(n: int, columns: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.standard_normal((n, columns)) * rng.lognormal(0, 2, (n, 1))


@pytest.mark.parametrize("columns", [2, 30, 517])
@pytest.mark.parametrize("itself", [True, False])
def test_it_is_never_further_off_than_is_assumed(columns, itself):
    """Thousandths of the bound would not hold, so it is no empty one."""
    n = 1200
    x = rows(n, columns)
    search = Search.of(x, x if itself else x[::-1].copy())
    said, found = search.proposed(np.arange(n), 9)
    true = cdist(x, search.there, "sqeuclidean")
    exact = np.take_along_axis(true, found, axis=1) / search.scale**2
    off = np.abs(said - exact).max(axis=1)
    bound = search.rounding(np.arange(n), found, said[:, -1])
    assert (off <= bound).all()
    assert (off > bound / 1000).any()


@pytest.mark.parametrize("n", [3, 512, 1400])
def test_distances_made_once_for_two_are_those_of_faiss(n):
    x = np.random.default_rng(n).standard_normal((n, 9)).astype(np.float32)
    far, near = _mutual(x, (x**2).sum(axis=1), 3)
    wanted, who = faiss.knn(x, x, 3)
    assert far == pytest.approx(wanted, abs=1e-5 * float((x**2).sum(axis=1).max()))
    assert (near == who).mean() > 0.99  # all but equally near ones


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_is_obeyed_and_left_as_it_was(threads):
    before, blas = faiss.omp_get_max_threads(), threadpool_info()
    try:
        faiss.omp_set_num_threads(threads)
        with patch.object(room, "ThreadPoolExecutor", wraps=ThreadPoolExecutor) as pool:
            found = neighbours(X)
        assert pool.call_args.args == (threads,)
        assert faiss.omp_get_max_threads() == threads
    finally:
        faiss.omp_set_num_threads(before)
    assert threadpool_info() == blas
    assert np.array_equal(found, neighbours(X))


def test_where_candidates_are_not_enough_it_asks_for_more():
    """Ten thousand times nearer to each other than to the mean: float32 proposes nearly anyone."""
    x = np.random.default_rng(2).standard_normal((300, 4)) * 1e-4 + [[1.0, 0, 0, 0]]
    x[::2] *= -1
    widths = []

    def spy(search: Search, left: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
        widths.append((len(left), width))
        return proposed(search, left, width)

    proposed = Search.proposed
    with patch.object(Search, "proposed", spy):
        near = Search.of(x, x).nearest(3)[1]
    assert widths[0] == (300, 3 + room.SPARE)
    assert len(widths) > 1
    assert np.array_equal(near, cdist(x, x, "sqeuclidean").argsort(axis=1)[:, :3])


def test_where_float32_is_enough_nothing_is_measured_again():
    again = []

    def spy(search: Search, row: int, *rest: object) -> tuple[np.ndarray, np.ndarray]:
        again.append(row)
        return ordered(search, row, *rest)

    ordered = Search.ordered
    x = np.random.default_rng(3).standard_normal((900, 30))
    with patch.object(Search, "ordered", spy):
        Search.of(x, x).nearest(6)
    assert 0 < len(again) < 90
