"""Scores at a horizon against scikit-survival, lifelines and sums written out, with ties."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from hfgnn.seeding import rng
from hfgnn.train.prognosis import (
    auroc_by,
    breslow_baseline,
    calibrated,
    high_risk,
    integrated_brier,
    kaplan_meier,
    logrank,
    staying,
)

person = st.tuples(st.integers(1, 8), st.booleans(), st.integers(-3, 3))
people_lists = st.lists(person, min_size=2, max_size=40)
WHY = "scikit-survival is left out on this Python"


def columns(people):
    time, event, risk = (np.array(column) for column in zip(*people, strict=True))
    return time.astype(float), event, risk.astype(float)


def study(n, seed):
    """People with a risk, the months until event or loss (whole ones, so with ties)."""
    stream = rng(seed, "prognosis")
    risk = np.round(stream.normal(size=n), 1)
    months = stream.exponential(60 * np.exp(-risk))
    last = stream.uniform(10, 80, n)
    return np.ceil(np.minimum(months, last)), months <= last, risk


def sksurv(name):
    return pytest.importorskip(f"sksurv.{name}", reason=WHY)


@settings(deadline=None, max_examples=100)
@given(people_lists)
def test_staying_is_scikit_survivals_curve_of_censoring(people):
    time, event, _ = columns(people)
    at, curve = sksurv("nonparametric").kaplan_meier_estimator(event, time, reverse=True)
    stay = staying(time, event)
    assert stay(at) == pytest.approx(curve, abs=1e-12)
    assert stay([0.0, at[0] - 1e-9]) == pytest.approx([1, 1])  # nobody is lost before the first


@settings(deadline=None, max_examples=100)
@given(people_lists)
def test_the_baseline_is_the_sum_written_out(people):
    time, event, risk = columns(people)
    curve = breslow_baseline(time, event, risk)
    for month in range(9):
        jumps = [1 / np.exp(risk[time >= t]).sum() for t in time[event & (time <= month)]]
        assert curve(month) == pytest.approx(np.exp(-sum(jumps)), rel=1e-12)


def test_the_baseline_is_lifelines():
    time, event, risk = study(400, 1)
    table = pd.DataFrame({"time": time, "event": event, "x": risk, "z": risk**2})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of lifelines itself
        fitted = CoxPHFitter().fit(table, "time", "event")
        said = fitted.predict_log_partial_hazard(table).to_numpy()
        asked = [5.0, 20.0, 44.0, 70.0]
        theirs = fitted.predict_survival_function(table, times=asked).to_numpy().T
    curve = breslow_baseline(time, event, said)
    assert curve(asked) ** np.exp(said)[:, None] == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_auroc_by_months_is_scikit_survivals(seed):
    metrics, util = sksurv("metrics"), sksurv("util")
    time, event, risk = study(300, seed)
    train, test = slice(0, 150), slice(150, 300)
    time[0], event[0] = 99, False  # one is followed longest
    both = [util.Surv.from_arrays(event[part], time[part]) for part in (train, test)]
    months = [6.0, 12.0, 36.0, 60.0]
    theirs, _ = metrics.cumulative_dynamic_auc(*both, risk[test], months)
    stay = staying(time[train], event[train])
    found = auroc_by(time[test], event[test], risk[test], stay=stay, months=months)
    assert found == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_integrated_brier_score_is_scikit_survivals(seed):
    metrics, util = sksurv("metrics"), sksurv("util")
    time, event, risk = study(300, 10 + seed)
    train, test = slice(0, 150), slice(150, 300)
    time[0], event[0] = 99, False
    both = [util.Surv.from_arrays(event[part], time[part]) for part in (train, test)]
    months = np.array([6.0, 7.5, 12.0, 36.0, 60.0])  # not even, so that it is no plain mean
    baseline = breslow_baseline(time[train], event[train], risk[train])
    well = baseline(months) ** np.exp(risk[test])[:, None]
    theirs = metrics.integrated_brier_score(*both, well, months)
    stay = staying(time[train], event[train])
    found = integrated_brier(time[test], event[test], well, stay=stay, months=months)
    assert found == pytest.approx(theirs, abs=1e-6)
    _, at_months = metrics.brier_score(*both, well, months)
    assert found == pytest.approx(np.trapezoid(at_months, months) / 54, abs=1e-6)


def test_who_knows_who_falls_ill_when_is_perfect():
    time, event = np.arange(1.0, 41.0), np.ones(40, bool)
    months = [5.5, 20.5, 30.5]
    stay = staying(time, event)
    well = (time[:, None] > months).astype(float)
    assert integrated_brier(time, event, well, stay=stay, months=months) == 0
    assert integrated_brier(time, event, 0 * well + 0.5, stay=stay, months=months) == 0.25
    assert auroc_by(time, event, -time, stay=stay, months=months) == pytest.approx([1, 1, 1])


@settings(deadline=None, max_examples=60)
@given(people_lists)
def test_the_curve_is_scikit_survivals(people):
    time, event, _ = columns(people)
    at, well = sksurv("nonparametric").kaplan_meier_estimator(event, time)
    found = kaplan_meier(time, event)
    assert found.loc[at, "well"].to_numpy() == pytest.approx(well, abs=1e-6)
    assert found["people"].tolist() == [(time >= month).sum() for month in found.index]
    inside = (found["low"] <= found["well"] + 1e-9) & (found["well"] <= found["high"] + 1e-9)
    assert inside[found["well"] > 0].all()


@pytest.mark.parametrize("seed", range(4))
def test_log_rank_is_scikit_survivals(seed):
    compare, util = sksurv("compare"), sksurv("util")
    time, event, risk = study(200, 20 + seed)
    high = high_risk(risk + rng(seed, "blur").normal(size=200), 0.3)
    _, theirs = compare.compare_survival(util.Surv.from_arrays(event, time), high)
    assert logrank(time, event, high) == pytest.approx(theirs, abs=1e-6)


def test_the_published_percentiles_give_the_published_numbers():
    assert high_risk(rng(1, "mi").normal(size=800), 0.04).sum() == 32  # 32 high, 768 low
    risk = rng(1, "hyp").normal(size=11_575)
    high = high_risk(risk, 0.02)
    assert high.sum() == 232
    assert risk[high].min() > risk[~high].max()


def test_calibration_compares_what_was_said_with_what_came():
    stream = rng(3, "calibration")
    risk = stream.normal(size=20_000)
    months = stream.exponential(100 * np.exp(-risk))
    last = stream.uniform(5, 60, len(risk))
    chance = 1 - np.exp(-24 * np.exp(risk) / 100)
    found = calibrated(np.minimum(months, last), months <= last, chance, months=24)
    assert found["n"].tolist() == [2000] * 10
    assert found["chance"].is_monotonic_increasing
    assert (found["share"] - found["chance"]).abs().max() < 0.04  # a third was lost before
    assert ((found["low"] < found["share"]) & (found["share"] < found["high"])).all()
    assert found["chance"].between(found["low"], found["high"]).sum() >= 8
    bold = calibrated(np.minimum(months, last), months <= last, chance**0.5, months=24)
    assert (bold["chance"] > bold["high"]).sum() >= 8


def test_calibration_without_loss_is_the_share_who_fell_ill():
    time, event, risk = study(300, 9)
    event[:] = True
    chance = 1 / (1 + np.exp(-risk))
    found = calibrated(time, event, chance, months=20, groups=3)
    cuts = np.quantile(chance, [1 / 3, 2 / 3])
    for row, (low, high) in enumerate(zip([0, *cuts], [*cuts, 1], strict=True)):
        here = (chance > low) & (chance <= high)
        assert found["share"][row] == pytest.approx((time[here] <= 20).mean(), abs=1e-12)
        assert found["chance"][row] == pytest.approx(chance[here].mean(), abs=1e-12)
