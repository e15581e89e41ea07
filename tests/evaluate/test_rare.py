"""Scores of a rare disease against scikit-learn, and intervals against their law."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import average_precision_score, balanced_accuracy_score, roc_auc_score

from hfgnn.evaluate.rare import average_precision, balanced_accuracy, redrawn


def people(seed: int, n: int = 60, *, ties: bool = False) -> tuple[np.ndarray, np.ndarray]:
    stream = np.random.default_rng(seed)
    sick = stream.random(n) < 0.2
    sick[:2] = True, False
    score = stream.normal(size=n) + sick
    return sick, score.round() if ties else score


@settings(deadline=None)
@given(seed=st.integers(0, 999), ties=st.booleans())
def test_scores_are_those_of_scikit_learn(seed, ties):
    sick, score = people(seed, ties=ties)
    wanted = balanced_accuracy_score(sick, score > 0)
    assert balanced_accuracy(sick, score) == pytest.approx(wanted, abs=1e-12)
    wanted = average_precision_score(sick, score)
    assert average_precision(sick, score) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_people_drawn_anew_are_scored_as_if_they_stood_there(ties):
    sick, score = people(3, ties=ties)
    both = np.column_stack([score, -score])
    found = redrawn(sick, both, rng=np.random.default_rng(7), repeats=20)
    stream = np.random.default_rng(7)
    often = np.zeros((20, 60), int)
    for group in (np.flatnonzero(sick), np.flatnonzero(~sick)):
        often[:, group] = stream.multinomial(len(group), [1 / len(group)] * len(group), size=20)
    for draw, times in enumerate(often):
        drawn = np.repeat(np.arange(60), times)
        assert times[sick].sum() == sick.sum()
        for model in (0, 1):
            auroc = roc_auc_score(sick[drawn], both[drawn, model])
            assert found["AUROC"][draw, model] == pytest.approx(auroc, abs=1e-9)
            precision = average_precision_score(sick[drawn], both[drawn, model])
            assert found["AUPRC"][draw, model] == pytest.approx(precision, abs=1e-9)
            right = balanced_accuracy_score(sick[drawn], both[drawn, model] > 0)
            assert found["balanced accuracy"][draw, model] == pytest.approx(right, abs=1e-9)


def apart(noise: float) -> float:
    """Return the AUROC of a heart that is ill by 1, seen with noise beside its own spread of 1."""
    return float(norm.cdf(1 / np.sqrt(2 * (1 + noise**2))))


def test_intervals_of_two_models_cover_their_difference():
    """Of many studies with a known difference, about nineteen of twenty intervals hold it."""
    held, stream = [], np.random.default_rng(5)
    for _ in range(300):
        sick = np.arange(400) < 100
        heart = sick + stream.normal(size=400)
        scores = heart[:, None] + np.array([0.5, 1.0]) * stream.normal(size=(400, 2))
        draws = redrawn(sick, scores, rng=stream, repeats=300)["AUROC"]
        low, high = np.quantile(draws[:, 0] - draws[:, 1], [0.025, 0.975])
        held.append(low < apart(0.5) - apart(1.0) < high)
    assert np.mean(held) > 0.9
