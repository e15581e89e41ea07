"""Conformal sets: what is exact of exchangeable people is checked exactly."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import betabinom, binomtest

from hfgnn.evaluate.conformal import Conformal, conformal, conformal_by_class, coverage
from hfgnn.seeding import rng

ALPHAS = [Fraction(1, 20), Fraction(1, 10), Fraction(1, 5), Fraction(1, 3)]


def people(n: int, *, seed: int, sick: float = 0.3, bold: float = 1.0, lean: float = 0.0):
    """Return labels and chances that need not be calibrated, all different."""
    stream = rng(seed, "people")
    labels = stream.random(n) < sick
    return labels, expit(bold * (stream.normal(size=n) + 2 * labels - 1) + lean)


def by_hand(strange: list[float], alpha: Fraction) -> float:
    """Return the limit as its definition has it, in whole numbers."""
    k = math.ceil((len(strange) + 1) * (1 - alpha))
    return sorted(strange)[k - 1] if k <= len(strange) else 1.0


@given(st.integers(1, 60), st.integers(0, 10**6), st.sampled_from(ALPHAS))
@settings(max_examples=30, deadline=None)
def test_limits_are_the_order_statistics_of_the_definition(n, seed, alpha):
    labels, chances = people(n, seed=seed)
    strange = np.where(labels, 1 - chances, chances)
    found = conformal(labels, chances, alpha=float(alpha)).limits
    assert found == (by_hand(list(strange), alpha),) * 2
    each = conformal_by_class(labels, chances, alpha=float(alpha)).limits
    assert each == tuple(by_hand(list(strange[labels == kind]), alpha) for kind in (False, True))


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("n", [5, 19, 30])
def test_whoever_of_the_people_is_the_new_one_exactly_so_many_are_covered(n, alpha):
    """Of n + 1 people, each left out in turn: k are covered, k / (n + 1) >= 1 - alpha."""
    labels, chances = people(n + 1, seed=n)
    k = math.ceil((n + 1) * (1 - alpha))
    everyone = np.arange(n + 1)
    covered = [
        conformal(labels[everyone != i], chances[everyone != i], alpha=float(alpha))(chances[[i]])[
            0, int(labels[i])
        ]
        for i in everyone
    ]
    assert sum(covered) == k >= (n + 1) * (1 - alpha)


@given(st.integers(0, 10**6), st.sampled_from(ALPHAS))
@settings(max_examples=30, deadline=None)
def test_with_equal_chances_at_least_so_many_are_covered(seed, alpha):
    labels, chances = people(21, seed=seed)
    chances = chances.round(1)
    covered = []
    for i in range(21):
        rest = np.arange(21) != i
        sets = conformal(labels[rest], chances[rest], alpha=float(alpha))(chances[[i]])
        covered.append(sets[0, int(labels[i])])
    assert sum(covered) >= 21 * (1 - alpha)


@pytest.mark.parametrize("make", [conformal, conformal_by_class])
def test_the_promise_is_kept_over_many_repetitions(make):
    """Calibrated on 50, judged on 50 others, 400 times, by a model that is far too bold."""
    labels, chances = people(100 * 400, seed=3, sick=0.5, bold=5.0)
    found = []
    for rows in np.arange(len(labels)).reshape(400, 100):
        sets = make(labels[rows[:50]], chances[rows[:50]], alpha=0.2)(chances[rows[50:]])
        sick = labels[rows[50:]]
        true = sets[np.arange(50), sick.astype(int)]
        found.append([true.mean(), true[~sick].mean(), true[sick].mean()])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / 20
    kept = slice(0, 1) if make is conformal else slice(None)  # of all, of normal, of sick
    assert (mean[kept] >= 0.8 - 4 * error[kept]).all()
    assert (mean[kept] <= 0.8 + 1 / np.array([26, 20, 20])[kept] + 4 * error[kept]).all()


def test_coverage_of_one_calibration_is_spread_as_theory_has_it():
    """Of m new people, as many are covered as a beta-binomial (k, n + 1 - k) says."""
    n, m, k = 40, 30, math.ceil(41 * 0.9)
    labels, chances = people((n + m) * 800, seed=4)
    counts = []
    for rows in np.arange(len(labels)).reshape(800, n + m):
        sets = conformal(labels[rows[:n]], chances[rows[:n]], alpha=0.1)(chances[rows[n:]])
        counts.append(int(sets[np.arange(m), labels[rows[n:]].astype(int)].sum()))
    law = betabinom(m, k, n + 1 - k)
    for cut in (24, 26, 28):
        few = binomtest(sum(count <= cut for count in counts), 800, law.cdf(cut))
        assert few.pvalue > 1e-3
    assert np.mean(counts) == pytest.approx(law.mean(), abs=4 * law.std() / 800**0.5)


def test_by_class_both_classes_are_covered_where_in_all_the_rare_one_is_not():
    known, unseen = (people(n, seed=n, sick=0.05, bold=2.0, lean=-3.0) for n in (4000, 40_000))
    tables = [
        coverage(unseen[0], make(*known, alpha=0.1)(unseen[1]))
        for make in (conformal, conformal_by_class)
    ]
    assert all(table.loc["all", "covered"] == pytest.approx(0.9, abs=0.02) for table in tables)
    assert tables[0].loc["sick", "covered"] < 0.7
    assert tables[1].loc["sick", "covered"] == pytest.approx(0.9, abs=0.06)
    assert tables[1].loc["normal", "covered"] == pytest.approx(0.9, abs=0.02)
    assert tables[1].loc["all", "size"] > tables[0].loc["all", "size"]


def test_the_table_of_coverage_counts():
    sets = [[True, True], [False, False], [True, False], [False, True], [True, False]]
    table = coverage([True, True, True, False, False], sets)
    assert table.loc["all"].to_dict() == {
        "covered": 2 / 5,
        "size": 1.0,
        "none": 1 / 5,
        "both": 1 / 5,
        "n": 5,
    }
    assert table.loc["sick", ["covered", "n"]].tolist() == [1 / 3, 3]
    assert table.loc["normal", ["covered", "n"]].tolist() == [1 / 2, 2]


@given(st.integers(1, 40), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_a_smaller_alpha_never_takes_an_answer_away(n, seed):
    labels, chances = people(n, seed=seed)
    for make in (conformal, conformal_by_class):
        wide, narrow = (make(labels, chances, alpha=alpha)(chances) for alpha in (0.05, 0.3))
        assert (wide | ~narrow).all()


def test_too_few_people_to_promise_anything_get_every_answer():
    assert conformal([True] * 8, [0.9] * 8, alpha=0.1).limits == (1.0, 1.0)
    assert conformal([True] * 9, [0.9] * 9, alpha=0.1).limits == (1 - 0.9, 1 - 0.9)
    assert conformal_by_class([True] * 9, [0.9] * 9, alpha=0.1)([0.0, 1.0])[:, 0].all()
    assert Conformal((0.4, 0.2))([0.3, 0.9, 0.6]).tolist() == [
        [True, False],
        [False, True],
        [False, False],
    ]


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, 90])
def test_a_share_that_is_none_is_refused(alpha):
    with pytest.raises(ValueError, match=f"alpha {alpha} is the share that may be missed; take"):
        conformal([True, False], [0.9, 0.1], alpha=alpha)


@pytest.mark.parametrize("chances", [[0.1, 1.2], [np.nan, 0.1], [[0.1, 0.9]]])
def test_what_is_no_chance_is_refused(chances):
    with pytest.raises(ValueError, match="one chance of being sick"):
        conformal([True, False], chances)
