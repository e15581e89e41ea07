"""The estimated ceilings against laws whose best score is known, and the bounds set for them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from sklearn.metrics import roc_auc_score

from hfgnn.seeding import rng
from hfgnn.train.ceilings import (
    LEARNER,
    CeilingsParams,
    Question,
    asked,
    by_view,
    ceilings,
    questions,
    seen,
)
from hfgnn.world import ceilings as exact
from hfgnn.world.population import population, simulate
from hfgnn.world.survival import GENERAL, HAZARD, STUDIES


def toy(n: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Chances p = Phi(x0 + x1 x2 - 1) and a view of six columns, of which three tell them."""
    x = rng(1, "toy").normal(size=(n, 6))
    return ndtr(x[:, 0] + x[:, 1] * x[:, 2] - 1), pd.DataFrame(x)


def test_a_learner_that_sees_all_causes_comes_near_the_hidden_heart_and_not_above():
    p, view = toy(30_000)
    score = LEARNER.scores(view, p, 15_000)
    found, best = exact.auroc(p[15_000:], score), exact.auroc(p[15_000:], p[15_000:])
    assert best - 0.01 < found < best
    assert score.mean() == pytest.approx(p[15_000:].mean(), rel=0.03)


def test_a_learner_that_sees_one_cause_reaches_that_causes_best_score():
    """E[p | x0] rises with x0, so nothing ranks better than x0 itself."""
    p, view = toy(30_000)
    score = LEARNER.scores(view[[0, 4, 5]], p, 15_000)
    best = exact.auroc(p[15_000:], view[0].to_numpy()[15_000:])
    assert exact.auroc(p[15_000:], score) == pytest.approx(best, abs=0.006)


def test_a_learner_that_sees_nothing_scores_a_half():
    p, view = toy(30_000)
    score = LEARNER.scores(view[[4, 5]], p, 15_000)
    assert exact.auroc(p[15_000:], score) == pytest.approx(0.5, abs=0.02)


def test_nobody_is_asked_about_from_whom_it_learned():
    p, view = toy(4000)
    other = p.copy()
    other[2000:] = 1 - other[2000:]
    np.testing.assert_array_equal(LEARNER.scores(view, p, 2000), LEARNER.scores(view, other, 2000))


def test_the_table_has_every_view_and_the_hidden_heart_on_top():
    p, view = toy(8000)
    question = Question("toy", p, p, {"AUROC": exact.auroc, "accuracy": exact.accuracy})
    table = by_view(question, {"all": view, "one": view[[0]], "none": view[[5]]})
    assert len(table) == 8
    for _, rows in table.groupby("statistic"):
        value = rows.set_index("view")["ceiling"]
        assert value["hidden heart"] > value["all"] > value["one"] > value["none"]
    assert (table["error"] > 0).all()
    np.testing.assert_allclose(table["prevalence"], p.mean())


def test_labels_drawn_with_the_chances_are_scored_alike():
    p, view = toy(60_000)
    score, label = LEARNER.scores(view, p, 30_000), rng(2, "label").random(30_000) < p[30_000:]
    found = exact.estimate(exact.auroc, p[30_000:], score)
    assert roc_auc_score(label, score) == pytest.approx(found.value, abs=0.01)


def test_each_population_is_asked_what_is_told_of_it():
    heart, _ = seen(population("general", people=500, seed=5))
    assert GENERAL.eligible(heart).all()
    told = {q.name: q for q in questions("general", heart)}
    assert set(told) == {"heart failure", "infarction", "pump"}
    risk = told["heart failure"]
    np.testing.assert_allclose(risk.target, HAZARD.risk(risk.truth, GENERAL.months[1]))
    assert [q.name for q in questions("hospital", heart)] == ["sick"]
    assert [q.name for q in questions("book", heart)] == ["heart failure"]


def test_views_are_told_of_the_same_people_and_hold_no_hidden_value():
    heart, views = seen(population("general", people=300, seed=6))
    assert list(views) == ["ECG", "clinical", "both"]
    for view in views.values():
        assert view.shape[0] == 300
        assert np.isfinite(view.to_numpy()).all()
    assert np.corrcoef(views["ECG"]["rate"], heart.rate)[0, 1] > 0.95
    own = simulate(replace(population("general", people=300, seed=6), signals=False)).table
    np.testing.assert_array_equal(own["heart_ef"], heart.ef)
    np.testing.assert_array_equal(own["bnp"], views["clinical"]["bnp"])
    assert list(views["clinical"]) == ["ef", "bnp", "nyha", "sbp", "age"]


def test_the_same_seed_gives_the_same_table():
    one, two = (ceilings(CeilingsParams(8, people=600)).table for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert set(one["population"]) == {"hospital", *(study.name for study in STUDIES)}


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_the_ecg_alone_cannot_tell_more_of_heart_failure_than_was_aimed_at(study):
    table = asked(population(study.name, people=20_000, seed=2025))
    found = table[table["statistic"] == "C"].set_index("view")
    assert 0.74 <= found.loc["hidden heart", "ceiling"] <= 0.80
    assert 0.60 <= found.loc["ECG", "ceiling"] <= 0.67
    assert found.loc["ECG", "error"] < 0.01
    ranked = found.loc[["ECG", "both", "hidden heart"], "ceiling"]
    assert ranked.is_monotonic_increasing
    assert found.loc["both", "ceiling"] >= found.loc["clinical", "ceiling"] - 0.003
