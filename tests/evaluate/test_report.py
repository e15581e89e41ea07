"""The report against counting, and the thesis's own report from its own confusion matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfgnn.evaluate.metrics import auroc, recalls
from hfgnn.evaluate.report import average_precision, confusion, precision_recall, report, roc
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
