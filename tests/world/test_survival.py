"""The one hazard against SciPy's Weibull law, lifelines' Cox model and the published cohorts."""

import warnings
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from scipy import integrate, stats

from hfgnn.seeding import rng
from hfgnn.world.ceilings import concordance
from hfgnn.world.latent import INFERIOR, IVCD, LBBB, NONE, NORMAL, Heart, hearts
from hfgnn.world.survival import (
    BOOK,
    GENERAL,
    HAZARD,
    HYPERTENSION,
    INFARCT,
    STUDIES,
    TERMS,
    Study,
    covariates,
    failing,
    log_hazard,
    marked,
)

COMMUNITY = [hearts(200_000, rng(1, "survival", str(block))) for block in range(6)]


def recruits(study: Study) -> Heart:
    """Everybody of the community whom the study admits."""
    parts = [heart.take(study.eligible(heart)) for heart in COMMUNITY]
    names = [field.name for field in fields(Heart)]
    return Heart(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})


ADMITTED = {study.name: recruits(study) for study in STUDIES}
studies = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)


def expected_share(study: Study) -> float:
    """The exact share of cases: one minus the mean survival at the last visit."""
    eta = log_hazard(ADMITTED[study.name])
    months = np.linspace(*study.months, 201)
    return integrate.simpson([HAZARD.risk(eta, m).mean() for m in months], dx=1 / 200)


@pytest.mark.parametrize("eta", [-1.0, 0.0, 2.5])
def test_times_follow_scipys_weibull_law(eta):
    times = HAZARD.times(np.full(20_000, eta), rng(2, "times", str(eta)))
    scale = (HAZARD.scale * np.exp(eta)) ** (-1 / HAZARD.shape)
    law = stats.weibull_min(HAZARD.shape, scale=scale)
    assert stats.kstest(times, law.cdf).pvalue > 0.01
    assert HAZARD.risk(np.array([eta]), 60.0) == pytest.approx(law.cdf(60.0), rel=1e-12)


@studies
def test_everybodys_own_law_is_that_weibull_law(study):
    eta = log_hazard(ADMITTED[study.name])[:20_000]
    times = HAZARD.times(eta, rng(3, "own", study.name))
    scale = (HAZARD.scale * np.exp(eta)) ** (-1 / HAZARD.shape)
    place = stats.weibull_min.cdf(times, HAZARD.shape, scale=scale)
    assert stats.kstest(place, "uniform").pvalue > 0.01


@studies
def test_followed_people_fall_ill_or_reach_their_last_visit(study):
    heart = ADMITTED[study.name]
    found = study.follow(heart, rng(4, "follow", study.name))
    well = found.loc[~found["event"], "time"]
    assert (found["time"] > 0).all()
    assert well.between(*study.months).all()
    assert stats.kstest(well, stats.uniform(study.months[0], np.ptp(study.months)).cdf)[0] < 0.03
    share, wanted = found["event"].mean(), expected_share(study)
    assert share == pytest.approx(wanted, abs=3 * np.sqrt(wanted / len(found)))
    np.testing.assert_array_equal(found["eta"], log_hazard(heart))


def test_the_same_stream_gives_the_same_outcomes():
    heart = ADMITTED["post-infarct"]
    one, two = (INFARCT.follow(heart, rng(5, "same")) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


@studies
def test_the_chance_of_being_followed_is_that_of_the_last_visits(study):
    heart = ADMITTED["hypertension"]
    found = study.follow(heart, rng(6, "followed", study.name))
    fit = KaplanMeierFitter().fit(found["time"], ~found["event"])
    for months in np.linspace(0, study.months[1] - 1, 9):
        assert study.followed(months) == pytest.approx(fit.predict(months), abs=0.02)


def test_cohorts_admit_whom_they_say_and_nobody_whose_heart_is_failing():
    for study in STUDIES:
        heart = ADMITTED[study.name]
        assert not failing(heart).any()
        assert heart.age.min() >= study.ages[0]
        assert heart.age.max() < study.ages[1]
    assert ADMITTED["hypertension"].hypertension.all()
    assert (ADMITTED["post-infarct"].infarct != NONE).all()
    assert not ADMITTED["post-infarct"].acute.any()
    assert marked(ADMITTED["book"]).all()
    everybody = hearts(20_000, rng(7, "everybody"))
    within = (everybody.age >= 45) & (everybody.age < 75)
    np.testing.assert_array_equal(GENERAL.eligible(everybody), within & ~failing(everybody))


def test_eta_is_linear_with_the_stated_weights_and_directions():
    heart = ADMITTED["general"].take(np.arange(50))
    eta, weights = log_hazard(heart), {term.name: term.weight for term in TERMS}
    yes, no = np.ones(50, dtype=bool), np.zeros(50, dtype=bool)
    normal, left = np.full(50, NORMAL), np.full(50, LBBB)
    changes = {
        "age": ({"age": heart.age + 10}, {}),
        "ejection fraction": ({"ef": heart.ef - 0.10}, {}),
        "mass": ({"mass": heart.mass * 1.1}, {}),
        "filling": ({"filling": heart.filling + 3}, {}),
        "hypertension": ({"hypertension": yes}, {"hypertension": no}),
        "diabetes": ({"diabetes": yes}, {"diabetes": no}),
        "atrial fibrillation": ({"af": yes}, {"af": no}),
        "LBBB": ({"conduction": left}, {"conduction": normal}),
        "non-specific delay": ({"conduction": left - LBBB + IVCD}, {"conduction": normal}),
    }
    assert set(changes) == set(weights)
    for name, (after, before) in changes.items():
        more = log_hazard(replace(heart, **after)) - log_hazard(replace(heart, **before))
        np.testing.assert_allclose(more, weights[name], rtol=1e-9, err_msg=name)
        assert weights[name] > 0, name
    np.testing.assert_array_equal(eta, log_hazard(heart))


def test_what_eta_does_not_name_does_not_matter():
    heart = ADMITTED["general"].take(np.arange(50))
    other = replace(
        heart,
        pressure=heart.pressure + 20,
        infarct=np.full(50, INFERIOR),
        infarct_size=heart.infarct_size + 0.2,
        low_voltage=~heart.low_voltage,
        strain=heart.strain + 1,
        ischaemia=heart.ischaemia + 1,
        rate=heart.rate + 10,
        mass_z=heart.mass_z + 1,
    )
    np.testing.assert_array_equal(log_hazard(other), log_hazard(heart))
    block = replace(heart, conduction=np.full(50, LBBB))
    assert (log_hazard(block) >= log_hazard(heart)).all()


@studies
def test_the_oracle_concordance_is_within_the_bounds_set_for_it(study):
    eta = log_hazard(ADMITTED[study.name])
    assert 0.74 <= concordance(eta, eta, study=study) <= 0.80


def test_the_general_cohort_falls_ill_as_uk_biobank_does():
    share = expected_share(GENERAL)
    assert 31_740 * share == pytest.approx(243, abs=np.sqrt(243))
    found = GENERAL.follow(ADMITTED["general"], rng(8, "rate"))
    assert 12_000 * found["event"].sum() / found["time"].sum() == pytest.approx(1.5, abs=0.1)
    assert found["time"].mean() == pytest.approx(5.2 * 12, rel=0.02)


def test_the_other_cohorts_have_the_published_cases():
    assert 11_575 * expected_share(HYPERTENSION) == pytest.approx(162, abs=np.sqrt(162))
    assert 0.035 <= expected_share(INFARCT) <= 0.045
    assert expected_share(BOOK) >= 0.10
    found = INFARCT.follow(ADMITTED["post-infarct"], rng(9, "median"))
    assert found["time"].median() == pytest.approx(53, abs=1.5)
    assert found["time"].max() <= 83


def test_no_weight_is_more_than_the_published_hazard_ratio_says():
    for term in TERMS:
        assert (term.source == "chosen") == np.isnan(term.published), term
        assert not term.weight > np.log(term.published) + 0.015, term  # in two digits


@pytest.mark.slow
def test_lifelines_cox_model_on_the_true_covariates_covers_the_true_weights():
    """Book cohorts of 1,500; per weight 200 intervals, whose share errs by 0.015 (one SD)."""
    heart, weights = ADMITTED["book"], np.array([term.weight for term in TERMS])
    causes, stream, covered = covariates(heart), rng(10, "cox"), []
    for _ in range(200):
        rows = stream.choice(len(heart), 1500, replace=False)
        outcome = BOOK.follow(heart.take(rows), stream)[["time", "event"]]
        table = causes.iloc[rows].reset_index(drop=True).join(outcome)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of lifelines itself
            found = CoxPHFitter().fit(table, "time", "event").confidence_intervals_.to_numpy()
        covered.append((found[:, 0] <= weights) & (weights <= found[:, 1]))
    assert 0.92 <= np.mean(covered) <= 0.98
    each = np.mean(covered, axis=0)
    low, high = stats.binom.ppf([0.0005, 0.9995], 200, 0.95) / 200
    assert each.min() >= low, dict(zip(causes.columns, each, strict=True))
    assert each.max() <= high
