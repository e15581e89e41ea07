"""Every arm answers every task; what it says survives being kept as whole numbers, and a record."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.pipeline import swept
from hfgnn.pipeline.answers import CHANGES, SPOILED, asked_params
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import PROFILES, SMOKE
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.seeding import rng
from hfgnn.train import asked as room
from hfgnn.train.ablations import (
    ARMS,
    FINEST,
    PARTS,
    REACH,
    TASKS,
    WITH_GRAPH,
    AblationParams,
    Answered,
    answered,
    coded,
    column,
    decoded,
    wholly,
)
from hfgnn.train.aligned import Aligned
from hfgnn.train.followed import FollowedParams, followed
from hfgnn.train.gauged import Gauged
from hfgnn.train.records import HOW, keep
from tests.train.test_arms import FEW, encoder, weights_of

ASKED = now(asked_params(SMOKE, 5, 2))


@pytest.fixture(scope="module")
def people():
    """Two groups of made-up people, with a little signal in every view."""
    found = []
    for seed, many in ((1, 90), (2, 40)):
        stream = rng(seed, "people")
        table = pd.DataFrame({label: stream.random(many) < 0.4 for label in TASKS.values()})
        table["time"] = np.round(stream.exponential(20, many)) + 1
        for name in ("ef", "bnp", "nyha", "sbp", "age"):
            table[name] = stream.random(many) + table["sick"] + 1
        views = {
            view: (stream.normal(size=(many, 6)) + table["sick"].to_numpy()[:, None])
            for arm in ARMS.values()
            for view in arm.views
            if view != "clinical"
        }
        halves = {name: view.astype(np.float16) for name, view in views.items()}
        found.append(Gauged(table, halves, 0))
    return found


@pytest.mark.parametrize("part", ["flat", "graph"])
def test_every_arm_answers_every_task(people, part):
    some = ("clinical values", "all", "GCN", "GCN, nobody heard", "graph transformer")
    params = AblationParams(0, FEW, part, some)
    codes = answered(params, *people).codes
    assert list(codes) == [column(task, arm) for arm in params.names for task in TASKS]
    assert (codes.dtypes == np.uint16).all()
    assert len(codes) == 40
    assert (codes.nunique() >= 2).all()  # far out, many are at an end of what is kept


def test_whole_encoders_answer_too():
    study = followed(FollowedParams(3, "book", 60))
    new = followed(FollowedParams(4, "book", 30))
    from hfgnn.train.arms import ArmParams

    weights = weights_of(encoder(ArmParams(FEW, "language model"), None))
    lesson = Aligned(weights, {}, {}, pd.DataFrame(), 1)  # as the book keeps it: no decoder
    quick = replace(FEW, course=replace(FEW.course, epochs=1, batch=30))
    codes = wholly(AblationParams(0, quick, "whole"), study, new, lesson).codes
    assert codes.shape == (30, 2 * len(TASKS))
    begun, fresh = (codes[column("sick", arm)] for arm in AblationParams(0, quick, "whole").names)
    assert not np.array_equal(begun, fresh)


def test_arms_are_of_one_part_and_twins_are_there():
    assert {arm.part for arm in ARMS.values()} == set(PARTS)
    every = [name for part in PARTS for name in AblationParams(0, FEW, part).names]
    assert sorted(every) == sorted(ARMS)
    for arm, twin in WITH_GRAPH.items():
        assert replace(ARMS[arm], heard=False) == ARMS[twin]


@given(st.lists(st.floats(-40, 40), min_size=2, max_size=20))
def test_scores_come_back_within_half_a_step_and_in_order(scores):
    told = np.array(scores)
    back = decoded(coded(told, "sick"))
    np.testing.assert_allclose(back, told.clip(-REACH, REACH), atol=REACH / FINEST * 1.001)
    order = np.argsort(told, kind="stable")
    assert (np.diff(back[order]) >= 0).all()


def test_risks_are_told_about_their_mean_and_nothing_endless_is_kept():
    told = rng(1, "x").normal(size=50) + 100
    np.testing.assert_allclose(decoded(coded(told, "event")), told - told.mean(), atol=1e-3)
    assert (decoded(coded(told, "sick")) == REACH).all()
    with pytest.raises(ValueError, match="diverged"):
        coded(np.array([0.0, np.nan]), "sick")


def _made(seed, people=40):
    stream = rng(seed, "codes")
    names = [column(task, arm) for arm in ARMS for task in TASKS]
    table = {name: stream.integers(0, FINEST, people).astype(np.uint16) for name in names}
    return [Answered(pd.DataFrame(table))]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    files = {name: tmp_path / name for name in (room.SCORES, room.SPOILED, HOW)}
    monkeypatch.setattr(room, "FILES", files)
    return files


def _kept(files, params):
    spoiled = {change: _made(9, params.some) for change, _ in params.spoiled}
    tables = room.gathered(params, {0: _made(1), 1: _made(2)}, spoiled)
    keep(files, tables, room.told(params), room.COMMAND)
    return tables


def test_a_record_comes_back_and_one_of_others_is_not_read(folder):
    params = replace(ASKED, some=25)
    tables = _kept(folder, params)
    scores, spoiled = room.read(params, 40)
    pd.testing.assert_frame_equal(scores, tables[room.SCORES])
    pd.testing.assert_frame_equal(spoiled, tables[room.SPOILED])
    assert f"1: {column('pump', 'page')}" in scores
    assert room.read(replace(params, studies=3), 40) is None
    with pytest.raises(ValueError, match="hfgnn sweep ablations"):
        room.read(params, 41)
    folder[room.SCORES].write_bytes(b"no parquet")
    with pytest.raises(ValueError, match="damaged"):
        room.read(params, 40)


def test_what_is_made_again_is_held_against_the_record(folder, monkeypatch):
    params = replace(ASKED, some=25)
    table = pd.DataFrame({label: rng(3, label).random(40) < 0.5 for label in TASKS.values()})
    table["time"] = np.arange(40.0) + 1
    people = type("People", (), {"table": table, "__len__": lambda self: 40})()
    first = _made(1)[0].codes
    names = [column(task, arm) for part in room.AGAIN.values() for arm in part for task in TASKS]
    monkeypatch.setattr(room, "again", lambda *args: first[names])
    alone = room.asked(params, people, people, None)
    assert alone.arms == [arm for part in room.AGAIN.values() for arm in part]
    assert alone.codes["sick"].shape == (5, 1, 40)
    _kept(folder, params)
    found = room.asked(params, people, people, None)
    assert (found.again, found.apart) == (20, 0.0)
    assert found.arms == list(ARMS)
    assert found.codes["sick"].shape == (len(ARMS), 2, 40)
    at = found.arms.index("page")
    np.testing.assert_array_equal(
        found.codes["pump"][at, 1], _made(2)[0].codes[column("pump", "page")]
    )
    other = first[names].assign(**{names[0]: FINEST - first[names[0]]})
    monkeypatch.setattr(room, "again", lambda *args: other)
    with pytest.raises(ValueError, match="they are of other code"):
        room.asked(params, people, people, None)


def test_people_without_a_beat_are_not_passed_over(people):
    unread = type("People", (), {"unread": 2})()
    with pytest.raises(ValueError, match="no beat could be read of 2 people"):
        room._gauged(ASKED, unread, None)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_cells_need_what_is_there_and_differ_by_study(profile):
    cells = swept.ablation_cells(profile, SEED, 3)
    names = [cell.name for cell in cells]
    known = {*names, *(stage.name for stage in catalogue(profile, SEED))}
    assert len(set(names)) == len(names)
    assert {need for cell in cells for need in cell.needs} <= known
    read = [now(cell.params) for cell in cells if cell.name.endswith(".read")]
    assert [one.seed for one in read] == [SEED, SEED + 1, SEED + 2]
    new = next(now(c.params) for c in cells if c.name == "ablations.newcomers")
    assert new.seed not in {one.seed for one in read}
    for change in CHANGES:
        for part in SPOILED:
            assert f"ablations.{change.replace(' ', '_')}.{part}" in names
