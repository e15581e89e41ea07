"""The exact ceilings against pairs counted one by one, drawn labels, scikit-learn and integrals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from hfgnn.evaluate.survival import concordance as harrell
from hfgnn.seeding import rng
from hfgnn.world.ceilings import (
    Order,
    accuracy,
    auroc,
    balanced_accuracy,
    concordance,
    estimate,
)
from hfgnn.world.survival import HAZARD, Study

EVERYBODY = Study("everybody", 1, ages=(0, 200), months=(24, 96))
weight = st.integers(0, 4).map(float)
people = st.lists(st.tuples(weight, weight, st.integers(0, 3)), min_size=1, max_size=12)


@settings(deadline=None)
@given(people)
def test_the_weight_of_won_pairs_is_what_counting_them_gives(rows):
    a, b, score = np.array(rows, dtype=float).T
    count = range(len(rows))
    by_hand = sum(
        a[i] * b[j] * ((score[i] > score[j]) + (score[i] == score[j]) / 2)
        for i in count
        for j in count
        if i != j
    )
    assert Order(score).wins(a, b) == pytest.approx(by_hand, abs=1e-9)


def test_the_auroc_of_a_score_is_that_of_labels_drawn_often():
    stream = rng(1, "auroc")
    p, other = stream.beta(0.4, 1.6, 2000), stream.normal(size=2000)
    for score in (p, p + 0.3 * other):
        drawn = [roc_auc_score(stream.random(2000) < p, score) for _ in range(400)]
        error = np.std(drawn) / 20
        assert auroc(p, score) == pytest.approx(np.mean(drawn), abs=3 * error)
    assert auroc(p, p) > auroc(p, p + 0.3 * other)


def test_the_auroc_of_uniform_chances_is_five_sixths():
    """E[p (1 - q); p > q] for uniform p and q is 5/24; over 1/4."""
    p = (np.arange(20_000) + 0.5) / 20_000
    assert auroc(p, p) == pytest.approx(5 / 6, abs=1e-4)
    assert auroc(p, np.zeros(20_000)) == pytest.approx(1 / 2, abs=1e-12)
    assert auroc(p, -p) == pytest.approx(1 / 6, abs=1e-4)


def test_accuracies_are_those_of_labels_drawn_often():
    stream = rng(2, "accuracy")
    p = stream.beta(0.5, 3, 200_000)
    label = stream.random(len(p)) < p
    error = 3 * 0.5 / np.sqrt(len(p))
    assert accuracy(p, p) == pytest.approx(np.mean(label == (p > 0.5)), abs=error)
    found = balanced_accuracy_score(label, p > p.mean())
    assert balanced_accuracy(p, p) == pytest.approx(found, abs=3 * error)


def test_no_threshold_beats_the_best_balanced_accuracy():
    p = rng(3, "threshold").beta(0.5, 3, 4000)
    best = balanced_accuracy(p, p)
    tried = [
        (p[p > t].sum() / p.sum() + (1 - p)[p <= t].sum() / (1 - p).sum()) / 2
        for t in np.linspace(0, 1, 500)
    ]
    assert max(tried) <= best + 1e-12
    assert max(tried) == pytest.approx(best, abs=1e-3)


def test_four_classes_are_called_by_their_largest_chance():
    p = np.array([[0.7, 0.1, 0.1, 0.1], [0.2, 0.5, 0.2, 0.1], [0.0, 0.1, 0.5, 0.4]])
    assert accuracy(p, p) == pytest.approx((0.7 + 0.5 + 0.5) / 3)
    assert accuracy(p, p[:, ::-1]) == pytest.approx((0.1 + 0.2 + 0.1) / 3)
    recalls = [0.7 / 0.9, 0.5 / 0.7, 0.5 / 0.8, 0.0]  # called 0, 1, and 3 for the third person
    recalls[2], recalls[3] = 0.0, 0.4 / 0.6
    assert balanced_accuracy(p, p) == pytest.approx(np.mean(recalls))


def test_the_error_of_an_estimate_is_its_spread_over_fresh_people():
    stream = rng(4, "error")
    many = [estimate(auroc, *[stream.beta(0.4, 1.6, 1000)] * 2) for _ in range(200)]
    spread = np.std([one.value for one in many])
    assert np.sqrt(np.mean([one.error**2 for one in many])) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_the_concordance_is_that_of_outcomes_drawn_often(noise):
    stream = rng(5, "concordance")
    eta = stream.normal(3, 1.1, 4000)
    score, drawn = eta + noise * stream.normal(size=4000), []
    for _ in range(60):
        ill, last = HAZARD.times(eta, stream), stream.uniform(24, 96, 4000)
        drawn.append(harrell(np.minimum(ill, last), ill <= last, score))
    found = concordance(eta, score, study=EVERYBODY)
    assert found == pytest.approx(np.mean(drawn), abs=3 * np.std(drawn) / np.sqrt(60))


@pytest.mark.parametrize("sigma", [0.3, 0.75, 1.0])
def test_without_censoring_the_concordance_of_a_normal_eta_is_one_integral(sigma):
    """K = E[1 / (1 + exp(-|d|))] with d normal of variance 2 sigma^2."""
    expected = integrate.quad(
        lambda d: 2 * stats.norm.pdf(d, scale=sigma * np.sqrt(2)) / (1 + np.exp(-d)), 0, 60
    )[0]
    eta = stats.norm.ppf((np.arange(1001) + 0.5) / 1001, scale=sigma)
    end = np.array([8, 8.001]) * np.exp(3.7 * sigma) / HAZARD.scale  # everybody is ill by then
    late = Study("late", 1, ages=(0, 200), months=tuple(end ** (1 / HAZARD.shape)))
    assert concordance(eta, eta, study=late, nodes=500) == pytest.approx(expected, abs=1e-3)


def test_more_nodes_change_nothing():
    eta = rng(6, "nodes").normal(0, 1.1, 5000)
    few, many = (concordance(eta, eta, study=EVERYBODY, nodes=n) for n in (8, 40))
    assert few == pytest.approx(many, abs=1e-9)
