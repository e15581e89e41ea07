"""New patients: they hear training patients only, and change nothing for anyone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from hfgnn.graph.attach import attach, chosen, rebuilt
from hfgnn.graph.direction import hears_neighbours
from hfgnn.graph.knn import neighbours


def patients(seed: int, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 6)), rng.standard_normal((m, 6))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(5, 60), m=st.integers(0, 12))
def test_edges_lead_from_training_to_new_patients_only(seed, n, m):
    train, new = patients(seed, n, m)
    edges = attach(train, new)
    assert edges.shape == (2, 5 * m)
    assert edges.dtype == np.int64
    assert (edges[0] < n).all()
    assert np.array_equal(edges[1], n + np.arange(m).repeat(5))
    model = NearestNeighbors(n_neighbors=5).fit(train)
    if m:
        wanted = model.kneighbors(new, return_distance=False)
        assert np.array_equal(edges[0].reshape(m, 5), wanted)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), m=st.integers(1, 12), data=st.data())
def test_who_comes_with_whom_makes_no_difference(seed, m, data):
    """Also where one arrives alone and another among so many that the fast search is used."""
    train, new = patients(seed, 3000, m)
    together = attach(train, new)[0].reshape(m, 5)
    one = data.draw(st.integers(0, m - 1))
    assert np.array_equal(attach(train, new[one : one + 1])[0], together[one])
    twins = attach(train, np.vstack([new, new]))[0].reshape(-1, 5)  # nor do twins hear each other
    assert np.array_equal(twins, np.vstack([together, together]))


def test_the_training_graph_stays_as_it_is_where_the_published_one_is_changed():
    """A new patient between two old friends: in the rebuilt graph, both turn to the new one."""
    train, new = np.array([[0.0], [2.0], [9.0]]), np.array([[0.9]])
    before = set(map(tuple, hears_neighbours(neighbours(train, 1)).T.tolist()))
    assert before == {(1, 0), (0, 1), (1, 2)}
    assert attach(train, new, 1).tolist() == [[0], [3]]
    assert rebuilt(train, new, 1).tolist() == [[0, 1, 2, 3], [3, 3, 1, 0]]


def test_whom_nobody_chooses_hears_nobody_in_the_published_graph():
    train, new = np.array([[0.0], [1.0], [2.0]]), np.array([[7.0]])
    edges = rebuilt(train, new, 1)
    assert 3 in edges[0]  # it speaks
    assert 3 not in edges[1]
    assert attach(train, new, 1).tolist() == [[2], [3]]


def test_the_published_graph_is_scikit_learns_with_rows_as_sources():
    train, new = patients(8, 300, 1)
    matrix = kneighbors_graph(np.vstack([train, new]), 5, mode="connectivity", include_self=False)
    wanted = set(zip(*(end.tolist() for end in matrix.nonzero()), strict=True))
    assert set(map(tuple, rebuilt(train, new).T.tolist())) == wanted


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["apart", "on a grid", "copies"]))
def test_who_is_met_alone_is_chosen_by_those_who_choose_it_in_the_rebuilt_graph(seed, kind):
    """Also where many are equally near, and where the new one is a copy of one who is known."""
    rng = np.random.default_rng(seed)
    train, new = patients(seed, int(rng.integers(6, 90)), 9)
    if kind == "on a grid":
        train, new = train.round(), new.round()
    if kind == "copies":
        train = train[rng.integers(len(train) // 2, size=len(train))]
        new[:5] = train[rng.integers(len(train), size=5)]
    edges = chosen(train, new)
    assert edges.dtype == np.int64
    for i, one in enumerate(new):
        whole = rebuilt(train, one[None])
        wanted = whole[0, whole[1] == len(train)]
        assert sorted(edges[0, edges[1] == len(train) + i]) == sorted(wanted)
