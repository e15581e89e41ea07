"""What the kernels of the waves leave out: the finest part of QRS, fibrillating atria, the breath.

Finest QRS, above 45 Hz: D_lead(t) = exp(a + b log w + c z) sum_k E[lead, k] S[lead, k] g_k(t), with
w its width, E how sharply the lead's QRS bends about t_k, S = mean + scores on a basis, g_k
Gaussians of 3 ms: real notches sit where QRS bends, and nothing in its shape tells their sign.
Fibrillation: v_lead(t) = sum over two dipoles of d_lead saw(phase(t)), 4-9 Hz.
Breath: leads grow and shrink by a few percent.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hfgnn.world.kernels import QRS_AT, QRS_WIDTH, Waves
from hfgnn.world.noise import shipped
from hfgnn.world.rhythm import VENTRICULAR, Beats

Floats = NDArray[np.floating]

FINE_AT = np.linspace(-0.052, 0.052, 27)  # s from the middle of QRS
FINE_WIDTH = 0.003  # s
FLOOR = 0.1  # of the sharpest bend: where QRS is straight, a tenth remains
FINE_REACH = 0.066  # s on each side of the middle
WAVE_HZ, WAVE_HZ_SD = 6.3, 0.9  # of fibrillation, kept within 4-9 Hz
WAVE_MV, WAVE_SD = 0.055, 0.5  # mV in V1: median, and SD of the logarithm
WAVE_LEADS = np.array([0.30, 0.55, 1.0, 0.6, 0.40, 0.30, 0.25, 0.22])  # I II V1-V6, against V1
BREATHS, BREATHS_SD = 0.018, 0.5  # by what share leads grow: median, SD of the logarithm


@dataclass(frozen=True)
class Details:
    """What is drawn of n people beside their waves."""

    fine: Floats  # [n, 8, 27] mV
    fibrillation: Floats  # [n, 2, 8] mV; zero in sinus rhythm
    hertz: Floats  # [n, 2] of the fibrillation
    breaths: Floats  # [n, 8] by what leads grow with the breath

    def __len__(self) -> int:
        return len(self.fine)

    def take(self, index: NDArray[np.generic]) -> "Details":
        """Return these people's details, by number or by yes and no."""
        return Details(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def details(waves: Waves, p_wave: NDArray[np.bool_], rng: np.random.Generator) -> Details:
    """Draw the details that go with these waves."""
    n, table = len(waves), shipped()
    level, slope, spread = table.fine_law
    scores = rng.standard_normal((n, len(table.fine_basis)))
    shape = (table.fine_mean + scores @ table.fine_basis).reshape(n, 8, len(FINE_AT))
    share = level + slope * np.log(waves.qrs_scale) + spread * rng.standard_normal(n)
    fine = np.exp(share)[:, None, None] * bends(waves.qrs, waves.qrs_scale) * shape
    height = WAVE_MV * np.exp(WAVE_SD * rng.standard_normal(n))
    leads = WAVE_LEADS * (1 + 0.35 * rng.standard_normal((n, 2, 8)))
    leads *= np.array([1.0, 0.5])[:, None] * (height * ~p_wave)[:, None, None]
    hertz = np.clip(WAVE_HZ + WAVE_HZ_SD * rng.standard_normal((n, 1)), 4.2, 8.8)
    hertz = np.clip(hertz + 0.4 * rng.standard_normal((n, 2)), 4, 9)
    growth = BREATHS * np.exp(BREATHS_SD * rng.standard_normal((n, 1)))
    growth = growth * (rng.choice([-1.0, 1.0], (n, 1)) + 0.7 * rng.standard_normal((n, 8)))
    parts = (fine, leads, hertz, growth)
    return Details(*(np.asarray(part, np.float32) for part in parts))


def bends(qrs: Floats, scale: Floats) -> Floats:
    """Return how sharply QRS bends in each lead about FINE_AT: |q''| over 30 ms, [n, 8, 27] mV."""
    z = (FINE_AT[:, None] / scale[:, None, None] - QRS_AT) / QRS_WIDTH
    bend = np.abs(qrs @ ((z * z - 1) * np.exp(-0.5 * z * z)).swapaxes(1, 2))
    near = np.abs(np.subtract.outer(np.arange(27), np.arange(27)))
    smooth = np.where(near < 4, 1 + np.cos(np.pi * near / 4), 0) / 8
    spread = bend @ smooth
    return np.asarray(spread + FLOOR * spread.max(axis=2, keepdims=True))


def add_fine(ecg: Floats, details: Details, beats: Beats, fs: float) -> None:
    """Add the finest QRS of the conducted beats to ecg [n, 8, T], in place."""
    n, _, samples = ecg.shape
    window = np.arange(round(2 * FINE_REACH * fs))
    drawn = np.isfinite(beats.times) & (beats.kind != VENTRICULAR)
    who, beat = np.nonzero(drawn)
    first = np.floor((beats.times[who, beat] - FINE_REACH) * fs).astype(int)
    whole = (first >= 0) & (first + len(window) <= samples)
    who, beat, first = who[whole], beat[whole], first[whole]
    since = (first[:, None] + window) / fs - beats.times[who, beat][:, None]
    z = ((since[..., None] - FINE_AT) / FINE_WIDTH).astype(np.float32)
    pieces = details.fine[who] @ np.exp(-0.5 * z * z).swapaxes(1, 2)
    ecg[who[:, None], :, first[:, None] + window] += pieces.swapaxes(1, 2)


def add_fibrillation(ecg: Floats, details: Details, rng: np.random.Generator, *, fs: float) -> None:
    """Add f-waves to those whose atria fibrillate, in place: saw teeth that wander and swell."""
    who = np.flatnonzero(details.fibrillation.any(axis=(1, 2)))
    time = np.arange(ecg.shape[2]) / fs
    turns = rng.uniform(0.15, 0.6, (2, len(who), 2, 1)) * time + rng.random((2, len(who), 2, 1))
    wander, swell = np.sin(2 * np.pi * turns)
    start = rng.random((len(who), 2, 1))
    angle = 2 * np.pi * (details.hertz[who][..., None] * time + start) + 1.2 * wander
    saw = (1 + 0.45 * swell) * (np.sin(angle) + 0.35 * np.sin(2 * angle + 0.6))
    ecg[who] += details.fibrillation[who].swapaxes(1, 2) @ saw.astype(np.float32)


def add_breath(ecg: Floats, details: Details, beats: Beats, fs: float) -> None:
    """Let leads grow and shrink with the breath, in place."""
    time = np.arange(ecg.shape[2], dtype=np.float32) / np.float32(fs)
    angle = (2 * np.pi * beats.breath[:, None]).astype(np.float32) * time
    swing = np.sin(angle + beats.phase[:, None].astype(np.float32))
    ecg *= 1 + details.breaths[:, :, None] * swing[:, None, :]
