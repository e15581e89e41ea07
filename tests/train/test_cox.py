"""Cox's model against lifelines on numbers standardised by hand; a risk that is sown is found."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from hfgnn.evaluate.survival import concordance
from hfgnn.seeding import rng
from hfgnn.train.cox import CLINICAL, PENALTY, clinical, cox_model, efron

SCALES = np.array([1.0, 0.01, 40.0, 3.0, 1.0, 7.0, 0.5, 2.0])


def people(n: int, seed: int, *, weights: tuple[float, ...] = (0.8, 0.0, -0.4)) -> tuple:
    """Draw numbers [n, 8] on several scales, akin to one another, and who falls ill by them."""
    dice = rng(seed, "cox")
    plain = dice.normal(size=(n, 8)) + 0.5 * dice.normal(size=(n, 1))
    risk = plain[:, : len(weights)] @ np.array(weights)
    months, last = dice.exponential(60 * np.exp(-risk)), dice.uniform(20, 90, n)
    table = pd.DataFrame({"time": np.minimum(months, last), "event": months <= last})
    return 5 + plain * SCALES, table, risk


def fitted(z: np.ndarray, table: pd.DataFrame) -> np.ndarray:
    """Return lifelines' weights of these columns."""
    frame = pd.DataFrame(z).assign(time=table["time"], event=table["event"])
    sure = {"precision": 1e-14, "r_precision": 1e-16}  # it stops at the sixth digit otherwise
    fit = CoxPHFitter(penalizer=PENALTY).fit(frame, "time", "event", fit_options=sure)
    return fit.params_.to_numpy()


def test_it_is_lifelines_on_standardised_columns():
    x, table, _ = people(300, 1)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    wanted, found = z @ fitted(z, table), cox_model(x, table).of(x)
    np.testing.assert_allclose(found, wanted, atol=1e-9)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(wanted))


def test_new_people_are_standardised_by_those_who_trained():
    (x, table, _), (new, _, _) = people(300, 1), people(50, 2)
    weights = fitted((x - x.mean(axis=0)) / x.std(axis=0), table)
    wanted = (2 + 3 * new - x.mean(axis=0)) / x.std(axis=0) @ weights
    np.testing.assert_allclose(cox_model(x, table).of(2 + 3 * new), wanted, atol=1e-8)


@pytest.mark.parametrize("k", [1, 3, 7])
def test_components_are_the_leading_singular_vectors_at_unit_variance(k):
    x, table, _ = people(300, 3)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    scores = z @ np.linalg.svd(z, full_matrices=False)[2][:k].T
    scores /= scores.std(axis=0)
    found = cox_model(x, table, components=k)
    np.testing.assert_allclose(found.of(x), scores @ fitted(scores, table), atol=1e-6)
    new = people(40, 4)[0]
    turned = np.linalg.svd(z, full_matrices=False)[2][:k].T
    spread = (z @ turned).std(axis=0)
    wanted = (new - x.mean(axis=0)) / x.std(axis=0) @ turned / spread @ fitted(scores, table)
    np.testing.assert_allclose(found.of(new), wanted, atol=1e-6)


@pytest.mark.parametrize("k", [8, 20])
def test_components_that_are_no_fewer_than_the_columns_leave_these_as_they_are(k):
    x, table, _ = people(200, 5)
    plain, asked = cox_model(x, table), cox_model(x, table, components=k)
    np.testing.assert_array_equal(asked.weights, plain.weights)


def test_what_is_not_known_is_the_mean_of_what_is():
    x, table, _ = people(300, 6)
    holes = x.copy()
    holes[rng(6, "holes").random(x.shape) < 0.1] = np.nan
    means, spreads = (
        np.array([part(column[~np.isnan(column)]) for column in holes.T])
        for part in (np.mean, np.std)
    )
    filled = np.where(np.isnan(holes), means, holes)
    found = cox_model(holes, table)
    z = (filled - means) / spreads  # not the spread of what was filled: that is smaller
    np.testing.assert_allclose(found.of(holes), z @ fitted(z, table), atol=1e-9)
    np.testing.assert_allclose(found.of(holes), found.of(filled), atol=1e-9)
    assert found.of(np.full((1, 8), np.nan)) == pytest.approx([0.0])


@pytest.mark.parametrize("components", [None, 2])
@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 0.1, 98.6])
def test_a_column_that_never_varies_weighs_nothing(value, components):
    """Of 0.1 the mean is not 0.1 to the last bit, nor is its standard deviation nought."""
    x, table, _ = people(320, 7)
    found = cox_model(np.insert(x, 2, value, axis=1), table, components=components)
    assert found.weights[2] == 0
    without = cox_model(x, table, components=components)
    np.testing.assert_allclose(np.delete(found.weights, 2), without.weights, atol=1e-9)
    other = np.insert(x, 2, 1e6, axis=1)  # whatever it is in new people
    np.testing.assert_allclose(found.of(other), without.of(x), atol=1e-6)


@pytest.mark.parametrize("components", [None, 2])
def test_columns_none_of_which_varies_tell_nobody_apart(components):
    table = people(50, 7)[1]
    found = cox_model(np.ones((50, 4)), table, components=components)
    np.testing.assert_array_equal(found.of(rng(7, "new").normal(size=(9, 4))), 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_risk_is_found(seed):
    (x, table, _), (new, then, truth) = people(2_000, 10 + seed), people(1_000, 20 + seed)
    found = cox_model(x, table)
    told = found.weights * SCALES
    assert told[0] > 0.3 > 0 > -0.15 > told[2]
    assert np.abs(told[[1, *range(3, 8)]]).max() < 0.15
    reached, best = (
        concordance(then["time"], then["event"], risk) for risk in (found.of(new), truth)
    )
    assert best > 0.65
    assert reached > best - 0.02


def test_a_risk_that_is_spread_over_akin_columns_is_in_the_first_component():
    dice = rng(8, "akin")
    one = dice.normal(size=600)
    x = one[:, None] + 0.5 * dice.normal(size=(600, 60))
    months, last = dice.exponential(60 * np.exp(-one)), dice.uniform(20, 90, 600)
    table = pd.DataFrame({"time": np.minimum(months, last), "event": months <= last})
    assert abs(np.corrcoef(cox_model(x, table, components=1).of(x), one)[0, 1]) > 0.99


@pytest.mark.parametrize("width", [1, 5, 40])
@pytest.mark.parametrize("months", [3, 50, 100_000])  # of many ties, of some, and of none
def test_it_is_lifelines_with_any_ties(width, months):
    x, table, _ = people(400, 30, weights=(0.6,) * min(width, 8))
    dice = rng(30, "ties")
    wide = np.column_stack([x, dice.normal(size=(400, 40))])[:, :width]
    tied = np.ceil(table["time"] / table["time"].max() * months)
    z = (wide - wide.mean(axis=0)) / wide.std(axis=0)
    wanted = fitted(z, table.assign(time=tied))
    penalty = PENALTY * 400 / 399
    found = efron(z, tied, table["event"], penalty=penalty)
    np.testing.assert_allclose(found, wanted, atol=1e-8)
    gone = efron(z[::-1], tied[::-1], table["event"][::-1], penalty=penalty)
    np.testing.assert_allclose(gone, found, atol=1e-10)


def test_a_fit_that_does_not_arrive_is_refused():
    x, table, _ = people(100, 31)
    with pytest.raises(ValueError, match="no weights in 1 steps"):
        efron(x / SCALES, table["time"], table["event"], penalty=0.1, most=1)


@settings(deadline=None, max_examples=15)
@given(
    shift=st.lists(st.integers(-50, 50), min_size=8, max_size=8),
    scale=st.lists(st.sampled_from([0.125, 0.5, 1.0, 2.0, 32.0]), min_size=8, max_size=8),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=8, max_size=8),
    components=st.sampled_from([None, 3]),
)
def test_units_do_not_matter(shift, scale, signs, components):
    x, table, _ = people(120, 9)
    other = x * np.array(scale) * np.array(signs) + np.array(shift)
    found, wanted = (cox_model(part, table, components=components).of(part) for part in (other, x))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_the_clinics_values_are_five_and_bnp_alone_is_logged():
    table = pd.DataFrame(
        {"age": [50, 60], "bnp": [1.0, np.e**5], "ef": [0.6, 0.3], "nyha": [1, 4], "sbp": [120, 99]}
    )
    found = clinical(table.assign(id="x"))
    assert CLINICAL == ("ef", "bnp", "nyha", "sbp", "age")
    np.testing.assert_allclose(found, [[0.6, 0, 1, 120, 50], [0.3, 5, 4, 99, 60]])


@pytest.mark.parametrize("name", CLINICAL)
def test_a_value_that_is_not_there_is_named(name):
    table = pd.DataFrame(1.0, index=range(3), columns=list(CLINICAL)).drop(columns=name)
    with pytest.raises(KeyError, match=name):
        clinical(table)
