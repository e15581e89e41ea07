import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from hfgnn.features.fuse import CLINICAL, FUSED, Scaler, fuse

TABLES = arrays(np.float64, (7, 3), elements=st.floats(-1e3, 1e3, width=32))


def test_scales_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(2)
    train, test = rng.normal([0.5, 400, 2], [0.1, 300, 1], (200, 3)), rng.normal(0, 1, (50, 3))
    oracle, ours = StandardScaler().fit(train), Scaler.fit(train)
    np.testing.assert_allclose(ours(test), oracle.transform(test), rtol=1e-12)
    np.testing.assert_allclose(ours(train).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(ours(train).std(axis=0), 1, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(x=TABLES, gain=st.floats(0.1, 10), lift=st.floats(-100, 100))
def test_no_unit_of_measurement_matters(x: np.ndarray, gain: float, lift: float) -> None:
    x = x + np.arange(7)[:, None] * [1.0, 10.0, 100.0]  # no column stands still
    if (x.std(axis=0) < 1e-3).any():
        return
    np.testing.assert_allclose(
        Scaler.fit(x * gain + lift)(x * gain + lift), Scaler.fit(x)(x), atol=1e-6
    )


def test_learns_from_the_rows_that_it_was_given_and_no_others() -> None:
    rng = np.random.default_rng(2)
    train, test = rng.normal(size=(30, 2)), rng.normal(5, 3, size=(20, 2))
    fitted = Scaler.fit(train)
    fitted(test)
    np.testing.assert_array_equal(fitted.mean, train.mean(axis=0))
    assert abs(Scaler.fit(np.concatenate([train, test])).mean - fitted.mean).min() > 0.5


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([1.0, 2.0, np.nan], r"column 1 \(row 2\) is nan"),
        ([1.0, np.inf, 2.0], r"column 1 \(row 1\) is inf"),
        ([4.0, 4.0, 4.0], r"column 1 \(row 0\) is 4.0 in every row"),
        ([0.1, 0.1, 0.1], r"column 1 \(row 0\) is 0.1 in every row"),
    ],
)
def test_refuses_columns_that_cannot_be_scaled(column: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Scaler.fit(np.column_stack([[1.0, 2.0, 3.0], column]))


def test_refuses_rows_of_another_width_and_a_single_row() -> None:
    with pytest.raises(ValueError, match="fitted on 2 columns"):
        Scaler.fit(np.arange(6.0).reshape(3, 2))(np.ones((4, 3)))
    with pytest.raises(ValueError, match="n of 2 or more"):
        Scaler.fit(np.ones((1, 2)))


def test_the_page_comes_first_and_the_five_follow_in_the_thesis_s_order() -> None:
    page, clinical = np.zeros((2, 512), np.float32), np.array([[0.35, 400, 3, 110, 70]] * 2)
    fused = fuse(page, clinical)
    assert fused.shape == (2, 517) == (2, FUSED)
    assert dict(zip(CLINICAL, fused[0, 512:], strict=True)) == {
        "ef": 0.35, "bnp": 400, "nyha": 3, "sbp": 110, "age": 70,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("page", "clinical"),
    [((2, 511), (2, 5)), ((2, 512), (2, 6)), ((2, 512), (3, 5)), ((2, 5), (2, 512))],
)
def test_refuses_other_widths_and_other_people(
    page: tuple[int, int], clinical: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match=r"\[n, 512\] and \[n, 5\]"):
        fuse(np.zeros(page), np.zeros(clinical))
