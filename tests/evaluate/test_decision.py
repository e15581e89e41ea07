"""Decision curves against counting by hand, and other prevalences against people drawn there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from hfgnn.evaluate.decision import benefit, called, elsewhere, moved, told_too_many
from hfgnn.seeding import rng

SIGNAL = 1.5


def people(n, prevalence, seed):
    """Draw people whose log odds are the true ones: two Gaussians, SIGNAL apart."""
    stream = rng(seed, "decision")
    ill = stream.random(n) < prevalence
    x = stream.normal(size=n) + SIGNAL * ill
    return ill, SIGNAL * x - SIGNAL**2 / 2 + logit(prevalence)


def test_net_benefit_is_counted_by_hand():
    ill = np.array([1, 1, 0, 0, 0], bool)
    odds = logit([0.9, 0.2, 0.6, 0.1, 0.3])
    found = benefit(ill, odds, 0.25)  # acts on three: one ill, two well
    assert found.value == pytest.approx(1 / 5 - 2 / 5 * (0.25 / 0.75))


@given(st.floats(0.05, 0.9), st.floats(0.1, 0.9))
def test_to_act_on_all_or_on_nobody_is_worth_what_it_must_be(threshold, prevalence):
    ill = np.arange(50) < 20
    everybody = benefit(ill, np.full(50, 40.0), threshold, prevalence=prevalence)
    assert everybody.value == pytest.approx(
        prevalence - (1 - prevalence) * threshold / (1 - threshold)
    )
    assert benefit(ill, np.full(50, -40.0), threshold).value == 0


def test_another_prevalence_is_that_of_people_drawn_there():
    ill, odds = people(200_000, 0.5, 1)
    there, true = people(200_000, 0.1, 2)
    shifted = moved(odds, taught=0.5, here=0.1)
    for threshold in (0.05, 0.1, 0.3):
        here = benefit(ill, shifted, threshold, prevalence=0.1)
        assert here.value == pytest.approx(benefit(there, true, threshold).value, abs=0.002)
    as_taught = true + logit(0.5) - logit(0.1)  # what those who were taught here would say there
    expected = called(there, as_taught, prevalence=there.mean())
    found = called(ill, odds, prevalence=0.1)
    assert found.ill.value == pytest.approx(expected.ill.value, abs=0.01)
    assert found.well.value == pytest.approx(expected.well.value, abs=0.01)
    acted = expit(odds) >= 0.5
    assert called(ill, odds, prevalence=ill.mean()).ill.value == pytest.approx(ill[acted].mean())
    assert called(ill, odds, prevalence=ill.mean()).well.value == pytest.approx(
        (~ill[~acted]).mean()
    )


def test_odds_that_are_not_moved_foretell_too_many_and_order_all_the_same():
    ill, odds = people(100_000, 0.5, 3)
    shifted = moved(odds, taught=0.5, here=0.1)
    assert told_too_many(ill, odds, prevalence=0.1).value > 2
    assert told_too_many(ill, shifted, prevalence=0.1).value == pytest.approx(1, abs=0.03)
    assert told_too_many(ill, odds, prevalence=ill.mean()).value == pytest.approx(1, abs=0.02)
    count = elsewhere(ill, 0.1)
    assert roc_auc_score(ill, odds, sample_weight=count) == pytest.approx(
        roc_auc_score(ill, shifted)
    )
    assert (count * ill).mean() == pytest.approx(0.1)


def test_moved_odds_are_bayes():
    chance = 0.7
    likelihood = chance / (1 - chance) / (0.4 / 0.6)
    expected = np.log(likelihood * 0.05 / 0.95)
    assert moved(logit(chance), taught=0.4, here=0.05) == pytest.approx(expected)


def test_the_interval_holds_the_worth_of_all_such_people():
    ill, odds = people(1_000_000, 0.3, 4)
    true, held = benefit(ill, odds, 0.2).value, 0
    for seed in range(300):
        some, told = people(400, 0.3, 100 + seed)
        found = benefit(some, told, 0.2)
        held += found.low <= true <= found.high
    assert 0.91 <= held / 300 <= 0.98


def test_few_studies_that_disagree_widen_it():
    ill, odds = people(500, 0.5, 5)
    one = benefit(ill, odds, 0.5)
    same = benefit(ill, np.stack([odds] * 4), 0.5)
    apart = benefit(ill, np.stack([odds - 1, odds, odds + 1, odds + 2]), 0.5)
    assert (same.low, same.high) == pytest.approx((one.low, one.high))
    assert apart.high - apart.low > one.high - one.low


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.2])
def test_what_is_no_chance_is_refused(wrong):
    ill, odds = people(50, 0.5, 6)
    with pytest.raises(ValueError, match="between 0 and 1"):
        benefit(ill, odds, wrong)
    with pytest.raises(ValueError, match="between 0 and 1"):
        elsewhere(ill, wrong)


@pytest.mark.parametrize("prevalence", [0.05, 0.4])
def test_intervals_of_calls_are_those_of_a_bootstrap_within_kinds(prevalence):
    ill, odds = people(600, 0.4, 7)
    stream, drawn = rng(7, "bootstrap"), []
    for _ in range(4_000):
        some = np.concatenate(
            [stream.choice(kind, len(kind)) for kind in (np.flatnonzero(ill), np.flatnonzero(~ill))]
        )
        acted, sick = odds[some] > 0, ill[some]
        hit, false = prevalence * acted[sick].mean(), (1 - prevalence) * acted[~sick].mean()
        clear, missed = (
            (1 - prevalence) * (~acted[~sick]).mean(),
            prevalence * (~acted[sick]).mean(),
        )
        many = prevalence * expit(odds[some][sick]).mean()
        many += (1 - prevalence) * expit(odds[some][~sick]).mean()
        drawn.append([hit / (hit + false), clear / (clear + missed), many / prevalence])
    worth = called(ill, odds, prevalence=prevalence)
    found = [worth.ill, worth.well, told_too_many(ill, odds, prevalence=prevalence)]
    for told, values in zip(found, np.transpose(drawn), strict=True):
        assert told.low < told.value < told.high
        reach = (told.high - told.low) / 2
        assert reach == pytest.approx(1.96 * values.std(), rel=0.06)


def test_studies_that_differ_widen_the_intervals_of_calls():
    ill, odds = people(600, 0.4, 9)
    same = called(ill, np.stack([odds] * 3), prevalence=0.2).ill
    moving = called(ill, np.stack([odds - 1, odds, odds + 1]), prevalence=0.2).ill
    assert moving.high - moving.low > 1.5 * (same.high - same.low)


def test_where_nobody_is_called_there_is_no_share():
    ill, odds = people(50, 0.4, 3)
    none = called(ill, np.full(50, -9.0), prevalence=0.2)
    assert np.isnan([none.ill.value, none.ill.low, none.ill.high]).all()
    assert none.well.value == pytest.approx(0.8)
