"""The walls of a beating heart: volumes and muscle are what the heart says, scar does not move."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfgnn.seeding import rng
from hfgnn.world.latent import ANTERIOR, INFERIOR, LATERAL, LBBB, NONE, NORMAL, Heart, hearts
from hfgnn.world.walls import DENSITY, GONE, LEVEL, SUPPLY, TURN, Walls, amplitudes, beat

HEARTS = hearts(3000, rng(1, "hearts"))


def content(walls: Walls, low: str | None, high: str) -> np.ndarray:
    """Return what lies between two walls [n], mL, added up sector by sector."""
    inside = getattr(walls, high) ** 2 - (getattr(walls, low) ** 2 if low else 0)
    sector = inside * (2 * np.pi / len(TURN)) / 2
    return sector.sum(axis=(1, 2)) * walls.height / len(LEVEL) / 1000


def like(heart: Heart, n: int, **values: float) -> Heart:
    """Return n hearts of which these variables are set by hand."""
    own = heart.take(np.arange(n))
    set_ = {k: np.full(n, v, getattr(own, k).dtype) for k, v in values.items()}
    return replace(own, **set_)


def test_volumes_and_muscle_are_the_hearts_at_every_phase():
    moments = beat(HEARTS, rng(2, "walls"))
    for phase, walls in moments.items():
        left = HEARTS.edv - GONE[phase] * (HEARTS.edv - HEARTS.esv)
        np.testing.assert_allclose(content(walls, None, "inner"), left, rtol=1e-9)
        np.testing.assert_allclose(walls.volume("inner"), left, rtol=1e-9)
        muscle = content(walls, "inner", "outer") * DENSITY
        np.testing.assert_allclose(muscle, HEARTS.mass, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    edv=st.floats(60, 400),
    ef=st.floats(0.08, 0.8),
    mass=st.floats(50, 400),
    infarct=st.sampled_from([NONE, INFERIOR, ANTERIOR, LATERAL]),
    size=st.floats(0, 0.65),
    conduction=st.sampled_from([NORMAL, LBBB]),
)
def test_no_heart_is_turned_inside_out(edv, ef, mass, infarct, size, conduction):
    own = like(HEARTS, 3, edv=edv, ef=ef, esv=edv * (1 - ef), mass=mass, infarct=infarct)
    own = replace(own, infarct_size=np.full(3, size), conduction=np.full(3, conduction, np.int8))
    for phase, walls in beat(own, rng(3, "walls")).items():
        assert (walls.inner >= 0).all()
        assert (walls.outer >= walls.inner).all()
        assert (walls.right >= walls.outer).all()
        assert (walls.height > 0).all()
        left = own.edv - GONE[phase] * (own.edv - own.esv)
        np.testing.assert_allclose(walls.volume("inner"), left, rtol=1e-9)


def test_muscle_keeps_its_volume_bit_by_bit():
    moments = beat(HEARTS.take(np.arange(50)), rng(2, "walls"))
    each = [(w.outer**2 - w.inner**2) * w.height[:, None, None] for w in moments.values()]
    for later in each[1:]:
        np.testing.assert_allclose(later, each[0], rtol=1e-9, atol=1e-9)


def test_every_segment_has_one_artery():
    assert sorted(sum(SUPPLY.values(), ())) == list(range(1, 18))


@pytest.mark.parametrize(("territory", "hit"), [(ANTERIOR, 90), (INFERIOR, 270), (LATERAL, 330)])
def test_scar_moves_less_and_thickens_less_than_what_lies_opposite(territory, hit):
    own = like(HEARTS, 200, infarct=territory, infarct_size=0.25, conduction=NORMAL)
    own = replace(own, ef=np.full(200, 0.4), esv=own.edv * 0.6)
    moments = beat(own, rng(4, "walls"))
    ends = [moments["ED"], moments["ES"]]
    middle = slice(20, 28)
    at, away = (int(angle % 360 / 360 * len(TURN)) for angle in (hit, hit + 180))
    thick = [(w.outer - w.inner)[:, middle].mean(axis=1) for w in ends]
    moved = (ends[0].inner - ends[1].inner)[:, middle].mean(axis=1)
    assert (moved[:, at] < 0.5 * moved[:, away]).mean() > 0.95
    more = thick[1] / thick[0]
    assert (more[:, at] < more[:, away]).mean() > 0.95


def test_scar_of_a_whole_territory_stands_still():
    own = like(HEARTS, 5, infarct=INFERIOR, infarct_size=0.5)
    moves = amplitudes(own, rng(5, "walls"))
    hit = np.isin(np.arange(1, 18), SUPPLY[INFERIOR])
    assert (moves[:, hit] == 0).all()
    assert np.abs(moves[:, ~hit] - 1).max() < 0.4


def test_in_lbbb_the_septum_lags_behind_the_side_wall():
    both = [like(HEARTS, 200, conduction=c, infarct=NONE) for c in (NORMAL, LBBB)]
    gone = []
    for own in both:
        moments = beat(own, rng(6, "walls"))
        moved = (moments["ED"].inner - moments["mid"].inner)[:, 20:28].mean(axis=1)
        gone.append(moved[:, len(TURN) // 2] / moved[:, 0])
    assert np.median(gone[0]) == pytest.approx(1, abs=0.1)
    assert np.median(gone[1]) < 0.3


def test_wide_chambers_are_rounder():
    ends = beat(HEARTS, rng(2, "walls"))["ED"]
    width = 2 * ends.inner.mean(axis=2).max(axis=1)
    index = HEARTS.edv / HEARTS.bsa
    assert np.corrcoef(ends.height / width, index)[0, 1] < -0.3
    healthy = (HEARTS.ef > 0.55) & (HEARTS.infarct == NONE)
    assert 85 < np.median(ends.height[healthy]) < 105  # mm, with the apex's muscle
    assert 44 < np.median(width[healthy]) < 56
