"""The palette is legible on its own page, the settings hold, the book's font is there."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import font_manager

from hfgnn.plots import style
from hfgnn.plots.style import BEST, GRID, INK, MUTED, NORMAL, PAPER, REPORTED, RIVAL, SICK, THEME

PAGES = {"light": "#ffffff", "dark": "#14171c"}
WORDS = [INK, MUTED, SICK, NORMAL, BEST, RIVAL, REPORTED]  # all of them also colour text
SIGHTS = {  # Machado, Oliveira and Fernandes, severity one: how linear RGB looks to some eyes
    "full": np.eye(3),
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def linear(colour):
    value = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(colour, page):
    light, dark = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (colour, page))[::-1]
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("colour", WORDS)
def test_every_colour_reads_as_text_on_both_pages(colour):
    assert contrast(colour, PAGES["light"]) >= 4.5
    assert contrast(THEME[colour], PAGES["dark"]) >= 4.5


def test_the_theme_is_one_to_one_lower_case_and_has_every_colour():
    assert {*WORDS, GRID, PAPER} == set(THEME)
    colours = [*THEME, *THEME.values()]
    assert len(set(THEME.values())) == len(THEME)
    assert all(c == c.lower() and len(c) == 7 and c.startswith("#") for c in colours)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("page", PAGES)
def test_marks_stay_apart_for_every_kind_of_sight(sight, page):
    hues = [SICK, NORMAL, BEST, RIVAL, REPORTED]
    shown = [THEME[h] if page == "dark" else h for h in hues]
    seen = [lab(np.array(SIGHTS[sight]) @ linear(c)) for c in shown]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12


def test_apply_draws_in_the_books_own_font_on_no_background():
    with plt.rc_context():
        style.apply()
        found = font_manager.findfont("Source Sans 3", fallback_to_default=False)
        heavy = font_manager.FontProperties(family="Source Sans 3", weight=600)
        assert "hfgnn" in found
        assert "Semibold" in font_manager.findfont(heavy, fallback_to_default=False)
        assert plt.rcParams["svg.fonttype"] == "none"
        assert plt.rcParams["figure.facecolor"] == "none"
        before = len(font_manager.fontManager.ttflist)
        style.apply()
        assert len(font_manager.fontManager.ttflist) == before
