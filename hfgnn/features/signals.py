"""Ten seconds of twelve leads as the masked autoencoder reads them, and ways to change them.

Girlanda et al. (2024), after Turgut et al. (2025): what is missing is 0; what lies beyond four
standard deviations of its lead is drawn in; the baseline goes, as asymmetric least squares draw it
(Eilers and Boelens 2005); the limb leads, the augmented ones and the chest leads are each brought
to mean 0 and spread 1 as one, so that leads of a group stay comparable.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]
CLIP = 4.0  # standard deviations of a lead
STIFF, PUBLISHED_FS = 1e7, 500.0  # of the baseline, at that rate; it goes with its fourth power
BELOW, ROUNDS = 0.3, 5  # the weight of samples above the baseline, of all others 1 less that
GROUPS = (slice(0, 3), slice(3, 6), slice(6, 12))
PHASE, JITTER, RESCALE = 0.075, 0.2, 0.5  # as published


def cleaned(ecg: NDArray[np.floating], fs: float) -> NDArray[np.float32]:
    """Return ECGs [n, 12, T] as the network reads them, float32."""
    x = np.nan_to_num(np.asarray(ecg, float), posinf=0, neginf=0)
    mean, spread = x.mean(axis=2, keepdims=True), CLIP * x.std(axis=2, keepdims=True)
    x = np.clip(x, mean - spread, mean + spread)
    x -= baseline(x.reshape(-1, x.shape[2]), STIFF * (fs / PUBLISHED_FS) ** 4).reshape(x.shape)
    for group in GROUPS:
        part = x[:, group]
        part -= part.mean(axis=(1, 2), keepdims=True)
        part /= np.maximum(part.std(axis=(1, 2), keepdims=True), 1e-9)
    return np.asarray(x, np.float32)


def baseline(rows: Floats, stiff: float) -> Floats:
    """Return the baselines of rows [m, T]: z of least sum w (y - z)^2 + stiff sum (z'')^2.

    The weights w are even at first, then BELOW where a row lies above its z and the rest elsewhere.
    Each round solves (W + stiff D'D) z = W y, where D takes second differences.
    """
    y = np.ascontiguousarray(rows.T)  # a step in time is then a step for all rows at once
    weights, bends = np.ones_like(y), stiff * _bending(len(y))
    for _ in range(ROUNDS):
        found = _solved(weights, bends, weights * y)
        weights = np.where(y > found, BELOW, 1 - BELOW)
    return np.asarray(found.T)


def _solved(weights: Floats, bends: Floats, right: Floats) -> Floats:
    """Return z [T, m] of (W + B) z = right, B of five diagonals: as L D L' z, all columns at once.

    LAPACK solves such systems one after another, half as fast.
    """
    size, columns = right.shape
    one, two = np.zeros((2, size + 2, columns))  # the two diagonals of L, two places further down
    z, scale, apart = np.zeros((size + 2, columns)), np.empty((size, columns)), np.zeros(columns)
    for i in range(size):
        scale[i] = weights[i] + bends[0, i] - one[i + 1] * apart - two[i] * bends[2, i - 2]
        apart = bends[1, i] - bends[2, i - 1] * one[i + 1]
        one[i + 2], two[i + 2] = apart / scale[i], bends[2, i] / scale[i]
        z[i + 2] = right[i] - one[i + 1] * z[i + 1] - two[i] * z[i]
    found = np.zeros((size + 2, columns))
    for i in reversed(range(size)):
        found[i] = z[i + 2] / scale[i] - one[i + 2] * found[i + 1] - two[i + 2] * found[i + 2]
    return found[:size]


def _bending(size: int) -> Floats:
    """Return D'D of so many samples: the diagonal and the two below it, [3, size]."""
    bands = np.repeat(np.array([[6.0], [-4.0], [1.0]]), size, axis=1)
    bands[0, [0, -1]], bands[0, [1, -2]] = 1, 5
    bands[1, [0, -2]], bands[1, -1], bands[2, -2:] = -2, 0, 0
    return bands


def surrogate(x: Tensor, *, phase: float, generator: torch.Generator) -> Tensor:
    """Return records [n, leads, T] with the same spectra and other phases.

    Each frequency of a record is turned by a share `phase` of a full turn at most, in all leads
    alike: what one lead is to another stays (Schwabedal et al. 2018).
    """
    spectrum = torch.fft.rfft(x)
    turned = torch.rand(len(x), 1, spectrum.shape[2], generator=generator) * (2 * torch.pi * phase)
    turned[..., 0] = 0  # what does not vary has no phase,
    if x.shape[2] % 2 == 0:
        turned[..., -1] = 0  # nor has what varies with every sample
    found: Tensor = torch.fft.irfft(spectrum * torch.exp(1j * turned), n=x.shape[2])
    return found


def changed(x: Tensor, generator: torch.Generator) -> Tensor:
    """Return records [n, leads, T] changed as published: phases, noise, and each lead's size."""
    moved = surrogate(x, phase=PHASE, generator=generator)
    noise = torch.randn(x.shape, generator=generator)
    sizes = 1 + RESCALE * torch.randn(*x.shape[:2], 1, generator=generator)
    return (moved + JITTER * noise) * sizes
