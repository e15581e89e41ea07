"""People who are followed: a beat for each, everything of one person in one row."""

from itertools import count

import numpy as np
import pandas as pd
import pytest

from hfgnn.cohort import FS
from hfgnn.features.beats import beat, median_beats
from hfgnn.features.biomarkers import biomarkers
from hfgnn.features.statements import one_hot, statements
from hfgnn.train import followed as room
from hfgnn.train.followed import Followed, FollowedParams, followed
from hfgnn.world.population import simulate

PARAMS = FollowedParams(3, people=30)


@pytest.fixture(scope="module")
def people() -> Followed:
    return followed(PARAMS)


@pytest.fixture(scope="module")
def cohort():
    return simulate(PARAMS.population)


def test_beats_and_signs_are_those_of_the_same_peoples_ecgs(people, cohort):
    beats, ok = median_beats(cohort.ecg, FS)
    assert people.unread == (~ok).sum()
    assert list(people.table["id"]) == list(cohort.table["id"][ok])
    np.testing.assert_allclose(people.beats, beats[ok], atol=5e-3)  # half precision of z-scores
    sex = cohort.table["heart_sex"].to_numpy()[ok]
    pd.testing.assert_frame_equal(people.signs, biomarkers(cohort.ecg[ok], FS, sex=sex))


def test_who_has_no_beat_is_left_out_of_every_part(people, monkeypatch):
    turns = count()
    monkeypatch.setattr(room, "beat", lambda places: None if next(turns) % 2 else beat(places))
    found = followed(PARAMS)
    assert found.unread == 15
    rows = np.flatnonzero(np.arange(30) % 2 == 0)
    again = people.take(rows)
    assert list(found.table["id"]) == list(again.table["id"])
    np.testing.assert_array_equal(found.beats, again.beats)
    pd.testing.assert_frame_equal(found.signs, again.signs)
    assert len(found) == len(again) == 15


def test_signs_are_measured_only_where_somebody_asks():
    found = followed(FollowedParams(3, people=4, signs=False))
    assert found.signs.shape == (4, 0)
    assert len(found.take(np.array([2, 0]))) == 2


def test_texts_are_of_what_was_stated(people):
    table = one_hot(statements())
    found = people.texts(table)
    assert found.shape == (30, 71)
    for row, codes in zip(found, people.table["codes"], strict=True):
        told = {code for code, weight in zip(table.codes, row, strict=True) if weight > 0}
        assert told == {c for c, likelihood in eval(codes).items() if likelihood > 0}  # noqa: S307
