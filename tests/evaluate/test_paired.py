"""Paired differences against scipy, and resplits against people who are split again and again."""

import numpy as np
import pytest
from scipy import stats

from hfgnn.evaluate.paired import Difference, over_people, over_resplits, over_seeds
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


def drawn(repeats: int, draws: int, *, people: float, between: float) -> np.ndarray:
    """Return scores [2, repeats, 1 + draws] of two models who share most of their luck."""
    stream = rng(7, "drawn", f"{repeats} {people} {between}")
    own = stream.normal(0, between, (2, repeats, 1)) + stream.normal(0, 0.2, (repeats, 1))
    noise = stream.normal(0, people, (2, repeats, 1 + draws))
    noise[..., 0] = 0
    return own + noise + stream.normal(0, 0.2, (repeats, 1 + draws))


def test_over_people_alone_is_scipys_bootstrap_of_repeats():
    """Where drawing people anew changes nothing, what is left is a bootstrap of the repeats."""
    first, second = drawn(12, 4, people=0.0, between=1.0)[..., :1].repeat(5, axis=2)
    found = over_people(first, second, rng=rng(1, "luck"), repeats=20_000)
    apart = (first - second)[:, 0]
    expected = stats.bootstrap(
        (apart,), np.mean, method="percentile", n_resamples=20_000, rng=rng(2, "luck")
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)
    assert found.mean == pytest.approx(apart.mean())
    assert found.repeats == 12


def test_over_people_adds_the_variance_of_people_to_that_of_repeats():
    """Of J repeats: (J - 1) / J s^2 / J between them, v / J of people within, by hand."""
    first, second = drawn(6, 4_000, people=0.5, between=0.3)
    found = over_people(first, second, rng=rng(1, "luck"), repeats=20_000)
    apart = first - second
    within = apart[:, 1:].var(axis=1).mean() / 6
    between = apart[:, 1:].mean(axis=1).var() / 6
    wide = 2 * stats.norm.ppf(0.975) * (within + between) ** 0.5
    assert found.high - found.low == pytest.approx(wide, rel=0.03)
    one = over_people(first[:1], second[:1], rng=rng(1, "luck"), repeats=20_000)
    low, high = np.quantile(apart[0, 1:], [0.025, 0.975])
    assert (one.low, one.high) == pytest.approx((low, high), abs=0.05)


def test_over_people_pairs_repeats_and_draws():
    """What both share is taken out; dealt to other repeats, or other draws, it is not."""
    first, second = drawn(6, 500, people=0.02, between=0.02)
    wide = {}
    for name, other in {
        "paired": second,
        "other repeats": second[[1, 2, 3, 4, 5, 0]],
        "other draws": np.hstack([second[:, :1], second[:, :0:-1]]),
    }.items():
        found = over_people(first, other, rng=rng(1, "luck"))
        wide[name] = found.high - found.low
        assert found.mean == pytest.approx((first - second)[:, 0].mean())
    assert wide["paired"] * 3 < min(wide["other repeats"], wide["other draws"])
    same = over_people(first, first, rng=rng(1, "luck"))
    assert (same.mean, same.low, same.high) == (0, 0, 0)


@pytest.mark.parametrize(("between", "covers"), [(0.0, 0.98), (1.0, 0.94)])
def test_over_people_covers_the_truth_where_people_are_half_of_the_luck_or_more(between, covers):
    """500 studies of five repeats whose true difference is 0."""
    stream, hits = rng(4, "studies"), 0
    for _ in range(500):
        own = stream.normal(0, between, 5) + stream.normal(size=5)
        scores = np.column_stack([own, own[:, None] + stream.normal(size=(5, 50))])
        hits += not over_people(scores, 0 * scores, rng=stream, repeats=400).certain
    assert hits / 500 == pytest.approx(covers, abs=4 * (covers * (1 - covers) / 500) ** 0.5)


@pytest.mark.parametrize("shape", [(5,), (5, 1), (0, 3), (2, 3, 4)])
def test_over_people_without_draws_is_told(shape):
    with pytest.raises(ValueError, match=r"shape \(.*one row a repeat"):
        over_people(np.ones(shape), np.ones(shape), rng=rng(1, "luck"))
