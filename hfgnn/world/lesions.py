"""Lesions and ectopics from the textbook: fixed patterns over leads and kernels, in mV.

Real records teach the groups; what no group holds, or what comes and goes within one, is added
here: acute ST elevation, a lateral infarct, ischaemia, low voltage, ectopics. All sizes chosen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hfgnn.world.law import ANTERIOR, INFERIOR, LATERAL

Floats = NDArray[np.floating]
# Dower's lead matrix of a dipole (x left, y inferior, z posterior); rows I II V1-V6.
DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
# ST elevation of the first days in mV, leads I II V1-V6; III, aVL and aVF follow from I and II.
ELEVATION = np.zeros((4, 8))
ELEVATION[INFERIOR] = (-0.06, 0.13, 0.00, -0.10, -0.08, -0.03, 0.03, 0.05)
ELEVATION[ANTERIOR] = (0.06, -0.03, 0.12, 0.25, 0.28, 0.20, 0.10, 0.05)
ELEVATION[LATERAL] = (0.12, 0.00, -0.08, -0.08, -0.02, 0.05, 0.10, 0.10)
ST_SHAPE = np.array([0.9, 1.0, 0.8, 0.5, 0.2, 0.0])  # over the kernels of ST and T
# Ischaemia: ST falls and T flattens where the free wall looks, in mV a unit.
DEPRESSION = np.array([-0.03, -0.04, 0.01, 0.00, -0.03, -0.05, -0.06, -0.05])
FLATTENING = 0.35  # share of T lost for each unit of ischaemia
# A lateral infarct: the first 40 ms point away from the left arm, and R there is lost.
LATERAL_Q = np.array([-0.24, 0.00, 0.08, 0.06, 0.00, -0.06, -0.14, -0.18])
LATERAL_R = np.array([0.65, 1.0, 1.15, 1.15, 1.0, 0.85, 0.70, 0.65])
Q_SHAPE = np.exp(-0.5 * ((np.arange(13) - 3.2) / 1.5) ** 2)  # over the kernels of QRS
# Signs to be read off a beat: weights over leads and kernels. What drives a disease lowers them.
EARLY = np.exp(-0.5 * ((np.arange(13) - 4.0) / 2.0) ** 2)  # the first 40 ms of QRS
WIDE_T = np.array([0.3, 0.5, 0.8, 1.0, 1.0, 0.6])
SIGNS = {
    "anterior": ("qrs", np.outer([0, 0, 0.5, 1, 1, 0.7, 0, 0], EARLY)),  # r in V1-V4
    "inferior": ("qrs", np.outer([-1.5, 3, 0, 0, 0, 0, 0, 0], EARLY)),  # II + III + aVF
    "lateral": ("t", np.outer([0.5, 0, 0, 0, 0, 0.3, 1, 1], WIDE_T)),  # T in I and V4-V6
}
USUAL_SCAR = 0.15  # the share of the ventricle at which a pattern has its size
SPREAD = 0.4  # SD of the log size of a pattern between people
QUIET = 0.5  # what an effusion, a lung or fat leaves of every wave
OUTFLOW = np.array([-0.35, 0.75, 0.35])  # where ventricular ectopics mostly come from and go to
AURICLE = np.array([0.5, -0.5, 0.2])  # where P goes from low in the atria: P in II is down
HUMP = np.exp(-0.5 * ((np.arange(13) - np.array([[4.8], [8.4]])) / 1.8) ** 2)
DISCORDANT = -0.55 * np.array([0.25, 0.3, 0.45, 0.6, 0.5, 0.2])  # T of a ventricular ectopic
ATRIAL = 0.09 * np.array([0.5, 0.8, 1.0, 0.8, 0.4, -0.05])  # mV


@dataclass(frozen=True)
class Lesion:
    """What is wrong with n hearts that the groups of real records do not teach; all [n]."""

    territory: NDArray[np.int8]
    scar: Floats  # share of the left ventricle
    acute: NDArray[np.bool_]
    ischaemia: Floats  # units of a pattern each
    low_voltage: NDArray[np.bool_]

    def on(self, waves: dict[str, Floats], noise: Floats) -> dict[str, Floats]:
        """Return matrices [n, 8, K] of P, QRS and T with the lesions; noise [n] spreads sizes."""
        size = np.exp(SPREAD * noise)
        dose = np.sqrt(np.clip(self.scar / USUAL_SCAR, 0.3, 2))
        quiet = np.where(self.low_voltage, QUIET, 1.0)
        lateral = self.territory == LATERAL
        kept = np.where(lateral[:, None], LATERAL_R, 1.0)
        qrs = waves["qrs"] * kept[:, :, None]
        qrs = qrs + _times(size * dose * lateral, np.outer(LATERAL_Q, Q_SHAPE))
        weak = np.minimum(self.ischaemia, 2.0)
        t = _times(1 - FLATTENING * weak, waves["t"])
        t = t + _times(size * weak, np.outer(DEPRESSION, ST_SHAPE))
        t = t + _times(size * dose * self.acute, ELEVATION[self.territory][:, :, None] * ST_SHAPE)
        return {"p": _times(quiet, waves["p"]), "qrs": _times(quiet, qrs), "t": _times(quiet, t)}


def ectopics(n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Draw each person's ectopic waves, P of an atrial and QRS and T of a ventricular one."""
    main = _unit(OUTFLOW + 0.7 * rng.standard_normal((n, 3)))
    turn = 0.5 * _unit(rng.standard_normal((n, 3)))
    size = np.exp(rng.normal(0.25, 0.25, n))
    shape = np.stack([0.55 * HUMP[0] + 0.27 * HUMP[1], 0.45 * (HUMP[0] - HUMP[1])])
    away = _unit(AURICLE + 0.5 * rng.standard_normal((n, 3)))
    return {
        "ectopic_p": DOWER @ away[:, :, None] * ATRIAL,
        "ectopic_qrs": _times(size, DOWER @ np.stack([main, turn], axis=2) @ shape),
        "ectopic_t": _times(size, DOWER @ main[:, :, None] * DISCORDANT),
    }


def _times(scale: Floats, matrices: Floats) -> Floats:
    return np.asarray(scale[:, None, None] * matrices)


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.linalg.norm(v, axis=1, keepdims=True))
