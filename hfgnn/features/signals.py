"""Ten seconds of twelve leads as the masked autoencoder reads them, and ways to change them.

Girlanda et al. (2024), after Turgut et al. (2025): what is missing is 0; what lies beyond four
standard deviations of its lead is drawn in; the baseline goes, as asymmetric least squares draw it
(Eilers and Boelens 2005); the limb leads, the augmented ones and the chest leads are each brought
to mean 0 and spread 1 as one, so that leads of a group stay comparable.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
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
    All rows are one system of five diagonals, (W + stiff D'D) z = W y: D takes second differences,
    and none across two rows.
    """
    bands, weights, found = _bending(*rows.shape) * stiff, np.ones_like(rows), rows
    for _ in range(ROUNDS):
        left = bands.copy()
        left[0] += weights.ravel()
        right = (weights * rows).ravel()
        found = solveh_banded(left, right, lower=True, overwrite_ab=True).reshape(rows.shape)
        weights = np.where(rows > found, BELOW, 1 - BELOW)
    return np.asarray(found)


def _bending(m: int, size: int) -> Floats:
    """Return D'D of m rows of this size: the diagonal and the two below it, [3, m size]."""
    bands = np.repeat(np.array([[6.0], [-4.0], [1.0]]), size, axis=1)
    bands[0, [0, -1]], bands[0, [1, -2]] = 1, 5
    bands[1, [0, -2]], bands[1, -1], bands[2, -2:] = -2, 0, 0
    return np.tile(bands, m)


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
