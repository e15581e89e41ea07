"""A drawn graph of patients: who hears whom, as lines where there are many, else as arrows."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hfgnn.plots.style import GRID, INK, NORMAL, PAPER, SICK

LOOKS = {"sick": (True, SICK, "o"), "normal": (False, NORMAL, "s")}


def network(
    ax: Axes, at: ArrayLike, edges: ArrayLike, sick: ArrayLike, *, marked: ArrayLike = False
) -> None:
    """Draw nodes at [n, 2] in the look of their label [n] and a line for each edge [2, E].

    Marked nodes [n] have a dark rim. How many lines and dots there are depends on no tie and no
    rim, so that a drawing of another machine, on which a tie fell otherwise, can be compared.
    """
    places, label = np.asarray(at, float), np.asarray(sick, dtype=bool)
    rim = np.where(np.broadcast_to(marked, label.shape), INK, PAPER)
    ends = np.asarray(edges).T
    strokes = np.full((len(ends), 3, 2), np.nan)  # from, to, a gap: one line for all edges
    strokes[:, :2] = places[ends]
    ax.plot(*strokes.reshape(-1, 2).T, color=GRID, linewidth=0.5, zorder=1)
    for name, (which, colour, mark) in LOOKS.items():
        x, y = places[label == which].T
        rims = rim[label == which].tolist()
        drawn = ax.scatter(x, y, c=colour, marker=mark, edgecolors=rims, linewidths=0.6)
        drawn.set(sizes=[14], zorder=2, label=name)
    ax.set_aspect("equal")
    ax.set_axis_off()


def arrows(ax: Axes, at: ArrayLike, edges: ArrayLike, names: Sequence[str]) -> None:
    """Draw a few named nodes at [n, 2] and an arrow from who speaks to who hears, edges [2, E]."""
    places = np.asarray(at, float)
    how = {"arrowstyle": "-|>", "color": INK, "shrinkA": 19, "shrinkB": 19, "linewidth": 1.6}
    for speaks, hears in np.asarray(edges).T:
        bent = {"connectionstyle": "arc3,rad=0.25"}  # two that hear each other: an arrow each
        ax.annotate("", places[hears], places[speaks], arrowprops=how | bent)
    ax.plot(*places.T, "o", markersize=34, color=PAPER, markeredgecolor=INK)
    for name, (x, y) in zip(names, places, strict=True):
        ax.text(x, y, name, ha="center", va="center", color=INK)
    ax.margins(0.3)
    ax.set_axis_off()
