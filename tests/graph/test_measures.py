"""What a graph is like: against PyTorch Geometric, all permutations and loops."""

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.utils import degree
from torch_geometric.utils import homophily as pyg_homophily

from hfgnn.graph.direction import hears_both, hears_choosers, hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.measures import (
    Anatomy,
    anatomy,
    chance_homophily,
    chosen,
    copies,
    degrees,
    heard,
    homophily,
    hubness,
    mixing,
    unheard,
)

STAR = np.array([[3], [3], [3], [0], [3]])  # all choose 3


@st.composite
def graphs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Edges in any of the three directions, and a label in 0, 1, 2 for each node."""
    n = draw(st.integers(2, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    near = neighbours(rng.standard_normal((n, 2)), draw(st.integers(1, min(n - 1, 4))))
    way = draw(st.sampled_from([hears_both, hears_choosers, hears_neighbours]))
    return way(near), rng.integers(0, 3, n)


@settings(deadline=None)
@given(graphs())
def test_homophily_is_that_of_pytorch_geometric(graph):
    edges, labels = graph
    wanted = pyg_homophily(torch.from_numpy(edges), torch.from_numpy(labels), method="edge")
    assert homophily(edges, labels) == pytest.approx(wanted, abs=1e-6)  # theirs is float32
    assert homophily(edges[::-1], labels) == homophily(edges, labels)


@pytest.mark.parametrize("labels", ["aabbb", "abcaa", "aaaaa", "abcde", "aab"])
def test_chance_is_the_mean_over_all_ways_to_deal_the_labels(labels):
    near = neighbours(np.random.default_rng(1).standard_normal((len(labels), 2)), 2)
    dealt = [homophily(hears_neighbours(near), list(order)) for order in permutations(labels)]
    assert chance_homophily(list(labels)) == pytest.approx(np.mean(dealt))


@settings(deadline=None)
@given(graphs())
def test_mixing_counts_who_hears_whom(graph):
    edges, labels = graph
    found, every = mixing(edges, labels), np.unique(labels)
    counts = np.array(
        [[((labels[edges] == [[j], [i]]).all(axis=0)).sum() for j in every] for i in every]
    )
    silent = counts.sum(axis=1) == 0
    assert found.index.tolist() == found.columns.tolist() == every.tolist()
    assert (found.index.name, found.columns.name) == ("hears", "heard")
    assert found.to_numpy()[silent] == pytest.approx(np.nan, nan_ok=True)
    wanted = counts[~silent] / counts[~silent].sum(axis=1, keepdims=True)
    assert found.to_numpy()[~silent] == pytest.approx(wanted)


def test_mixing_keeps_a_class_that_hears_nobody():
    found = mixing([[0, 1], [1, 0]], ["sick", "sick", "normal"])
    assert found.loc["sick"].to_dict() == {"normal": 0, "sick": 1}
    assert found.loc["normal"].isna().all()


@settings(deadline=None)
@given(graphs())
def test_degrees_are_those_of_pytorch_geometric(graph):
    edges, labels = graph
    n, into = len(labels), torch.from_numpy(edges)[1]
    wanted = degree(into, n).long().numpy()
    assert np.array_equal(heard(edges, n), wanted)
    shares = degrees(edges, n)
    assert shares.sum() == n
    assert (shares * shares.index).sum() == edges.shape[1]
    assert shares.to_dict() == {d: int((wanted == d).sum()) for d in range(wanted.max() + 1)}
    assert unheard(edges, n) == sum(node not in edges[1] for node in range(n)) / n


def test_some_hear_nobody_only_where_choosers_are_heard():
    assert unheard(hears_neighbours(STAR), 5) == unheard(hears_both(STAR), 5) == 0
    assert unheard(hears_choosers(STAR), 5) == 3 / 5


def test_hubness_is_the_third_moment_of_how_often_each_is_chosen():
    assert chosen(STAR, 5).tolist() == [1, 0, 0, 4, 0]
    times = np.array([1, 0, 0, 4, 0]) - 1.0
    assert hubness(STAR, 5) == pytest.approx((times**3).mean() / (times**2).mean() ** 1.5)
    assert hubness([[1], [2], [0]], 3) == 0  # a ring
    rng = np.random.default_rng(2)
    flat, tall = (neighbours(rng.standard_normal((2000, d))) for d in (2, 200))
    assert hubness(tall, 2000) > 3 > 1 > hubness(flat, 2000)  # the curse of dimensions


def test_copies_are_counted():
    people = ["ann", "ann", "ben", "ben", "cem"]
    near = neighbours(np.array([[0.0], [0.0], [5.0], [5.1], [9.0]]), 1)
    edges = hears_neighbours(near)
    alike = [people[i] == people[j] for i, row in enumerate(near) for j in row]
    assert copies(edges, people) == np.mean(alike) == 0.8
    assert copies(edges, range(5)) == 0


def test_a_graph_in_a_few_numbers():
    found = anatomy(hears_choosers(STAR), list("aabba"), people=[0, 1, 2, 0, 3])
    assert found == Anatomy(
        nodes=5, edges=5, homophily=0.2, by_chance=0.4, unheard=0.6, most=4, copies=0.4
    )
    assert anatomy(hears_neighbours(STAR), list("aabba")).copies is None


def test_what_is_no_graph_is_refused():
    with pytest.raises(ValueError, match="edges between nodes 0 and 5 of 5"):
        homophily([[0], [5]], range(5))
    with pytest.raises(ValueError, match="edges between nodes -1 and 0 of 5"):
        heard([[0], [-1]], 5)
    with pytest.raises(ValueError, match=r"edges of shape \(5, 1\)"):
        anatomy(STAR, range(5))
    with pytest.raises(ValueError, match="a graph without edges has no share"):
        homophily(np.empty((2, 0), int), range(5))
    with pytest.raises(ValueError, match="1 labels; a pair"):
        chance_homophily([0])
    assert unheard(np.empty((2, 0), int), 4) == 1
