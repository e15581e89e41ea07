"""P and T in proportion to QRS: in real limb leads they are never nearly as steep.

Waves are sampled one by one, and a small QRS may meet a large P: a reader's eye, and every detector
of beats, would then take P for QRS. With r the ratio of steepest slopes, the larger of leads I and
II, a wave with r > limit is scaled by (limit / r)^HOLD in all leads, so that its shape stays.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hfgnn.world.kernels import WAVES, Waves, geometry

Floats = NDArray[np.floating]
LIMB = slice(0, 2)  # leads I and II
LIMITS = {"p": 0.13, "t": 0.17}  # of QRS's slope: 98 % of 231 normal records lie below
HOLD = 0.8  # how much of what is beyond is taken back
POINTS = 41  # at which slopes are looked for


def proportioned(waves: Waves) -> Waves:
    """Return the waves with every P and T in proportion to their QRS."""
    found = slopes(waves)
    changed = {}
    for wave, limit in LIMITS.items():
        ratio = (found[wave] / found["qrs"]).max(axis=1)
        factor = np.minimum(1, limit / np.maximum(ratio, 1e-9)) ** HOLD
        changed[wave] = (getattr(waves, wave) * factor[:, None, None]).astype(np.float32)
    return replace(waves, **changed)


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
