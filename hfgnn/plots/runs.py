"""Many runs of several methods on one axis, against a ceiling."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hfgnn.plots.style import BEST, PAPER, RIVAL


def runs(ax: Axes, scores: dict[str, NDArray[np.float64]], *, ceiling: float) -> None:
    """Draw a row for each method, the first on top: a tick for each run, a mark at their mean."""
    for row, values in enumerate(reversed(scores.values())):
        ax.plot(values, np.full(len(values), row), "|", color=RIVAL, alpha=0.3, markersize=14)
        ax.plot(np.mean(values), row, "o", color=RIVAL, markeredgecolor=PAPER, markersize=10)
    ax.axvline(ceiling, color=BEST, linewidth=1.6)
    ax.set_yticks(range(len(scores)), list(reversed(scores)))
    ax.set_ylim(-0.6, len(scores) - 0.4)
