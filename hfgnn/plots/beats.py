"""Median beats of twelve leads, each over its own moments, and how much these are heard."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hfgnn.plots.ecg import LEADS
from hfgnn.plots.style import INK, SICK

Floats = NDArray[np.floating]
SECONDS = 1.2  # of a beat


def twelve_beats(fig: Figure, beat: Floats, heard: Floats | None = None) -> NDArray[np.object_]:
    """Draw a beat [12, T], six rows of limb beside chest leads; a moment heard more is darker.

    `heard` [12, moments] is a share of each lead's attention; even shares leave the paper blank.
    """
    axes: NDArray[np.object_] = fig.subplots(6, 2, sharex=True, sharey=True)
    for lead, ax in enumerate(axes.T.ravel()):
        ax.plot(np.linspace(0, SECONDS, beat.shape[1]), beat[lead], color=INK, linewidth=0.9)
        ax.text(0, 0.95, LEADS[lead], transform=ax.transAxes, weight="semibold", va="top")
        ax.set(yticks=[], xticks=[0, 0.4, 0.8, 1.2])
        if heard is not None:
            _shade(ax, heard[lead])
    fig.supxlabel("seconds")
    return axes


def _shade(ax: Axes, heard: Floats) -> None:
    width = SECONDS / len(heard)
    for place, much in enumerate(np.clip(heard * len(heard) - 1, 0, 1)):  # 0: even, 1: twice that
        ax.axvspan(place * width, (place + 1) * width, color=SICK, alpha=0.55 * much, linewidth=0)
