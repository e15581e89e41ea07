"""The same people's five values, from the label and from the heart: which know the answer."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hfgnn.train.controls import BEST
from hfgnn.train.hidden import FROM_HEART, FROM_LABEL, HiddenParams, hidden
from hfgnn.world.population import Population, heart_of, population, simulate
from hfgnn.world.tasks import sick

CONFIG = population("hospital", people=3000, seed=8)
PEOPLE = simulate(Population(**(vars(CONFIG) | {"signals": False})))


@pytest.fixture(scope="module")
def scores():
    return hidden(HiddenParams(8), PEOPLE).scores.set_index(["drawn", "by"])


def test_from_the_label_they_know_the_answer_and_from_the_heart_they_do_not(scores):
    label, heart = (scores.loc[drawn, "AUROC"] for drawn in (FROM_LABEL, FROM_HEART))
    assert label.min() > 0.98
    assert heart.drop("the heart itself").max() < heart["the heart itself"] < label[BEST]
    assert heart.min() > 0.55  # they are no noise, either


def test_the_heart_s_own_score_is_that_of_its_chances(scores):
    test = PEOPLE.table[PEOPLE.table["split"] == "test"]
    expected = roc_auc_score(test["sick"], sick(heart_of(test)))
    assert scores.loc[(FROM_HEART, "the heart itself"), "AUROC"] == pytest.approx(expected)


def test_every_interval_holds_its_score(scores):
    assert (scores["low"] < scores["AUROC"]).all()
    assert (scores["AUROC"] < scores["high"]).all()


def test_shuffled_labels_leave_nothing_to_learn_from_the_heart():
    table = PEOPLE.table.copy()
    table["sick"] = np.random.default_rng(0).permutation(table["sick"])
    found = hidden(HiddenParams(8), type(PEOPLE)(table)).scores.set_index(["drawn", "by"])
    learned = found.loc[FROM_HEART].drop("the heart itself")
    assert learned["AUROC"].sub(0.5).abs().max() < 0.08
