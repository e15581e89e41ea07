"""Two classes on one axis: how much of each lies where, and what a clip piles up at the ends."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hfgnn.plots.style import INK, NORMAL, PAPER, SICK

Floats = NDArray[np.float64]
PIN = 0.005  # an end that holds less than this share of a class needs no pin


def two_laws(
    ax: Axes, values: Floats, normal: Floats, sick: Floats, edges: Floats, *, log: bool = False
) -> None:
    """Draw the probability of each class by bin: values [n] ascend, edges part them into bins."""
    for name, mass, colour, line in (("normal", normal, NORMAL, "--"), ("sick", sick, SICK, "-")):
        share, _ = np.histogram(values[1:-1], edges, weights=mass[1:-1])
        steps = np.append(share, share[-1])
        ax.fill_between(edges, steps, step="post", color=colour, alpha=0.2, linewidth=0)
        ax.step(edges, steps, where="post", color=colour, linestyle=line, linewidth=1.6)
        for end in (0, -1):
            if mass[end] > PIN:
                _pin(ax, values[end], mass[end], colour, "right" if end == 0 else "left")
        top = int(share.argmax())
        _name(ax, name, (edges[top] + edges[top + 1]) / 2, share[top], colour)
    _only_below(ax)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()


def two_bars(ax: Axes, values: Floats, normal: Floats, sick: Floats) -> None:
    """Draw the probability of a few categories [n] in each class, side by side."""
    ax.bar(values - 0.17, normal, 0.3, facecolor="none", edgecolor=NORMAL, hatch="////")
    ax.bar(values + 0.17, sick, 0.3, color=SICK)
    for name, mass, colour, shift in (
        ("normal", normal, NORMAL, -0.17),
        ("sick", sick, SICK, 0.17),
    ):
        _name(ax, name, values[mass.argmax()] + shift, mass.max(), colour)
    ax.set_xticks(values)
    _only_below(ax)


def _pin(ax: Axes, at: float, height: float, colour: str, side: str) -> None:
    ax.plot([at, at], [0, height], color=colour, linewidth=2.4)
    ax.plot(at, height, "o", color=colour, markeredgecolor=PAPER, markersize=7)
    place = (7, -3) if side == "left" else (-7, -3)  # points from the head, outwards
    words = ax.annotate(f"{height:.1%}", (at, height), place, textcoords="offset points", ha=side)
    words.set(color=INK, fontsize=10)


def _name(ax: Axes, name: str, at: float, height: float, colour: str) -> None:
    place = (0, 5)  # points above the mode
    words = ax.annotate(name, (at, height), place, textcoords="offset points", ha="center")
    words.set(color=colour, weight="semibold", annotation_clip=True)


def _only_below(ax: Axes) -> None:
    ax.set_yticks([])
    ax.set_ylim(0, ax.get_ylim()[1] * 1.12)
