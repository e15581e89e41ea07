"""The drawings show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from hfgnn.plots.laws import PIN, two_bars, two_laws
from hfgnn.plots.runs import runs
from hfgnn.plots.style import NORMAL, RIVAL, SICK


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_a_law_is_drawn_bin_by_bin_and_its_ends_as_pins(ax):
    values = np.arange(11.0)
    sick = np.array([0.1, *[0.1] * 9, 0.0])
    normal = np.array([PIN / 2, *[(1 - PIN / 2) / 9] * 9, 0.0])
    two_laws(ax, values, normal, sick, np.array([0.0, 5.5, 10.5]))
    drawn = {line.get_color(): line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 3}
    np.testing.assert_allclose(drawn[SICK][:2], [0.5, 0.4])
    np.testing.assert_allclose(drawn[NORMAL][:2], [5 * normal[1], 4 * normal[1]])
    pins = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert [line.get_color() for line in pins] == [SICK]
    np.testing.assert_allclose(pins[0].get_ydata(), [0, 0.1])
    assert [text.get_text() for text in ax.texts] == ["normal", "10.0%", "sick"]


def test_a_logarithmic_axis_shows_plain_numbers(ax):
    values = np.geomspace(1, 100, 50)
    two_laws(ax, values, np.full(50, 0.02), np.full(50, 0.02), np.geomspace(1, 100, 6), log=True)
    ax.figure.canvas.draw()
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ax.get_xscale() == "log"
    assert {"1", "10", "100"} <= set(shown)


def test_bars_stand_side_by_side_and_differ_in_more_than_colour(ax):
    two_bars(ax, np.array([1.0, 2.0]), np.array([0.8, 0.2]), np.array([0.3, 0.7]))
    assert [bar.get_height() for bar in ax.patches] == [0.8, 0.2, 0.3, 0.7]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [True, True, False, False]


def test_runs_stand_in_the_order_given_with_their_mean_and_the_ceiling(ax):
    scores = {"first": np.array([0.2, 0.4]), "second": np.array([0.5, 0.9])}
    runs(ax, scores, ceiling=0.95)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["second", "first"]
    means = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert means == pytest.approx([0.7, 0.3])
    assert ax.lines[-1].get_xdata()[0] == 0.95
    assert ax.lines[0].get_color() == RIVAL
