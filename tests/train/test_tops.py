"""Ceilings of the very newcomers: of the same people in the same order, and the more the better."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hfgnn.evaluate.survival import concordance
from hfgnn.pipeline.answers import school
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import SMOKE
from hfgnn.train.ablations import TASKS
from hfgnn.train.gauged import GaugedParams
from hfgnn.train.tops import HEART, VIEWS, TopsParams, tops
from hfgnn.world.population import block, blocks

MANY = 250


@pytest.fixture(scope="module")
def found():
    of = GaugedParams(8, MANY, now(school(SMOKE, 8)))
    config = of.population
    tables = [block(config, number).table for number in blocks(config)]
    assert len(tables) == 1
    return tops(TopsParams(of, 1_500)), tables[0]


def test_scores_are_of_these_newcomers_in_order(found):
    best, table = found
    for task, label in TASKS.items():
        told = best.scores[f"{task}: all"]
        assert told.shape == (MANY,)
        truth = table[label].to_numpy(bool)
        if task == "heart failure":
            reached = concordance(table["time"], truth, told)
            shuffled = concordance(table["time"], truth, np.roll(told, 100))
        else:
            reached, shuffled = roc_auc_score(truth, told), roc_auc_score(truth, np.roll(told, 100))
        assert reached > 0.6, task
        assert reached > shuffled + 0.05, task


def test_every_task_and_view_has_a_ceiling_and_more_is_seen_by_more(found):
    best, _ = found
    table = best.table.set_index(["question", "view"])["ceiling"]
    assert {f"{task}: {view}" for task in TASKS for view in VIEWS} <= set(best.scores)
    for task in TASKS:
        assert table[task, HEART] >= table[task, "all"] - 0.02
        assert table[task, "all"] >= max(table[task, "values"], table[task, "picture"]) - 0.04
        assert (table[task] > 0.5).all()


def test_a_part_that_two_views_share_is_there_once(found):
    best, _ = found
    assert set(VIEWS["all"]) == {"ECG", "values", "table", "picture"}
    assert not np.array_equal(best.scores["sick: all"], best.scores["sick: all but the picture"])
