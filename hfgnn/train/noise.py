"""What is left of real records without their beat, as statistics: noise, and the finest QRS.

Noise: the record minus its mean beat, as power by band and lead. I = LA - RA, II = LL - RA and
III = LL - LA have the powers of two electrodes each, so RA = (I + II - III) / 2, and so on. Finest
QRS: the mean beat above 25 Hz minus what the kernels of `hfgnn.train.beats` draw there, as kernels
of 3 ms, relative to how sharply QRS bends.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, filtfilt, find_peaks, resample_poly, sosfiltfilt
from scipy.special import ndtri, polygamma

from hfgnn.train.beats import BEFORE, EIGHT, FILTER, Beat, bounds
from hfgnn.world.details import FINE_AT, FINE_WIDTH, bends
from hfgnn.world.kernels import WAVES, geometry
from hfgnn.world.noise import EDGES, LEVELS

Floats = NDArray[np.float64]
FS, FINE_FS = 250, 500  # samples a second of the noise and of the finest QRS
REGULAR = 0.12  # of RR: more irregular records have beats of several kinds
FACTORS, SHAPES = 12, 24  # components kept
BLURRED = 1.05  # by what the mean of beats, aligned to 2 ms, is smaller than a beat above 45 Hz
PLAIN = 0.06  # s on each side of a beat's middle that are no noise
MAINS = (49.5, 50.5)  # Hz


def noise(ecg: Floats, age: Floats) -> dict[str, Floats]:
    """Return the law of log10 power by electrode and band, for ecg [n, 12, T] at 500 Hz."""
    found = [spectrum(resample_poly(record, FS, FINE_FS, axis=1)) for record in ecg]
    kept = np.array([f is not None for f in found])
    power, mains = (np.array(a) for a in zip(*(f for f in found if f is not None), strict=True))
    level = np.log10(power).reshape(len(power), -1)
    middle = np.median(level, axis=0)
    level = middle + (level - middle) * _honest(level)
    quantiles = np.quantile(level, LEVELS, axis=0)
    z = ndtri((np.argsort(np.argsort(level, axis=0), axis=0) + 0.5) / len(level))
    years = np.clip(np.nan_to_num(age[kept], nan=60), 18, 90)
    years = (years - 60) / 18
    slope = (years - years.mean()) @ z / ((years - years.mean()) ** 2).sum()
    left = z - z.mean(axis=0) - np.outer(years - years.mean(), slope)
    _, s, axes = np.linalg.svd(left / np.sqrt(len(z)), full_matrices=False)
    factors = s[:FACTORS, None] * axes[:FACTORS]
    own = np.sqrt(np.maximum((left**2).mean(axis=0) - (factors**2).sum(axis=0), 0))
    return {
        "quantiles": quantiles,
        "slope": slope,
        "years": np.array(years.mean()),
        "factors": factors,
        "own": own,
        "mains": np.array([np.log(mains).mean(), np.log(mains).std()]),
    }


def spectrum(ecg: Floats) -> tuple[Floats, float] | None:
    """Return power by electrode (RA LA LL V1-V6) and band [9, bands] in mV2/Hz, and mains in mV."""
    left = residue(ecg[EIGHT])
    if left is None:
        return None
    rest, duty = left
    leads = np.vstack([rest[:2], rest[1] - rest[0], rest[2:]])
    size = leads.shape[1]
    window = np.hanning(size)
    f = np.fft.rfftfreq(size, 1 / FS)
    transform = np.fft.rfft((leads - leads.mean(axis=1, keepdims=True)) * window, axis=1)
    power = 2 * np.abs(transform) ** 2 / (window**2).sum() / FS
    power[:, f > 15] /= 1 - duty  # beats were bridged by straight lines
    line, calm = _within(f, *MAINS), _within(f, 46, 54) & ~_within(f, 49, 51)
    hum = (power[:, line].mean(axis=1) - power[:, calm].mean(axis=1)) * (MAINS[1] - MAINS[0])
    power[:, _within(f, 49, 51)] = power[:, calm].mean(axis=1, keepdims=True)
    bands = [
        power[:, _within(f, a, b)].mean(axis=1) for a, b in zip(EDGES, EDGES[1:], strict=False)
    ]
    line_power = hum.mean() / (
        1 - duty
    )  # a line loses that share of its height, noise of its power
    return electrodes(np.array(bands).T), float(np.sqrt(max(line_power, 1e-9)))


def electrodes(leads: Floats) -> Floats:
    """Return the powers of the electrodes, [9, bands], of leads I II III V1..V6, [9, bands]."""
    (i, ii, iii), chest = leads[:3], leads[3:]
    limbs = np.array([i + ii - iii, i + iii - ii, ii + iii - i]) / 2
    limbs = np.maximum(limbs, 0.1 * leads[:3].min(axis=0))
    return np.vstack([limbs, chest])


def _within(f: NDArray[np.floating], low: float, high: float) -> NDArray[np.bool_]:
    return (f >= low) & (f < high)


def residue(x: Floats) -> tuple[Floats, float] | None:
    """Return leads x [8, T] at 250 Hz without their mean beat, and the share that was bridged."""
    high = sosfiltfilt(butter(2, 0.5, "high", fs=FS, output="sos"), x, axis=1)
    at = fiducials(high, FS)
    rr = np.diff(at)
    if len(at) < 5 or rr.std() > REGULAR * rr.mean():
        return None
    window = np.arange(-int(0.4 * np.median(rr)), int(0.6 * np.median(rr)) + 1)
    inner = at[(at + window[0] >= 0) & (at + window[-1] < x.shape[1])]
    beat = high[:, inner[:, None] + window].mean(axis=1)
    beat -= np.linspace(beat[:, 0], beat[:, -1], len(window), axis=1)
    time = np.arange(x.shape[1])
    since = time - at[np.abs(time[:, None] - at).argmin(axis=1)]
    covered = (since >= window[0]) & (since <= window[-1])
    rest = x.copy()
    rest[:, covered] -= beat[:, since[covered] - window[0]]
    bridged = np.abs(since) <= PLAIN * FS + 2
    for lead in rest:
        lead[bridged] = np.interp(time[bridged], time[~bridged], lead[~bridged])
    return rest, float(bridged.mean())


def fiducials(x: Floats, fs: int) -> NDArray[np.int64]:
    """Return the samples of the beats of leads x [8, T], each aligned with their median beat."""
    speed = np.linalg.norm(np.gradient(x, axis=1), axis=0)
    energy = np.convolve(speed, np.ones(fs // 12) / (fs // 12), "same")
    peaks = find_peaks(energy, height=0.35 * np.percentile(energy, 98), distance=fs // 4)[0]
    near, shift = np.arange(-fs // 16, fs // 16 + 1), np.arange(-fs // 50, fs // 50 + 1)
    inner = peaks[(peaks >= len(near)) & (peaks < x.shape[1] - len(near))]
    if not len(inner):
        return np.empty(0, np.int64)
    first = np.median(x[:, inner[:, None] + near], axis=1)
    moved = x[:, (inner[:, None] + shift)[..., None] + near]
    return np.asarray(inner + shift[np.einsum("lbsw,lw->bs", moved, first).argmax(axis=1)])


def _honest(level: Floats) -> Floats:
    """Return by what a spread of estimates shrinks to the spread of what is estimated."""
    width = np.diff(EDGES) * 10  # independent values in ten seconds, two thirds under the window
    error = polygamma(1, np.maximum(width / 1.5, 1)) / np.log(10) ** 2
    error = np.tile(error, level.shape[1] // len(error))
    return np.asarray(np.sqrt(np.clip(1 - error / level.var(axis=0), 0.1, 1)))


def finest(ecg: Sequence[Floats], fitted: Sequence[Beat]) -> dict[str, Floats]:
    """Return the law of the finest QRS: ecg [12, T] at 500 Hz, and the kernels fitted to each."""
    a = np.array([_fine(x[EIGHT], beat) for x, beat in zip(ecg, fitted, strict=True)])
    qrs, scale = zip(*((b.matrices[:, WAVES["qrs"]], b.times[0]) for b in fitted), strict=True)
    shape = a / bends(np.array(qrs), np.array(scale))
    wide, share = np.log(scale), np.log((shape**2).mean(axis=(1, 2))) / 2
    slope, level = np.polyfit(wide, share, 1)
    spread = (share - level - slope * wide).std()
    shape = (shape / np.exp(share)[:, None, None]).reshape(len(a), -1)
    mean = shape.mean(axis=0)
    _, s, axes = np.linalg.svd((shape - mean) / np.sqrt(len(a)), full_matrices=False)
    whole = np.sqrt((s**2).sum() / (s[:SHAPES] ** 2).sum())  # what is cut off is made up for
    basis = whole * s[:SHAPES, None] * axes[:SHAPES]
    law = np.array([level + np.log(BLURRED), slope, spread])
    return {"fine_law": law, "fine_mean": mean, "fine_basis": basis}


def _fine(x: Floats, fitted: Beat) -> Floats:
    """Return the amplitudes of the finest kernels of one record, [8, F] mV."""
    smooth = filtfilt(*FILTER, x, axis=1)
    at, window = fiducials(smooth, FINE_FS), np.arange(-BEFORE, 275)
    at = at[(at >= BEFORE) & (at < x.shape[1] - 275)][:, None] + window
    beat, high = np.median(smooth[:, at], axis=1), butter(2, 25, "high", fs=FINE_FS, output="sos")
    fine = sosfiltfilt(high, x, axis=1)[:, at].mean(axis=1)
    start, end = bounds(beat)
    scale, peak, stretch, pr, atrial = fitted.times
    centres, widths = geometry(pr=pr, p_scale=atrial, qrs_scale=scale, t_peak=peak, t_scale=stretch)
    best, least = np.empty(0), np.inf
    for shift in (start + end) / 2 / FINE_FS + np.arange(-0.02, 0.0201, 0.001):
        since = (window + BEFORE) / FINE_FS - shift
        drawn = fitted.matrices @ np.exp(-0.5 * ((since[:, None] - centres) / widths) ** 2).T
        misfit = float(((filtfilt(*FILTER, drawn, axis=1) - beat)[:, 100:350] ** 2).sum())
        if misfit < least:
            best, least, left = since, misfit, fine - sosfiltfilt(high, drawn, axis=1)
    near = np.abs(best) < 0.07
    kernels = np.exp(-0.5 * ((best[near, None] - FINE_AT) / FINE_WIDTH) ** 2)
    gram = kernels.T @ kernels + 0.05 * np.eye(len(FINE_AT))
    return np.asarray(np.linalg.solve(gram, kernels.T @ left[:, near].T).T)


def save(table: dict[str, Floats], folder: Path) -> Path:
    """Write the statistics as float32: more digits would say more than the records do."""
    path = folder / "noise.npz"
    small: dict[str, Any] = {name: value.astype(np.float32) for name, value in table.items()}
    np.savez_compressed(path, **small)
    return path
