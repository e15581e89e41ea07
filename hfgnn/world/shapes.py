"""Beats as coordinates: five times, three gains and scores of shape, x [n, P], and back.

A wave's matrix A [8, K] becomes M = diag(leads) A L, where L makes its Euclidean length the
weighted energy of the drawn wave; then log ||M|| is the gain and the scores are M / ||M|| on a
principal basis. Cut to rank three, M is what three dipoles draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hfgnn.world.kernels import WAVES

Floats = NDArray[np.floating]
TIMES = ("qrs_scale", "t_peak", "t_scale", "pr", "p_scale")  # coordinates 0-4, as logarithms
GAINS = {"p": 5, "qrs": 6, "t": 7}  # the coordinates of the log gains
FIRST_SCORE = 8


@dataclass(frozen=True)
class Space:
    """The coordinates of one wave's shape."""

    leads: Floats  # [8] weights, so that small leads count as large ones do
    mix: Floats  # L [K, K], so that quiet moments count as loud ones do
    mean: Floats  # [8 K] of the unit shapes of normal hearts
    basis: Floats  # [S, 8 K] orthonormal

    def weigh(self, matrices: Floats) -> Floats:
        """Return M = diag(leads) A L, [n, 8, K]."""
        return np.asarray(self.leads[:, None] * matrices @ self.mix)

    def unweigh(self, weighed: Floats) -> Floats:
        """Return A of M, [n, 8, K]."""
        flat = np.linalg.solve(self.mix.T, weighed.reshape(-1, len(self.mix)).T).T
        return np.asarray(flat.reshape(weighed.shape) / self.leads[:, None])

    def scores(self, matrices: Floats) -> tuple[Floats, Floats]:
        """Return log gains [n] and scores [n, S]."""
        flat = self.weigh(matrices).reshape(len(matrices), -1)
        gain = np.linalg.norm(flat, axis=1) + 1e-9
        return np.log(gain), (flat / gain[:, None] - self.mean) @ self.basis.T

    def matrices(self, gain: Floats, scores: Floats) -> Floats:
        """Return the matrices A [n, 8, K] of log gains and scores."""
        flat = self.mean + scores @ self.basis
        flat *= (np.exp(gain) / np.linalg.norm(flat, axis=1))[:, None]
        return self.unweigh(flat.reshape(len(flat), len(self.leads), -1))

    def dipoles(self, matrices: Floats) -> Floats:
        """Return the nearest matrices of rank three, A <- U3 U3' A in the weighted space."""
        weighed = self.weigh(matrices)
        axes = np.linalg.eigh(weighed @ weighed.swapaxes(1, 2))[1][:, :, -3:]
        return self.unweigh(axes @ (axes.swapaxes(1, 2) @ weighed))


def encode(times: Floats, matrices: Floats, rr: Floats, *, spaces: dict[str, Space]) -> Floats:
    """Return the coordinates [n, P] of TIMES [n, 5] and matrices [n, 8, 25] at RR [n]."""
    parts = [spaces[wave].scores(matrices[:, :, part]) for wave, part in WAVES.items()]
    gains = np.stack([gain for gain, _ in parts], axis=1)
    return np.concatenate([_scaled(np.log(times), rr, -1), gains, *(s for _, s in parts)], axis=1)


def decode(x: Floats, rr: Floats, *, spaces: dict[str, Space]) -> tuple[Floats, dict[str, Floats]]:
    """Return times [n, 5] and each wave's matrices [n, 8, K], the inverse of encode up to rank."""
    matrices, at = {}, FIRST_SCORE
    for wave, space in spaces.items():
        matrices[wave] = space.matrices(x[:, GAINS[wave]], x[:, at : at + len(space.basis)])
        at += len(space.basis)
    return np.exp(_scaled(x[:, : len(TIMES)], rr, 1)), matrices


def _scaled(logs: Floats, rr: Floats, sign: int) -> Floats:
    """Return log times with those of T stretched by the cube root of RR, as Fridericia's QT is."""
    stretch = np.array([0, 1, 1, 0, 0]) * sign / 3
    return np.asarray(logs + np.log(rr)[:, None] * stretch)
