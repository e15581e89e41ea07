"""The ceiling against continuous formulas, drawn patients, scikit-learn and first principles."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn.metrics import roc_auc_score

from hfgnn.seeding import rng
from hfgnn.world.clinical import PUBLISHED, Categorical, Cells, LogNormal, Normal, Variable, draw
from hfgnn.world.truth import CeilingParams, alone, area, ceiling, log_ratio, score_law

EXACT = ceiling(CeilingParams())


def test_it_meets_the_published_ceiling():
    assert EXACT.auroc == pytest.approx(0.9988, abs=0.0002)
    assert EXACT.points.loc["test", "accuracy"] == pytest.approx(0.986, abs=0.001)
    assert EXACT.points.loc["equal", "accuracy"] == pytest.approx(0.984, abs=0.001)
    assert EXACT.error < 1e-5


def test_each_variable_alone_meets_the_closed_form_of_two_normals():
    for variable in PUBLISHED:
        if isinstance(variable.normal, Categorical):
            continue
        gap = abs(variable.sick.mean - variable.normal.mean)
        spread = np.hypot(variable.sick.sd, variable.normal.sd)
        expected = stats.norm.cdf(gap / spread)  # no clip, no rounding: they cost a little
        found = EXACT.variables.loc[variable.name, "as it is"]
        assert found == pytest.approx(expected, abs=1.5e-3)
        assert found <= expected + 1e-4


def test_nyha_by_counting_pairs_by_hand():
    pairs = itertools.product(enumerate((0.1, 0.3, 0.4, 0.2)), enumerate((0.5, 0.3, 0.15, 0.05)))
    by_hand = sum(p * q * ((i > j) + (i == j) / 2) for (i, p), (j, q) in pairs)
    assert EXACT.variables.loc["NYHA", "as it is"] == pytest.approx(by_hand, abs=1e-12)


def test_drawn_patients_scored_by_scikit_learn_agree():
    labels = np.arange(200_000) % 2 == 0
    table = draw(labels, rng(11, "truth"))
    score = log_ratio(table)
    assert roc_auc_score(labels, score) == pytest.approx(EXACT.auroc, abs=2e-4)
    right = np.mean(labels == (score > 0))
    assert right == pytest.approx(EXACT.points.loc["equal", "accuracy"], abs=1.2e-3)


def test_drawn_patients_scored_by_continuous_densities_agree():
    """Another formula: no cells, no clip, no rounding; SciPy's log densities of the raw laws."""
    labels = np.arange(100_000) % 2 == 0
    stream, score = rng(12, "raw"), np.zeros(100_000)
    for variable in PUBLISHED:
        value = np.where(
            labels, variable.sick.sample(stream, 100_000), variable.normal.sample(stream, 100_000)
        )
        score += density(variable.sick, value) - density(variable.normal, value)
    assert roc_auc_score(labels, score) == pytest.approx(EXACT.auroc, abs=3e-4)


def density(law, value):
    if isinstance(law, Categorical):
        return np.log(np.asarray(law.probabilities)[value.astype(int) - 1])
    if isinstance(law, LogNormal):
        return stats.lognorm.logpdf(value, s=law.sd, scale=np.exp(law.mean))
    return stats.norm.logpdf(value, law.mean, law.sd)


def test_one_fine_variable_meets_the_integral_of_its_continuous_roc():
    """Unequal spreads: the ratio is not monotone, so only the ratio's own ranking is best."""
    wide, narrow = Normal(0.3, 2.0), Normal(0.0, 1.0)
    fine = Variable("x", "", narrow, wide, -9.0, 9.0, 2)
    middle = -0.1  # the ratio is a parabola with its foot here
    normal = stats.ncx2(1, middle**2)
    sick = stats.ncx2(1, ((0.3 - middle) / 2) ** 2, scale=4)
    top = normal.isf(1e-13)
    expected = integrate.quad(lambda q: normal.pdf(q) * sick.sf(q), 0, top, limit=200)[0]
    assert alone(fine.cells(), by_ratio=True) == pytest.approx(expected, abs=2e-4)
    assert alone(fine.cells(), by_ratio=False) < expected - 0.1
    law = score_law([fine], 1e-4)
    assert area(law.normal, law.sick) == pytest.approx(expected, abs=2e-4)


def test_two_small_variables_by_enumeration():
    coins = [
        Variable("a", "", Categorical((0.7, 0.2, 0.1)), Categorical((0.2, 0.3, 0.5)), 1, 3, 0),
        Variable("b", "", Categorical((0.6, 0.4)), Categorical((0.35, 0.65)), 1, 2, 0),
    ]
    parts = [v.cells() for v in coins]
    normal = np.outer(parts[0].normal, parts[1].normal).ravel()
    sick = np.outer(parts[0].sick, parts[1].sick).ravel()
    score = np.round(np.log(sick / normal), 12)
    wins = (score[:, None] > score) + (score[:, None] == score) / 2
    law = score_law(coins, 1e-5)
    assert area(law.normal, law.sick) == pytest.approx(float(sick @ wins @ normal), abs=1e-12)
    assert law.point(0.4)["accuracy"] == pytest.approx(
        np.maximum(0.4 * sick, 0.6 * normal).sum(), abs=1e-12
    )


def test_the_order_of_the_variables_does_not_matter():
    forth, back = (score_law(vs, 1e-3) for vs in (PUBLISHED, PUBLISHED[::-1]))
    assert area(forth.normal, forth.sick) == pytest.approx(area(back.normal, back.sick), abs=1e-12)


def test_the_stated_error_holds_on_a_coarse_grid():
    for step in (0.3, 0.1, 0.03, 0.01):
        coarse = ceiling(CeilingParams(step=step))
        assert abs(coarse.auroc - EXACT.auroc) <= coarse.error
        for column in ("sensitivity", "specificity", "accuracy"):
            gap = (coarse.points[column] - EXACT.points[column]).abs().max()
            assert gap <= coarse.error


def test_the_law_of_the_score_is_its_own_likelihood_ratio():
    law = score_law(PUBLISHED, 1e-3)
    assert law.normal.sum() == pytest.approx(1, abs=1e-9)
    assert law.sick.sum() == pytest.approx(1, abs=1e-9)
    seen = (law.normal > 1e-9) & (law.sick > 1e-9)
    found = np.log(law.sick[seen] / law.normal[seen])
    assert np.abs(found - law.scores[seen]).max() < 2 * law.slack


@settings(max_examples=50)
@given(st.lists(st.integers(1, 9), min_size=8, max_size=8), st.permutations(range(4)))
def test_no_other_score_of_a_variable_ranks_better(weights, order):
    normal, sick = np.reshape(np.array(weights, dtype=float), (2, 4))
    cells = Cells(np.arange(4.0), normal / normal.sum(), sick / sick.sum())
    best = alone(cells, by_ratio=True)
    rival = list(order)
    assert area(cells.normal[rival], cells.sick[rival]) <= best + 1e-12


def test_no_threshold_is_more_accurate_than_the_one_taken():
    law = score_law(PUBLISHED, 1e-2)
    for share in (0.05, 0.5, 678 / 906):
        sick, normal = 1 - np.cumsum(law.sick), np.cumsum(law.normal)
        highest = (share * sick + (1 - share) * normal).max()
        assert law.point(share)["accuracy"] > highest - 1e-7  # neighbours on the grid may tie


def test_binned_scores_keep_every_person_and_the_clip_facts_are_the_tails():
    assert EXACT.scores[["normal", "sick"]].sum().tolist() == pytest.approx([1, 1], abs=1e-9)
    assert isinstance(EXACT.variables, pd.DataFrame)
    found = EXACT.variables.loc["EF", ["sick at low clip", "normal at high clip"]].tolist()
    assert found == pytest.approx([stats.norm.cdf(-2), stats.norm.sf(15 / 7)], abs=1e-9)
