"""P and T in proportion: slopes against a drawn beat, and nobody beyond what is held."""

from dataclasses import replace

import numpy as np
import pytest

from hfgnn.seeding import rng
from hfgnn.world.kernels import beats
from hfgnn.world.latent import hearts
from hfgnn.world.proportion import HOLD, LIMITS, USUAL_PEAK, peak_of_t, proportioned, slopes
from hfgnn.world.rhythm import Beats
from hfgnn.world.waves import waves

N = 400


@pytest.fixture(scope="module")
def drawn():
    return waves(hearts(N, rng(1, "hearts")), rng(1, "waves"))


@pytest.fixture(scope="module")
def sex():
    return hearts(N, rng(1, "hearts")).sex


def test_slopes_are_those_of_the_drawn_waves(drawn):
    once = Beats(
        np.full((N, 1), 1.0),
        np.asarray(drawn.rr, float)[:, None],
        np.zeros((N, 1), np.int8),
        np.ones(N, bool),
        np.full(N, 0.25),
        np.zeros(N),
    )
    paper = beats(drawn, once, 1000, 2)[:, :2].astype(float)
    dense = np.abs(np.diff(paper, axis=2)) * 1000
    middle = 1000
    found = slopes(drawn)
    qrs = dense[:, :, middle - 60 : middle + 60].max(axis=2)
    assert np.median(found["qrs"] / qrs) == pytest.approx(1, abs=0.03)
    late = dense[:, :, middle + 170 :].max(axis=2)
    clear = drawn.qrs_scale < 1.1
    assert np.median((found["t"] / late)[clear]) == pytest.approx(1, abs=0.05)


def test_shapes_stay_and_only_what_is_too_steep_shrinks(drawn, sex):
    held = proportioned(drawn, sex)
    before, after = slopes(drawn), slopes(held)
    assert np.array_equal(held.qrs, drawn.qrs)
    for wave, limit in LIMITS.items():
        was = (before[wave] / before["qrs"]).max(axis=1)
        now = (after[wave] / after["qrs"]).max(axis=1)
        fine = was <= limit
        assert 0.6 < fine.mean() < 0.99
        assert now[fine] == pytest.approx(was[fine], rel=1e-5)
        assert now[~fine] == pytest.approx(limit * (was[~fine] / limit) ** (1 - HOLD), rel=1e-4)
        a, b = (getattr(w, wave).reshape(N, -1) for w in (held, drawn))
        norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        same = (a * b).sum(axis=1)[norms > 0] / norms[norms > 0]
        assert same == pytest.approx(1, abs=1e-5)


def test_the_peak_of_t_is_where_the_drawn_t_is_highest_and_comes_nearer_to_the_usual(drawn, sex):
    once = Beats(
        np.full((N, 1), 1.0),
        np.asarray(drawn.rr, float)[:, None],
        np.zeros((N, 1), np.int8),
        np.zeros(N, bool),
        np.full(N, 0.25),
        np.zeros(N),
    )
    bare = replace(drawn, qrs=0 * drawn.qrs)
    energy = (beats(bare, once, 1000, 2).astype(float) ** 2).sum(axis=1)
    there = np.round(1000 * (1 + peak_of_t(drawn))).astype(int)
    assert (energy[np.arange(N), there] > 0.95 * energy.max(axis=1)).all()
    held = proportioned(drawn, sex)
    late = [np.asarray(peak_of_t(w) / np.cbrt(w.rr)) - USUAL_PEAK[sex] for w in (drawn, held)]
    assert late[1].std() < 0.5 * late[0].std()
    assert (np.abs(late[1]) < np.abs(late[0]) + 0.01).all()
