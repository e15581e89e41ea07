"""The bands are the quantiles, in units of the real spread."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from hfgnn.plots.realism import MARKS, quantile_bands
from hfgnn.plots.style import INK, RIVAL, THEME

NAMES = {"hr": "heart rate", "qrs": "QRS"}
REAL = pd.DataFrame([[50.0, 60, 70, 80, 110], [70, 82, 88, 94, 108]], list(NAMES), MARKS)


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def drawn(ax, colour):
    """Return the two ends of the lines and the dots of one kind, from the first row down."""
    return [np.asarray(line.get_xdata(), float) for line in ax.lines if line.get_color() == colour]


def test_real_bands_are_two_long_and_centred_on_their_median(ax):
    quantile_bands(ax, REAL, REAL, NAMES)
    for colour in (INK, RIVAL):
        band, box, dot = drawn(ax, colour)[:3]
        np.testing.assert_allclose(band, [-20 / 30, 40 / 30])
        np.testing.assert_allclose(box, [-10 / 30, 10 / 30])
        assert dot == 0
        assert np.ptp(drawn(ax, colour)[3]) == 2
    assert [label.get_text() for label in ax.get_yticklabels()] == list(NAMES.values())
    assert [text.get_text() for text in ax.texts] == ["real", "simulated"]


def test_simulated_people_are_shown_on_the_scale_of_the_real(ax):
    quantile_bands(ax, REAL, REAL * 1.1, NAMES)
    band, box, dot = drawn(ax, RIVAL)[:3]
    np.testing.assert_allclose(band, [(55 - 70) / 30, (121 - 70) / 30])
    np.testing.assert_allclose(box, [(66 - 70) / 30, (88 - 70) / 30])
    np.testing.assert_allclose(dot, (77 - 70) / 30)
    assert all(ax.get_xlim()[0] < x.min() and x.max() < ax.get_xlim()[1] for x in drawn(ax, RIVAL))


def test_rows_run_downwards_real_above_simulated(ax):
    quantile_bands(ax, REAL, REAL, NAMES)
    heights = {c: [x.get_ydata()[0] for x in ax.lines if x.get_color() == c] for c in (INK, RIVAL)}
    assert heights[INK][0] > heights[RIVAL][0] > heights[INK][3] > heights[RIVAL][3]


def test_published_limits_stand_where_they_are(ax):
    quantile_bands(ax, REAL, REAL, NAMES, reference={"qrs": (70, 120)})
    brackets = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 4]
    np.testing.assert_allclose([b[1] for b in brackets], [(70 - 88) / 19, (120 - 88) / 19])
    assert brackets[0][0] > brackets[0][1]
    assert brackets[1][0] < brackets[1][1]


def test_only_colours_of_the_theme_are_used(ax):
    quantile_bands(ax, REAL, REAL, NAMES, reference={"hr": (50, 100)})
    assert {line.get_color() for line in ax.lines} <= set(THEME)
    assert {text.get_color() for text in ax.texts} <= set(THEME)


def test_a_feature_without_spread_is_refused(ax):
    flat = REAL.copy()
    flat.loc["hr"] = 70.0
    with pytest.raises(ValueError, match="real hr has no spread"):
        quantile_bands(ax, flat, REAL, NAMES)
