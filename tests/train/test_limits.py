"""Ceilings by view: more is never less, what is all there is told whole, R2 is scikit-learn's."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from hfgnn.train.ceilings import seen
from hfgnn.train.limits import (
    HEARTS,
    TASKS,
    VIEWS,
    LimitsParams,
    _best,
    _drawn,
    _r2,
    _table,
    limits,
)
from hfgnn.train.seen import CHEAP
from hfgnn.world.latent import Heart
from hfgnn.world.population import population


@pytest.fixture(scope="module")
def found():
    return limits(LimitsParams(3, people=4_000))


def test_no_view_tells_more_than_the_hidden_heart_and_more_views_no_less(found):
    table = found.table[found.table["statistic"] == "AUROC"].set_index(["question", "view"])
    assert set(table.index) == {(task, view) for task in TASKS for view in ("hidden heart", *VIEWS)}
    for task in TASKS:
        own = table.loc[task]
        assert (own["ceiling"] <= own.at["hidden heart", "ceiling"] + own["error"]).all()
        for one, more in (("ECG", "ECG and table"), ("table", "ECG and table")):
            slack = 2 * own.at[one, "error"]
            assert own.at[more, "ceiling"] > own.at[one, "ceiling"] - slack
    assert table.at[("pump", "picture"), "ceiling"] > 0.9 > table.at[("pump", "ECG"), "ceiling"]


def test_of_the_heart_the_table_tells_more_than_the_ecg(found):
    assert set(found.hearts.index) == {
        (heart, view) for heart in HEARTS for view in ("ECG", "table")
    }
    assert found.hearts["R2"].between(0, 1).all()
    for heart in HEARTS:
        assert found.hearts.at[(heart, "table"), "R2"] > found.hearts.at[(heart, "ECG"), "R2"]


def test_the_table_is_what_the_third_work_reads_and_a_picture_has_no_age():
    config = population("general", people=50, seed=3)
    heart, told = seen(config)
    table = _table(heart, told["clinical"])
    assert tuple(table) == CHEAP
    np.testing.assert_array_equal(table["bsa"], heart.bsa)
    assert not {"age", "sex", "bsa", "diabetes"} & set(_drawn(heart))
    assert {field.name for field in fields(Heart)} >= {"edv", "esv", "ef", "mass"}
    np.testing.assert_allclose(_drawn(heart)["ef"], heart.ef)


def test_what_is_linear_and_what_is_bent_is_learned():
    stream = np.random.default_rng(5)
    x = stream.normal(size=(4_000, 6))
    shown, noise = pd.DataFrame(x), 0.3 * stream.normal(size=4_000)
    for truth in (x.sum(axis=1), x[:, 0] + 2 * np.abs(x[:, 1])):
        told = _best(shown, truth + noise, 2_000)
        assert _r2(truth[2_000:], told) > 0.9
        assert _r2(truth[2_000:], told) == pytest.approx(r2_score(truth[2_000:], told))
