"""The paper has the clinic's scale, and every lead stands where a cardiologist looks for it."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from hfgnn.ledger.figures import draw
from hfgnn.ledger.svg import HEX
from hfgnn.plots import style
from hfgnn.plots.ecg import LEADS, ROW, strip, twelve_leads
from hfgnn.plots.style import INK, SICK, THEME, WIDTH

FS = 250
CORNERS = 6  # a pulse is drawn through six corners


@pytest.fixture
def ax():
    with plt.rc_context():
        style.apply()
        figure, axes = plt.subplots(figsize=(WIDTH, 2.7))
        yield axes
        plt.close(figure)


@pytest.fixture
def noisy():
    """Ten seconds [12, T] of waves, wander and as much muscle noise as a bad record has."""
    time = np.arange(10 * FS) / FS
    beats = np.exp(-(((time % 0.8 - 0.4) / 0.015) ** 2)) + 0.2 * np.sin(2 * np.pi * 0.3 * time)
    rng = np.random.default_rng(7)
    return rng.normal(1, 0.4, (12, 1)) * beats + rng.normal(0, 0.03, (12, len(time)))


def traces(ax):
    """Every drawn line that is neither a pulse nor a bar between two leads, as (x, y)."""
    found = [line.get_xydata().T for line in ax.lines]
    return [(x, y) for x, y in found if len(x) > CORNERS]


def test_a_millivolt_is_ten_millimetres_and_a_second_twenty_five(ax):
    trace = np.zeros(4 * FS)
    trace[FS : 2 * FS] = 1.5
    strip(ax, trace, FS, name="V2")
    x, y = ax.lines[0].get_xydata().T
    assert x[-1] - x[0] == pytest.approx(25 * (4 - 1 / FS))
    assert np.ptp(y) == pytest.approx(15)
    rises = x[np.flatnonzero(np.diff(y))]
    assert np.ptp(rises) == pytest.approx(25)
    pulse = ax.lines[1].get_xydata()
    assert np.ptp(pulse, axis=0).tolist() == [7, 10]
    assert ax.get_aspect() == 1
    assert [text.get_text() for text in ax.texts] == ["V2"]


def test_no_sample_is_further_from_the_line_than_a_tenth_of_a_millimetre(ax, noisy):
    strip(ax, noisy[3], FS)
    x, y = traces(ax)[0]
    shown = np.interp(25 * np.arange(10 * FS) / FS, x, y)
    off = np.abs(shown - 10 * noisy[3]).max()
    assert 1e-9 < off <= 0.1  # millimetres
    assert len(x) < 10 * FS


def test_each_lead_has_its_place_and_its_quarter_of_the_time(ax):
    levels = np.linspace(-0.6, 0.5, 12)
    ramp = np.linspace(0, 0.3, 10 * FS)  # mV: tells where in the record a trace was cut
    twelve_leads(ax, levels[:, None] + ramp, FS)
    drawn = [line.get_xydata() for line in ax.lines]
    quarter = [line for line in drawn if 50 < np.ptp(line[:, 0]) < 70]
    assert len(quarter) == 12
    names = {text.get_text(): text.get_position() for text in ax.texts[:12]}
    for lead, name in enumerate(LEADS):
        column, row = divmod(lead, 3)
        start = [62.5 * column, 10 * levels[lead] + 10 * ramp[625 * column] - ROW * row]
        near = min(quarter, key=lambda line: np.abs(line[0] - start).sum())  # noqa: B023
        np.testing.assert_allclose(near[0], start, atol=1e-6)
        assert names[name][0] == pytest.approx(62.5 * column + 1.5)
        assert 0 < names[name][1] - near[:, 1].max() < 20
    whole = [line for line in drawn if np.ptp(line[:, 0]) > 200]
    np.testing.assert_allclose(whole[0][:, 1] + 3 * ROW, 10 * levels[1] + [0, 3], atol=1e-6)
    assert ax.texts[12].get_text() == "II"


def test_names_keep_clear_of_tall_waves_at_the_start(ax):
    tall, flat = np.zeros((2, FS))
    tall[20] = 1.2
    strip(ax, tall, FS, name="V5")
    assert ax.texts[0].get_position()[1] > 12
    ax.clear()
    strip(ax, flat, FS, name="V5")
    assert ax.texts[0].get_position()[1] < 12


def test_paper_has_a_line_every_five_millimetres_and_fine_ones_only_where_they_can_be_told(ax):
    def steps():
        found = []
        for lines in ax.collections:
            upright = [path[0][0] for path in lines.get_segments() if path[0][0] == path[1][0]]
            found.append(set(np.diff(sorted(upright))))
        ax.clear()
        return found

    strip(ax, np.zeros(4 * FS), FS)
    assert steps() == [{1}, {5}]
    strip(ax, np.zeros(10 * FS), FS)
    assert steps() == [{5}]
    twelve_leads(ax, np.zeros((12, 10 * FS)), FS)
    assert steps() == [{5}]


def test_a_noisy_page_is_small_and_has_only_colours_that_the_dark_page_can_swap(ax, noisy):
    twelve_leads(ax, noisy, FS)
    svg = draw(ax.figure)
    assert len(svg) <= 200_000
    colours = set(HEX.findall(svg))
    assert {INK, SICK} <= colours <= set(THEME)
    assert all(name in re.findall(r">([^<>\n]+)</text>", svg) for name in LEADS)
    assert min(text.get_size() for text in ax.texts) >= 9


def test_what_is_no_ecg_is_refused(ax):
    with pytest.raises(ValueError, match=r"shape \(8, 2500\); give \[12, T\]"):
        twelve_leads(ax, np.zeros((8, 2500)), FS)
    with pytest.raises(ValueError, match=r"shape \(12, 2500\); give one lead"):
        strip(ax, np.zeros((12, 2500)), FS)
