"""Texts that search beats: loops written out, luck in closed form, and the real records."""

from ast import literal_eval
from collections.abc import Callable
from dataclasses import replace
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hfgnn.data import ptbxl
from hfgnn.features.beats import median_beats
from hfgnn.features.statements import statements
from hfgnn.models.dual_attention import SOUND, Encoder
from hfgnn.models.text_align import TextAlignment
from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.seeding import rng
from hfgnn.train import retrieval as room
from hfgnn.train.aligned import Aligned, AlignedParams, aligned
from hfgnn.train.followed import Followed
from hfgnn.train.records import keep
from hfgnn.train.retrieval import (
    COLUMNS,
    COMMAND,
    FILES,
    HELD,
    TAUGHT,
    RetrievalParams,
    likeness,
    real,
    recorded,
    retrieval,
    searched,
)
from hfgnn.train.steps import Pace, as_read
from tests.train.test_arms import LITTLE, met

LESSON = AlignedParams(
    5, contrast=True, sizes=LITTLE, faults=SOUND, pace=Pace(epochs=1, rate=2e-3, batch=32)
)
PARAMS = RetrievalParams(LESSON, pace=Pace(epochs=1, rate=2e-3, batch=32))
CODES = statements().codes


def stated(people: int, seed: int, *, held: float = 0.4) -> Followed:
    """Draw people with up to three statements each; a part of them is held out."""
    found, dice = met(people, seed), rng(seed, "stated")
    few = ["NORM", "SR", "LVH", "IMI", "AFIB", "CLBBB"]
    codes = [
        str({str(c): float(dice.choice([0, 15, 100])) for c in dice.choice(few, size=n)})
        for n in dice.integers(0, 4, people)
    ]
    split = np.where(dice.random(people) < held, dice.choice(HELD, people), "train")
    return replace(found, table=found.table.assign(codes=codes, split=split))


HOSPITAL = met(60, 60)


@pytest.fixture(scope="module")
def start() -> Aligned:
    return aligned(LESSON, HOSPITAL)


# Searching


def planted(monkeypatch, near: np.ndarray) -> None:
    """Let every text be as near to every beat as this says, [71, n]."""
    monkeypatch.setattr(room, "likeness", lambda *_: near)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99), nearest=st.integers(1, 8), least=st.integers(1, 5))
def test_what_is_found_is_a_loop_written_out(seed, nearest, least):
    people = stated(40, seed)
    near = rng(seed, "near").integers(0, 9, size=(71, 40)).astype(float)  # with ties
    params = replace(PARAMS, nearest=nearest, least=least)
    with pytest.MonkeyPatch.context() as patch:
        planted(patch, near)
        found = searched(params, None, people)
    rows = []
    for number, code in enumerate(CODES):
        has = [code in literal_eval(said) for said in people.table["codes"]]
        order = sorted(range(40), key=lambda i: (-near[number, i], i))  # noqa: B023
        if sum(has) >= least:
            rows.append((code, sum(has), sum(has[i] for i in order[:nearest])))
    assert list(found[["code", "held", "found"]].itertuples(index=False, name=None)) == rows
    for row in found.itertuples():
        assert row.chance == pytest.approx(nearest * row.held / 40)
        none = comb(40 - row.held, nearest) / comb(40, nearest)
        assert row.luck == pytest.approx(1 - none)


def test_a_likeness_that_knows_finds_all_and_one_that_is_turned_finds_none(monkeypatch):
    people = stated(60, 1)
    knows = np.array([[c in literal_eval(s) for s in people.table["codes"]] for c in CODES])
    planted(monkeypatch, knows + 0.1 * rng(1, "near").random((71, 60)))
    found = searched(PARAMS, None, people)
    assert len(found) == 6
    assert found["found"].tolist() == np.minimum(found["held"], 5).tolist()
    planted(monkeypatch, -1.0 * knows)
    turned = searched(PARAMS, None, people)
    assert turned["found"].tolist() == np.maximum(0, 5 - (60 - turned["held"])).tolist() == [0] * 6


def test_by_chance_as_many_are_found_as_chance_says(monkeypatch):
    people, many = stated(60, 2), []
    for seed in range(150):
        planted(monkeypatch, rng(seed, "chance").random((71, 60)))
        many.append(searched(PARAMS, None, people))
    both = pd.concat(many).groupby("code")
    away = both["found"].mean() - both["chance"].mean()
    assert away.abs().max() < 0.35  # four of their standard errors, 0.09
    any_found = both["found"].agg(lambda n: (n > 0).mean()) - both["luck"].mean()
    assert any_found.abs().max() < 0.15


def test_a_statement_of_unknown_likelihood_is_one_and_few_are_not_asked_for(monkeypatch):
    people = met(8, 3)
    said = [{"SR": 0.0}, {"SR": 100.0}, {"SR": 50.0, "IMI": 0.0}, {"IMI": 80.0}, {}, {}, {}, {}]
    people = replace(people, table=people.table.assign(codes=[str(codes) for codes in said]))
    planted(monkeypatch, np.tile(np.arange(8.0)[::-1], (71, 1)))
    found = searched(replace(PARAMS, nearest=2), None, people)
    assert found[["code", "held", "found"]].to_numpy().tolist() == [["SR", 3, 2]]
    assert len(searched(replace(PARAMS, least=2), None, people)) == 2
    assert len(searched(replace(PARAMS, least=4), None, people)) == 0


def test_a_likeness_is_a_cosine_of_what_was_learned(start):
    people = met(20, 61)
    net, both = Encoder(LITTLE, faults=SOUND), TextAlignment(384, features=LITTLE.features)
    for part, left in ((net, start.encoder), (both, start.text)):
        part.load_state_dict({name: torch.tensor(value) for name, value in left.items()})
    net.eval()
    with torch.no_grad():
        beats = both.beat(net(as_read(people.beats, LITTLE))).double().numpy()
        words = both.text(torch.tensor(statements().embedding)).double().numpy()
    norms = np.linalg.norm(words, axis=1)[:, None] * np.linalg.norm(beats, axis=1)
    found = likeness(LESSON, start, people)
    assert found.shape == (71, 20)
    np.testing.assert_allclose(found, words @ beats.T / norms, atol=1e-5)
    assert np.abs(found).max() <= 1 + 1e-6


def test_texts_that_were_taught_find_whom_they_speak_of():
    """Two kinds of beats, each with its text: after a lesson a text finds its own."""
    longer = replace(LESSON, pace=Pace(epochs=18, rate=5e-3, batch=32))
    taught, asked = aligned(longer, met(200, 62)), met(60, 63)
    found = searched(replace(PARAMS, lesson=longer), taught, asked).set_index("code")
    assert {"NORM", "LVH", "IMI"} == set(found.index)
    assert (found.loc[["NORM", "LVH", "IMI"], "found"] >= 4).all()


# What is learned, and the record


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Return a folder where the record lies; people are made up."""
    monkeypatch.setattr(room, "FILES", {name: tmp_path / name for name in FILES})
    monkeypatch.setattr(room, "real", lambda folder: stated(90, int(folder.name)))
    return tmp_path


def test_lessons_are_of_who_is_not_held_and_searched_are_the_others(here, start, monkeypatch):
    lessons, asked = [], []

    def taught(params, people, given=None):
        lessons.append((params, people, given))
        return aligned(params, people, given)

    def found(params, one, people):
        asked.append((one, people))
        return searched(params, one, people)

    monkeypatch.setattr(room, "aligned", taught)
    monkeypatch.setattr(room, "searched", found)
    assert list(recorded(PARAMS, Path("7"), HOSPITAL)) == [(1, 4), (2, 4), (3, 4), (4, 4)]
    people = stated(90, 7)
    held = people.table["split"].isin(["val", "test"]).to_numpy()
    assert 20 < held.sum() < 60
    (first, hospital, _), *lessons = lessons
    assert (first, hospital) == (LESSON, HOSPITAL)
    for _, known, _ in lessons:
        np.testing.assert_array_equal(known.table["eta"], people.table["eta"][~held])
    for _, searched_ in asked:
        np.testing.assert_array_equal(searched_.table["eta"], people.table["eta"][held])
    for name, part in start.encoder.items():
        np.testing.assert_array_equal(asked[1][0].encoder[name], part)
    assert [given for _, _, given in lessons] == [None, None, asked[1][0]]
    nobody, real_, both = (params for params, _, _ in lessons)
    assert real_ == both == replace(LESSON, pace=PARAMS.pace)
    assert nobody.pace.rate == 0
    record = retrieval(PARAMS)
    assert (record.known, record.held, record.nearest) == ((~held).sum(), held.sum(), 5)
    assert list(record.codes) == COLUMNS
    assert tuple(record.codes["taught"].unique()) == TAUGHT
    for name, (one, part) in zip(TAUGHT, asked, strict=True):
        own = record.codes[record.codes["taught"] == name].drop(columns="taught")
        wanted = searched(PARAMS, one, part)
        pd.testing.assert_frame_equal(own.reset_index(drop=True), wanted)


def test_nobody_has_taught_the_first(start):
    """A rate of nought moves no weight."""
    params = replace(PARAMS, pace=replace(PARAMS.pace, epochs=2))
    lessons = dict(room._lessons(params, stated(40, 8), start))
    assert tuple(lessons) == TAUGHT
    nothing, other = (
        lessons["nobody"],
        aligned(replace(LESSON, pace=Pace(epochs=2, rate=0.0, batch=16)), stated(30, 9)),
    )
    for name, part in nothing.text.items():
        np.testing.assert_array_equal(part, other.text[name])
    for name in ("real people", "simulated, then real people"):
        weight = "text.0.weight"
        assert (lessons[name].text[weight] != nothing.text[weight]).any()
        assert (lessons[name].text[weight] != start.text[weight]).any()


@pytest.fixture
def written(here) -> Path:
    """Return a folder with a made-up record."""
    rows = [
        (taught, code, 4, found, 0.5, 0.4)
        for taught in TAUGHT
        for code, found in (("NORM", 0), ("IMI", 4))
    ]
    tables = {
        "codes.parquet": pd.DataFrame(rows, columns=COLUMNS),
        "records.parquet": pd.DataFrame({"known": [50], "held": [40]}),
    }
    keep(room.FILES, tables, PARAMS.told, "made up")
    return here


def test_a_record_is_read_back(written):
    found = retrieval(PARAMS)
    assert (len(found.codes), found.known, found.held, found.nearest) == (8, 50, 40, 5)
    assert {type(found.known), type(found.held)} == {int}


OTHERS = {
    "seed": replace(PARAMS, lesson=replace(LESSON, seed=6)),
    "sizes": replace(PARAMS, lesson=replace(LESSON, sizes=replace(LITTLE, features=30))),
    "pace": replace(PARAMS, pace=Pace(epochs=2)),
    "nearest": replace(PARAMS, nearest=4),
    "least": replace(PARAMS, least=4),
}


@pytest.mark.parametrize("change", OTHERS)
def test_a_record_of_others_is_none(written, change):
    found = retrieval(OTHERS[change])
    assert list(found.codes) == COLUMNS
    assert (len(found.codes), found.known, found.held) == (0, 0, 0)
    assert found.nearest == OTHERS[change].nearest


@pytest.mark.parametrize("name", FILES)
def test_a_record_with_a_file_gone_is_none(written, name):
    (written / name).unlink()
    assert len(retrieval(PARAMS).codes) == 0


Table = Callable[[pd.DataFrame], pd.DataFrame]
DAMAGE: dict[str, tuple[str, Table | bytes]] = {
    "no table": ("codes.parquet", b"PAR1"),
    "no codes": ("codes.parquet", lambda t: t.drop(columns="found")),
    "more found than looked at": ("codes.parquet", lambda t: t.assign(found=6)),
    "fewer than nobody found": ("codes.parquet", lambda t: t.assign(found=-1)),
    "not known what was found": ("codes.parquet", lambda t: t.assign(found=np.nan)),
    "one that was too rare": ("codes.parquet", lambda t: t.assign(held=2)),
    "a lesson gone": ("codes.parquet", lambda t: t[t["taught"] != "real people"]),
    "another order": ("codes.parquet", lambda t: t.iloc[::-1]),
    "nothing": ("codes.parquet", lambda t: t.iloc[:0]),
    "no numbers": ("codes.parquet", lambda t: t.assign(found="two")),
    "no table of sizes": ("records.parquet", b"PAR1"),
    "how many were held is not there": ("records.parquet", lambda t: t.drop(columns="held")),
    "how many were held is not known": ("records.parquet", lambda t: t.assign(held=np.nan)),
    "no size": ("records.parquet", lambda t: t.iloc[:0]),
    "no JSON": ("how.json", b"{"),
    "nothing told": ("how.json", b"{}"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_told_with_file_and_remedy(written, name):
    file, damage = DAMAGE[name]
    if isinstance(damage, bytes):
        (written / file).write_bytes(damage)
    else:
        damage(pd.read_parquet(written / file)).to_parquet(written / file, index=False)
    with pytest.raises(ValueError, match=file) as said:
        retrieval(PARAMS)
    assert COMMAND in str(said.value)


# Real records


@pytest.mark.data
def test_real_records_are_learned_from_and_searched(real_data, tmp_path, monkeypatch):
    folder, least = real_data / "ptb-xl-400", 4

    def some(*given, **named):
        for number, record in enumerate(every(*given, **named)):
            if number % least == 0:
                yield record

    every = ptbxl.records
    monkeypatch.setattr(ptbxl, "records", some)  # a quarter: the whole takes long to measure
    monkeypatch.setattr(room, "FILES", {name: tmp_path / name for name in FILES})
    people = real(folder)
    assert len(people) + people.unread == sum(1 for _ in some(folder)) > 80
    assert people.unread < 5
    assert (people.beats.dtype, people.beats.shape[1:]) == (np.float16, (12, 608))
    one = next(every(folder))
    assert literal_eval(people.table["codes"].iloc[0]) == one.codes
    beat, _ = median_beats(one.signal[None], one.fs)
    np.testing.assert_array_equal(people.beats[0], beat[0].astype(np.float16))
    monkeypatch.setattr(room, "real", lambda _: people)
    assert list(recorded(PARAMS, folder, HOSPITAL))[-1] == (4, 4)
    found = retrieval(PARAMS)
    assert found.known + found.held == len(people)
    assert found.held == people.table["split"].isin(["val", "test"]).sum() > 10
    assert found.codes.groupby("taught", sort=False)["code"].apply(list).map(tuple).nunique() == 1
    for row in found.codes.itertuples():
        said = people.table.loc[people.table["split"] != "train", "codes"]
        assert row.held == sum(row.code in literal_eval(codes) for codes in said) >= 3
    assert not set(tmp_path.iterdir()) - set(room.FILES.values())
    text = " ".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir())
    assert "records500" not in text  # counts only


@pytest.mark.parametrize("kind", ["nothing", "no table"])
def test_a_folder_without_records_is_named(tmp_path, kind):
    folder = tmp_path / "nowhere"
    if kind == "no table":
        folder.mkdir()
    with pytest.raises(FileNotFoundError, match=r"nowhere.*give the folder that holds PTB-XL"):
        list(recorded(PARAMS, folder, HOSPITAL))


@pytest.mark.skipif(
    not FILES["codes.parquet"].is_file(), reason="no record of texts yet: `hfgnn record retrieval`"
)
def test_the_books_record_is_of_todays_lesson_and_whole():
    params = now(workshop("book", SEED, places()).stage("dual.real").params)
    found = retrieval(params)
    assert found.known + found.held > 300
    each = found.codes.groupby("taught", sort=False)
    assert tuple(found.codes["taught"].unique()) == TAUGHT
    assert each["code"].apply(tuple).nunique() == 1
    assert set(found.codes["code"]) <= set(CODES)
    rows = found.codes
    np.testing.assert_allclose(rows["chance"], params.nearest * rows["held"] / found.held)
    none = [
        comb(found.held - held, params.nearest) / comb(found.held, params.nearest)
        for held in rows["held"]
    ]
    np.testing.assert_allclose(rows["luck"], 1 - np.array(none), atol=1e-9)
    assert (rows["found"] <= rows["held"]).all()
