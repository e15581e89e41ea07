"""Intervals against the beta quantiles, and by how often they cover what they should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hfgnn.evaluate.intervals import bootstrap, clopper_pearson, right_answers
from hfgnn.evaluate.metrics import auroc


@given(st.integers(1, 60), st.integers(0, 60))
def test_clopper_pearson_is_the_beta_quantile(of, right):
    right = min(right, of)
    low, high = clopper_pearson(right, of)
    assert low == pytest.approx(stats.beta.ppf(0.025, right, of - right + 1) if right else 0)
    assert high == pytest.approx(stats.beta.ppf(0.975, right + 1, of - right) if right < of else 1)


@pytest.mark.parametrize("share", [0.03, 0.5, 0.968])
def test_clopper_pearson_covers_at_its_level_by_exact_summation(share):
    ends = [clopper_pearson(k, 50) for k in range(51)]
    covers = [low <= share <= high for low, high in ends]
    assert stats.binom.pmf(np.arange(51), 50, share) @ covers >= 0.95


def test_bootstrap_covers_the_true_auroc_about_as_often_as_it_says():
    truth, stream = stats.norm.cdf(1 / np.sqrt(2)), np.random.default_rng(4)
    labels, hits = np.repeat([True, False], 60), 0
    for _ in range(100):
        scores = stream.standard_normal(120) + labels
        low, high = bootstrap(auroc, labels, scores, rng=stream, repeats=100)
        hits += low <= truth <= high
    assert 0.88 <= hits / 100 <= 0.99


def test_bootstrap_keeps_the_classes_as_they_are_and_its_level_orders_the_ends():
    labels = np.repeat([True, False], [3, 40])
    sizes = bootstrap(
        lambda y, _: float(y.sum()), labels, labels * 1.0, rng=np.random.default_rng()
    )
    assert sizes == (3.0, 3.0)
    scores = np.random.default_rng(1).standard_normal(43) + labels
    wide, narrow = (
        bootstrap(auroc, labels, scores, rng=np.random.default_rng(2), level=level)
        for level in (0.99, 0.5)
    )
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_right_answers_are_the_sum_of_two_binomials():
    law = right_answers((0.9, 0.6), (20, 7))
    assert law.sum() == pytest.approx(1)
    counts = np.arange(28)
    assert law @ counts == pytest.approx(20 * 0.9 + 7 * 0.6)
    variance = law @ counts**2 - (law @ counts) ** 2
    assert variance == pytest.approx(20 * 0.09 + 7 * 0.24)
    assert law[-1] == pytest.approx(0.9**20 * 0.6**7)
    np.testing.assert_allclose(
        right_answers((0.3, 0.3), (4, 5)), stats.binom.pmf(range(10), 9, 0.3)
    )
