"""ECGs on millimetre paper: the unit of both axes is one millimetre, at 25 mm/s and 10 mm/mV."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from hfgnn.plots.style import INK, SICK

Floats = NDArray[np.floating]

SPEED, GAIN = 25.0, 10.0  # millimetres a second, millimetres a millivolt
ROW = 30  # millimetres from one row to the next: traces may touch in large hearts, as on paper
PEN = 0.08  # millimetres that a drawn trace may stray from its samples; the pen is thicker
PULSE = np.array([[-8, 0], [-7, 0], [-7, GAIN], [-2, GAIN], [-2, 0], [-1, 0]])  # one mV
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
RHYTHM = 1  # the lead of the long strip is II
LONGEST = 10.0  # seconds on a page
FINE = 150  # millimetres of paper on which lines a millimetre apart can still be told apart
LETTERS = 15  # millimetres that a lead's name may take


def twelve_leads(ax: Axes, ecg: Floats, fs: float) -> None:
    """Draw ecg [12, T] in mV, ten seconds, as 3 rows of 4 leads and a strip of lead II."""
    ecg = np.asarray(ecg, dtype=np.float64)
    if ecg.ndim != 2 or len(ecg) != len(LEADS):
        raise ValueError(f"an ECG of shape {ecg.shape}; give [12, T], the leads {', '.join(LEADS)}")
    ecg = ecg[:, : round(LONGEST * fs)]
    columns = np.array_split(np.arange(ecg.shape[1]), 4)
    width = 5 * np.ceil(SPEED * ecg.shape[1] / fs / 5)
    _paper(ax, (-10, width + 5), (-3 * ROW - 15, 25), fine=False)
    for row in range(3):
        for column, samples in enumerate(columns):
            lead, at = 3 * column + row, (SPEED * samples[0] / fs, -ROW * row)
            _trace(ax, ecg[lead, samples], fs, at=at)
            _name(ax, LEADS[lead], ecg[lead, samples], fs, at=at)
            if column:
                _bar(ax, *at)
        _pulse(ax, -ROW * row)
    _trace(ax, ecg[RHYTHM], fs, at=(0, -3 * ROW))
    _name(ax, LEADS[RHYTHM], ecg[RHYTHM], fs, at=(0, -3 * ROW))
    _pulse(ax, -3 * ROW)
    ax.set_xlabel("one square: 0.2 s by 0.5 mV")


def strip(ax: Axes, trace: Floats, fs: float, *, name: str = "") -> None:
    """Draw one lead, trace [T] in mV, with its name; paper of a few seconds has every line."""
    trace = np.asarray(trace, dtype=np.float64)
    if trace.ndim != 1:
        raise ValueError(f"a trace of shape {trace.shape}; give one lead [T] in mV")
    length = SPEED * len(trace) / fs
    low, high = GAIN * min(trace.min(), -0.5), GAIN * max(trace.max(), 1.0)
    limits = (5 * np.floor(low / 5), 5 * np.ceil(high / 5) + 5)
    _paper(ax, (-10, 5 * np.ceil(length / 5)), limits, fine=length <= FINE)
    _trace(ax, trace, fs, at=(0, 0))
    _name(ax, name, trace, fs, at=(0, 0))
    _pulse(ax, 0)


def _paper(ax: Axes, x: tuple[float, float], y: tuple[float, float], *, fine: bool) -> None:
    """Lay out paper: a line every 5 mm, and every millimetre where there is room to see it."""
    ax.set(xlim=x, ylim=y, aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    for step, alpha, width in ((1, 0.14, 0.4), (5, 0.3, 0.6)) if fine else ((5, 0.22, 0.5),):
        across = [[(at, y[0]), (at, y[1])] for at in _every(step, x)]
        along = [[(x[0], at), (x[1], at)] for at in _every(step, y)]
        lines = LineCollection(across + along, colors=SICK, alpha=alpha, linewidths=width, zorder=0)
        ax.add_collection(lines, autolim=False)


def _every(step: int, limits: tuple[float, float]) -> NDArray[np.int_]:
    return np.arange(int(np.ceil(limits[0] / step)), int(limits[1] // step) + 1) * step


def _trace(ax: Axes, mv: Floats, fs: float, *, at: tuple[float, float]) -> None:
    time, height = SPEED * np.arange(len(mv)) / fs, GAIN * mv
    kept = _corners(time, height)
    line = ax.plot(at[0] + time[kept], at[1] + height[kept], color=INK, linewidth=0.8)
    line[0].set_clip_on(False)  # a tall wave leaves the paper rather than lose its top


def _corners(time: Floats, height: Floats) -> NDArray[np.int_]:
    """Return the samples to join, so that no other lies more than PEN above or below the line.

    As Ramer, Douglas and Peucker did, but all pieces at once: where a piece strays, its worst
    sample becomes a corner.
    """
    kept = np.array([0, len(height) - 1])
    while True:
        off = np.abs(height - np.interp(time, time[kept], height[kept]))
        worst = np.repeat(np.maximum.reduceat(off, kept[:-1]), np.diff(kept, append=len(off))[:-1])
        new = np.flatnonzero((off[: len(worst)] == worst) & (worst > PEN))
        if not len(new):
            return kept
        kept = np.union1d(kept, new)


def _name(ax: Axes, name: str, mv: Floats, fs: float, *, at: tuple[float, float]) -> None:
    """Write the lead's name at the start of its trace, above what the trace does there."""
    highest = GAIN * mv[: round(LETTERS / SPEED * fs)].max()
    place = (at[0] + 1.5, at[1] + np.clip(highest + 1.5, 7, 15))
    ax.text(*place, name, color=INK, size=10, weight="semibold", va="bottom")


def _pulse(ax: Axes, at: float) -> None:
    ax.plot(PULSE[:, 0], at + PULSE[:, 1], color=INK, linewidth=0.8, solid_joinstyle="miter")


def _bar(ax: Axes, x: float, y: float) -> None:
    ax.plot([x, x], [y - 3, y + 3], color=INK, linewidth=0.8)
