"""Places for the nodes of a causal diagram: rows by depth, columns with few crossings.

x counts columns, y counts rows downwards. Nothing is drawn here.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pairs = Sequence[tuple[str, str]]  # (cause, effect)

CROSSING, HIT, LENGTH = 1.0, 3.0, 0.15  # what a crossing, a node under an arrow, a column costs
HALF_BOX = 0.44  # of a column: what a node takes to each side
STARTS = 8  # orders from which the search sets out; the best end is kept


def rows(groups: Mapping[str, Sequence[str]], arrows: Pairs, *, columns: int) -> list[list[str]]:
    """Return the nodes of each row: group below group, in a group the effect below its cause."""
    placed = list[list[str]]()
    for members in groups.values():
        depth = dict.fromkeys(members, 0)
        for _ in members:  # the longest path has no more steps than nodes
            for cause, effect in arrows:
                if cause in depth and effect in depth:
                    depth[effect] = max(depth[effect], depth[cause] + 1)
        if any(depth[a] >= depth[b] for a, b in arrows if a in depth and b in depth):
            raise ValueError(f"the arrows among {list(members)} form a circle; causes come first")
        for step in range(max(depth.values()) + 1):
            row = [node for node in members if depth[node] == step]
            placed += [row[at : at + columns] for at in range(0, len(row), columns)]
    level = {node: at for at, row in enumerate(placed) for node in row}
    if upward := [(a, b) for a, b in arrows if level[a] >= level[b]]:
        raise ValueError(f"{upward} point upwards; give the groups in the order of causation")
    return placed


def places(
    placed: Sequence[Sequence[str]], arrows: Pairs, *, columns: int
) -> dict[str, tuple[float, float]]:
    """Return (x, y) of every node: half columns, chosen by exchanging places while it gets better.

    The search is a descent from several fixed orders, so that the same model has the same picture.
    """
    nodes = [node for row in placed for node in row]
    y = np.array([at for at, row in enumerate(placed) for _ in row], dtype=float)
    edges = np.array([(nodes.index(a), nodes.index(b)) for a, b in arrows]).reshape(-1, 2)
    dice, best, lowest = np.random.default_rng(0), np.zeros(len(nodes)), np.inf
    for start in range(STARTS):
        x = np.concatenate([_spread(len(row), columns, dice, shuffle=start > 0) for row in placed])
        cost = _descend(x, y, edges, columns)
        if cost < lowest:
            best, lowest = x, cost
    for at in range(len(placed)):  # what has no arrow may stand anywhere: in the order given
        lone = np.setdiff1d(np.flatnonzero(y == at), edges)
        best[lone] = np.sort(best[lone])
    return {node: (float(x), float(at)) for node, x, at in zip(nodes, best, y, strict=True)}


def _spread(n: int, columns: int, dice: np.random.Generator, *, shuffle: bool) -> Floats:
    """Return n neighbouring places in the middle of a row, in the order given or any other."""
    middle = np.arange(n, dtype=np.float64) + (columns - n) / 2
    return dice.permutation(middle) if shuffle else middle


def _descend(x: Floats, y: Floats, edges: NDArray[np.int_], columns: int) -> float:
    """Move nodes in place, one or two of a row at a time, until no move helps; return the cost."""
    cost, better = _cost(x, y, edges), True
    while better:
        better = False
        for node in range(len(x)):
            peers = np.flatnonzero(y == y[node])
            for place in np.arange(2 * columns - 1) / 2:
                trial = x.copy()
                taken = peers[(np.abs(x[peers] - place) < 1) & (peers != node)]
                if len(taken) > 1 or place == x[node]:
                    continue
                trial[taken], trial[node] = x[node], place
                apart = np.diff(np.sort(trial[peers]))
                if len(apart) and apart.min() < 1:
                    continue
                new = _cost(trial, y, edges)
                if new < cost - 1e-9:
                    x[:], cost, better = trial, new, True
    return cost


def _cost(x: Floats, y: Floats, edges: NDArray[np.int_]) -> float:
    """Count crossings of straight arrows and the nodes that they run over; add their breadth."""
    a, b = edges.T
    width = np.abs(x[b] - x[a])
    down = np.where(y[b] == y[a], 1.0, y[b] - y[a])
    part = (y - y[a][:, None]) / down[:, None]  # [edges, nodes]: where the node's row is met
    near = np.abs(x[a][:, None] + part * (x[b] - x[a])[:, None] - x) < HALF_BOX + 0.05
    hits = (near & (part > 0) & (part < 1)).sum()
    return float(CROSSING * _crossings(x, y, a, b) + HIT * hits + LENGTH * (width**1.5).sum())


def _crossings(x: Floats, y: Floats, a: NDArray[np.int_], b: NDArray[np.int_]) -> float:
    def side(p: NDArray[np.int_], q: NDArray[np.int_], r: NDArray[np.int_]) -> Floats:
        """Return on which side of p→q [edges, 1] the nodes r [1, edges] lie."""
        return np.sign((x[q] - x[p]) * (y[r] - y[p]) - (y[q] - y[p]) * (x[r] - x[p]))

    p, q, r, s = a[:, None], b[:, None], a[None], b[None]
    cut = (side(p, q, r) * side(p, q, s) < 0) & (side(r, s, p) * side(r, s, q) < 0)
    return float(cut.sum() / 2)
