"""One record's beat as kernels: the times and matrices that draw its median beat.

Variable projection: times enter the model non-linearly and are searched; at each set of times the
matrices are the ridge solution. The model passes the filter that the record passed: kernels repeat
at the record's RR and their harmonics are multiplied by |H(f)|^2, which is what filtering forwards
and backwards does.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.signal import butter, filtfilt, find_peaks, freqz, resample_poly

from hfgnn.world.kernels import QRS_MS, WAVES, geometry

Floats = NDArray[np.floating]
FS = 500  # samples a second of the fit
BEFORE, AFTER = 175, 275  # samples of the median beat before and after its middle
WINDOW = np.arange(-BEFORE, AFTER)
FILTER = butter(2, [0.5 / (FS / 2), 40 / (FS / 2)], "band")  # wander and mains are not the heart's
EIGHT = [0, 1, 6, 7, 8, 9, 10, 11]  # of twelve leads, those that are independent
LOUDER = 3.0  # weight of what comes before QRS: P is a tenth of QRS and must not be drowned
LATER = 1.5  # weight of ST and T
RIDGE = np.repeat([3e-3, 1e-3, 1e-3, 1e-6], [6, 13, 6, 1])  # of P, QRS, T and the level
ABSENT = 1e4  # the ridge of P where there is none
PULL = 0.057  # mV: the misfit that weighs as much as one stray of a time
STRAY = np.array([0.05, 0.03, 0.15, 0.02, 0.20, 0.004])  # of each time from its first guess
LOW = np.array([-0.6, 0.15, -0.8, 0.06, -0.7, -0.06])
HIGH = np.array([1.1, 0.60, 0.6, 0.34, 0.7, 0.06])
PRS = (0.10, 0.12, 0.14, 0.16, 0.18, 0.20, 0.23)  # s from P to QRS: first guesses, all tried,
PEAKS = (0.22, 0.25, 0.28, 0.31, 0.34, 0.37, 0.40)  # and from QRS to T


@dataclass(frozen=True)
class Beat:
    """What was fitted to one record."""

    times: Floats  # [5]: QRS scale, T peak, T scale, PR, P scale, as in hfgnn.world.shapes.TIMES
    matrices: Floats  # [8, 25] mV
    rr: float  # s
    misfit: float  # root of the share of the beat's energy that is not drawn


@dataclass(frozen=True)
class Target:
    """A median beat as the fit sees it."""

    mv: Floats  # [n, 8] weighted samples
    weight: Floats  # [n, 1]
    kept: NDArray[np.int_]  # [n] which of the window's samples
    ridge: Floats  # [26]
    rr: float


def fit_beat(ecg: NDArray[np.floating], fs: float, *, atrial: bool = True) -> Beat:
    """Return the kernels that draw the median beat of ecg [12, T]; without P where not atrial."""
    beat, rr = median_beat(ecg, fs)
    start, end = bounds(beat)
    target = _target(beat, rr, (start, end), atrial=atrial)
    middle, width = ((start + end) / 2 - BEFORE) / FS, (end - start) / FS
    later = width / 2 - QRS_MS / 2e3  # of a wide QRS, P and T are farther from the middle
    peaks = np.minimum(1, rr / 0.6) * np.array(PEAKS)
    scales = np.log(width * 1e3 / QRS_MS), np.log(rr) / 3
    guesses = [
        np.array([scales[0], peak + later, scales[1], pr + later, 0.0, middle])
        for peak, pr in product(peaks, PRS if atrial else PRS[3:4])
    ]
    guesses = [np.clip(q, LOW + 1e-3, HIGH - 1e-3) for q in guesses]
    best = min(guesses, key=lambda q: float((_residuals(q, q, target) ** 2).sum()))
    q = least_squares(
        _residuals,
        best,
        args=(best, target),
        bounds=(LOW, HIGH),
        x_scale=STRAY,
        diff_step=np.full(6, 1e-3),
        max_nfev=12,
    ).x
    amplitudes, left = project(q, target)
    times = np.where([1, 0, 1, 0, 1], np.exp(q[:5]), q[:5])
    misfit = float(np.linalg.norm(left) / np.linalg.norm(target.mv))
    return Beat(times, amplitudes[:25].T, rr, misfit)


def median_beat(ecg: NDArray[np.floating], fs: float) -> tuple[Floats, float]:
    """Return the median [8, 450] of the aligned, filtered beats of ecg [12, T], and its RR."""
    x = np.asarray(ecg, np.float64)
    x = x if fs == FS else resample_poly(x, FS, round(fs), axis=1)
    x = filtfilt(*FILTER, x, axis=1)
    speed = np.linalg.norm(np.gradient(x, axis=1), axis=0)
    energy = np.convolve(speed, np.ones(41) / 41, "same")
    peaks = find_peaks(energy, height=0.35 * np.percentile(energy, 98), distance=FS // 4)[0]
    inner = peaks[(peaks >= BEFORE + 10) & (peaks < x.shape[1] - AFTER - 10)]
    if len(inner) < 3:
        raise ValueError(
            f"{len(inner)} whole beats in a record; a median beat needs three: leave it"
        )
    first = np.median(x[EIGHT][:, inner[:, None] + WINDOW], axis=1)
    tried = inner[:, None] + np.arange(-10, 11)  # 20 ms either way
    near = x[EIGHT][:, tried[..., None] + WINDOW]
    best = np.einsum("lbsw,lw->bs", near, first).argmax(axis=1)
    aligned = near[:, np.arange(len(inner)), best]
    return np.median(aligned, axis=1), float(np.median(np.diff(peaks)) / FS)


def bounds(beat: Floats) -> tuple[int, int]:
    """Return the first and last sample of QRS in [8, 450]: where the leads together move fast."""
    one, two = beat[0], beat[1]
    twelve = np.vstack([beat, two - one, (one + two) / 2, one - two / 2, two - one / 2])
    speed = np.linalg.norm(np.gradient(twelve, axis=1), axis=0)
    speed = np.convolve(speed, np.ones(5) / 5, "same")
    top = BEFORE - 50 + int(speed[BEFORE - 50 : BEFORE + 50].argmax())
    rest = np.percentile(speed, 20)
    calm = np.convolve(speed < rest + 0.06 * (speed[top] - rest), np.ones(8), "valid") == 8
    before, after = np.flatnonzero(calm[: top - 7]) + 8, np.flatnonzero(calm[top:]) + top
    start = max(int(before[-1]) if len(before) else 0, top - 70)
    return start, min(int(after[0]) if len(after) else len(speed), top + 100)


def _target(beat: Floats, rr: float, qrs: tuple[int, int], *, atrial: bool) -> Target:
    """Return one period of a median beat about its QRS, weighted so that small waves count."""
    weight = np.ones((len(WINDOW), 1))
    weight[: max(qrs[0] - 4, 0)], weight[qrs[1] + 6 :] = LOUDER, LATER
    since = WINDOW - (sum(qrs) / 2 - BEFORE)
    kept = np.flatnonzero((since > -0.42 * rr * FS) & (since < 0.66 * rr * FS))
    ridge = RIDGE * np.sqrt(len(kept))
    ridge[WAVES["p"]] *= 1 if atrial else ABSENT
    return Target((weight * beat.T)[kept], weight[kept], kept, ridge, rr)


@cache
def _response(period: int) -> Floats:
    """Return |H|^2 at the harmonics of a period in samples, as a column."""
    w = 2 * np.pi * np.arange(period // 2 + 1) / period
    return np.asarray(np.abs(freqz(*FILTER, worN=w)[1]) ** 2)[:, None]


def drawn(q: Floats, rr: float) -> Floats:
    """Return the filtered kernels [450, 25] at RR of q: times, logs of scales, and a shift."""
    names = ("qrs_scale", "t_peak", "t_scale", "pr", "p_scale")
    times = np.where([1, 0, 1, 0, 1], np.exp(q[:5]), q[:5])
    centres, widths = geometry(**dict(zip(names, times, strict=True)))
    period = round(rr * FS)
    since = np.arange(period)[:, None] / FS - centres - q[5]
    since -= period / FS * np.round(since * FS / period)
    spectrum = np.fft.rfft(np.exp(-0.5 * (since / widths) ** 2), axis=0) * _response(period)
    return np.fft.irfft(spectrum, n=period, axis=0)[WINDOW % period]


def project(q: Floats, target: Target) -> tuple[Floats, Floats]:
    """Return the ridge solution at q, [26, 8] with each lead's level last, and what it leaves."""
    level = np.ones((len(target.kept), 1))
    x = target.weight * np.hstack([drawn(q, target.rr)[target.kept], level])
    amplitudes = np.linalg.solve(x.T @ x + np.diag(target.ridge**2), x.T @ target.mv)
    return amplitudes, x @ amplitudes - target.mv


def _residuals(q: Floats, guess: Floats, target: Target) -> Floats:
    """Return what is left, the ridge's part and the pull of the first guess, in one vector."""
    amplitudes, left = project(q, target)
    shrunk = target.ridge[:, None] * amplitudes
    return np.concatenate([left.ravel(), shrunk.ravel(), PULL * (q - guess) / STRAY])
