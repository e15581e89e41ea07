"""Shares are those of every order, gone through one by one; they sum to the whole."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.evaluate.shapley import alone, last, shares

GAMES = st.integers(1, 5).flatmap(
    lambda d: st.lists(st.floats(-5, 5), min_size=2**d, max_size=2**d)
)


def in_every_order(values: list[float]) -> list[float]:
    """Walk through all orders of mending and average what each decision changes."""
    d = len(values).bit_length() - 1
    found = [0.0] * d
    for order in permutations(range(d)):
        mended = 0
        for i in order:
            found[i] += values[mended | 1 << i] - values[mended]
            mended |= 1 << i
    return [part / factorial(d) for part in found]


@given(GAMES)
def test_shares_are_means_over_every_order(values):
    np.testing.assert_allclose(shares(values), in_every_order(values), atol=1e-12)


@given(GAMES)
def test_shares_sum_to_the_whole_difference(values):
    assert shares(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_a_decision_that_changes_nothing_has_no_share():
    dice = np.random.default_rng(3)
    rest = dice.normal(size=8)
    values = np.array([rest[number & 0b111] for number in range(16)])
    found = shares(values)
    assert found[3] == 0
    np.testing.assert_allclose(found[:3], shares(rest), atol=1e-12)


def test_where_decisions_do_not_meddle_each_has_its_own():
    worth = np.array([0.5, -0.2, 0.1, 0.0])
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    values = bits @ worth + 7
    for how in (shares, alone, last):
        np.testing.assert_allclose(how(values), worth, atol=1e-12)


def test_two_that_only_help_together_share_alike():
    values = [0, 0, 0, 1]
    assert list(shares(values)) == [0.5, 0.5]
    assert list(alone(values)) == [0, 0]
    assert list(last(values)) == [1, 1]


def test_each_draw_is_shared_out_by_itself():
    values = np.random.default_rng(4).normal(size=(8, 5, 2))
    found = shares(values)
    assert found.shape == (3, 5, 2)
    np.testing.assert_allclose(found[:, 4, 1], shares(values[:, 4, 1]), atol=1e-12)


@pytest.mark.parametrize("many", [0, 1, 3, 6])
def test_sets_that_are_missing_are_refused(many):
    with pytest.raises(ValueError, match=f"{many} values are not of every set"):
        shares(np.zeros(many))
