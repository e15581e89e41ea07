"""The published variables against SciPy's own distributions and against the printed patients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hfgnn.seeding import rng
from hfgnn.world.clinical import PUBLISHED, Categorical, LogNormal, Normal, Variable, draw

BOTH = [(v, name) for v in PUBLISHED for name in ("normal", "sick")]
PRINTED = {  # the three patients that the thesis prints
    "EF": [0.334, 0.464, 0.68],
    "BNP": [463.3, 26.9, 59.5],
    "NYHA": [3, 2, 2],
    "SBP": [132, 111.9, 130.7],
    "age": [70, 73, 54],
}


def frozen(law):
    """The same law, as SciPy has it."""
    if isinstance(law, Categorical):
        return stats.rv_discrete(values=(np.arange(1, 5), law.probabilities))
    if isinstance(law, LogNormal):
        return stats.lognorm(s=law.sd, scale=np.exp(law.mean))
    return stats.norm(law.mean, law.sd)


@pytest.mark.parametrize(("variable", "label"), BOTH, ids=lambda x: getattr(x, "name", x))
def test_cells_are_scipys_probabilities_and_sum_to_one(variable, label):
    cells, oracle = variable.cells(), frozen(getattr(variable, label))
    found = getattr(cells, label)
    half = 0.5 * 10.0**-variable.decimals
    expected = oracle.cdf(cells.values + half) - oracle.cdf(cells.values - half)
    expected[0] = oracle.cdf(cells.values[0] + half)
    expected[-1] = oracle.sf(cells.values[-1] - half)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-15)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert found.min() > 0


@pytest.mark.parametrize("law", [Normal(0.6, 0.07), LogNormal(4.2, 0.6)])
def test_mass_keeps_its_digits_in_the_upper_tail(law):
    edges = [law.mean + 7 * law.sd, law.mean + 8 * law.sd]
    low, high = np.exp(edges) if isinstance(law, LogNormal) else edges
    expected = stats.norm.sf(7) - stats.norm.sf(8)
    assert law.mass(low, high) == pytest.approx(expected, rel=1e-9, abs=0)


@given(st.floats(-3, 3), st.floats(0.05, 3), st.integers(0, 2), st.floats(-4, 0), st.floats(0.5, 4))
def test_any_clip_and_rounding_leaves_a_probability_law(mean, sd, decimals, low, width):
    low = round(low, decimals)
    high = round(low + max(width, 1.0), decimals)
    cells = Variable("x", "", Normal(mean, sd), Normal(0, 1), low, high, decimals).cells()
    assert cells.normal.sum() == pytest.approx(1, abs=1e-9)
    assert cells.values[0] == low
    assert cells.values[-1] == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("variable", PUBLISHED, ids=lambda v: v.name)
def test_the_printed_patients_are_possible_values(variable):
    printed = np.array(PRINTED[variable.name])
    np.testing.assert_allclose(variable.cells().values[variable.index(printed)], printed)


@pytest.mark.parametrize("variable", PUBLISHED, ids=lambda v: v.name)
def test_drawn_values_fall_in_their_cells_as_often_as_the_cells_say(variable):
    labels = np.arange(40_000) % 2 == 0
    values, cells = variable.sample(labels, rng(0, variable.name)), variable.cells()
    index = variable.index(values)
    np.testing.assert_allclose(cells.values[index], values)
    for label, people in (("sick", labels), ("normal", ~labels)):
        groups = np.minimum((np.cumsum(getattr(cells, label)) * 12).astype(int), 11)
        counts = np.bincount(groups[index[people]], minlength=12)
        expected = np.bincount(groups, getattr(cells, label), minlength=12) * people.sum()
        kept = expected > 5
        scale = counts[kept].sum() / expected[kept].sum()
        assert stats.chisquare(counts[kept], expected[kept] * scale).pvalue > 1e-4


def test_the_lumps_on_the_bounds_are_drawn():
    table = draw(np.ones(20_000, dtype=bool), rng(3))
    share = (table["EF"] == 0.2).mean()
    assert share == pytest.approx(stats.norm.cdf(-2), abs=0.005)
    assert list(table) == ["EF", "BNP", "NYHA", "SBP", "age"]


def test_laws_say_themselves_in_the_notation_of_the_book():
    assert [str(v.normal) for v in PUBLISHED[:3]] == [
        "N(0.6, 0.07)",
        "logN(4.2, 0.6)",
        "0.5 / 0.3 / 0.15 / 0.05",
    ]
