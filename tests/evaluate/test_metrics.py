"""Scores against scikit-learn and against counting every pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import recall_score, roc_auc_score

from hfgnn.evaluate.metrics import auroc, recalls


@st.composite
def scored(draw):
    """Labels of both kinds and scores with many ties."""
    size = draw(st.integers(2, 40))
    labels = draw(hnp.arrays(bool, size))
    labels[:2] = [True, False]
    return labels, draw(hnp.arrays(np.int64, size, elements=st.integers(-3, 3)))


@given(scored())
def test_auroc_counts_the_pairs_as_scikit_learn_does(case):
    labels, scores = case
    sick, normal = scores[labels][:, None], scores[~labels]
    by_hand = np.mean((sick > normal) + (sick == normal) / 2)
    assert auroc(labels, scores) == pytest.approx(by_hand, abs=1e-12)
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@given(scored())
def test_auroc_only_sees_the_order(case):
    labels, scores = case
    assert auroc(labels, np.exp(scores) * 3 + 1) == pytest.approx(auroc(labels, scores))
    assert auroc(labels, -scores) == pytest.approx(1 - auroc(labels, scores))


@given(scored())
def test_recalls_are_scikit_learns(case):
    labels, scores = case
    called = scores > 0
    expected = (recall_score(labels, called), recall_score(labels, called, pos_label=False))
    assert recalls(labels, called) == pytest.approx(expected)


def test_one_class_alone_is_refused():
    with pytest.raises(ValueError, match="auroc of 0 sick and 2 normal people: .* one of each"):
        auroc([False, False], [1.0, 2.0])
