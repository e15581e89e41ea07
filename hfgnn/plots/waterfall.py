"""From a published protocol to a sound one: what each decision on the way is worth."""

import pandas as pd
from matplotlib.axes import Axes

from hfgnn.plots.style import GRID, INK, MUTED, NORMAL, RIVAL, SICK

ENDS = ("published", "sound")
LOOKS = {"reported": (INK, "o", -0.14), "true": (RIVAL, "D", 0.14)}  # colour, mark, height


def waterfall(course: Axes, worth: Axes, decisions: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Draw the way from end to end, decision by decision, and beside it each share.

    `decisions` and `whole` are those of `hfgnn.train.audited.Audit`, with a truth. Steps on the
    left are means; intervals are of the ends there, and of each share on the right.
    """
    ends = whole.set_index("of").loc[list(ENDS)]
    rows = [ENDS[0], *decisions["decision"], ENDS[1]]
    last = len(rows) - 1
    course.use_sticky_edges = False  # a bar at the edge would look cut
    _steps(course, decisions["share"].tolist(), ends["reported"].to_numpy(float)[0])
    _dots(course, ends, [0, last], {"reported": "reported", "true": "true"})
    worth.axvline(0, color=GRID, linewidth=1.5, zorder=0)
    _dots(worth, decisions, list(range(1, last)), {"reported": "share", "true": "true"})
    course.set_yticks(range(len(rows)), rows)
    course.set_ylim(last + 0.5, -0.5)


def _steps(ax: Axes, shares: list[float], at: float) -> None:
    """Draw each step as a bar from where the one before has come to."""
    for row, share in enumerate([*shares, 0.0], 1):
        ax.plot([at, at], [row - 1, row], color=MUTED, linewidth=0.7, zorder=0)
        ax.barh(row, share, left=at, height=0.55, color=SICK if share < 0 else NORMAL)
        at += share


def _dots(ax: Axes, table: pd.DataFrame, rows: list[int], columns: dict[str, str]) -> None:
    """Draw what is reported and what is true of these rows, with intervals."""
    for name, (colour, mark, shift) in LOOKS.items():
        before, at = "" if name == "reported" else f"{name} ", [row + shift for row in rows]
        ax.hlines(at, table[f"{before}low"], table[f"{before}high"], color=colour)
        ax.plot(table[columns[name]], at, mark, color=colour, markersize=4, label=name)
