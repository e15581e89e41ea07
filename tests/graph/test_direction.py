"""Who hears whom: three patients, both ways, as PyTorch Geometric itself passes messages."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.nn import SimpleConv

from hfgnn.graph.direction import hears_both, hears_choosers, hears_neighbours
from hfgnn.graph.knn import neighbours

LINE = neighbours(np.array([[0.0], [1.0], [3.0]]), 1)  # 0 and 1 choose each other, 2 chooses 1


def hearing(edges: np.ndarray, nodes: int) -> list[list[int]]:
    """Send every node's name along the edges, in the default flow, and list what arrives."""
    conv = SimpleConv(aggr="sum")
    assert conv.flow == "source_to_target"
    arrived = conv(torch.eye(nodes), torch.from_numpy(edges))
    assert set(arrived.unique().tolist()) <= {0.0, 1.0}  # no edge comes twice
    return [torch.nonzero(row).ravel().tolist() for row in arrived]


@st.composite
def chosen(draw: st.DrawFn) -> np.ndarray:
    n = draw(st.integers(2, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return neighbours(rng.standard_normal((n, 3)), draw(st.integers(1, n - 1)))


def pairs(edges: np.ndarray) -> set[tuple[int, int]]:
    found = set(map(tuple, edges.T.tolist()))
    assert len(found) == edges.shape[1]
    return found


def test_three_patients_on_a_line():
    assert LINE.tolist() == [[1], [0], [1]]
    assert hearing(hears_choosers(LINE), 3) == [[1], [0, 2], []]  # nobody chose 2, so 2 is alone
    assert hearing(hears_neighbours(LINE), 3) == [[1], [0], [1]]
    assert hearing(hears_both(LINE), 3) == [[1], [0, 2], [1]]


@settings(deadline=None)
@given(chosen())
def test_each_hears_exactly_whom_it_should(near):
    n = len(near)
    assert hearing(hears_neighbours(near), n) == [sorted(row) for row in near.tolist()]
    choosers = [[i for i in range(n) if j in near[i]] for j in range(n)]
    assert hearing(hears_choosers(near), n) == choosers
    either = [sorted({*a, *b}) for a, b in zip(near.tolist(), choosers, strict=True)]
    assert hearing(hears_both(near), n) == either


@settings(deadline=None)
@given(chosen())
def test_one_is_the_reverse_of_the_other_and_both_are_their_union(near):
    one, other = hears_choosers(near), hears_neighbours(near)
    assert np.array_equal(one, other[::-1])
    assert pairs(hears_both(near)) == pairs(one) | pairs(other)
    assert np.array_equal(other[0].reshape(near.shape), near)
    for edges in (one, other, hears_both(near)):
        assert edges.dtype == np.int64
        assert edges.flags.c_contiguous


def test_numbers_that_are_no_neighbours_are_refused():
    with pytest.raises(ValueError, match="neighbours from 1 to 2 of 2 patients"):
        hears_neighbours([[1], [2]])
    with pytest.raises(ValueError, match="neighbours from -1 to 1"):
        hears_both([[1], [-1]])
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        hears_choosers(np.array([0, 1]))
    with pytest.raises(ValueError, match="type float64"):
        hears_choosers([[1.0], [0.0]])
