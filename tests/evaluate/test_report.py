"""The report against counting, and the thesis's own report from its own confusion matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hfgnn.evaluate.metrics import auroc, recalls
from hfgnn.evaluate.report import (
    average_precision,
    bands,
    confusion,
    precision_recall,
    report,
    roc,
)
from hfgnn.seeding import rng


@st.composite
def called(draw):
    """Labels and calls, each of both kinds."""
    size, stream = draw(st.integers(4, 40)), rng(draw(st.integers(0, 10**6)), "called")
    labels, calls = stream.random((2, size)) < draw(st.floats(0.1, 0.9))
    labels[:4], calls[:4] = [True, True, False, False], [True, False, True, False]
    return labels, calls


@given(called())
@settings(max_examples=20, deadline=None)
def test_the_report_counts(case):
    labels, calls = case
    counts, table = confusion(labels, calls), report(labels, calls)
    for i, kind in enumerate(("normal", "sick")):
        hit = np.sum((labels == i) & (calls == i))
        assert counts.loc[kind, kind] == hit
        precision, recall = hit / np.sum(calls == i), hit / np.sum(labels == i)
        f1 = 2 * precision * recall / (precision + recall)
        expected = [precision, recall, f1, np.sum(labels == i)]
        assert table.loc[kind].to_numpy(dtype=float) == pytest.approx(expected)
    assert (table.loc["accuracy"].iloc[:3] == np.mean(labels == calls)).all()
    assert (table.loc["sick", "recall"], table.loc["normal", "recall"]) == recalls(labels, calls)
    assert counts.to_numpy().sum() == table.loc["accuracy", "support"] == len(labels)


@pytest.mark.parametrize(("missed", "accuracy"), [(21, 0.9680), (22, 0.9669)])
def test_the_thesiss_report_follows_from_either_of_its_two_possible_matrices(missed, accuracy):
    """As the thesis's published code printed it: 678 sick, 228 normal, of whom 8 called sick."""
    labels = np.repeat([True, False], [678, 228])
    calls = np.repeat([True, False, True, False], [678 - missed, missed, 8, 220])
    table = report(labels, calls).astype(float)
    shown = {"sick": [0.99, 0.97, 0.98, 678], "normal": [0.91, 0.96, 0.94, 228]}
    shown |= {"macro avg": [0.95, 0.97, 0.96, 906], "weighted avg": [0.97, 0.97, 0.97, 906]}
    for row, values in shown.items():
        assert table.loc[row].round(2).tolist() == values
    assert table.loc["accuracy", "f1-score"] == pytest.approx(accuracy, abs=5e-5)
    assert confusion(labels, calls).to_numpy().tolist() == [[220, 8], [missed, 678 - missed]]


def test_someone_whom_nobody_is_called_scores_zero_without_a_warning():
    assert report([True, False], [False, False]).loc["sick", "precision"] == 0


def test_the_curves_pass_through_what_each_threshold_calls():
    stream = rng(1, "curves")
    labels = stream.random(80) < 0.4
    chances = (stream.random(80) + labels).round(1) / 2
    curve, steps = roc(labels, chances), precision_recall(labels, chances)
    for row in curve.itertuples():
        told = recalls(labels, chances >= row.threshold)
        assert (row[3], 1 - row[2]) == pytest.approx(told)
    assert np.trapezoid(curve["true positive"], curve["false positive"]) == pytest.approx(
        auroc(labels, chances)
    )
    for row in steps.iloc[:-1].itertuples():
        calls = chances >= row.threshold
        assert (row.recall, row.precision) == pytest.approx(
            (recalls(labels, calls)[0], labels[calls].mean())
        )
    assert steps.iloc[-1].tolist() == [np.inf, 0, 1]
    area = 0.0
    for cut in np.unique(chances)[::-1]:
        here, above = chances >= cut, chances > cut
        area += labels[here].mean() * np.sum(labels[here & ~above]) / labels.sum()
    assert average_precision(labels, chances) == pytest.approx(area)


def test_bands_of_very_many_people_close_on_the_curves_ties_and_all():
    stream, grid = rng(2, "many"), np.linspace(0.05, 0.95, 19)
    labels = np.repeat([True, False], [60_000, 40_000])
    chances = (stream.standard_normal(100_000) + labels).round(1)
    curve, steps = roc(labels, chances), precision_recall(labels, chances)[::-1]
    rise, fall = bands(labels, chances, at=grid, rng=stream, repeats=40)
    for ends, (x, y) in (
        (rise, (curve["false positive"], curve["true positive"])),
        (fall, (steps["recall"], steps["precision"])),
    ):
        assert (ends[0] <= ends[1]).all()
        assert ends == pytest.approx(np.tile(np.interp(grid, x, y), (2, 1)), abs=0.01)


def test_the_roc_band_is_binomial_where_the_normal_are_so_many_that_thresholds_stand_still():
    """The percentile bootstrap of a proportion k/n has the quantiles of Binomial(n, k/n)."""
    sick = stats.norm.ppf((np.arange(40) + 0.5) / 40) + 1
    normal = stats.norm.ppf((np.arange(5_000) + 0.5) / 5_000)
    labels, chances = np.repeat([True, False], [40, 5_000]), np.r_[sick, normal]
    shares = np.array([0.05, 0.2, 0.5])
    found, _ = bands(labels, chances, at=shares, rng=rng(3, "still"), repeats=500, level=0.9)
    hit = [(sick > stats.norm.isf(share)).mean() for share in shares]
    expected = stats.binom.ppf([[0.05], [0.95]], 40, hit) / 40
    assert found == pytest.approx(expected, abs=1.2 / 40)


def test_bands_cover_the_true_curves_about_as_often_as_they_say():
    stream, at = rng(4, "cover"), np.array([0.2, 0.4, 0.6])
    labels = np.repeat([True, False], [120, 80])
    rise = stats.norm.sf(stats.norm.isf(at) - 1)
    alarm = stats.norm.sf(stats.norm.isf(at) + 1)
    fall = 120 * at / (120 * at + 80 * alarm)
    hits = np.zeros((2, len(at)))
    for _ in range(300):
        found = bands(labels, stream.standard_normal(200) + labels, at=at, rng=stream, repeats=100)
        hits += [(e[0] <= t) & (t <= e[1]) for e, t in zip(found, (rise, fall), strict=True)]
    assert hits / 300 == pytest.approx(np.full((2, 3), 0.94), abs=0.045)
