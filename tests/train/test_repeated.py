"""Folds dealt again and again: nobody judges whom they met, intervals know of shared people."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines.utils import concordance_index
from scipy.stats import t

from hfgnn.seeding import rng
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, lesson
from hfgnn.train.folds import repeated_folds
from hfgnn.train.followed import Followed
from hfgnn.train.repeated import RIVAL, STUDIES, Repeated, RepeatedParams, repeated
from tests.train.test_arms import FEW, met

PARAMS = RepeatedParams(ArmParams(FEW, "language model"), folds=3, repeats=2)
MANY, SMALL = met(240, 60), met(120, 61)
MODELS = ["language model", RIVAL, "clinical values", "hidden heart"]


@pytest.fixture(scope="module")
def start() -> Aligned:
    return lesson(PARAMS.of, met(60, 62))


@pytest.fixture(scope="module")
def found(start) -> Repeated:
    return repeated(PARAMS, MANY, SMALL, start)


def test_every_fold_of_every_repeat_is_told_of_each_model(found):
    where = found.folds[["study", "repeat", "fold"]]
    assert [tuple(row) for row in where.to_numpy()] == [
        (study, repeat, fold) for study in STUDIES for repeat in range(2) for fold in range(3)
    ]
    assert found.folds[MODELS].stack().between(0, 1).all()
    assert list(found.scores.index) == [(study, model) for study in STUDIES for model in MODELS]
    own = {
        name: int(one.table["event"].sum())
        for name, one in zip(STUDIES, (MANY, SMALL), strict=True)
    }
    assert found.events == own
    by = found.folds.groupby(["study", "repeat"])["events"].sum()
    assert all(by[name, repeat] == own[name] for name in STUDIES for repeat in range(2))


def test_folds_are_those_of_the_stream_and_the_hidden_hearts_c_that_of_lifelines(found):
    table = SMALL.table
    dealt = repeated_folds(table["event"], rng(FEW.seed, "repeated", "120"), folds=3, repeats=2)
    own = found.folds[found.folds["study"] == STUDIES[1]].set_index(["repeat", "fold"])
    for repeat, fold in ((0, 0), (1, 2)):
        part = table[dealt[repeat, fold]]
        wanted = concordance_index(part["time"], -part["eta"], part["event"])
        assert own.at[(repeat, fold), "hidden heart"] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("study", STUDIES)
def test_an_interval_is_nadeaus_and_bengios(found, study):
    part = found.folds[found.folds["study"] == study]
    people = {STUDIES[0]: 240, STUDIES[1]: 120}[study]
    test = people // 3
    reach = t.ppf(0.975, 5) * np.sqrt(1 / 6 + test / (people - test))
    for model in MODELS:
        row, c = found.scores.loc[study, model], part[model]
        wanted = [c.mean() - reach * c.std(ddof=1), c.mean() + reach * c.std(ddof=1)]
        np.testing.assert_allclose([row["C"], row["low"], row["high"]], [c.mean(), *wanted])
        assert row["over"] == pytest.approx(c.std(ddof=1))
        assert row["dealt"] == pytest.approx(c.groupby(part["repeat"]).mean().std(ddof=1))
    apart, row = part["language model"] - part[RIVAL], found.gains.loc[study]
    ends = apart.mean() - reach * apart.std(ddof=1), apart.mean() + reach * apart.std(ddof=1)
    np.testing.assert_allclose(row[["mean", "low", "high"]], [apart.mean(), *ends])


def shuffled(people: Followed) -> Followed:
    """Deal times and events to other people: nothing is left to learn."""
    order = rng(7, "shuffled").permutation(len(people))
    told = people.table[["time", "event"]].iloc[order].set_index(people.table.index)
    return replace(people, table=people.table.assign(time=told["time"], event=told["event"]))


def test_who_tells_a_risk_never_met_those_who_are_asked(start, found):
    """Were they met, ten weights would fit whom they met even where nothing is to be learned."""
    blind = repeated(PARAMS, shuffled(MANY), shuffled(SMALL), start).scores["C"]
    seen = found.scores["C"]
    for study in STUDIES:
        assert seen[study, "clinical values"] > 0.65
        for model in MODELS:
            assert 0.38 < blind[study, model] < 0.62


def test_the_same_twice(start, found):
    pd.testing.assert_frame_equal(repeated(PARAMS, MANY, SMALL, start).folds, found.folds)
