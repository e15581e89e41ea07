"""The drawn causal diagram: nodes in rows, an arrow from each cause to each of its effects.

The unit of both axes is one inch on a page of the book, so that text has its true size.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.bezier import BezierSegment
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from scipy.interpolate import PchipInterpolator

from hfgnn.plots.layers import HALF_BOX, Floats, Pairs, places, rows
from hfgnn.plots.style import BEST, INK, MUTED, NORMAL, PAPER, REPORTED, RIVAL, SICK, WIDTH

COLUMNS = 5  # nodes side by side: more would need smaller letters
MARGIN = 0.12  # inches at each side, where arrows may pass
COLUMN, ROW = (WIDTH - 2 * MARGIN) / COLUMNS, 0.7  # inches
BOX = (2 * HALF_BOX * COLUMN, 0.38)
AWAY = 0.04  # inches that an arrow keeps from a node
HOLD = 0.42  # of a step, how long a curve keeps its direction
Place = tuple[float, float]
COLOURS = (MUTED, SICK, BEST, NORMAL, RIVAL, REPORTED)  # of the groups, in their order


def causes(
    ax: Axes,
    groups: Mapping[str, Sequence[str]],
    arrows: Iterable[tuple[str, str]],
    *,
    noted: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
) -> None:
    """Draw groups of nodes from top to bottom and (cause, effect) arrows between them.

    Causes of nearly everything would hide the rest: those in `noted` are drawn as nodes, but their
    arrows are words below the effect. `names` are what nodes are called, where that differs.
    The figure is made as tall as the diagram.
    """
    pairs, called = list(arrows), names or {}
    drawn = [(a, b) for a, b in pairs if a not in noted]
    _known(groups, pairs)
    placed = rows(groups, drawn, columns=COLUMNS)
    at = {
        node: ((x + 0.5) * COLUMN, -(y + 0.5) * ROW)
        for node, (x, y) in places(placed, drawn, columns=COLUMNS).items()
    }
    if isinstance(ax.figure, Figure):
        ax.figure.set_size_inches(WIDTH, len(placed) * ROW)
    ax.set(xlim=(-MARGIN, WIDTH - MARGIN), ylim=(-len(placed) * ROW, 0), aspect="equal")
    ax.set_axis_off()
    colour = {n: c for c, m in zip(COLOURS, groups.values(), strict=False) for n in m}
    for (cause, _), path in routes(at, drawn).items():
        _arrow(ax, path, colour[cause])
    for node, (x, y) in at.items():
        told = [called.get(a, a) for a in noted if (a, node) in pairs]
        _node(ax, called.get(node, node), told, at=(x, y), colour=colour[node])


def _known(groups: Mapping[str, Sequence[str]], pairs: Pairs) -> None:
    nodes = {node for members in groups.values() for node in members}
    if strange := {node for pair in pairs for node in pair} - nodes:
        raise ValueError(f"no group has {sorted(strange)}; give each node of an arrow its group")
    if len(groups) > len(COLOURS):
        raise ValueError(f"{len(groups)} groups, but colours for {len(COLOURS)}; join some")


def routes(at: Mapping[str, Place], arrows: Pairs) -> dict[tuple[str, str], Path]:
    """Return the curve of each arrow: it leaves below, arrives above, and bends round the nodes."""
    out = {node: sorted((b for a, b in arrows if a == node), key=lambda n: at[n]) for node in at}
    into = {node: sorted((a for a, b in arrows if b == node), key=lambda n: at[n]) for node in at}
    found, bends = dict[tuple[str, str], Path](), list[Place]()
    for cause, effect in sorted(arrows, key=lambda p: at[p[0]][1] - at[p[1]][1]):
        start = (at[cause][0] + _port(out[cause], effect), at[cause][1] - BOX[1] / 2)
        end = (at[effect][0] + _port(into[effect], cause), at[effect][1] + BOX[1] / 2 + 0.02)
        points, before = [start, end], len(bends)
        others = [place for node, place in at.items() if node not in (cause, effect)]
        for _ in range(len(at)):
            met = _first_met(_curve(np.array(points)), others)
            if met is None or any(y == met[1] for _, y in bends[before:]):
                break
            bends.append((_gap(*met, at.values(), bends), met[1]))
            points += [(bends[-1][0], met[1] + side * BOX[1] / 2) for side in (1, -1)]
            points.sort(key=lambda p: -p[1])
        found[cause, effect] = _curve(np.array(points))
    return found


def _port(others: Sequence[str], other: str) -> float:
    """Return how far from the middle an arrow touches its node: side by side, in order."""
    step = min(0.16, 0.7 * BOX[0] / max(len(others) - 1, 1))
    return (others.index(other) - (len(others) - 1) / 2) * step


def _first_met(path: Path, nodes: Sequence[Place]) -> Place | None:
    """Return where a curve first runs over a node: its x, and the y of the node's row."""
    for x, y in _samples(path):
        for middle, row in nodes:
            if abs(y - row) < BOX[1] / 2 and abs(x - middle) < BOX[0] / 2 + 0.02:
                return x, row
    return None


def _samples(path: Path) -> Floats:
    """Return points along a path of cubic pieces, 24 a piece."""
    v, t = np.asarray(path.vertices), np.linspace(0, 1, 24)
    return np.concatenate([BezierSegment(v[k : k + 4])(t) for k in range(0, len(v) - 1, 3)])


def _gap(x: float, row: float, nodes: Iterable[Place], bends: Sequence[Place]) -> float:
    """Return the x of the row nearest to x that neither a node nor another arrow takes."""
    fits = [
        place
        for place in np.arange(-MARGIN + 0.03, WIDTH - MARGIN, 0.03)
        if all(y != row or abs(place - c) >= BOX[0] / 2 + AWAY for c, y in nodes)
        and all(y != row or abs(place - b) >= AWAY for b, y in bends)
    ]
    return float(min(fits, key=lambda place: abs(place - x), default=x))


def _curve(points: Floats) -> Path:
    """Return a smooth path through points [k, 2] from top to bottom, vertical at both ends."""
    y = -points[:, 1]
    slope = PchipInterpolator(y, points[:, 0]).derivative()(y)  # never swings past a point
    slope[[0, -1]] = 0
    ahead = np.column_stack([slope, -np.ones(len(y))]) * HOLD  # a step along the path, for each dy
    step = np.diff(y)[:, None]
    pieces = np.stack(
        [points[:-1] + step * ahead[:-1], points[1:] - step * ahead[1:], points[1:]], 1
    )
    vertices = np.concatenate([points[:1], pieces.reshape(-1, 2)])
    return Path(vertices, [Path.MOVETO] + [Path.CURVE4] * (len(vertices) - 1))


def _arrow(ax: Axes, path: Path, colour: str) -> None:
    style = "-|>,head_length=3.2,head_width=1.7"
    arrow = FancyArrowPatch(path=path, arrowstyle=style, color=colour, alpha=0.6, linewidth=0.9)
    arrow.set(zorder=1, capstyle="butt", fill=True, joinstyle="miter")
    ax.add_patch(arrow)


def _node(
    ax: Axes, name: str, told: Sequence[str], *, at: tuple[float, float], colour: str
) -> None:
    corner = (at[0] - BOX[0] / 2, at[1] - BOX[1] / 2)
    look = f"round,pad=0,rounding_size={BOX[1] / 4}"
    box = FancyBboxPatch(corner, *BOX, boxstyle=look, facecolor=PAPER, edgecolor=colour, zorder=2)
    ax.add_patch(box)
    lines = [(name, 10, "semibold", colour, 0.085 if told else 0.0)]
    lines += [(" · ".join(told), 9, "regular", INK, -0.09)] if told else []
    for words, size, weight, shade, rise in lines:
        text = ax.text(at[0], at[1] + rise, words, color=shade, size=size, weight=weight, zorder=3)
        text.set(ha="center", va="center_baseline", linespacing=0.95)
