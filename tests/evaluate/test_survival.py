"""Harrell's C against lifelines, pairs counted by hand, and its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from hfgnn.evaluate.survival import concordance
from hfgnn.seeding import rng

person = st.tuples(st.integers(0, 6), st.booleans(), st.integers(-3, 3))


def by_pairs(time, event, risk):
    """The definition, pair by pair."""
    before = (time[:, None] < time) | ((time[:, None] == time) & ~event)
    pairs = before & event[:, None]
    np.fill_diagonal(pairs, val=False)
    won = np.sign(risk[:, None] - risk) / 2 + 0.5
    return won[pairs].mean()


@settings(deadline=None, max_examples=200)
@given(st.lists(person, min_size=2, max_size=40))
def test_it_is_lifelines_and_the_definition_whatever_is_tied(people):
    time, event, risk = (np.array(column) for column in zip(*people, strict=True))
    try:
        expected = concordance_index(time, -risk, event)
    except ZeroDivisionError:
        with pytest.raises(ValueError, match="compares no pair"):
            concordance(time, event, risk)
        return
    assert concordance(time, event, risk) == pytest.approx(expected, abs=1e-12)
    assert concordance(time, event, risk) == pytest.approx(by_pairs(time, event, risk), abs=1e-12)


def test_many_people_without_ties_agree_with_lifelines():
    stream = rng(5, "many")
    risk = stream.normal(size=5000)
    time = stream.exponential(np.exp(-risk))
    last = stream.uniform(0, 2, 5000)
    found = concordance(np.minimum(time, last), time <= last, risk)
    expected = concordance_index(np.minimum(time, last), -risk, time <= last)
    assert found == pytest.approx(expected, abs=1e-12)


def test_perfect_reversed_and_constant_risks():
    time, event = np.arange(1.0, 9.0), np.array([1, 0, 1, 1, 0, 0, 1, 0], dtype=bool)
    assert concordance(time, event, -time) == 1
    assert concordance(time, event, time) == 0
    assert concordance(time, event, np.zeros(8)) == 0.5


def test_only_the_order_of_risks_matters():
    stream = rng(6, "order")
    time, event, risk = (
        stream.exponential(size=300),
        stream.random(300) < 0.3,
        stream.normal(size=300),
    )
    assert concordance(time, event, risk) == concordance(time, event, np.exp(3 * risk) - 7)


def test_nobody_ill_compares_no_pair_and_says_so():
    with pytest.raises(ValueError, match="0 events among 3 people"):
        concordance([1, 2, 3], [False] * 3, [1, 2, 3])
