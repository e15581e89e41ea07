"""What real records taught about beats: quantiles, correlations and shapes of each group of ECGs.

A group is a Gaussian copula over the coordinates of `shapes`: z = B' (c - c_g) + F_g e with sex,
age and RR as covariates c and standard normal e, then x = q_g(z), where q_g is known at LEVELS.
`tables/README.md` says which records, under which licence, and with what command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hfgnn.world.kernels import WAVES
from hfgnn.world.lesions import SIGNS
from hfgnn.world.shapes import FIRST_SCORE, GAINS, Space, decode

Floats = NDArray[np.floating]
TABLE = Path(__file__).parent / "tables" / "waves.npz"
LEVELS = np.linspace(-2.6, 2.6, 27)  # normal scores at which quantiles are kept
MEDIAN, LOW, HIGH = 13, 8, 18  # where among LEVELS the scores 0, -1 and 1 are
BEYOND = 3.0  # scores reach no further: no record says what lies there


@dataclass(frozen=True, eq=False)  # one table is itself alone, so that what it says can be kept
class Statistics:
    """The table: G groups, P coordinates, Q levels."""

    quantiles: Floats  # [G, Q, P]
    centre: Floats  # [G, 3] of the covariates
    slope: Floats  # [3, P]
    factors: Floats  # [G, P, P], lower triangles
    spaces: dict[str, Space]

    @property
    def medians(self) -> Floats:
        """Return each group's middle, [G, P]."""
        return self.quantiles[:, MEDIAN]

    def coordinates(self, z: Floats, group: int) -> Floats:
        """Return x [n, P] of a group at scores z [n, P]; straight between levels and beyond."""
        z, q = np.clip(z, -BEYOND, BEYOND), self.quantiles[group]
        at = (z - LEVELS[0]) / (LEVELS[1] - LEVELS[0])
        low = np.clip(np.floor(at).astype(int), 0, len(LEVELS) - 2)
        column = np.arange(z.shape[1])
        return np.asarray(q[low, column] + (at - low) * (q[low + 1, column] - q[low, column]))

    def louder(self, group: int) -> Floats:
        """Return the unit direction of e [P] along which the gain of QRS is read."""
        row = self.factors[group, GAINS["qrs"]]
        return np.asarray(row / np.linalg.norm(row))

    def part(self, wave: str) -> NDArray[np.int_]:
        """Return which coordinates are a wave's gain and scores."""
        first = FIRST_SCORE
        for name, space in self.spaces.items():
            if name == wave:
                break
            first += len(space.basis)
        return np.append(np.arange(first, first + len(self.spaces[wave].basis)), GAINS[wave])


@lru_cache(maxsize=32)  # of the one table that a simulation draws from
def lowering(s: Statistics, group: int, sign: str) -> Floats:
    """Return the unit direction of e [P] along which a reading of the beat falls in a group.

    It is the gradient of the reading at the group's middle, by differences of a tenth of an SD.
    """
    wave, weights = SIGNS[sign]
    q = s.quantiles[group]
    moved = np.vstack([q[MEDIAN], q[MEDIAN] + 0.05 * np.diag(q[HIGH] - q[LOW])])
    beats = decode(moved, np.ones(len(moved)), spaces=s.spaces)[1][wave]
    readings = (beats * weights).sum(axis=(1, 2))
    direction = (readings[0] - readings[1:]) @ s.factors[group]
    return np.asarray(direction / np.linalg.norm(direction))


def statistics(table: Mapping[str, NDArray[np.generic]]) -> Statistics:
    """Return the arrays of a table as what they are."""
    a = {name: np.asarray(value, np.float64) for name, value in table.items()}
    groups, _, p = a["quantiles"].shape
    factors = np.zeros((groups, p, p))
    factors[:, *np.tril_indices(p)] = a["factors"]
    names = ("leads", "mix", "mean", "basis")
    spaces = {wave: Space(**{name: a[f"{wave}_{name}"] for name in names}) for wave in WAVES}
    return Statistics(a["quantiles"], a["centre"], a["slope"], factors, spaces)


@cache
def shipped() -> Statistics:
    """Return the statistics that come with the package."""
    with np.load(TABLE, allow_pickle=False) as table:
        return statistics(dict(table))
