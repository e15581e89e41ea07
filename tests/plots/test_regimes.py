"""The map's panels draw what they are given, at the thesis's place among it."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from hfgnn.plots.regimes import SPREAD, TITLES, gain_panels

VALUES = {"homophily": (0.5, 0.9), "labelled": (0.02, 0.8), "people": (200, 3200)}


@pytest.fixture
def drawn():
    rows = [
        {"axis": axis, "ties": ties, "value": value, "gain": gain, "low": gain - 0.1,
         "high": gain + 0.2}
        for axis, values in VALUES.items()
        for ties, more in (("drawn", 0.0), ("own look", 0.3))
        for value, gain in zip(reversed(values), (0.1 + more, -0.1 + more), strict=True)
    ]  # fmt: skip
    marks = {axis: {"value": values[0], "gain": 0.05, "low": 0.02, "high": 0.11}
             for axis, values in VALUES.items()}  # fmt: skip
    fig, axes = plt.subplots(1, len(VALUES))
    panels = dict(zip(VALUES, axes, strict=True))
    gain_panels(panels, pd.DataFrame(rows), marks)
    yield panels
    plt.close(fig)


def test_a_line_of_each_kind_of_ties_rises_along_its_axis(drawn):
    for name, ax in drawn.items():
        lines = {line.get_label(): line for line in ax.get_lines()}
        for ties, more in (("drawn", 0.0), ("own look", 0.3)):
            np.testing.assert_allclose(lines[ties].get_xdata(), VALUES[name])
            np.testing.assert_allclose(lines[ties].get_ydata(), [-0.1 + more, 0.1 + more])
        assert ax.get_title(loc="left") == TITLES[name]


def test_the_mark_stands_at_its_value_with_its_own_interval(drawn):
    for name, ax in drawn.items():
        star = next(line for line in ax.get_lines() if line.get_marker() == "*")
        assert (star.get_xdata()[0], star.get_ydata()[0]) == (VALUES[name][0], 0.05)
        bar = ax.containers[0].lines[2][0].get_segments()[0]
        np.testing.assert_allclose(bar[:, 1], [0.02, 0.11])


def test_what_grows_by_ratios_is_told_so_and_every_value_has_its_tick(drawn):
    for name, ax in drawn.items():
        assert ax.get_xscale() == ("log" if name in SPREAD else "linear")
        if name in SPREAD:
            np.testing.assert_allclose(ax.get_xticks(), sorted(VALUES[name])[::-1])
