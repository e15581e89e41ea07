"""The drawing of beats: each wave of each beat is a lead matrix times Gaussian kernels.

v_lead(t) = sum over beats b and kernels k of A[lead, k] exp(-((t - r_b - c_k) / s_k)^2 / 2), with
25 kernels a beat: 6 for P and the PR segment, 13 for QRS, 6 for ST and T. Their centres c and
widths s stretch with the person's times, so that one matrix means the same shape at any width.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.generic]
Floats = NDArray[np.floating]

LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")  # the eight that are independent
WAVES = {"p": slice(0, 6), "qrs": slice(6, 19), "t": slice(19, 25)}
P_AT = np.array([-0.050, -0.025, 0.0, 0.025, 0.050])  # s from the middle of P
P_WIDTH, PR_WIDTH = 0.015, 0.022
P_END, QRS_START = 0.060, 0.058  # the sixth kernel lies midway between them: the PR segment
QRS_AT = np.linspace(-0.054, 0.054, 13)  # s from the middle of QRS
QRS_WIDTH = 0.0068  # about three quarters of the spacing: smooth sums, no gaps
QRS_MS = 86.0  # what a scale of 1 measures as
T_AT = np.array([-0.165, -0.120, -0.075, -0.030, 0.015, 0.060])  # s from near the top of T
T_WIDTH = np.array([0.030, 0.030, 0.030, 0.028, 0.026, 0.026])
REACH = {"p": (-0.23, 0.28), "qrs": (-0.20, 0.20), "t": (-0.52, 0.38)}  # s about each middle
ADAPTATION = 0.15  # QT follows a single RR by this power; the slow part is in the person's times
TYPICAL = {"qrs_scale": 1.0, "t_peak": 0.28, "t_scale": 1.0, "pr": 0.155, "p_scale": 1.0}
ECTOPIC_SCALE = 1.7  # a ventricular ectopic spreads through muscle: about 150 ms


class Beats(Protocol):
    """What a rhythm says of n people's beats: [n, B], padded with what is not finite."""

    @property
    def times(self) -> Floats:
        """Return the middles of QRS in seconds."""

    @property
    def rr_before(self) -> Floats:
        """Return the intervals that end at each beat in seconds."""

    @property
    def kind(self) -> NDArray[np.int8]:
        """Return 0 for conducted beats, 1 for ventricular and 2 for atrial ectopics."""

    @property
    def p_wave(self) -> NDArray[np.bool_]:
        """Return who has P waves, [n]."""


@dataclass(frozen=True)
class Waves:
    """One beat of each of n people: matrices in mV, times in s, scales relative to typical."""

    p: Floats  # [n, 8, 6]
    qrs: Floats  # [n, 8, 13]
    t: Floats  # [n, 8, 6]: ST and T
    pr: Floats  # [n] from the middle of P to the middle of QRS
    p_scale: Floats  # [n]
    qrs_scale: Floats  # [n]
    t_peak: Floats  # [n] from the middle of QRS to near the top of T
    t_scale: Floats  # [n]
    rr: Floats  # [n] the RR at which these times hold
    ectopic_p: Floats  # [n, 8, 6] of an atrial ectopic
    ectopic_qrs: Floats  # [n, 8, 13] of a ventricular ectopic
    ectopic_t: Floats  # [n, 8, 6]

    def __len__(self) -> int:
        return len(self.rr)

    def take(self, index: Array) -> "Waves":
        """Return these people's waves, by number or by yes and no."""
        return Waves(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    @property
    def qrs_ms(self) -> Floats:
        """Return the duration of QRS as a careful reader would measure it, [n] ms."""
        return np.asarray(QRS_MS * self.qrs_scale)


def geometry(
    *,
    qrs_scale: ArrayLike,
    t_peak: ArrayLike,
    t_scale: ArrayLike,
    pr: ArrayLike,
    p_scale: ArrayLike,
) -> tuple[Floats, Floats]:
    """Return centres and widths of the 25 kernels in seconds from the middle of QRS, [..., 25]."""
    times = np.broadcast_arrays(qrs_scale, t_peak, t_scale, pr, p_scale)
    qrs, peak, t, pr, p = (np.asarray(x, np.float64)[..., None] for x in times)
    segment = (p * P_END - pr - qrs * QRS_START) / 2
    centres = [p * P_AT - pr, segment, qrs * QRS_AT, peak + t * T_AT]
    one = np.ones_like(qrs)
    widths = [p * np.full(5, P_WIDTH), PR_WIDTH * one, qrs * np.full(13, QRS_WIDTH), t * T_WIDTH]
    return np.concatenate(centres, axis=-1), np.concatenate(widths, axis=-1)


def beats(waves: Waves, r: Beats, fs: float, seconds: float) -> Floats:
    """Return the eight independent leads of these people's beats, [n, 8, fs * seconds] in mV."""
    n = len(waves)
    margin = round(fs)  # what reaches in from beats before and after is drawn, and cut
    samples = round(fs * seconds) + 2 * margin
    paper = np.zeros((n * samples, 8), np.float32)
    rows = np.arange(n)[:, None] * samples + margin
    for first, drawn in _pieces(waves, r, fs):
        window, at = np.arange(drawn.shape[2]), rows + first
        fits = (first >= -margin) & (first <= samples - margin - len(window))
        for beat in range(drawn.shape[1]):  # a beat's windows in n people do not overlap
            who = np.flatnonzero(fits[:, beat])
            paper[at[who, beat, None] + window] += drawn[who, beat]
    inner = paper.reshape(n, samples, 8)[:, margin : samples - margin]
    return np.ascontiguousarray(inner.transpose(0, 2, 1))


def _pieces(waves: Waves, r: Beats, fs: float) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Yield, for each wave, the first sample [n, B] and the samples [n, B, W, 8] of each beat."""
    real = np.isfinite(r.times)
    times = np.where(real, r.times, -1e3)
    wide, early = real & (r.kind == 1), real & (r.kind == 2)
    own = {name: getattr(waves, name)[:, None] for name in (*TYPICAL, "rr")}
    change = np.where(np.isfinite(r.rr_before), r.rr_before, own["rr"]) / own["rr"]
    stretch = np.clip(change, 0.4, 2.5) ** ADAPTATION
    wider = np.where(wide, ECTOPIC_SCALE - own["qrs_scale"], 0)
    peak = own["t_peak"] * stretch + QRS_START * wider
    centres, widths = geometry(
        qrs_scale=own["qrs_scale"] + wider,
        t_peak=peak,
        t_scale=own["t_scale"] * stretch,
        pr=own["pr"],
        p_scale=own["p_scale"],
    )
    atrial = real & ~wide & np.asarray(r.p_wave)[:, None]
    shown = {"p": atrial, "qrs": real, "t": real}
    ectopic = {"p": early, "qrs": wide, "t": wide}
    middle = {"p": -own["pr"] + 0 * times, "qrs": 0 * times, "t": peak}
    for wave, part in WAVES.items():
        start, end = REACH[wave]
        first = np.floor((times + middle[wave] + start) * fs).astype(np.int64)
        since = (first / fs - times).astype(np.float32)[..., None]
        since = since + np.arange(round((end - start) * fs), dtype=np.float32) / np.float32(fs)
        z = since[..., None] - centres[:, :, None, part].astype(np.float32)
        z /= widths[:, :, None, part].astype(np.float32)
        np.exp(-0.5 * z * z, out=z)
        usual, other = getattr(waves, wave), getattr(waves, f"ectopic_{wave}")
        matrix = np.where(ectopic[wave][..., None, None], other[:, None], usual[:, None])
        matrix *= shown[wave][..., None, None]
        yield first, z @ matrix.swapaxes(-1, -2)
