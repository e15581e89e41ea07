"""Noise: Welch's method finds the planted spectra, and the law of levels is that of the table."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.signal import welch

from hfgnn.seeding import rng
from hfgnn.world.noise import EDGES, LEADS, LEVELS, Noise, electrodes, noise, shipped

N, FS = 60, 250


def quiet(n: int = N, level: float = -20.0) -> Noise:
    """Nothing but random noise of one level."""
    drawn = noise(np.full(n, 50.0), rng(0, "any"))
    flat = np.full_like(drawn.level, level)
    nothing = {k: np.zeros_like(getattr(drawn, k)) for k in ("breathed", "mains", "step", "burst")}
    return replace(drawn, level=flat, **nothing)


def sampled(person: Noise, *, breath: float = 0.25, fs: float = FS) -> np.ndarray:
    still = {"breath": np.full(len(person), breath), "phase": np.zeros(len(person))}
    return electrodes(person, rng(1, "samples"), **still, fs=fs, seconds=10)


def test_welch_finds_the_planted_power_in_every_band():
    person = quiet()
    planted = np.linspace(-3, -8, len(EDGES) - 1)
    person = replace(person, level=np.broadcast_to(planted, person.level.shape))
    f, power = welch(sampled(person), FS, nperseg=1250, detrend=False)
    middle = np.sqrt(EDGES[1:] * EDGES[:-1])
    for centre, level in list(zip(middle, planted, strict=True))[4:-1]:
        near = np.abs(f - centre) <= max(0.2, 0.02 * centre)
        assert np.log10(power[..., near].mean()) == pytest.approx(level, abs=0.06), centre


def test_white_noise_has_the_variance_of_its_power():
    wave = sampled(quiet(level=-6.0))
    band = EDGES[-1] - 0.35
    assert wave.var() == pytest.approx(1e-6 * band, rel=0.02)
    height = stats.kurtosis(wave.ravel())
    assert abs(height) < 0.05  # Gaussian


def test_there_is_nothing_above_what_the_recorder_passed():
    f, power = welch(sampled(quiet(level=-4.0), fs=500), 500, nperseg=1000)
    assert power[..., f > 128].max() < 1e-4 * power[..., (f > 20) & (f < 100)].mean()


def test_breath_and_mains_are_lines_of_the_planted_height():
    person = quiet()
    person = replace(
        person, breathed=np.full((N, 9), 0.2, np.float32), mains=np.full((N, 9), 0.01, np.float32)
    )
    wave, time = sampled(person, breath=0.23).astype(float), np.arange(2500) / FS
    for hertz, height in ((0.23, 0.2), (50.0, 0.01)):
        pair = np.stack(
            [np.sin(2 * np.pi * hertz * time), np.cos(2 * np.pi * hertz * time)], axis=1
        )
        found = np.linalg.lstsq(pair, wave.reshape(-1, 2500).T, rcond=None)[0]
        assert np.hypot(*found) / np.sqrt(2) == pytest.approx(height, rel=0.03)


def test_a_burst_is_louder_in_one_electrode_and_a_slip_comes_back():
    person = quiet(level=-6.0)
    calm = sampled(person)
    who = np.arange(N) < 5
    burst = replace(person, burst=np.where(who, 4, 0).astype(np.float32))
    louder = sampled(burst) / calm
    rows = np.arange(N)
    assert louder[~who] == pytest.approx(1)
    assert (louder[who].max(axis=2) > 1.001).sum() == 5  # one electrode each
    assert louder[rows[who], person.where[who, 1]].max() == pytest.approx(5, rel=0.01)
    step = np.where(who, 0.5, 0).astype(np.float32)
    moved = sampled(replace(person, step=step, when=np.full((N, 2), 0.3))) - calm
    slipped = moved[rows, person.where[:, 0]]
    assert np.abs(moved[~who]).max() < 1e-6
    assert np.abs(slipped[who][:, :749]).max() < 1e-6
    assert (slipped[who].max(axis=1) > 0.25).all()
    assert (np.abs(slipped[who][:, -1]) < 0.5 * np.exp(-4)).all()


def test_limb_leads_are_differences_and_chest_leads_are_as_noisy_as_their_electrodes():
    assert (LEADS[2:] ** 2).sum(axis=1) == pytest.approx(1)
    assert not LEADS[2:, :3].any()
    assert (LEADS @ LEADS.T)[6, 7] == pytest.approx(0.37, abs=0.03)  # V5 and V6 in real records
    ra, la, ll = np.eye(9)[:3]
    assert LEADS[0] == pytest.approx(la - ra)
    assert LEADS[1] == pytest.approx(ll - ra)


def test_levels_have_the_quantiles_of_the_table():
    table, n = shipped(), 4000
    mean_age = 60 + 18 * float(table.years)
    level = noise(np.full(n, mean_age), rng(2, "levels")).level.reshape(n, -1)
    inner = slice(1, -1)
    found = np.quantile(level, LEVELS[inner], axis=0)
    spread = table.quantiles[-2] - table.quantiles[1]
    assert np.abs((found - table.quantiles[inner]) / spread).mean() < 0.04


def test_noisy_people_are_noisy_in_many_electrodes_and_the_old_a_little_more():
    level = noise(np.full(2000, 50.0), rng(3, "levels")).level
    muscle = level[:, :, 12:16].mean(axis=2)
    together = np.corrcoef(muscle.T)
    assert 0.15 < together[np.triu_indices(9, 1)].mean() < 0.8
    old = noise(np.full(2000, 80.0), rng(3, "levels")).level[:, :2, 12:16].mean()
    assert 0 < old - muscle[:, :2].mean() < 0.3


def test_the_same_stream_gives_the_same_bytes_and_few_people_slip():
    once, again = (noise(np.full(4000, 60.0), rng(4, "n")) for _ in range(2))
    assert once.level.tobytes() == again.level.tobytes()
    few = once.take(np.arange(5))
    assert sampled(few).tobytes() == sampled(few).tobytes()
    assert (once.step != 0).mean() == pytest.approx(0.05, abs=0.012)
    assert (once.burst != 0).mean() == pytest.approx(0.04, abs=0.012)
