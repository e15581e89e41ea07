"""Calibration against scikit-learn, an unpenalised regression, and what is known of the truth."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from hfgnn.evaluate.calibration import (
    Line,
    brier,
    calibration_error,
    in_the_large,
    masses,
    platt,
    recalibration,
    reliability,
    temperature,
    widths,
)
from hfgnn.evaluate.intervals import clopper_pearson
from hfgnn.seeding import rng

MENDERS = [recalibration, platt, temperature]
FEW = settings(max_examples=25, deadline=None)


@st.composite
def judged(draw):
    """Labels of both kinds, and chances of which some are equal, on an edge, or certain."""
    stream = rng(draw(st.integers(0, 10**6)), "judged")
    size = draw(st.integers(4, 60))
    labels = stream.permutation(size) < draw(st.integers(1, size - 1))
    return labels, stream.integers(0, draw(st.sampled_from([2, 11, 101])), size) / 100


def said(n: int, *, seed: int, slope: float = 1.0, intercept: float = 0.0):
    """Return labels whose log-odds are that line of the log-odds of the chances."""
    stream = rng(seed, "said")
    odds = stream.normal(0, 1.5, n)
    return stream.random(n) < expit(intercept + slope * odds), expit(odds)


@given(judged(), st.integers(1, 12))
@FEW
def test_reliability_has_the_points_of_scikit_learn(case, bins):
    labels, chances = case
    table = reliability(labels, chances, edges=widths(bins))
    share, chance = calibration_curve(labels, chances, n_bins=bins)
    assert table["share"].to_numpy() == pytest.approx(share)
    assert table["chance"].to_numpy() == pytest.approx(chance)
    assert table["n"].sum() == len(labels)
    for row in table.itertuples():
        here = (chances > row[1]) & (chances <= row.to) | ((chances == 0) & (row[1] == 0))
        assert row.n == here.sum()
        assert row.share == labels[here].mean()
        assert (row.low, row.high) == clopper_pearson(int(labels[here].sum()), int(here.sum()))


@given(judged())
@FEW
def test_the_calibration_error_weighs_the_gaps_by_people(case):
    labels, chances = case
    bins = [(chances > k / 10) & (chances <= (k + 1) / 10) for k in range(10)]
    bins[0] |= chances == 0
    gaps = [
        here.sum() * abs(chances[here].mean() - labels[here].mean()) for here in bins if any(here)
    ]
    assert calibration_error(labels, chances) == pytest.approx(sum(gaps) / len(labels))
    assert calibration_error(labels, labels.astype(float)) == 0


def test_bins_of_equal_mass_hold_equally_many_and_equal_chances_share_one():
    labels, chances = said(1000, seed=1)
    table = reliability(labels, chances, edges=masses(chances, 8))
    assert table["n"].tolist() == [125] * 8
    share, chance = calibration_curve(labels, chances, n_bins=8, strategy="quantile")
    assert table["share"].to_numpy() == pytest.approx(share)
    assert table["chance"].to_numpy() == pytest.approx(chance)
    same = np.repeat([0.2, 0.9], [6, 4])
    assert reliability(same > 0.5, same, edges=masses(same))["n"].tolist() == [6, 4]


@given(judged())
@FEW
def test_brier_is_scikit_learns(case):
    assert brier(*case) == pytest.approx(brier_score_loss(*case))


@given(judged())
@FEW
def test_recalibration_is_a_logistic_regression_without_penalty(case):
    labels, chances = case
    odds = logit(chances.clip(0.01, 0.99))
    sick, normal = odds[labels], odds[~labels]
    assume(sick.min() < normal.max() and normal.min() < sick.max())
    line = recalibration(labels, expit(odds))
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(odds[:, None], labels)
    likelihood = [
        np.mean(np.log(np.where(labels, chance, 1 - chance)))
        for chance in (line(expit(odds)), oracle.predict_proba(odds[:, None])[:, 1])
    ]
    assert likelihood[0] >= likelihood[1] - 1e-9
    residual = line(expit(odds)) - labels
    assert [residual.sum(), residual @ odds] == pytest.approx([0, 0], abs=1e-5)


def test_recalibration_agrees_with_scikit_learn_and_newton():
    labels, chances = said(2000, seed=2, slope=0.6, intercept=0.4)
    odds = logit(chances)
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(odds[:, None], labels)
    line = recalibration(labels, chances)
    found = (line.slope, line.intercept)
    assert found == pytest.approx((oracle.coef_.item(), oracle.intercept_.item()), abs=1e-5)
    design, b = np.column_stack([odds, np.ones(2000)]), np.zeros(2)
    for _ in range(20):
        chance = expit(design @ b)
        b += np.linalg.solve(
            (design.T * chance * (1 - chance)) @ design, design.T @ (labels - chance)
        )
    assert found == pytest.approx(b, abs=1e-8)


def test_the_line_that_drew_the_labels_is_found_and_mends_other_people():
    line = recalibration(*said(200_000, seed=3, slope=0.5, intercept=-0.7))
    assert (line.slope, line.intercept) == pytest.approx((0.5, -0.7), abs=0.02)
    labels, chances = said(50_000, seed=4, slope=0.5, intercept=-0.7)
    assert calibration_error(labels, chances) > 0.1
    for mend in (line, platt(*said(5000, seed=5, slope=0.5, intercept=-0.7))):
        assert calibration_error(labels, mend(chances)) < 0.02
        after = recalibration(labels, mend(chances))
        assert (after.slope, after.intercept) == pytest.approx((1, 0), abs=0.1)
    assert in_the_large(labels, line(chances)) == pytest.approx(0, abs=0.05)
    assert in_the_large(labels, chances) < -0.5


@given(judged())
@FEW
def test_in_the_large_as_many_are_expected_as_are_sick(case):
    labels, chances = case
    inner = chances.clip(0.01, 0.99)
    assert Line(1.0, in_the_large(labels, inner))(inner).sum() == pytest.approx(
        labels.sum(), abs=1e-4
    )


class Odds(ClassifierMixin, BaseEstimator):
    """What scikit-learn calibrates: a model whose decision is its only input."""

    def fit(self, x, y):
        self.classes_ = np.array([False, True])
        return self

    def decision_function(self, x):
        return x[:, 0]

    def predict(self, x):
        return x[:, 0] > 0


@pytest.mark.parametrize("seed", range(3))
def test_platt_is_scikit_learns_sigmoid(seed):
    labels, chances = said(300, seed=seed, slope=0.4, intercept=0.3)
    odds = logit(chances)[:, None]
    model = FrozenEstimator(Odds().fit(odds, labels))
    oracle = CalibratedClassifierCV(model, method="sigmoid", cv=2).fit(odds, labels)
    assert platt(labels, chances)(chances) == pytest.approx(
        oracle.predict_proba(odds)[:, 1], abs=2e-4
    )


def test_temperature_is_a_line_through_the_middle():
    labels, chances = said(100_000, seed=6, slope=1 / 2.5)
    line = temperature(labels, chances)
    assert 1 / line.slope == pytest.approx(2.5, abs=0.1)
    assert line.intercept == 0
    assert line([0.5]) == pytest.approx([0.5])
    around = [Line(line.slope + step, 0.0)(chances) for step in (-0.01, 0, 0.01)]
    lost = [-np.mean(np.log(np.where(labels, p, 1 - p))) for p in around]
    assert lost[1] < min(lost[0], lost[2])


@given(judged())
@FEW
def test_a_rising_line_keeps_the_order_and_an_even_one_changes_nothing(case):
    chances = np.unique(case[1])
    assert Line(1.0, 0.0)(chances) == pytest.approx(chances, abs=1e-8)
    assert (np.diff(Line(0.7, -0.4)(chances)) > 0).all()
    assert (np.diff(Line(-0.7, 0.4)(chances)) < 0).all()


def test_certain_chances_have_a_line_where_people_are_told_apart_entirely():
    labels = np.repeat([True, False], 20)
    for mend in (platt, temperature):
        mended = mend(labels, labels.astype(float))([0.0, 0.5, 1.0])
        assert mended == pytest.approx([1 / 22, 0.5, 21 / 22], abs=1e-4)
    with pytest.raises(
        ValueError, match="20 sick and 20 normal people separate the two, .* judge more"
    ):
        recalibration(labels, labels.astype(float))
    with pytest.raises(ValueError, match="separate the two, or do not differ"):
        recalibration(labels, np.full(40, 0.3))


@pytest.mark.parametrize("judge", [*MENDERS, in_the_large])
def test_one_class_alone_has_no_line(judge):
    with pytest.raises(ValueError, match="0 of 3 people are sick; .* some of each"):
        judge([False] * 3, [0.1, 0.2, 0.3])


@pytest.mark.parametrize("judge", [*MENDERS, in_the_large, brier, reliability, calibration_error])
@pytest.mark.parametrize("chances", [[0.1, 1.2], [0.1, -0.1], [0.1, np.nan], [0.1], [[0.1, 0.2]]])
def test_what_is_no_chance_is_refused(judge, chances):
    with pytest.raises(ValueError, match="give each of the n people one label and one chance"):
        judge([True, False], chances)
