"""What ties add to a model, axis by axis of a map, and where on each axis a published work lies."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator
from numpy.typing import NDArray

from hfgnn.plots.style import GRID, INK, MUTED, NORMAL, RIVAL, SICK

TITLES = {
    "homophily": "neighbours of one's own kind",
    "other": "look that ties are found in",
    "tells": "what one's own signs tell",
    "labelled": "share whose label is known",
    "people": "people",
    "k": "neighbours of each",
}
COLOURS = {"drawn": NORMAL, "own look": SICK, "other look": RIVAL, "found": MUTED}
MARKERS = {"drawn": "s", "own look": "o", "other look": "^", "found": "D"}
SPREAD = ("labelled", "people", "k")  # told on a scale of ratios


def gain_panels(
    axes: Mapping[str, Axes], gains: pd.DataFrame, marks: Mapping[str, Mapping[str, float]]
) -> None:
    """Draw gains with their intervals, a line a kind of ties; `marks` places works on an axis.

    `axes` has a panel by axis of the map; of a work, `marks[axis]` is value, gain, low and high.
    """
    for name, ax in axes.items():
        ax.axhline(0, color=MUTED, linewidth=0.9)
        of = gains[gains["axis"] == name]
        for ties, line in of.groupby("ties", sort=False):
            _line(ax, line.sort_values("value"), str(ties))
        mark = marks[name]
        ends = [[mark["gain"] - mark["low"]], [mark["high"] - mark["gain"]]]
        ax.axvline(mark["value"], color=GRID, linewidth=4, zorder=0)
        ax.errorbar(mark["value"], mark["gain"], ends, color=INK, fmt="*", markersize=9, zorder=5)
        _scaled(ax, name, of["value"].unique())
        ax.set_title(TITLES[name], loc="left", fontsize=11, fontweight="normal")


def _line(ax: Axes, line: pd.DataFrame, ties: str) -> None:
    x, colour = line["value"], COLOURS[ties]
    ax.fill_between(x, line["low"], line["high"], color=colour, alpha=0.15, linewidth=0)
    ax.plot(x, line["gain"], color=colour, marker=MARKERS[ties], markersize=4, label=ties)


def _scaled(ax: Axes, name: str, values: NDArray[np.floating]) -> None:
    if name not in SPREAD:
        return
    ax.set_xscale("log")
    ax.set_xticks(values, [f"{value:,g}" for value in values])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
