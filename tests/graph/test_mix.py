"""What is near: which modality decides, and from whose statistics."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import zscore

from hfgnn.graph.knn import neighbours
from hfgnn.graph.mix import Weighed

RNG = np.random.default_rng(0)
PAGE = RNG.gamma(1, RNG.lognormal(0, 1, 512), (300, 512)).astype(np.float32)
CLINICAL = RNG.normal([0.5, 200, 2, 120, 60], [0.1, 300, 1, 15, 10], (300, 5))
TRAIN = np.arange(200)


def variance(x: np.ndarray) -> float:
    return float(x.var(axis=0).sum())


def shared(x: np.ndarray, other: np.ndarray) -> float:
    """The share of five neighbours that are the same in both; by chance it is 5 / 299."""
    both = zip(neighbours(x).tolist(), neighbours(other).tolist(), strict=True)
    return float(np.mean([len(set(a) & set(b)) / 5 for a, b in both]))


def test_unweighed_the_page_drowns_five_values_and_weighed_they_are_heard():
    """Nobody wished for that: by how much it does is up to what its network puts out."""
    page, clinical = PAGE.astype(float), zscore(CLINICAL)
    plain = np.hstack([page, clinical])
    weighed = np.hstack([Weighed.fit(part)(part) for part in (PAGE, CLINICAL)])
    assert variance(clinical) == pytest.approx(5)
    assert shared(plain, page) > 0.9
    assert shared(plain, clinical) < 2 * 5 / 299
    assert shared(weighed, clinical) > 0.5


@settings(deadline=None, max_examples=25)
@given(factor=st.floats(1e-3, 1e3), columns=st.integers(1, 40))
def test_weighed_modalities_vary_by_one_whatever_their_unit_and_width(factor, columns):
    for rows in (PAGE[TRAIN, :columns] * factor, CLINICAL[TRAIN]):
        found = Weighed.fit(rows)(rows)
        assert variance(found) == pytest.approx(1)
        wanted = zscore(rows) / np.sqrt(rows.shape[1])
        assert found == pytest.approx(wanted, abs=1e-4)  # float32 in zscore


def test_only_training_rows_are_learned_from():
    weighed = Weighed.fit(CLINICAL[TRAIN])
    changed = CLINICAL.copy()
    changed[200:] += 1e3
    assert np.array_equal(weighed(changed)[TRAIN], weighed(CLINICAL)[TRAIN])
    assert np.array_equal(weighed(CLINICAL[:1])[0], weighed(CLINICAL)[0])
    assert not np.allclose(Weighed.fit(changed)(CLINICAL), weighed(CLINICAL))
    with pytest.raises(dataclasses.FrozenInstanceError):
        weighed.mean = weighed.scale


def test_dead_columns_neither_explode_nor_count():
    page = PAGE[:, :6].copy()
    page[:, 2:4] = 0.1  # its mean in floating point is not quite 0.1
    weighed = Weighed.fit(page[TRAIN])
    assert variance(weighed(page[TRAIN])) == pytest.approx(1)
    assert np.abs(weighed(page)[:, 2:4]).max() < 1e-6


def test_a_modality_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="none of 5 columns varies in 9 training rows"):
        Weighed.fit(np.ones((9, 5)))
