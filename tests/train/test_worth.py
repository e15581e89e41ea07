"""What risks are worth: every score against scikit-survival, lifelines or a sum written out."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

from hfgnn.evaluate.survival import concordance, redrawn
from hfgnn.seeding import rng
from hfgnn.train.arms import Told, rivals
from hfgnn.train.prognosis import staying
from hfgnn.train.worth import NETWORKS, Worth, WorthParams, _Bench, worth
from tests.train.test_arms import met

WHY = "scikit-survival is left out on this Python"
PARAMS = WorthParams(5, months=(24, 48, 72), horizon=60, draws=50)
YEARS = ["AUROC, 2 years", "AUROC, 4 years", "AUROC, 6 years"]
MODELS = ["hidden heart", "clinical values", "fifteen signs", *NETWORKS]


def followed(people: int, seed: int) -> object:
    """Draw people who are followed for 80 to 200 months."""
    found, dice = met(people, seed), rng(seed, "worth")
    eta = found.table["eta"].to_numpy()
    months, last = dice.exponential(250 * np.exp(-eta)), dice.uniform(20, 200, people)
    table = found.table.assign(time=np.ceil(np.minimum(months, last)), event=months <= last)
    return replace(found, table=table)


STUDY, NEW = followed(300, 1), followed(400, 2)
TIME, EVENT = (NEW.table[name].to_numpy() for name in ("time", "event"))
OWN_TIME, OWN_EVENT = (STUDY.table[name].to_numpy() for name in ("time", "event"))
EARLY = OWN_TIME < 40


def said(number: int) -> Told:
    """Return what a network says: eta under some noise, on its own scale."""
    blur = 0.4 + 0.3 * number
    risks = [
        p.table["eta"].to_numpy() + blur * rng(number, "said").normal(size=len(p))
        for p in (NEW, STUDY)
    ]
    return Told(risks[0], pd.DataFrame(), 0, risks[1])


TOLD = [said(number) for number in range(len(NETWORKS))]


@pytest.fixture(scope="module")
def found() -> Worth:
    return worth(PARAMS, STUDY, NEW, *TOLD)


@pytest.fixture(scope="module")
def risks() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return what each model says of the newcomers, and of the study's own people."""
    networks = {name: (one.risk, one.own) for name, one in zip(NETWORKS, TOLD, strict=True)}
    return rivals(STUDY, NEW) | networks


def sksurv(name: str):
    return pytest.importorskip(f"sksurv.{name}", reason=WHY)


def breslow(months: list[int], known: np.ndarray) -> np.ndarray:
    """Return the study's baseline, its sum over events written out."""
    jumps = {t: 1 / np.exp(known[t <= OWN_TIME]).sum() for t in np.unique(OWN_TIME)}
    summed = [sum(jumps[t] for t in OWN_TIME[OWN_EVENT & (month >= OWN_TIME)]) for month in months]
    return np.exp(-np.array(summed))


# Scores


def test_every_model_has_every_score(found):
    assert list(found.scores.index) == [*MODELS, "nobody told apart"]
    wanted = {"C", "low", "high", "Uno's C", *YEARS, "Brier"}
    assert set(found.scores) == wanted
    assert found.scores.loc[MODELS].notna().all(axis=None)
    nobody = found.scores.loc["nobody told apart"]
    assert nobody[nobody.notna()].index.tolist() == ["Brier"]


@pytest.mark.parametrize("model", MODELS)
def test_orders_are_scikit_survivals(found, risks, model):
    metrics, util = sksurv("metrics"), sksurv("util")
    own, new = (
        util.Surv.from_arrays(event, time) for event, time in ((OWN_EVENT, OWN_TIME), (EVENT, TIME))
    )
    risk, row = risks[model][0], found.scores.loc[model]
    assert row["C"] == pytest.approx(metrics.concordance_index_censored(EVENT, TIME, risk)[0])
    uno = metrics.concordance_index_ipcw(own, new, risk, tau=72)[0]
    assert row["Uno's C"] == pytest.approx(uno)
    assert row["C"] == concordance(TIME, EVENT, risk)


@pytest.mark.parametrize("model", MODELS)
def test_aurocs_weigh_who_stands_for_the_lost(found, risks, model):
    risk, stay = risks[model][0], staying(OWN_TIME, OWN_EVENT)
    for month, name in zip(PARAMS.months, YEARS, strict=True):
        ill, well = EVENT & (month >= TIME), month < TIME
        won = (risk[ill][:, None] > risk[well]) + 0.5 * (risk[ill][:, None] == risk[well])
        weight = 1 / stay(TIME[ill])
        wanted = (weight @ won).sum() / (weight.sum() * well.sum())
        assert found.scores.loc[model, name] == pytest.approx(wanted)


@pytest.mark.parametrize("model", MODELS)
def test_briers_score_is_scikit_survivals(found, risks, model):
    metrics, util = sksurv("metrics"), sksurv("util")
    both = [
        util.Surv.from_arrays(event, time) for event, time in ((OWN_EVENT, OWN_TIME), (EVENT, TIME))
    ]
    months = list(range(6, 73, 6))
    risk, known = risks[model]
    well = breslow(months, known) ** np.exp(risk)[:, None]
    theirs = metrics.integrated_brier_score(*both, well, months)
    assert found.scores.loc[model, "Brier"] == pytest.approx(theirs, abs=1e-6)


def test_who_tells_nobody_apart_says_what_the_study_came_to(found):
    """Breslow's sum for equal risks is nearly Kaplan and Meier's product."""
    metrics, util = sksurv("metrics"), sksurv("util")
    both = [
        util.Surv.from_arrays(event, time) for event, time in ((OWN_EVENT, OWN_TIME), (EVENT, TIME))
    ]
    months = list(range(6, 73, 6))
    curve = KaplanMeierFitter().fit(OWN_TIME, OWN_EVENT).predict(months).to_numpy()
    wanted = metrics.integrated_brier_score(*both, np.tile(curve, (len(TIME), 1)), months)
    nobody = found.scores.loc["nobody told apart", "Brier"]
    assert nobody == pytest.approx(wanted, abs=1e-3)
    assert nobody > found.scores.loc[MODELS[:3], "Brier"].max() + 0.005


def test_intervals_are_of_the_same_draws_for_all(found, risks):
    drawn = redrawn(
        TIME, EVENT, [new for new, _ in risks.values()], rng=rng(5, "worth"), repeats=50
    )
    ends = found.scores.loc[list(risks), ["low", "high"]].to_numpy().astype(float)
    np.testing.assert_allclose(ends, np.quantile(drawn, [0.025, 0.975], axis=0).T)
    inside = found.scores.loc[MODELS]
    assert ((inside["low"] < inside["C"]) & (inside["C"] < inside["high"])).all()


def test_a_constant_more_or_less_changes_nothing_and_a_stretch_only_chances(found):
    moved = [Told(one.risk + 5, one.curve, 0, one.own + 5) for one in TOLD]
    again = worth(PARAMS, STUDY, NEW, *moved)
    pd.testing.assert_frame_equal(again.scores, found.scores, rtol=1e-9)
    pd.testing.assert_frame_equal(again.calibration, found.calibration, rtol=1e-9)
    wide = [Told(3 * one.risk, one.curve, 0, 3 * one.own) for one in TOLD]
    bold = worth(PARAMS, STUDY, NEW, *wide)
    orders = ["C", "low", "high", "Uno's C", *YEARS]
    pd.testing.assert_frame_equal(bold.scores[orders], found.scores[orders])
    pd.testing.assert_frame_equal(bold.apart, found.apart)
    worse = bold.scores.loc[list(NETWORKS), "Brier"] - found.scores.loc[list(NETWORKS), "Brier"]
    assert (worse > 0.01).all()


def test_as_many_networks_are_scored_as_have_a_name():
    with pytest.raises(ValueError, match="argument"):
        worth(PARAMS, STUDY, NEW, *TOLD[1:])


# Chances


@pytest.mark.parametrize("model", MODELS)
def test_chances_are_said_and_seen_by_tenths(found, risks, model):
    risk, known = risks[model]
    chance = 1 - breslow([60], known)[0] ** np.exp(risk)
    own = found.calibration[found.calibration["model"] == model]
    assert own["n"].sum() == 400
    assert own["chance"].is_monotonic_increasing
    assert np.average(own["chance"], weights=own["n"]) == pytest.approx(chance.mean())
    places = np.cumsum([0, *own["n"]])
    ranked = np.argsort(chance, kind="stable")
    for row, (first, last) in zip(
        own.itertuples(), zip(places, places[1:], strict=False), strict=True
    ):
        part = ranked[first:last]
        assert row.chance == pytest.approx(chance[part].mean())
        fit = KaplanMeierFitter().fit(TIME[part], EVENT[part])
        assert row.share == pytest.approx(1 - fit.predict(60))
        assert row.low <= row.share <= row.high


def test_who_knows_the_hazard_is_calibrated(found):
    own = found.calibration[found.calibration["model"] == "hidden heart"]
    assert len(own) == 10
    assert own["chance"].between(own["low"], own["high"]).sum() >= 7
    assert own["chance"].iloc[-1] > 0.5 > 0.1 > own["chance"].iloc[0]


# Curves


@pytest.mark.parametrize("model", MODELS)
def test_curves_count_everybody_once_and_are_kaplan_and_meiers(found, risks, model):
    risk, own = risks[model][0], found.curves[found.curves["model"] == model]
    high = risk > np.quantile(risk, 0.96)
    sides = {side: part.set_index("months") for side, part in own.groupby("side")}
    assert sides["high"]["people"].loc[0] == high.sum() == found.apart.loc[model, "people"]
    assert sum(side["people"].loc[0] for side in sides.values()) == 400
    for side, who in (("high", high), ("others", ~high)):
        fit = KaplanMeierFitter().fit(TIME[who], EVENT[who])
        curve = sides[side]["well"]
        np.testing.assert_allclose(curve, fit.predict(curve.index))
        for month, there in sides[side]["people"].items():
            assert there == (TIME[who] >= month).sum()
    wanted = logrank_test(TIME[high], TIME[~high], EVENT[high], EVENT[~high])
    row = found.apart.loc[model]
    assert row["p"] == pytest.approx(wanted.p_value, rel=1e-9)
    assert row["events"] == EVENT[high].sum()


def test_the_highest_risks_of_the_hidden_heart_are_apart(found):
    assert found.apart.loc["hidden heart", "people"] == 16
    assert found.apart.loc["hidden heart", "p"] < 1e-6


def test_who_tells_nobody_apart_has_nobody_at_high_risk():
    bench = _Bench(PARAMS, STUDY.table, NEW.table)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = np.full(len(NEW), 0.7)
        assert bench.apart(same) == {"people": 0, "events": 0, "p": 1}
        curves = bench.curves(same)
    assert set(curves["side"]) == {"others"}
    assert curves["people"].max() == 400


def test_a_network_that_tells_nobody_apart_can_be_scored():
    dull = Told(np.zeros(len(NEW)), pd.DataFrame(), 0, np.zeros(len(STUDY)))
    found = worth(replace(PARAMS, draws=5), STUDY, NEW, dull, *TOLD[1:])
    row, nobody = found.scores.loc[NETWORKS[0]], found.scores.loc["nobody told apart"]
    assert row[["C", "low", "high", "Uno's C", *YEARS]].eq(0.5).all()
    assert row["Brier"] == nobody["Brier"]
    assert found.apart.loc[NETWORKS[0]].tolist() == [0, 0, 1]
    assert (found.calibration["model"] == NETWORKS[0]).sum() == 1


def test_a_study_that_ends_too_early_cannot_tell_who_stays():
    short = STUDY.table.assign(
        time=np.minimum(STUDY.table["time"], 40), event=EARLY & STUDY.table["event"]
    )
    with pytest.raises(ValueError, match=r"nobody is followed beyond \d+ months.*fewer months"):
        worth(PARAMS, replace(STUDY, table=short), NEW, *TOLD)
