"""What training leaves of an arm: recorded as it was, read back bit for bit, refused if damaged."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.train import left as room
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, Told, lesson, told
from hfgnn.train.left import (
    COMMAND,
    FARTHEST,
    FILES,
    LeftParams,
    again,
    mended,
    placed,
    read,
    recorded,
    taught,
)
from tests.train.test_arms import FEW, met

SHORT = replace(FEW, lesson=replace(FEW.lesson, epochs=4))
PARAMS = LeftParams(
    ArmParams(SHORT, "language model"), ArmParams(SHORT, "positions mended"), again=2
)
HOSPITAL, STUDY, NEW = met(60, 52), met(120, 50), met(90, 51)
Trained = tuple[Aligned, Aligned, Told]


@pytest.fixture(scope="module")
def trained() -> Trained:
    """Return all trainings, as they are done where there is no record."""
    start = lesson(PARAMS.tuned, HOSPITAL)
    return lesson(PARAMS.stays, HOSPITAL), start, told(PARAMS.tuned, STUDY, NEW, start)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Return a folder with a record of both arms."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "FILES", {name: folder / name for name in FILES})
        assert list(recorded(PARAMS, HOSPITAL, STUDY, NEW)) == [(1, 3), (2, 3), (3, 3)]
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch) -> Path:
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((made / name).read_bytes())
    monkeypatch.setattr(room, "FILES", {name: tmp_path / name for name in FILES})
    return tmp_path


def same(one: object, other: object, *, but: tuple[str, ...] = ()) -> None:
    """Compare two results bit for bit."""
    for field in fields(one):
        if field.name in but:
            continue
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, dict):
            assert list(mine) == list(theirs)
            for name, part in mine.items():
                np.testing.assert_array_equal(part, theirs[name], strict=True)
        elif isinstance(mine, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs, check_exact=True, check_like=True)
        else:
            np.testing.assert_array_equal(mine, theirs)


def test_a_record_says_what_the_trainings_said_and_trains_nothing(here, trained, monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("an arm is trained beside its record")

    stays, start, end = trained
    monkeypatch.setattr(room.arms, "lesson", never)
    monkeypatch.setattr(room.arms, "told", never)
    first, second = taught(PARAMS, HOSPITAL), placed(PARAMS, HOSPITAL)
    same(stays, first, but=("decoder", "text"))
    same(start, second, but=("text",))
    assert (first.decoder, first.text, second.text) == ({}, {}, {})
    same(end, mended(PARAMS, STUDY, NEW, second))


def test_the_first_epochs_are_taught_anew_and_must_go_as_they_went(here, trained):
    stays, *_ = trained
    found = again(PARAMS, HOSPITAL, taught(PARAMS, HOSPITAL))
    pd.testing.assert_frame_equal(found.curve, stays.curve.loc[:2], check_exact=True)
    assert (found.epochs, found.apart) == (2, 0)
    name = "held text"
    for moved in (0.1, 0.4):
        other = replace(stays, curve=stays.curve.assign(**{name: stays.curve[name] + moved}))
        if moved < FARTHEST:
            assert again(PARAMS, HOSPITAL, other).apart == pytest.approx(moved)
        else:
            with pytest.raises(ValueError, match=rf"by 0\.400, more than 0\.3.*`{COMMAND}`"):
                again(PARAMS, HOSPITAL, other)


OTHERS = (
    replace(PARAMS, tuned=ArmParams(SHORT, "leads mended")),
    replace(PARAMS, stays=ArmParams(SHORT, "language model", study=1)),
)


@pytest.mark.parametrize("other", OTHERS)
def test_a_record_of_other_arms_is_none(here, other):
    assert read(PARAMS) is not None
    assert read(other) is None


def test_without_a_record_all_is_trained(tmp_path, trained, monkeypatch):
    monkeypatch.setattr(room, "FILES", {name: tmp_path / name for name in FILES})
    stays, start, end = trained
    same(stays, taught(PARAMS, HOSPITAL))
    same(start, placed(PARAMS, HOSPITAL))
    same(end, mended(PARAMS, STUDY, NEW, start))
    found = again(PARAMS, HOSPITAL, stays)
    pd.testing.assert_frame_equal(found.curve, stays.curve)
    assert (found.epochs, found.apart) == (None, 0)


DAMAGE: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a weight too few": lambda table: table.iloc[1:],
    "a weight too many": lambda table: pd.concat([table, table.iloc[-1:]]),
    "a part that is missing": lambda table: table[table["part"] != "placed decoder"],
    "a weight that is none": lambda table: table.assign(value=np.nan),
    "no weights": lambda table: table.drop(columns="value"),
}
WENT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no epoch that is used": lambda table: table.assign(used=False),
    "a training that is missing": lambda table: table[table["course"] != "tuned"],
    "no epochs": lambda table: table.drop(columns="epoch"),
}


@pytest.mark.parametrize("how", [*DAMAGE, *WENT])
def test_a_damaged_record_is_refused_with_its_command(here, how):
    name = "weights.parquet" if how in DAMAGE else "curves.parquet"
    (DAMAGE | WENT)[how](pd.read_parquet(here / name)).to_parquet(here / name, index=False)
    with pytest.raises(ValueError, match=rf"{name} is damaged.*`{COMMAND}`"):
        read(PARAMS)


def test_the_books_record_is_of_the_books_arms():
    params = now(workshop("book", SEED, places()).stage("dual.mended").params)
    assert read(params) is not None, f"make it anew with `{COMMAND}`"
    assert json.loads(FILES["how.json"].read_text("utf-8"))["command"] == COMMAND
