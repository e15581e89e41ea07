"""A person's beat: sampled from what real records taught, steered by the hidden heart.

A drive u moves the noise e of a person along a unit direction v with correlation rho,
e <- e + v (rho u + (sqrt(1 - rho^2) - 1) v.e), which leaves the group as it was fitted where u is
standard within the group. Matrices are cut to rank three last: three dipoles for each wave.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hfgnn.cohort import GROUPS
from hfgnn.world.drives import Drives, drives
from hfgnn.world.kernels import Waves, beats
from hfgnn.world.latent import Heart
from hfgnn.world.learned import Statistics, lowering, shipped
from hfgnn.world.lesions import Lesion, ectopics
from hfgnn.world.shapes import TIMES, decode

__all__ = ["Drives", "Waves", "beats", "drives", "sample", "waves"]

Floats = NDArray[np.floating]
VOLTAGE = 0.2  # of mass with the gain of QRS in a group; mass and Sokolow over all: 0.2-0.4
SIZE = {"AMI": ("anterior", 0.70), "IMI": ("inferior", 0.35)}  # as scar and Q waves correlate
REPOLARISATION = 0.6  # of strain and ischaemia with low T in I and V4-V6; chosen
WIDEST = 0.80  # log QRS scale that nobody exceeds: 190 ms
DELAYED = (0.31, 0.10)  # mean and SD of log QRS scale in non-specific delay: 117 ms, 100-138


def waves(heart: Heart, rng: np.random.Generator) -> Waves:
    """Draw a beat for each heart: a sample given its drives, and nothing else of it."""
    return sample(drives(heart), rng)


def sample(d: Drives, rng: np.random.Generator, *, learned: Statistics | None = None) -> Waves:
    """Draw a beat for each person from what the waves hear of the heart."""
    s = shipped() if learned is None else learned
    e, extra = rng.standard_normal((len(d), s.slope.shape[1])), rng.standard_normal((len(d), 2))
    ectopic = ectopics(len(d), rng)
    x = _coordinates(e, d, s)
    x[:, 0] += d.delay
    slow = d.ivcd & ~np.isin(d.group, ["CLBBB", "CRBBB"])
    x[:, 0] = np.where(slow, DELAYED[0] + DELAYED[1] * extra[:, 0], x[:, 0])
    x[:, 0] = np.minimum(x[:, 0], WIDEST)
    times, a = decode(x, d.rr, spaces=s.spaces)
    a["p"] *= d.atrial[:, None, None]
    hurt = Lesion(d.territory, d.scar, d.acute, d.ischaemia, d.low_voltage).on(a, extra[:, 1])
    parts = {wave: s.spaces[wave].dipoles(matrix) for wave, matrix in hurt.items()}
    parts |= dict(zip(TIMES, times.T, strict=True)) | {"rr": d.rr} | ectopic
    return Waves(**{name: value.astype(np.float32) for name, value in parts.items()})


def _coordinates(e: Floats, d: Drives, s: Statistics) -> Floats:
    """Return the coordinates [n, P] of people with noise e, with the shifts of second diseases."""
    x = np.empty_like(e)
    for number, name in enumerate(GROUPS):
        who = np.flatnonzero(d.group == name)
        moved = e[who]
        for v, u, rho in _moves(d, s, number):
            moved = moved + np.outer(rho * u[who] + (np.sqrt(1 - rho**2) - 1) * (moved @ v), v)
        z = (d.covariates[who] - s.centre[number]) @ s.slope + moved @ s.factors[number].T
        x[who] = s.coordinates(z, number)
    shift = s.medians - s.medians[0]
    shift[:, : len(TIMES)] = 0  # a second disease changes shapes; the times are the first one's
    shift[:, s.part("p")] = 0
    return np.asarray(x + d.second @ shift)


def _moves(d: Drives, s: Statistics, group: int) -> Iterator[tuple[Floats, Floats, float]]:
    """Yield direction, drive and correlation of what moves the beats of a group."""
    name = GROUPS[group]
    if name in SIZE:
        sign, rho = SIZE[name]
        yield lowering(s, group, sign), d.size, rho
    yield lowering(s, group, "lateral"), d.repolarisation, REPOLARISATION
    yield s.louder(group), d.voltage, VOLTAGE
