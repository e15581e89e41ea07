"""Records as the masked autoencoder reads them: baselines by sparse algebra, spectra that stay."""

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.sparse.linalg import spsolve

from hfgnn.cohort import FS
from hfgnn.features.signals import GROUPS, JITTER, RESCALE, baseline, changed, cleaned, surrogate
from hfgnn.seeding import rng
from hfgnn.world.population import block, population


@pytest.fixture(scope="module")
def people() -> np.ndarray:
    ecg = block(population("hospital", people=20, seed=3), 0).ecg
    assert ecg is not None
    return ecg


def stream(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def plain(row: np.ndarray, stiff: float) -> np.ndarray:
    """Asymmetric least squares as it is written, with sparse matrices."""
    size = len(row)
    twice = sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(size - 2, size))
    weights = np.ones(size)
    for _ in range(5):
        system = sparse.diags(weights) + stiff * twice.T @ twice
        found = spsolve(system.tocsc(), weights * row)
        weights = 0.3 * (row > found) + 0.7 * (row <= found)
    return found


@pytest.mark.parametrize("stiff", [1e2, 1e5, 1e7 / 16])
def test_baselines_are_those_of_sparse_algebra(people, stiff):
    rows = people[:2].reshape(-1, people.shape[2]).astype(float)
    for own, row in zip(baseline(rows, stiff), rows, strict=True):
        np.testing.assert_allclose(own, plain(row, stiff), atol=1e-7)


def test_a_row_does_not_know_its_neighbours(people):
    rows = people[0].astype(float)
    together = baseline(rows, 1e5)
    for row, own in zip(rows, together, strict=True):
        np.testing.assert_allclose(baseline(row[None], 1e5)[0], own, atol=1e-9)


def test_a_slow_wave_goes_and_beats_stay(people):
    time = np.arange(people.shape[2]) / FS
    drift = 0.8 * np.sin(2 * np.pi * 0.05 * time + 1)
    one, other = cleaned(people, FS), cleaned(people + drift, FS)
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(one, other, strict=True)]
    assert np.median(alike) > 0.98


def test_stiffness_goes_with_the_rate(people):
    """The same record at twice the rate has the same baseline."""
    time = np.linspace(0, 1, 2500, endpoint=False)
    slow = np.sin(2 * np.pi * 3 * time) + 0.1 * np.sin(2 * np.pi * 80 * time)
    fine = np.repeat(slow, 2)
    rows = [np.tile(row, (12, 1))[None] for row in (slow, fine)]
    one, other = cleaned(rows[0], 250)[0, 0], cleaned(rows[1], 500)[0, 0, ::2]
    assert np.abs(one - other).max() < 0.05


def test_groups_of_leads_have_mean_nought_and_spread_one(people):
    x = cleaned(people, FS)
    assert x.dtype == np.float32
    for group in GROUPS:
        np.testing.assert_allclose(x[:, group].mean(axis=(1, 2)), 0, atol=1e-5)
        np.testing.assert_allclose(x[:, group].std(axis=(1, 2)), 1, atol=1e-4)
    sizes = people[:, 6:].std(axis=2) / people[:, 6:8].std(axis=2).mean(axis=1, keepdims=True)
    kept = x[:, 6:].std(axis=2) / x[:, 6:8].std(axis=2).mean(axis=1, keepdims=True)
    assert np.corrcoef(sizes.ravel(), kept.ravel())[0, 1] > 0.95  # of one group, leads compare


def test_what_is_missing_flat_or_wild_is_borne(people):
    odd = people[:3].copy()
    odd[0, 4, 100:400] = np.nan
    odd[1] = 0
    odd[2, 7, 50] = 1e6
    x = cleaned(odd, FS)
    assert np.isfinite(x).all()
    assert (x[1] == 0).all()
    beside = np.delete(x[2, 7], range(40, 60))
    assert np.abs(beside).max() < 0.01 * np.abs(x[2, 7]).max()  # it is drawn in, not taken out


@pytest.mark.parametrize("samples", [250, 251])
def test_a_surrogate_keeps_spectra_and_what_leads_are_to_each_other(samples):
    x = torch.from_numpy(rng(1, "x").normal(size=(4, 12, samples)))
    other = surrogate(x, phase=0.5, generator=stream())
    spectra = [torch.fft.rfft(part) for part in (x, other)]
    torch.testing.assert_close(spectra[1].abs(), spectra[0].abs(), rtol=1e-6, atol=1e-6)
    between = [(s[:, 0] * s[:, 5].conj()).angle() for s in spectra]
    away = torch.remainder(between[1] - between[0] + torch.pi, 2 * torch.pi) - torch.pi
    assert away.abs().max() < 1e-4
    assert (x - other).abs().mean() > 0.3
    same = surrogate(x, phase=0.0, generator=stream())
    torch.testing.assert_close(same, x, rtol=1e-6, atol=1e-6)


def test_a_changed_record_has_the_noise_and_the_sizes_of_the_paper():
    flat = torch.zeros(400, 12, 250)
    noise = changed(flat, stream())
    assert noise.std() == pytest.approx(JITTER * np.sqrt(1 + RESCALE**2), rel=0.02)
    level = changed(flat + 100, stream()).mean(dim=2) / 100
    assert level.mean() == pytest.approx(1, abs=0.03)
    assert level.std() == pytest.approx(RESCALE, rel=0.03)


def test_the_same_stream_changes_alike():
    x = torch.from_numpy(rng(1, "x").normal(size=(2, 12, 100))).float()
    assert torch.equal(changed(x, stream()), changed(x, stream()))
    assert not torch.equal(changed(x, stream()), changed(x, stream(2)))
