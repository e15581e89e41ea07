"""Quantiles of simulated people beside those of real ones, feature by feature."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hfgnn.plots.style import GRID, INK, MUTED, PAPER, RIVAL

Floats = NDArray[np.float64]

MARKS = ["q02", "q25", "q50", "q75", "q98"]  # band, quartiles, median: limits of normal are 2, 98 %
SHIFT = 0.16  # of a row, from its middle to the real band above and the simulated one below
FARTHEST = 4.0  # real spreads: whatever lies beyond is cut off


def quantile_bands(
    ax: Axes,
    real: pd.DataFrame,
    simulated: pd.DataFrame,
    names: Mapping[str, str],
    *,
    reference: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Draw a row for each feature in `names` (feature -> label): real above, simulated below.

    Both tables have a row a feature and the columns MARKS. A thin line goes from 2 to 98 %, a thick
    one between the quartiles, the dot is the median; all in the real spread's units,
    (x - q50) / ((q98 - q02) / 2) of the real, so that the real band is 2 long. Published limits
    (low, high) stand as brackets.
    """
    farthest = 1.6
    for row, feature in enumerate(names):
        zero, unit = _scale(real, feature)
        here = (np.asarray(real.loc[feature, MARKS], float) - zero) / unit
        there = (np.asarray(simulated.loc[feature, MARKS], float) - zero) / unit
        _band(ax, here, SHIFT - row, INK)
        _band(ax, there, -SHIFT - row, RIVAL)
        limits = (np.array((reference or {}).get(feature, ()), float) - zero) / unit
        _brackets(ax, limits, -row)
        farthest = max(farthest, *np.abs([*here, *there, *limits]))
        if not row:
            left = min(*here, *there, *limits) - 0.08
            _name(ax, "real", at=(left, SHIFT), colour=INK)
            _name(ax, "simulated", at=(left, -SHIFT), colour=RIVAL)
    reach = min(farthest + 0.15, FARTHEST)
    ax.axvline(0, color=GRID, linewidth=1, zorder=0)
    ax.set(xlim=(-reach, reach), ylim=(0.5 - len(names), 0.5), xticks=[-1, 0, 1])
    ax.set_yticks(-np.arange(len(names)), list(names.values()), color=INK)
    ax.set_xlabel("from the real median, in halves of the real band")


def _scale(real: pd.DataFrame, feature: str) -> tuple[float, float]:
    low, _, middle, _, high = np.asarray(real.loc[feature, MARKS], float).tolist()
    if not high > low:
        raise ValueError(f"the real {feature} has no spread ({low:g} to {high:g}); leave it out")
    return middle, (high - low) / 2


def _band(ax: Axes, marks: Floats, y: float, colour: str) -> None:
    ax.plot(marks[[0, 4]], [y, y], color=colour, linewidth=1.2)
    ax.plot(marks[[1, 3]], [y, y], color=colour, linewidth=5, solid_capstyle="butt")
    ax.plot(marks[2], y, "o", color=colour, markeredgecolor=PAPER, markersize=7)


def _brackets(ax: Axes, limits: Floats, y: float) -> None:
    for at, inwards in zip(limits, (0.06, -0.06), strict=False):
        x = [at + inwards, at, at, at + inwards]
        height = 2.1 * SHIFT
        ax.plot(x, [y + height, y + height, y - height, y - height], color=MUTED, linewidth=0.9)


def _name(ax: Axes, words: str, *, at: tuple[float, float], colour: str) -> None:
    ax.text(*at, words, color=colour, size=10, weight="semibold", ha="right", va="center_baseline")
