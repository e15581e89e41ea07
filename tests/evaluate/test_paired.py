"""Paired differences against scipy, and resplits against people who are split again and again."""

import numpy as np
import pytest
from scipy import stats

from hfgnn.evaluate.paired import Difference, over_resplits, over_seeds
from hfgnn.seeding import rng


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("repeats", [2, 10, 37])
def test_over_seeds_is_scipys_paired_t(repeats, level):
    first, second = rng(repeats, "scores").normal(size=(2, repeats)) + [[0.3], [0.0]]
    found = over_seeds(first, second, level=level)
    expected = stats.ttest_rel(first, second).confidence_interval(level)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.mean == pytest.approx(np.mean(first - second))
    assert found.repeats == repeats


def test_what_both_models_share_is_taken_out():
    first, second, luck = rng(1, "scores").normal(size=(3, 20))
    found, shifted = over_seeds(first, second), over_seeds(first + 9 * luck, second + 9 * luck)
    assert (shifted.low, shifted.high) == pytest.approx((found.low, found.high))
    other = over_seeds(second, first)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))


def test_over_resplits_is_nadeaus_and_bengios_variance():
    first, second = rng(2, "scores").normal(size=(2, 15))
    found = over_resplits(first, second, train=800, test=200)
    apart = first - second
    variance = (1 / 15 + 200 / 800) * np.var(apart, ddof=1)
    expected = stats.t.interval(0.95, 14, loc=apart.mean(), scale=variance**0.5)
    assert (found.low, found.high) == pytest.approx(expected)
    naive, large = over_seeds(first, second), over_resplits(first, second, train=10**9, test=1)
    assert (large.low, large.high) == pytest.approx((naive.low, naive.high), abs=1e-6)


def test_resplits_of_the_same_people_cover_the_truth_only_when_corrected():
    """300 studies: 100 people whose true difference is 0, of whom 20 are judged, 15 times over."""
    stream, hits = rng(3, "studies"), np.zeros(2)
    for _ in range(300):
        everyone = stream.normal(size=100)
        apart = [stream.permutation(everyone)[:20].mean() for _ in range(15)]
        zero = np.zeros(15)
        both = over_seeds(apart, zero), over_resplits(apart, zero, train=80, test=20)
        hits += [not found.certain for found in both]
    naive, corrected = hits / 300
    assert naive < 0.8
    assert corrected == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 300) ** 0.5)


def test_a_difference_is_certain_when_its_interval_leaves_out_zero():
    assert Difference(0.2, 0.1, 0.3, 10).certain
    assert Difference(-0.2, -0.3, -0.1, 10).certain
    assert not Difference(0.1, 0.0, 0.2, 10).certain


@pytest.mark.parametrize(
    ("first", "second"), [([1.0], [1.0]), ([1, 2], [1, 2, 3]), ([[1, 2]], [[1, 2]])]
)
def test_scores_that_are_not_pairs_are_refused(first, second):
    with pytest.raises(ValueError, match="both models' scores on the same two or more repeats"):
        over_seeds(first, second)


def test_a_part_without_people_is_refused():
    with pytest.raises(
        ValueError, match="splits of 0 people to train and 5 to test; give the sizes"
    ):
        over_resplits([1, 2], [1, 3], train=0, test=5)
