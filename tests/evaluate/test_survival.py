"""Harrell's C against lifelines and pairs counted by hand, Uno's against scikit-survival."""

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from hfgnn.evaluate.survival import concordance, gain, made_up, redrawn, uno
from hfgnn.seeding import rng
from hfgnn.train.prognosis import staying

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


@settings(deadline=None, max_examples=60)
@given(st.lists(person, min_size=4, max_size=40), st.integers(0, 5))
@example([(0, False, 0), (0, False, 0), (1, True, 0), (0, True, 0)], 0)  # draws without a pair
def test_a_draw_is_the_concordance_of_the_people_whom_it_drew(people, seed):
    time, event, risk = (np.array(column) for column in zip(*people, strict=True))
    try:
        found = redrawn(time, event, [risk, risk**2], rng=rng(seed, "draws"), repeats=3)
    except ValueError:  # no pair among the people
        return
    stream, came = rng(seed, "draws"), np.zeros((3, len(time)), int)
    for part in (event, ~event):
        if part.any():
            came[:, part] = stream.multinomial(part.sum(), np.full(part.sum(), 1 / part.sum()), 3)
    for row, counts in zip(found, came, strict=True):
        who = np.repeat(np.arange(len(time)), counts)
        try:
            concordance(time[who], event[who], risk[who])
        except ValueError:  # no pair in this draw
            assert np.isnan(row).all()
            continue
        assert row[0] == pytest.approx(by_pairs(time[who], event[who], risk[who]), abs=1e-6)
        assert row[1] == pytest.approx(by_pairs(time[who], event[who], risk[who] ** 2), abs=1e-6)


def study(n, seed, *, noise=1.0):
    """People with a risk, the months until event or loss (whole ones, so with ties)."""
    stream = rng(seed, "study")
    risk = stream.normal(size=n)
    months = stream.exponential(60 * np.exp(-risk))
    last = stream.uniform(10, 80, n)
    seen = risk + noise * stream.normal(size=n)
    return np.ceil(np.minimum(months, last)), months <= last, risk, seen


def test_a_gain_is_certain_where_it_is_and_not_where_it_is_not():
    time, event, best, worse = study(1500, 3)
    twin = worse + 1e-3 * rng(9, "twin").normal(size=len(worse))
    found = gain(time, event, (best, worse), rng=rng(1, "gain"), repeats=300)
    expected = concordance(time, event, best) - concordance(time, event, worse)
    assert found.mean == pytest.approx(expected, abs=1e-12)
    assert found.low < found.mean < found.high
    assert found.certain
    again = gain(time, event, (worse, twin), rng=rng(1, "gain"), repeats=300)
    assert not again.certain
    assert again.high - again.low < (found.high - found.low) / 10  # the draws are the same
    swapped = gain(time, event, (worse, best), rng=rng(1, "gain"), repeats=300)
    assert (swapped.low, swapped.high) == pytest.approx((-found.high, -found.low), abs=1e-12)


def test_the_interval_is_as_wide_as_the_score_strays():
    strays = [
        concordance(time, event, seen) - concordance(time, event, best)
        for time, event, best, seen in (study(300, 100 + s) for s in range(200))
    ]
    time, event, best, seen = study(300, 7)
    found = gain(time, event, (seen, best), rng=rng(2, "gain"), repeats=400)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(np.std(strays), rel=0.3)


@settings(deadline=None, max_examples=100)
@given(st.lists(person, min_size=3, max_size=30), st.sampled_from([3.0, 6.0, 8.0]))
def test_uno_is_scikit_survivals_whatever_is_tied(people, until):
    metrics = pytest.importorskip("sksurv.metrics", reason="no scikit-survival on this Python")
    from sksurv.util import Surv

    time, event, risk = (np.array(column) for column in zip(*people, strict=True))
    train = Surv.from_arrays(np.append(event, False), np.append(time, 9) + 1)  # one stays longest
    test, stay = Surv.from_arrays(event, time + 1), staying(train["time"], train["event"])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = metrics.concordance_index_ipcw(train, test, risk, tau=until)[0]
        except (ValueError, ZeroDivisionError, metrics.NoComparablePairException):
            expected = np.nan
    if np.isnan(expected):
        with pytest.raises(ValueError, match="compares no pair"):
            uno(time + 1, event, risk, stay=stay, until=until)
        return
    found = uno(time + 1, event, risk, stay=stay, until=until)
    assert found == pytest.approx(expected, abs=1e-6)


def test_uno_without_anyone_lost_is_harrells():
    time, _, risk, _ = study(200, 8)
    event = np.ones(200, bool)
    found = uno(time, event, risk, stay=staying(time, event))
    assert found == pytest.approx(concordance(time, event, risk), abs=1e-6)


def test_uno_does_not_hear_when_people_were_lost():
    """Harrell's C drifts with the follow-up; Uno's, cut at the same month, does not."""
    scores = []
    for early in (0.0, 1.0):
        stream = rng(4, "lost")
        risk = stream.normal(size=20_000)
        months = stream.exponential(30 * np.exp(-2 * risk * (1 + (risk > 1))))
        last = 5 + 60 * stream.random(20_000) ** (1 + 3 * early)
        time, event = np.minimum(months, last), months <= last
        kept = slice(0, 4000)
        stay = staying(time, event)
        scores.append(
            (
                uno(time[kept], event[kept], risk[kept], stay=stay, until=40),
                concordance(time[kept], event[kept], risk[kept]),
            )
        )
    (uno_late, harrell_late), (uno_early, harrell_early) = scores
    assert abs(uno_late - uno_early) < 0.5 * abs(harrell_late - harrell_early)


def test_months_that_nobody_reaches_are_refused():
    stay = staying([1.0, 2.0], [True, False])
    with pytest.raises(ValueError, match="nobody is followed beyond 3 months.*fewer months"):
        made_up(stay, [1.0, 3.0])
