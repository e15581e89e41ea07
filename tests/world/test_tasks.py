"""The tasks' chances: laws of probability, directions, prevalences, and the ceilings they allow."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from sklearn.metrics import roc_auc_score

from hfgnn.seeding import rng
from hfgnn.world.ceilings import accuracy, auroc, estimate
from hfgnn.world.latent import ANTERIOR, LBBB, NONE, NORMAL, Heart, hearts
from hfgnn.world.survival import GENERAL
from hfgnn.world.tasks import (
    CLASSES,
    ECHO,
    EVIDENCE,
    TASKS,
    filed,
    findings,
    infarction,
    labels,
    pump,
    sick,
)

COMMUNITY = hearts(400_000, rng(1, "tasks"))
UK = COMMUNITY.take(GENERAL.eligible(COMMUNITY))
# Who gets an ECG in a hospital: PTB-XL's groups.
MIX = {"NORM": 0.58, "LVH": 0.07, "IMI": 0.08, "AMI": 0.076, "CLBBB": 0.016, "CRBBB": 0.016}
MIX |= {"LAFB": 0.058, "AFIB": 0.026, "other": 0.078}


def hospital() -> Heart:
    """People of the community, taken so that their groups are those of a hospital."""
    group, stream = COMMUNITY.group, rng(2, "hospital")
    shares = pd.Series(group).value_counts(normalize=True)
    need = pd.Series(MIX) / shares
    return COMMUNITY.take(stream.random(len(group)) < (need / need.max())[group].to_numpy())


HOSPITAL = hospital()


def one(**changed) -> Heart:
    """A healthy man of 50, but for what is said."""
    plain = {
        "sex": 0, "age": 50.0, "bsa": 1.96, "hypertension": False, "diabetes": False,
        "pressure": 120.0, "infarct": NONE, "infarct_size": 0.0, "acute": False,
        "cardiomyopathy": 0.0, "mass": 104.0, "edv": 160.0, "esv": 64.0, "ef": 0.6,
        "conduction": NORMAL, "af": False, "rate": 65.0, "ischaemia": 0.0, "strain": 0.0,
        "low_voltage": False, "filling": 8.0, "mass_z": 0.0,
    }  # fmt: skip
    assert set(plain) == {field.name for field in fields(Heart)}
    return Heart(**{name: np.array([value]) for name, value in (plain | changed).items()})


def chance(name: str, heart: Heart) -> float:
    """The chance that the heart's page is filed under that class."""
    return float(filed(heart)[0, CLASSES.index(name)])


def test_the_four_chances_are_chances():
    p = filed(HOSPITAL)
    assert p.shape == (len(HOSPITAL), 4)
    assert (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(sick(HOSPITAL), p[:, :3].sum(axis=1), atol=1e-12)


def test_log_odds_against_normal_add_up_by_the_table():
    heart = one(infarct=ANTERIOR, infarct_size=0.2, af=True, rate=130.0)
    found = findings(heart)
    assert list(found) == list(EVIDENCE)
    by_hand = np.sum([found[name][0] * np.array(EVIDENCE[name]) for name in EVIDENCE], axis=0)
    p = filed(heart)[0]
    np.testing.assert_allclose(np.log(p[:3] / p[3]), by_hand, rtol=1e-12)
    assert found["a tenth of the ventricle scarred"][0] == pytest.approx(2)
    assert found["ten beats a minute outside 50 to 100"][0] == pytest.approx(3)


def test_a_page_is_mostly_filed_under_what_it_shows():
    assert chance("Normal", one()) > 0.95
    assert chance("Abnormal", one(af=True)) > 0.85
    assert chance("Abnormal", one(conduction=LBBB)) > 0.9
    assert chance("History_MI", one(infarct=ANTERIOR, infarct_size=0.2)) > 0.6
    assert chance("MI", one(infarct=ANTERIOR, infarct_size=0.2, acute=True)) > 0.7


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_sign_of_disease_raises_the_chance_and_none_makes_it_sure(task):
    ill = {"sick": {"ischaemia": 2.0}, "infarction": {"infarct": ANTERIOR}, "pump": {"ef": 0.4}}
    healthy, diseased = task.chance(one())[0], task.chance(one(**ill[task.name]))[0]
    assert 0 < healthy < diseased < 1
    assert diseased > 5 * healthy


def test_nothing_but_the_echo_tells_of_the_pump():
    assert pump(one(ef=0.42))[0] == pytest.approx(stats.norm.cdf(0.08 / 0.05))
    np.testing.assert_array_equal(pump(HOSPITAL), pump(replace(HOSPITAL, age=HOSPITAL.age + 9)))


def test_labels_are_drawn_with_their_chances():
    found = labels(HOSPITAL, rng(3, "labels"))
    assert list(found) == ["class", "sick", "infarction", "pump"]
    p, n = filed(HOSPITAL), len(HOSPITAL)
    for k, name in enumerate(CLASSES):
        share = (found["class"] == name).mean()
        assert share == pytest.approx(p[:, k].mean(), abs=3 * np.sqrt(p[:, k].mean() / n))
        ranked = np.argsort(p[:, k])[-n // 4 :]  # and among those who are likely to be there
        error = 3 * np.sqrt((p[ranked, k] * (1 - p[ranked, k])).mean() / len(ranked))
        here = (found["class"] == name).to_numpy()[ranked].mean()
        assert here == pytest.approx(p[ranked, k].mean(), abs=error)
    assert (found["sick"] == (found["class"] != "Normal")).all()
    for name, truth in (("infarction", infarction), ("pump", pump)):
        score = truth(HOSPITAL)
        error = 3 * np.sqrt((score * (1 - score)).mean() / n)
        assert found[name].mean() == pytest.approx(score.mean(), abs=error)
        assert roc_auc_score(found[name], score) == pytest.approx(auroc(score, score), abs=0.01)


def test_the_hidden_heart_tells_sick_from_normal_as_well_as_aimed_at():
    p = sick(HOSPITAL)
    found = estimate(auroc, p, p)
    assert found.error < 0.003
    assert found.value - 2 * found.error >= 0.93
    assert found.value + 2 * found.error <= 0.97
    assert accuracy(p, p) < 0.97  # a reader is fallible


def test_infarction_is_as_rare_as_published_and_as_hard_as_aimed_at():
    p = infarction(UK)
    error = p.std() / np.sqrt(len(p))
    assert p.mean() == pytest.approx(0.0209, abs=3 * error)
    assert error < 0.0003
    assert 0.85 <= auroc(p, p) <= 0.95


def test_reduced_pump_function_is_as_common_and_as_hard_as_aimed_at():
    p = pump(UK)
    assert p.mean() == pytest.approx(0.10, abs=0.01)
    assert 0.85 <= auroc(p, p) <= 0.95


def test_the_chance_of_a_reduced_pump_function_is_an_integral_over_the_echo():
    heart = one(ef=0.53)
    density = stats.norm(0.53, ECHO.error).pdf
    expected = integrate.quad(density, 0, ECHO.threshold)[0]
    assert pump(heart)[0] == pytest.approx(expected, abs=1e-9)
