"""Cardiac MRI, short axis: what a bright-blood cine shows of the walls, in slices across the axis.

`draw` gives what models see, three moments of the middle slice; `stack` the whole heart at
end-diastole and end-systole, with the share of each voxel that is blood, muscle, right ventricle.
The side wall is on the right, the front wall above, the septum and the right ventricle on the left.
How bright each tissue is was measured on the middle slices of ninety-nine real cines, those of
ACDC (Bernard et al. 2018).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hfgnn.cohort import Cohort
from hfgnn.world.causes import Floats
from hfgnn.world.latent import Heart
from hfgnn.world.population import Population, heart_of, streams
from hfgnn.world.walls import LEVELS, TURNS, Walls, beat

Shares = NDArray[np.float32]
SIDE, PIXEL = 96, 1.5  # of a picture for models, mm
FIELD, FINE, THICK, LAYERS = 128, 1.4, 8.0, 4  # of the whole heart, and layers within a slice
ASIDE = 14.0  # mm by which the left ventricle lies right of the middle: the right one needs room
MIDDLE = 0.5  # of the height at end-diastole: where the models' slice lies

BLOOD, MUSCLE, RIGHT, REST = 0.79, 0.235, 0.48, 0.147  # so that medians are .72, .23, .50, .16
SPREAD = (0.05, 0.08, 0.08)  # of a person's first three, as a factor
FLOW, GRAIN = 0.17, 0.04  # how uneven blood and muscle are
AROUND, BELOW = 0.45, 0.5  # how uneven the rest is; the liver is brighter, the lungs darker
KNOTS = 9  # of what is uneven, along each side
NOISE = 0.04  # of each of the two channels
PAPILLARY = ((35.0, 0.62), (238.0, 0.62))  # direction, and distance by the chamber's radius
THICKNESS, DARK = 0.17, 0.75  # of a papillary muscle, by the radius; how much of it is muscle


@dataclass(frozen=True)
class Stack:
    """The whole heart of one person: end-diastole and end-systole, slices from the base."""

    picture: NDArray[np.uint8]  # [2, slices, FIELD, FIELD]
    shares: Shares  # [2, 3, slices, FIELD, FIELD]: left blood, muscle, right blood
    voxel: float = THICK * FINE**2 / 1000  # mL

    @property
    def volumes(self) -> Floats:
        """Return the volumes that the shares add up to [2, 3], mL."""
        return np.asarray(self.shares.sum(axis=(2, 3, 4), dtype=float) * self.voxel)


@dataclass(frozen=True)
class _Grid:
    """Where each pixel lies, seen from the axis: in single precision, as all that is drawn."""

    away: Shares  # mm
    turn: Shares  # radians
    pixel: float

    def shares(self, radii: Floats) -> Shares:
        """Return each pixel's share of the three tissues [..., 3, S, S], by radii."""
        at = self.turn % (2 * np.pi) * (TURNS / (2 * np.pi))
        low = at.astype(np.intp)
        part = at - low.astype(np.float32)
        low %= TURNS
        near = radii.astype(np.float32) / self.pixel
        rise = np.roll(near, -1, axis=-1) - near
        edge = near.take(low, axis=-1) + rise.take(low, axis=-1) * part
        reach = edge - (self.away / self.pixel - 0.5)
        inside = np.clip(reach, 0, np.minimum(2 * edge, 1))  # nothing is inside a radius of nothing
        inside[..., 1:, :, :] -= inside[..., :-1, :, :].copy()
        return np.asarray(inside)


def draw(heart: Heart, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the middle slice at end-diastole, mid-systole, end-systole: [n, 3, SIDE, SIDE]."""
    moments = beat(heart, rng)
    start = moments["ED"].height
    radii = np.stack([_plane(walls, MIDDLE * start) for walls in moments.values()], axis=1)
    pictures = np.empty((len(heart), len(moments), SIDE, SIDE), np.uint8)
    for person, own in enumerate(radii):
        grid = _grid(SIDE, PIXEL, rng)
        pictures[person] = _seen(grid.shares(own), grid, own[:, 0], rng)
    return pictures


def images(config: Population, people: Cohort, number: int) -> NDArray[np.uint8]:
    """Image the hearts of a population's block, as `draw` does."""
    return draw(heart_of(people.table), streams(config, number)("cmr"))


def stack(heart: Heart, rng: np.random.Generator) -> Stack:
    """Return the whole heart of the one person that is given."""
    if len(heart) != 1:
        raise ValueError(f"{len(heart)} hearts were given; a stack is of one, heart.take([i])")
    moments = beat(heart, rng)
    grid, pair = _grid(FIELD, FINE, rng), (moments["ED"], moments["ES"])
    base = float(pair[0].height[0])
    tops = np.arange(base, 0, -THICK)
    found = zip(*(_slices(walls, tops, grid) for walls in pair), strict=True)
    shares, radii = (np.concatenate(parts) for parts in found)
    pictures = _seen(shares, grid, radii, rng).reshape(2, len(tops), FIELD, FIELD)
    return Stack(pictures, shares.reshape(2, len(tops), 3, FIELD, FIELD).swapaxes(1, 2))


def _slices(walls: Walls, tops: Floats, grid: _Grid) -> tuple[Shares, Floats]:
    """Return shares [slices, 3, S, S], each the mean of its layers, and the chamber's radii."""
    shares, radii = [], []
    for top in tops:
        edges = np.clip(top - np.arange(LAYERS + 1) * THICK / LAYERS, 0, walls.height[0])
        planes = np.concatenate([_plane(walls, up) for up in (edges[:-1] + edges[1:]) / 2])
        weights = (-np.diff(edges) / THICK).astype(np.float32)
        shares.append(np.einsum("l,lcyx->cyx", weights, grid.shares(planes)))
        radii.append(planes[:, 0].mean(axis=0))
    return np.stack(shares), np.stack(radii)


def _plane(walls: Walls, up: Floats | float) -> Floats:
    """Return the three walls' radii [n, 3, TURNS] so many mm above the apex of the muscle."""
    at = np.clip(up / walls.height * LEVELS - 0.5, 0, LEVELS - 1)
    low = np.minimum(at.astype(int), LEVELS - 2)
    part, people = (at - low)[:, None], np.arange(len(at))
    each = (walls.inner, walls.outer, walls.right)
    return np.stack([w[people, low] * (1 - part) + w[people, low + 1] * part for w in each], axis=1)


def _grid(side: int, pixel: float, rng: np.random.Generator) -> _Grid:
    """Return a picture's pixels about a heart that lies nearly where it should, nearly upright."""
    right, up, turned = rng.standard_normal(3) * (3.0, 3.0, np.radians(8))
    along = (np.arange(side) - (side - 1) / 2) * pixel
    x, y = along[None, :] - ASIDE - right, -along[:, None] - up
    x, y = (part.astype(np.float32) for part in (x, y))
    return _Grid(np.hypot(x, y), np.arctan2(y, x) - np.float32(turned), pixel)


def _seen(
    shares: Shares, grid: _Grid, radii: Floats, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return pictures [m, S, S] of shares [m, 3, S, S] in a chamber of radii [m, TURNS]."""
    bright = np.array([BLOOD, MUSCLE, RIGHT]) * np.exp(SPREAD * rng.normal(size=3))
    blood, muscle, right = bright.tolist()
    flow, grain, rest = _uneven(len(grid.away), rng)
    below = -np.sin(grid.turn) * np.minimum(grid.away / 60, 1)
    around = REST * np.exp(AROUND * rest + BELOW * below)
    dark = (blood - muscle) * DARK * _papillary(grid, radii)
    clean = around + shares[:, 0] * (blood + FLOW * flow - dark - around)
    clean += shares[:, 1] * (muscle + GRAIN * grain - around)
    clean += shares[:, 2] * (right + FLOW * flow - around)
    one, two = NOISE * rng.standard_normal((2, *clean.shape), np.float32)
    size = np.sqrt((clean + one) ** 2 + two**2)
    return np.asarray(np.round(255 * np.minimum(size, 1)), np.uint8)


def _uneven(side: int, rng: np.random.Generator) -> Shares:
    """Return three smooth random pictures [3, S, S] whose SD is about 1."""
    at = np.linspace(0, KNOTS - 1, side)
    lines = np.maximum(1 - np.abs(at[:, None] - np.arange(KNOTS)), 0)
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    drawn = lines @ rng.standard_normal((3, KNOTS, KNOTS)) @ lines.T
    return np.asarray(drawn, np.float32)


def _papillary(grid: _Grid, radii: Floats) -> Shares:
    """Return how much of each pixel [m, S, S] is papillary muscle, in chambers of radii [m, T]."""
    walls = radii.astype(np.float32)[:, :, None, None]
    spread = 2 * (THICKNESS * np.maximum(walls.mean(axis=1), 1)) ** 2
    square, found = grid.away**2, np.zeros((len(radii), *grid.away.shape), np.float32)
    for direction, share in PAPILLARY:
        turn = math.radians(direction)
        far = share * walls[:, round(turn / (2 * math.pi) * TURNS)]
        gap = square + far**2 - far * (2 * grid.away * np.cos(grid.turn - np.float32(turn)))
        found += np.exp(-gap / spread)
    return np.minimum(found, 1)
