"""Ranks of the newcomers: an order is kept, a record is whole or refused, a cut-off goes on."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfgnn.evaluate.survival import concordance
from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.train import ranks as room
from hfgnn.train.arms import ARMS, ArmParams, lesson, rivals, told
from hfgnn.train.followed import Followed
from hfgnn.train.ranks import (
    COMMAND,
    FILES,
    ORDER,
    RIVALS,
    GridParams,
    arms_of,
    in_order,
    parted,
    read,
    recorded,
)
from hfgnn.train.steps import Pace
from tests.at_hand import AtHand
from tests.train.test_arms import FEW, met

SMALL = GridParams(replace(FEW, taught=60, people=60, newcomers=50), studies=2, draws=20)
THREE = {name: ARMS[name] for name in ("untrained", "language model", "target mended")}
NEW = met(50, 9)


def of_two(study: int) -> tuple[Followed, Followed]:
    """Return whom the arms of a study meet."""
    return met(60, 20 + study), met(60, 30 + study)


@pytest.fixture(scope="module", autouse=True)
def three_arms():
    """Three arms, of people who are drawn at once, by this process: all are made alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "ARMS", THREE)
        patch.setattr(room, "ORDER", (*RIVALS, *THREE))
        patch.setattr(room, "people_of", lambda _, study: of_two(study))
        patch.setattr(room, "aside", AtHand)
        yield


def lies_in(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Let the record lie in this folder."""
    patch.setattr(room, "FILES", {name: folder / name for name in FILES})
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Return a folder with a record, and what it was made of in `work`."""
    with pytest.MonkeyPatch.context() as patch:
        folder = lies_in(tmp_path_factory.mktemp("recorded"), patch)
        assert list(recorded(SMALL, NEW, folder / "work", jobs=1)) == [(12, 12), (12, 12)]
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch) -> Path:
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return lies_in(tmp_path, monkeypatch)


# Orders


def alike(risk: np.ndarray) -> dict[int, dict[str, np.ndarray]]:
    """Return this risk as what everybody says in one study."""
    return {0: dict.fromkeys(room.ORDER, risk)}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=30))
def test_a_rank_is_one_more_than_there_are_lower_risks(whole):
    risk = np.array(whole) / 3
    ranks = in_order(alike(risk))
    assert ranks["0 untrained"].tolist() == [1 + (risk < one).sum() for one in risk]
    assert (ranks.dtypes == np.uint16).all()


def test_as_many_as_the_paper_asks_still_have_a_rank_each():
    ranks = in_order(alike(np.arange(20_000.0)[::-1]))["0 untrained"]
    assert ranks.tolist() == list(range(20_000, 0, -1))


def test_an_order_scores_as_the_risk_does():
    risk = np.round(NEW.table["eta"].to_numpy(), 1)  # so with ties
    order = in_order(alike(risk))["0 untrained"]
    time, event = NEW.table["time"], NEW.table["event"]
    assert concordance(time, event, order) == concordance(time, event, risk)


def test_columns_are_in_order_whoever_came_first():
    risk = np.zeros(3)
    told = {study: dict.fromkeys(reversed(room.ORDER), risk) for study in (10, 2, 0)}
    names = list(in_order(told))
    assert names == [f"{study} {arm}" for study in (0, 2, 10) for arm in room.ORDER]
    assert [parted(name) for name in names[-2:]] == [(10, "language model"), (10, "target mended")]
    assert parted("3 tuned, from nothing") == (3, "tuned, from nothing")


def test_an_arm_that_says_nothing_is_named():
    with pytest.raises(KeyError, match="target mended"):
        in_order({0: {name: np.zeros(3) for name in room.ORDER[:-1]}})


def test_rivals_come_first_then_all_arms():
    assert (*RIVALS, *ARMS) == ORDER
    assert set(RIVALS) == set(rivals(met(60, 30), NEW))


# Made and read back


def test_a_record_is_of_what_everybody_says(here):
    found = read(SMALL, 50)
    assert found is not None
    assert list(found) == [f"{study} {arm}" for study in (0, 1) for arm in room.ORDER]
    for study in (0, 1):
        hospital, people = of_two(study)
        said = {name: risk for name, (risk, _) in rivals(people, NEW).items()}
        for name, arm in THREE.items():
            params = ArmParams(SMALL.of, name, study)
            start = lesson(params, hospital) if arm.text else None
            said[name] = told(params, people, NEW, start).risk
        wanted = in_order({study: said})
        pd.testing.assert_frame_equal(found[list(wanted)], wanted)


def test_lessons_that_are_equal_are_given_once_and_none_to_who_has_none(monkeypatch):
    given_, heard = [], {}

    def taught(params, people):
        given_.append((params.name, people))
        return params.lesson

    def said(params, people, new, start):
        heard[params.name] = start
        return SimpleNamespace(risk=np.full(len(new), float(params.study)))

    monkeypatch.setattr(room, "ARMS", ARMS)
    monkeypatch.setattr(room, "lesson", taught)
    monkeypatch.setattr(room, "told", said)
    hospital, people = of_two(0)
    found = dict(arms_of(SMALL.of, 2, hospital, people, NEW, known=()))
    assert list(found) == list(heard) == list(ARMS)
    assert all((risk == 2).all() for risk in found.values())
    lessons = {name: ArmParams(SMALL.of, name, 2).lesson for name, a in ARMS.items() if a.text}
    assert heard == {name: lessons.get(name) for name in ARMS}
    assert all(who is hospital for _, who in given_)
    assert len(given_) == len(set(lessons.values())) < len(lessons)


def test_who_is_known_is_not_asked_again_and_has_no_lesson(monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("a lesson was given to nobody")

    monkeypatch.setattr(room, "lesson", never)
    hospital, people = of_two(0)
    known = ("language model", "target mended", "hidden heart")
    found = arms_of(SMALL.of, 0, hospital, people, NEW, known=known)
    assert [name for name, _ in found] == ["untrained"]


def test_cut_off_it_goes_on_where_it_was_and_ends_the_same(made, tmp_path, monkeypatch):
    lies_in(tmp_path, monkeypatch)
    asked, least = [], [2]

    def spied(params, *others):
        if len(asked) == least[0]:
            raise KeyboardInterrupt
        asked.append((params.study, params.name))
        return told(params, *others)

    monkeypatch.setattr(room, "told", spied)
    with pytest.raises(KeyboardInterrupt):
        list(recorded(SMALL, NEW, tmp_path / "work", jobs=1))
    assert not (tmp_path / "ranks.parquet").exists()
    assert asked == [(0, "untrained"), (0, "language model")]
    drafts = [path for path in (tmp_path / "work").rglob("*") if path.suffix == ".draft"]
    assert not drafts
    least[0] = 99
    steps = list(recorded(SMALL, NEW, tmp_path / "work", jobs=1))
    assert steps[-1] == (12, 12)
    assert asked[2:] == [(0, "target mended"), *((1, name) for name in THREE)]
    one, other = (pd.read_parquet(folder / "ranks.parquet") for folder in (tmp_path, made))
    pd.testing.assert_frame_equal(one, other)


def test_a_draft_that_was_cut_off_is_no_answer(made, tmp_path, monkeypatch):
    """What numpy had half-written when the power went is made again."""
    lies_in(tmp_path, monkeypatch)
    for path in (made / "work").rglob("*.npy"):
        copy = tmp_path / "work" / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    lost = next((tmp_path / "work").rglob("03.npy"))
    lost.with_suffix(".draft").write_bytes(lost.read_bytes()[:70])
    lost.unlink()
    asked = []
    monkeypatch.setattr(room, "told", lambda p, *o: asked.append(p.name) or told(p, *o))
    list(recorded(SMALL, NEW, tmp_path / "work", jobs=1))
    assert asked == ["untrained"]
    found = read(SMALL, 50)
    assert found is not None
    pd.testing.assert_frame_equal(found, pd.read_parquet(made / "ranks.parquet"))


@pytest.mark.parametrize("what", ["seed", "arms"])
def test_what_others_said_is_not_taken_for_these(made, tmp_path, monkeypatch, what):
    lies_in(tmp_path, monkeypatch)
    asked = []

    def said(params, people, new, _):
        asked.append(params.name)
        return SimpleNamespace(risk=np.zeros(len(new)))

    monkeypatch.setattr(room, "told", said)
    monkeypatch.setattr(room, "lesson", lambda *_: None)
    params = SMALL
    if what == "seed":
        params = replace(SMALL, of=replace(SMALL.of, seed=6))
    else:
        changed = THREE | {"untrained": replace(THREE["untrained"], time=False)}
        monkeypatch.setattr(room, "ARMS", changed)
    list(recorded(params, NEW, made / "work", jobs=1))
    assert asked == list(THREE) * 2


# A record of others, and damage


OTHERS = {
    "seed": replace(SMALL, of=replace(SMALL.of, seed=6)),
    "taught": replace(SMALL, of=replace(SMALL.of, taught=61)),
    "people": replace(SMALL, of=replace(SMALL.of, people=61)),
    "newcomers": replace(SMALL, of=replace(SMALL.of, newcomers=51)),
    "sizes": replace(SMALL, of=replace(SMALL.of, sizes=replace(SMALL.of.sizes, features=30))),
    "lesson": replace(SMALL, of=replace(SMALL.of, lesson=Pace(epochs=2))),
    "course": replace(SMALL, of=replace(SMALL.of, course=Pace(epochs=2))),
    "studies": replace(SMALL, studies=1),
}


@pytest.mark.parametrize("change", OTHERS)
def test_a_record_of_others_is_not_taken_for_this_one(here, change):
    assert read(SMALL, 50) is not None
    assert read(OTHERS[change], 50) is None


def test_a_record_of_other_arms_is_not_taken_for_these(here, monkeypatch):
    changed = THREE | {"untrained": replace(THREE["untrained"], lead=False)}
    monkeypatch.setattr(room, "ARMS", changed)
    assert read(SMALL, 50) is None


def test_how_many_draws_an_interval_takes_is_not_of_the_record(here):
    assert read(replace(SMALL, draws=7), 50) is not None


@pytest.mark.parametrize("name", FILES)
def test_a_record_with_a_file_gone_is_none(here, name):
    (here / name).unlink()
    assert read(SMALL, 50) is None


DAMAGE: dict[str, Callable[[pd.DataFrame], pd.DataFrame] | bytes] = {
    "no table": b"PAR1",
    "an arm gone": lambda t: t.drop(columns="1 language model"),
    "a study gone": lambda t: t.iloc[:, :6],
    "another order": lambda t: t[t.columns[::-1]],
    "another's column": lambda t: t.assign(other=t["0 untrained"]),
    "people gone": lambda t: t.iloc[:-3],
    "people twice": lambda t: pd.concat([t, t.iloc[:1]]),
    "no whole numbers": lambda t: t.astype(float),
    "one column of others": lambda t: t.astype({"1 untrained": np.int64}),
    "a rank not known": lambda t: t.assign(**{"0 untrained": t["0 untrained"].mask(t.index == 3)}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_told_with_file_and_remedy(here, name):
    damage, path = DAMAGE[name], here / "ranks.parquet"
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        damage(pd.read_parquet(path)).to_parquet(path, index=False)
    with pytest.raises(ValueError, match=r"ranks\.parquet is damaged") as said:
        read(SMALL, 50)
    assert f"`{COMMAND}`" in str(said.value)


@pytest.mark.parametrize("words", [b"{", b"{}"])
def test_damaged_words_of_how_are_told_too(here, words):
    (here / "how.json").write_bytes(words)
    with pytest.raises(ValueError, match=rf"how\.json is damaged.*{COMMAND}"):
        read(SMALL, 50)


def test_a_record_of_fewer_newcomers_than_there_are_today_is_refused(here):
    with pytest.raises(ValueError, match="it must rank 49 newcomers in whole numbers"):
        read(SMALL, 49)


def test_a_record_cut_off_while_it_is_written_is_none(made, here, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OSError, match="No space"):
        list(recorded(SMALL, NEW, made / "work", jobs=1))
    assert read(SMALL, 50) is None


# Processes


def test_each_study_is_the_work_of_another_process(made, tmp_path, monkeypatch):
    lies_in(tmp_path, monkeypatch)
    asked = []

    class Asked(AtHand):
        def submit(self, work: Callable, *given: object) -> Future:
            asked.append((self.jobs, work, given[1]))
            return super().submit(work, *given)

    monkeypatch.setattr(room, "aside", Asked)
    list(recorded(SMALL, NEW, made / "work", jobs=3))
    assert asked == [(3, room._studied, 0), (3, room._studied, 1)]


def test_a_study_that_fails_is_told_of_before_the_others_are_done(tmp_path, monkeypatch):
    lies_in(tmp_path, monkeypatch)

    class Failing(AtHand):
        def submit(self, work: Callable, *given: object) -> Future:
            one: Future = Future()
            if given[1] == 1:
                one.set_exception(MemoryError("no room for study 1"))
            return one  # the other never ends

    monkeypatch.setattr(room, "aside", Failing)
    monkeypatch.setattr(room, "wait", lambda waiting, timeout: wait(waiting, timeout=0.01))
    with pytest.raises(MemoryError, match="study 1"):
        list(recorded(SMALL, NEW, tmp_path / "work", jobs=2))


# What was recorded for the book


@pytest.mark.skipif(
    not FILES["ranks.parquet"].is_file(), reason="no record of arms yet: `hfgnn record dual`"
)
def test_the_books_record_is_of_todays_arms_and_whole(monkeypatch):
    monkeypatch.setattr(room, "ARMS", ARMS)
    monkeypatch.setattr(room, "ORDER", ORDER)
    params = now(workshop("book", SEED, places()).stage("dual.arms").params)
    newcomers = len(pd.read_parquet(FILES["ranks.parquet"], columns=["0 untrained"]))
    assert 0.97 * params.of.newcomers < newcomers <= params.of.newcomers
    ranks = read(params, newcomers)
    assert ranks is not None
    assert ranks.min().eq(1).all()
    assert ranks.max().le(newcomers).all()
    hidden = ranks[[f"{study} hidden heart" for study in range(params.studies)]]
    assert hidden.nunique(axis=1).eq(1).all()  # all studies are asked about the same people
    assert ranks["0 hidden heart"].nunique() > 0.99 * newcomers
    orders = ranks.T.drop_duplicates().index
    assert len(orders) == ranks.shape[1] - (params.studies - 1)  # every other arm has its own
    kin = ranks.corr("spearman")["0 hidden heart"]
    assert kin[[name for name in ranks if parted(name)[1] in RIVALS[1:]]].min() > 0.1
