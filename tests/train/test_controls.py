"""The controls: they repeat, they learn, and none of them passes the ceiling."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from hfgnn.seeding import rng
from hfgnn.train.controls import (
    BEST,
    RIVALS,
    RivalsParams,
    SampledParams,
    people,
    rivals,
    sampled,
)
from hfgnn.world.truth import CeilingParams, ceiling, log_ratio

EXACT = ceiling(CeilingParams(step=1e-3))


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """As a build runs them; many threads on small trees only wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def contest(_one_thread):
    return rivals(RivalsParams(seed=1, repeats=3, large=20_000))


def test_drawn_people_agree_with_the_exact_ceiling():
    found = sampled(SampledParams(seed=5, draws=80_000, batches=20)).many
    exact = [EXACT.auroc, *EXACT.points["accuracy"]]
    width = (found["high"] - found["low"]) / 2
    assert np.all(np.abs(found["estimate"] - exact) < 2 * width)


def test_a_single_test_has_an_interval_around_its_score():
    found = sampled(SampledParams(seed=5, draws=400, batches=2))
    low, high = found.one_interval
    assert low < found.one_auroc < high <= 1


def test_nothing_passes_the_ceiling_beyond_chance_and_all_come_near(contest):
    for name in RIVALS:
        short = contest.large.loc[BEST] - contest.large.loc[name]
        assert short["AUROC"] > -1e-5  # the same people: luck with the people cancels
        assert -5e-4 < short["accuracy"] < 0.006


def test_a_logistic_regression_of_the_right_form_finds_the_likelihood_ratio():
    known, truth = people(40_000, 40_000, rng(8, "train"))
    tested, _ = people(2_000, 2_000, rng(8, "test"))
    model = RIVALS["logistic, log and squares"].fit(known, truth)
    odds = model.decision_function(tested)
    exact = log_ratio(tested)
    inner = np.abs(exact) < 8
    assert np.corrcoef(odds[inner], exact[inner])[0, 1] > 0.995
    assert np.abs(odds[inner] - exact[inner]).mean() < 0.3


def test_every_repeat_is_a_fresh_draw_and_the_seed_repeats_them(contest):
    again = rivals(RivalsParams(seed=1, repeats=3, large=200))
    assert again.runs.equals(contest.runs)
    best = contest.runs[contest.runs["rival"] == BEST]
    assert best["AUROC"].nunique() == 3
    other = rivals(RivalsParams(seed=2, repeats=1, large=200)).runs
    assert not np.isin(other["AUROC"], contest.runs["AUROC"]).all()


def test_people_come_in_the_numbers_asked_for(contest):
    table, labels = people(3, 5, rng(0))
    assert (int(labels.sum()), len(table)) == (3, 8)
    assert contest.runs.groupby("rival").size().tolist() == [3] * (len(RIVALS) + 1)
