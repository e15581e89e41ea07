"""Cardiac MRI: volumes read off the voxels, brightness as measured on real cines."""

from dataclasses import replace

import numpy as np
import pytest

from hfgnn.seeding import rng
from hfgnn.world.cmr import FIELD, PIXEL, SIDE, Stack, _grid, draw, stack
from hfgnn.world.latent import (
    ANTERIOR,
    INFERIOR,
    LATERAL,
    LBBB,
    NORMAL,
    Heart,
    gathered,
    hearts,
)
from hfgnn.world.patients import groups
from hfgnn.world.walls import DENSITY

HEARTS = hearts(60_000, rng(1, "hearts"))
GROUPS = groups(HEARTS)
WELL = GROUPS["healthy"]


def of(who: np.ndarray, n: int) -> Heart:
    return HEARTS.take(np.flatnonzero(who)[:n])


def one(heart: Heart, person: int) -> Stack:
    return stack(heart.take(np.array([person])), rng(person, "stack"))


@pytest.fixture(scope="module")
def stacks() -> dict[str, tuple[Heart, list[Stack]]]:
    some = {name: of(who, 6) for name, who in GROUPS.items()}
    some["heavy"] = of(HEARTS.mass / HEARTS.bsa > 95, 5)
    some["LBBB"] = of(HEARTS.conduction == LBBB, 5)
    some["large anterior"] = of((HEARTS.infarct == ANTERIOR) & (HEARTS.infarct_size > 0.3), 5)
    return {name: (own, [one(own, i) for i in range(len(own))]) for name, own in some.items()}


def test_ef_and_mass_are_read_off_the_voxels(stacks):
    for own, seen in stacks.values():
        for person, found in enumerate(seen):
            blood, muscle, _ = found.volumes.T
            assert 1 - blood[1] / blood[0] == pytest.approx(own.ef[person], abs=0.01)
            assert muscle * DENSITY == pytest.approx(own.mass[person], rel=0.01)
            assert blood[0] == pytest.approx(own.edv[person], rel=0.01)


def test_counting_the_nearest_label_alone_comes_near(stacks):
    own, seen = stacks["healthy"]
    for person, found in enumerate(seen):
        rest = 1 - found.shares.sum(axis=1, keepdims=True)
        label = np.concatenate([rest, found.shares], axis=1).argmax(axis=1)
        blood = (label == 1).sum(axis=(1, 2, 3)) * found.voxel
        assert 1 - blood[1] / blood[0] == pytest.approx(own.ef[person], abs=0.05)


def test_slices_are_of_eight_millimetres_and_pixels_below_one_and_a_half(stacks):
    for found in (s for _, seen in stacks.values() for s in seen):
        assert found.picture.shape == found.shares.shape[:1] + found.shares.shape[2:]
        assert found.picture.shape[2:] == (FIELD, FIELD)
        assert found.voxel == pytest.approx(8 * 1.4**2 / 1000)
        assert 8 <= found.picture.shape[1] <= 20
        assert (found.shares >= 0).all()
        assert found.shares.sum(axis=1).max() <= 1 + 1e-5


def test_tissues_are_as_bright_as_on_real_cines():
    told = []
    own = of(WELL, 25)
    for person in range(25):
        found = one(own, person)
        middle = found.picture.shape[1] // 2 - 1
        seen, shares = found.picture[0, middle] / 255, found.shares[0, :, middle]
        parts = [seen[share > 0.95] for share in shares] + [seen[shares.sum(axis=0) < 0.01]]
        told.append([*map(np.median, parts), parts[0].std(), parts[1].std()])
    blood, muscle, right, rest, flow, grain = np.mean(told, axis=0)
    assert blood == pytest.approx(0.72, abs=0.03)
    assert muscle == pytest.approx(0.23, abs=0.02)
    assert right == pytest.approx(0.50, abs=0.03)
    assert rest == pytest.approx(0.16, abs=0.02)
    assert flow == pytest.approx(0.18, abs=0.04)
    assert grain == pytest.approx(0.055, abs=0.01)
    ratio = np.array(told)[:, 0] / np.array(told)[:, 1]
    assert np.mean((ratio > 1.9) & (ratio < 3.8)) > 0.8  # measured: 2.9, from 1.9 to 3.8


def test_models_see_the_chamber_shrink_in_three_moments():
    pictures = draw(of(WELL, 30), rng(3, "draw"))
    assert pictures.shape == (30, 3, SIDE, SIDE)
    assert pictures.dtype == np.uint8
    bright = (pictures > 0.5 * 255).sum(axis=(2, 3)) * PIXEL**2
    assert (bright[:, 0] > bright[:, 1]).mean() > 0.9
    assert (bright[:, 1] > bright[:, 2]).mean() > 0.9


def test_the_same_seed_draws_the_same_and_another_one_another():
    own = of(WELL, 4)
    first, again, other = (draw(own, rng(seed, "draw")) for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).mean() > 0.5


def test_the_slice_tells_of_the_ejection_fraction():
    """The share of blood that leaves the middle slice orders people as their EF does."""
    own = gathered([of(who, 60) for who in GROUPS.values()])
    middle = draw(own, rng(5, "draw"))[:, ::2, 24:72, 36:84]
    blood = (middle > 0.5 * 255).sum(axis=(2, 3))
    assert np.corrcoef(1 - blood[:, 1] / blood[:, 0], own.ef)[0, 1] > 0.85


class Still:
    """A stream of noughts: every heart lies where it should."""

    def standard_normal(self, n: int) -> np.ndarray:
        return np.zeros(n)


def test_directions_are_those_of_a_short_axis_view():
    grid = _grid(SIDE, PIXEL, Still())  # type: ignore[arg-type]
    y, x = np.unravel_index(grid.away.argmin(), grid.away.shape)
    for (down, right), degrees in {(0, 20): 0, (-20, 0): 90, (0, -20): 180, (20, 0): 270}.items():
        turn = np.degrees(grid.turn[y + down, x + right]) % 360
        assert abs((turn - degrees + 180) % 360 - 180) < 3
        assert grid.away[y + down, x + right] == pytest.approx(20 * PIXEL, abs=PIXEL)


def test_the_right_ventricle_lies_left_of_the_left_one(stacks):
    across = np.arange(FIELD)
    for _, seen in stacks.values():
        for found in seen:
            left, right = (found.shares[0, part].sum(axis=(0, 1)) for part in (0, 2))
            gap = (left * across).sum() / left.sum() - (right * across).sum() / right.sum()
            assert gap > 10  # pixels


@pytest.mark.parametrize(
    ("territory", "axis", "end"), [(ANTERIOR, 1, 0), (INFERIOR, 1, 1), (LATERAL, 0, 1)]
)
def test_the_wall_that_stands_still_is_the_arterys(territory, axis, end):
    """Above, below, on the right: how far the edge of the blood in the middle slice has come in."""
    own = replace(HEARTS.take(np.arange(6)), infarct=np.full(6, territory, np.int8))
    own = replace(own, infarct_size=np.full(6, 0.3), conduction=np.full(6, NORMAL, np.int8))
    own = replace(own, ef=np.full(6, 0.35), esv=own.edv * 0.65)
    for person in range(6):
        found = one(own, person)
        blood = found.shares[:, 0, found.picture.shape[1] // 2]
        edges = []
        for phase in blood:
            there = np.flatnonzero(phase.sum(axis=axis) > 0.5)
            edges.append((there[0], there[-1]))
        came = np.abs(np.subtract(*edges))
        assert came[end] < came[1 - end]


def test_tissues_and_surroundings_stay_while_the_heart_beats(stacks):
    for _, seen in stacks.values():
        for found in seen:
            outside = found.shares.max(axis=(0, 1, 2)) == 0
            ends = found.picture[:, :, outside].mean(axis=1)
            assert np.corrcoef(*ends)[0, 1] > 0.9
            middle = found.picture.shape[1] // 2
            seen_, shares = found.picture[:, middle], found.shares[:, :, middle]
            for part, near in ((1, 0.15), (0, 0.25)):  # blood is less even
                early, late = (np.median(seen_[i][shares[i, part] > 0.9]) for i in (0, 1))
                assert late == pytest.approx(early, rel=near)


def test_a_stack_is_of_one_heart():
    with pytest.raises(ValueError, match="2 hearts were given; a stack is of one"):
        stack(of(WELL, 2), rng(1, "stack"))
