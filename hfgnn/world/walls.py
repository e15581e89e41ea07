"""The ventricles' walls through one beat: the shape behind a cardiac MRI, from volumes and mass.

The left ventricle is a prolate ellipsoid that is cut off at its base, inside another one; what lies
between the two is the muscle. A wall has levels (from the apex of the muscle, 0, to the base, 1)
and directions (from the side wall over the front one, the septum, the lower one). When it contracts
the base comes down, the inner wall moves in by each segment's own amplitude, and every bit of the
muscle keeps its volume, so the wall thickens. One factor for all segments makes the volume what the
heart says it is. The right ventricle is a crescent around the septum. All lengths are in mm.
"""

from dataclasses import dataclass

import numpy as np

from hfgnn.world.causes import Floats
from hfgnn.world.latent import ANTERIOR, INFERIOR, LATERAL, LBBB, Heart

LEVELS, TURNS = 48, 72
LEVEL = (np.arange(LEVELS) + 0.5) / LEVELS
TURN = np.arange(TURNS) * 2 * np.pi / TURNS
DENSITY = 1.05  # g/mL of muscle

# The seventeen segments of the American Heart Association, by their middles: two rings of six and
# one of four, from the front wall over the septum, in degrees, and the cap; by level.
SIX, FOUR = (90, 150, 210, 270, 330, 30), (90, 180, 270, 0)
RINGS = ((0.83, SIX), (0.5, SIX), (0.22, FOUR), (0.04, (0,)))
SUPPLY = {ANTERIOR: (1, 2, 7, 8, 13, 14, 17), INFERIOR: (3, 4, 9, 10, 15)}
SUPPLY |= {LATERAL: (5, 6, 11, 12, 16)}

CUT = 0.45  # the base lies this share of the half length beyond the widest level
LONG, LONG_SD = 2.5, 0.05  # half length by half width of a chamber of usual size
ROUND, USUAL = -0.25, 80.0  # power of its mL/m2 by which a wide chamber is rounder, and the usual
APEX = 0.6  # how thick the muscle is at the apex, by the widest level
OVAL, SEPTUM = 0.08, 0.10  # SD of how oval the chamber is; how much thicker the septum is
DESCENT = 0.235  # of the length, for an EF of one: 14 % in a healthy heart
GONE = {"ED": 0.0, "mid": 0.6, "ES": 1.0}  # share of the stroke volume that has left
UNEVEN = 0.06  # SD of a healthy segment's amplitude
FLASH = {"ED": 0.0, "mid": 0.8, "ES": 0.3}  # LBBB: the septum moves less, the side wall more
MOST = 0.97  # of its way to the axis that any bit of the inner wall may go
EVEN = (0.0, 0.3, 0.6, 1.0)  # towards even motion, where scar would leave too little to pump

RIGHT, RIGHT_SPREAD = 85.0, 0.12  # mL/m2 of the right ventricle at end-diastole, and its spread
RIGHT_EF, RIGHT_SD, RIGHT_LOSS = 0.57, 0.05, 0.22  # and what cardiomyopathy takes
REACH, LOW = np.radians(75), 0.10  # how far it goes around the septum, and towards the apex


@dataclass(frozen=True)
class Walls:
    """The walls of n people at one moment."""

    inner: Floats  # [n, LEVELS, TURNS] from the axis: of the left chamber,
    outer: Floats  # of its muscle,
    right: Floats  # and of the right chamber, which lies outside the muscle
    height: Floats  # [n] from the apex of the muscle, which stays, to the base

    def volume(self, part: str) -> Floats:
        """Return the volume [n] inside one of the three walls, mL."""
        return np.asarray(np.pi * self.height * _mean(getattr(self, part) ** 2) / 1000)


def beat(heart: Heart, rng: np.random.Generator) -> dict[str, Walls]:
    """Return the walls at each phase."""
    chamber, muscle, height = _rest(heart, rng)
    moves = np.einsum("ns,szt->nzt", amplitudes(heart, rng), _SPREAD)
    z = rng.standard_normal((2, len(heart)))
    right = RIGHT * heart.bsa * np.exp(RIGHT_SPREAD * z[0])
    leaves = np.clip(RIGHT_EF - RIGHT_LOSS * heart.cardiomyopathy + RIGHT_SD * z[1], 0.1, 0.75)
    found, late = {}, (heart.conduction == LBBB)[:, None, None] * np.cos(TURN)
    for phase, gone in GONE.items():
        short = 1 - DESCENT * heart.ef * gone
        size = heart.edv - gone * (heart.edv - heart.esv)
        inner = _moved(chamber, moves * (1 + FLASH[phase] * late), _area(size, height * short))
        outer = np.sqrt(inner**2 + muscle / short[:, None, None])
        crescent = _area(right * (1 - gone * leaves), height * short)
        found[phase] = Walls(inner, outer, outer + _crescent(outer, crescent), height * short)
    return found


def amplitudes(heart: Heart, rng: np.random.Generator) -> Floats:
    """Return how far each segment moves [n, 17], a healthy one by about 1; scar does not move."""
    moves = 1 + UNEVEN * rng.standard_normal((len(heart), 17))
    for territory, segments in SUPPLY.items():
        share = np.clip(heart.infarct_size * 17 / len(segments), 0, 1)
        hit = np.where(heart.infarct == territory, share, 0)
        moves[:, np.array(segments) - 1] *= 1 - hit[:, None]
    return moves


def _spread() -> Floats:
    """Return how much each segment has of each place [17, LEVELS, TURNS]; in all it is one."""
    levels, parts = sorted(level for level, _ in RINGS), []
    for level, middles in RINGS:
        along = np.interp(LEVEL, levels, np.equal(levels, level).astype(float))
        for middle in middles:
            own = np.equal(middles, middle).astype(float)
            around = np.interp(np.degrees(TURN), middles, own, period=360)
            parts.append(np.outer(along, around))
    return np.array(parts)


_SPREAD = _spread()


def _rest(heart: Heart, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return at end-diastole the chamber's squared radii and the muscle's share of them, mm2.

    Both are [n, LEVELS, TURNS]; with them comes the height [n].
    """
    slim, oval, toward = rng.standard_normal((3, len(heart)))
    form = LONG * (heart.edv / heart.bsa / USUAL) ** ROUND * np.exp(LONG_SD * slim)
    wide = (1000 * heart.edv / (np.pi * form * _cut(np.ones(1), CUT))) ** (1 / 3)
    long, whole = form * wide, 1000 * (heart.edv + heart.mass / DENSITY)
    low, high = np.zeros(len(heart)), np.full(len(heart), 60.0)
    for _ in range(40):  # the thickness that holds the muscle, halved in
        thick = (low + high) / 2
        deep = long + APEX * thick
        small = np.pi * (wide + thick) ** 2 * _cut(deep, CUT * long) < whole
        low, high = np.where(small, thick, low), np.where(small, high, thick)
    height = CUT * long + deep
    z = (-deep[:, None] + np.outer(height, LEVEL))[:, :, None]
    chamber = wide[:, None, None] ** 2 * np.maximum(1 - (z / long[:, None, None]) ** 2, 0)
    muscle = (wide + thick)[:, None, None] ** 2 * (1 - (z / deep[:, None, None]) ** 2) - chamber
    ring = 1 + OVAL * oval[:, None] * np.cos(2 * (TURN - toward[:, None]))
    chamber = chamber * ring[:, None, :]
    muscle = muscle * (1 - SEPTUM * np.cos(TURN))
    return (
        chamber * (_area(heart.edv, height) / _mean(chamber))[:, None, None],
        muscle * (_area(heart.mass / DENSITY, height) / _mean(muscle))[:, None, None],
        height,
    )


def _cut(long: Floats, base: Floats | float) -> Floats:
    """Return the volume of an ellipsoid of half width 1 cut off at its base, by pi."""
    return np.asarray(base + long - (base**3 + long**3) / (3 * long**2))


def _moved(chamber: Floats, moves: Floats, area: Floats) -> Floats:
    """Return the inner wall's radii where it has moved in until the mean squared radius is this."""
    inner = np.sqrt(chamber)
    done = np.zeros(len(inner), bool)
    found = inner.copy()
    for even in EVEN:
        rows = np.flatnonzero(~done)
        if not len(rows):
            break
        own = moves[rows] + even * (1 - moves[rows])
        nought, one, two = (_mean(chamber[rows] * own**power) for power in range(3))
        room = one**2 - two * (nought - area[rows])
        way = (one - np.sqrt(np.maximum(room, 0))) / two
        fits = (room >= 0) & (way * own.max(axis=(1, 2)) <= MOST)
        found[rows[fits]] = (inner[rows] * (1 - way[:, None, None] * own))[fits]
        done[rows[fits]] = True
    return found


def _crescent(outer: Floats, area: Floats) -> Floats:
    """Return how far the right chamber reaches beyond the muscle, to add this squared radius."""
    around = np.maximum(np.cos((TURN - np.pi) * (np.pi / 2 / REACH)), 0)
    around[np.abs(TURN - np.pi) > REACH] = 0
    shape = np.clip((LEVEL - LOW) / 0.45, 0, 1)[:, None] ** 0.7 * around
    two, one = float((shape**2).mean()), _mean(outer * shape)
    reach = (np.sqrt(one**2 + two * area) - one) / two
    return np.asarray(reach[:, None, None] * shape)


def _mean(values: Floats) -> Floats:
    return np.asarray(values.mean(axis=(1, 2)))


def _area(volume: Floats, height: Floats) -> Floats:
    """Return the mean squared radius, mm2, of what holds so many mL in this height."""
    return np.asarray(1000 * volume / (np.pi * height))
