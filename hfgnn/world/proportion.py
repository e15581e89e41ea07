"""P and T in proportion to QRS: in real limb leads they are never nearly as steep.

Waves are sampled one by one, and a small QRS may meet a large P: a reader's eye, and every detector
of beats, would then take P for QRS. With r the ratio of steepest slopes, the larger of leads I and
II, a wave with r > limit is scaled by (limit / r)^HOLD in all leads, so that its shape stays.
T moves by -DRAWN (peak - USUAL_PEAK RR^(1/3)): sampled apart, shapes and times of T let QT vary
twice as much as in real records. The usual peak is that of normal records; the median of every
group of a dozen real records or more lies within a hundredth of a second of it.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hfgnn.world.kernels import T_AT, T_WIDTH, WAVES, Waves, geometry

Floats = NDArray[np.floating]
LIMB = slice(0, 2)  # leads I and II
LIMITS = {"p": 0.13, "t": 0.17}  # of QRS's slope: 98 % of 231 normal records lie below
HOLD = 0.8  # how much of what is beyond is taken back
USUAL_PEAK = np.array([0.250, 0.268])  # s at an RR of 1 s: T of 103 normal men and of 128 women
DRAWN, FARTHEST = 0.7, 0.08  # by what T's peak is drawn to the usual one; s, at most
POINTS, FINER = 41, 81  # at which slopes and peaks are looked for


def proportioned(waves: Waves, sex: NDArray[np.integer]) -> Waves:
    """Return the waves with every P and T in proportion to their QRS, T near its usual time."""
    found = slopes(waves)
    changed = {}
    for wave, limit in LIMITS.items():
        ratio = (found[wave] / found["qrs"]).max(axis=1)
        factor = np.minimum(1, limit / np.maximum(ratio, 1e-9)) ** HOLD
        changed[wave] = (getattr(waves, wave) * factor[:, None, None]).astype(np.float32)
    stretch = np.cbrt(waves.rr)
    late = peak_of_t(waves) / stretch - USUAL_PEAK[sex]
    moved = np.clip(DRAWN * late * stretch, -FARTHEST, FARTHEST)
    return replace(waves, **changed, t_peak=(waves.t_peak - moved).astype(np.float32))


def peak_of_t(waves: Waves) -> Floats:
    """Return when T of all leads together is highest, [n] s after the middle of QRS."""
    centre, scale = waves.t_peak[:, None], waves.t_scale[:, None]
    first, last = centre + scale * (T_AT[0] - 2 * T_WIDTH[0]), centre + scale * (T_AT[-1] + 0.05)
    time = first + (last - first) * np.linspace(0, 1, FINER)
    z = (time[:, :, None] - (centre + scale * T_AT)[:, None]) / (scale * T_WIDTH)[:, None]
    energy = ((waves.t @ np.exp(-0.5 * z * z).swapaxes(1, 2)) ** 2).sum(axis=1)
    return np.asarray(time[np.arange(len(time)), energy.argmax(axis=1)])


def slopes(waves: Waves) -> dict[str, Floats]:
    """Return the steepest slope of each wave in leads I and II, [n, 2] mV/s each."""
    named = ("qrs_scale", "t_peak", "t_scale", "pr", "p_scale")
    centres, widths = geometry(**{name: getattr(waves, name) for name in named})
    found = {}
    for wave, part in WAVES.items():
        c, s = centres[:, None, part], widths[:, None, part]
        first, last = (c - 2 * s).min(axis=2), (c + 2 * s).max(axis=2)
        time = first + (last - first) * np.linspace(0, 1, POINTS)
        z = (time[:, :, None] - c) / s
        slope = getattr(waves, wave)[:, LIMB] @ (-z / s * np.exp(-0.5 * z * z)).swapaxes(1, 2)
        found[wave] = np.abs(slope).max(axis=2)
    return found
