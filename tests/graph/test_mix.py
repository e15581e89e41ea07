"""What is near: which modality decides, and from whose statistics."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import zscore

from hfgnn.graph.knn import neighbours
from hfgnn.graph.mix import Weighed, balanced_mix, published_mix

RNG = np.random.default_rng(0)
PAGE = RNG.gamma(1, RNG.lognormal(0, 1, 512), (300, 512)).astype(np.float32)
CLINICAL = RNG.normal([0.5, 200, 2, 120, 60], [0.1, 300, 1, 15, 10], (300, 5))
TRAIN = np.arange(200)


def variance(x: np.ndarray) -> float:
    return float(x.var(axis=0).sum())


def test_the_published_mix_is_both_as_they_are():
    mixed = published_mix(PAGE, zscore(CLINICAL))
    assert mixed.shape == (300, 517)
    assert np.array_equal(mixed[:, :512], PAGE)
    assert np.array_equal(mixed[:, 512:], zscore(CLINICAL))
    assert variance(mixed[:, 512:]) == pytest.approx(5)
    by_page = (neighbours(mixed) == neighbours(PAGE.astype(float))).mean()
    assert by_page > 0.9  # here the page drowns five values without anyone having wished it


@settings(deadline=None, max_examples=25)
@given(factor=st.floats(1e-3, 1e3), columns=st.integers(1, 40))
def test_balanced_modalities_weigh_the_same(factor, columns):
    page = PAGE[:, :columns] * factor
    mixed = balanced_mix(page[TRAIN], CLINICAL[TRAIN])(page[TRAIN], CLINICAL[TRAIN])
    assert variance(mixed[:, :columns]) == pytest.approx(1)
    assert variance(mixed[:, columns:]) == pytest.approx(1)
    wanted = np.hstack(
        [zscore(page[TRAIN]) / np.sqrt(columns), zscore(CLINICAL[TRAIN]) / np.sqrt(5)]
    )
    assert mixed == pytest.approx(wanted, abs=1e-4)  # float32 in zscore


def test_only_training_rows_are_learned_from():
    mix = balanced_mix(PAGE[TRAIN], CLINICAL[TRAIN])
    changed = CLINICAL.copy()
    changed[200:] += 1e3
    assert np.array_equal(mix(PAGE, changed)[TRAIN], mix(PAGE, CLINICAL)[TRAIN])
    assert np.array_equal(mix(PAGE[:1], CLINICAL[:1])[0], mix(PAGE, CLINICAL)[0])
    assert not np.allclose(balanced_mix(PAGE, changed)(PAGE, CLINICAL), mix(PAGE, CLINICAL))
    with pytest.raises(dataclasses.FrozenInstanceError):
        mix.page = mix.clinical


def test_dead_columns_neither_explode_nor_count():
    page = PAGE[:, :6].copy()
    page[:, 2:4] = 0.1  # its mean in floating point is not quite 0.1
    weighed = Weighed.fit(page[TRAIN])
    assert variance(weighed(page[TRAIN])) == pytest.approx(1)
    assert np.abs(weighed(page)[:, 2:4]).max() < 1e-6


def test_a_mix_of_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError, match="300 pages and 200 rows of clinical values"):
        published_mix(PAGE, CLINICAL[TRAIN])
    with pytest.raises(ValueError, match="300 pages and 200 rows of clinical values"):
        balanced_mix(PAGE, CLINICAL)(PAGE, CLINICAL[TRAIN])
    with pytest.raises(ValueError, match="none of 5 columns varies in 9 training rows"):
        balanced_mix(PAGE[:9], np.ones((9, 5)))
