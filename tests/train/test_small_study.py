"""Small studies: the published folds, who is tested trains nothing, and a leak that is planted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test
from scipy.stats import ks_2samp
from sklearn.model_selection import StratifiedKFold

from hfgnn.evaluate.survival import concordance
from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.seeding import rng
from hfgnn.train import small_study as room
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ARMS, ArmParams, lesson
from hfgnn.train.cox import cox_model
from hfgnn.train.followed import FollowedParams
from hfgnn.train.risk import learned
from hfgnn.train.small_study import (
    COLUMNS,
    COMMAND,
    FARTHEST,
    FILES,
    SEEDS,
    TAUGHT,
    SmallParams,
    by_curve,
    by_fold,
    read,
    recorded,
    small,
    trained,
)
from hfgnn.train.steps import Pace
from tests.at_hand import AtHand
from tests.train.test_arms import FEW, apart, met
from tests.train.test_folds import PUBLISHED

PARAMS = SmallParams(FEW, studies=2, people=80, course=Pace(epochs=1, rate=5e-3, batch=32))
PEOPLE = met(80, 40)
PLACES = [(seed, fold) for seed in SEEDS for fold in (0, 1)]


@pytest.fixture(scope="module")
def start() -> Aligned:
    return lesson(ArmParams(FEW, TAUGHT), met(60, 41))


class Quick:
    """A network that has learned in no time: what it says is eta, blurred by who taught it."""

    def __init__(self, params: object, people: object, _: object) -> None:
        self.noise = rng(len(people) + params.seed, "quick", str(people.table["eta"].sum()))

    def of(self, people: object) -> np.ndarray:
        """Return log risks."""
        return people.table["eta"].to_numpy() + self.noise.normal(size=len(people))


@pytest.fixture
def quick(monkeypatch):
    """Nobody has to learn."""
    monkeypatch.setattr(room, "learned", Quick)


# Folds


def test_folds_are_the_published_ones_and_who_is_tested_trains_nothing(start, monkeypatch):
    taught = []

    def spied(params, people, given):
        assert given is start
        taught.append((params, people))
        return Quick(params, people, given)

    monkeypatch.setattr(room, "learned", spied)
    table = trained(PARAMS, 3, PEOPLE, start)
    assert list(table) == COLUMNS
    assert len(table) == 10 * 80
    assert list(table.groupby(["seed", "fold"], sort=False).groups) == PLACES
    event, eta = PEOPLE.table["event"].to_numpy(), PEOPLE.table["eta"].to_numpy()
    dealt = [
        test
        for seed in SEEDS
        for _, test in StratifiedKFold(2, shuffle=True, random_state=seed).split(event, event)
    ]
    parts = [part for _, part in table.groupby(["seed", "fold"], sort=False)]
    for (seed, _), part, test, (params, known) in zip(PLACES, parts, dealt, taught, strict=True):
        assert part["study"].eq(3).all()
        assert part["person"].tolist() == list(range(80))
        np.testing.assert_array_equal(np.flatnonzero(part["tested"]), test)
        np.testing.assert_array_equal(known.table["eta"], np.delete(eta, test))
        assert params == replace(ArmParams(FEW, TAUGHT).course, seed=seed, pace=PARAMS.course)
        told = cox_model(known.signs, known.table).of(PEOPLE.signs)
        np.testing.assert_allclose(part["signs"], told, rtol=1e-5, atol=1e-6)
        for name in ("time", "event", "eta"):
            np.testing.assert_array_equal(part[name], PEOPLE.table[name])


def test_a_fold_is_told_by_the_network_that_its_training_part_has_taught(start):
    table = trained(PARAMS, 0, PEOPLE, start, most=1)
    assert len(table) == 80
    known = PEOPLE.take(np.flatnonzero(~table["tested"]))
    course = replace(ArmParams(FEW, TAUGHT).course, seed=42, pace=PARAMS.course)
    wanted = learned(course, known, start).of(PEOPLE).astype(np.float32)
    np.testing.assert_array_equal(table["network"], wanted)
    nothing = learned(course, known).of(PEOPLE)
    assert not np.allclose(wanted, nothing, atol=1e-3)


def test_the_first_folds_are_the_same_alone_as_among_all(quick, start):
    whole, first = trained(PARAMS, 0, PEOPLE, start), trained(PARAMS, 0, PEOPLE, start, most=3)
    pd.testing.assert_frame_equal(first, whole.iloc[:240])


def test_the_network_is_the_published_one_but_for_what_makes_it_blind():
    assert apart(ARMS[TAUGHT], ARMS["as published"]) == {"positions": False}


def test_studies_are_of_one_law_and_of_other_people():
    assert PARAMS.study(4) == FollowedParams(FEW.seed + 4, "post-infarct", 80)
    assert len({PARAMS.study(n).population.seed for n in range(6)}) == 6


# What is told of folds


def leaking(seed: int = 1, *, people: int = 400, studies: int = 1) -> pd.DataFrame:
    """Return a table whose network knows all whom it trained on, and nothing of the others."""
    dice, parts = rng(seed, "leaking"), []
    for study in range(studies):
        eta = dice.normal(size=people)
        months, last = dice.exponential(size=people) * np.exp(-eta), dice.uniform(0.2, 1, people)
        event = months <= last
        time = np.minimum(months, last)
        for place in SEEDS:
            dealt = StratifiedKFold(2, shuffle=True, random_state=place).split(event, event)
            for fold, (_, test) in enumerate(dealt):
                tested = np.isin(np.arange(people), test)
                parts.append(
                    pd.DataFrame(
                        {
                            "study": study,
                            "seed": place,
                            "fold": fold,
                            "person": np.arange(people),
                            "tested": tested,
                            "network": np.where(tested, dice.normal(size=people), 5 - 20 * time),
                            "signs": eta + dice.normal(size=people),
                            "time": time,
                            "event": event,
                            "eta": eta,
                        }
                    )
                )
    return pd.concat(parts, ignore_index=True)[COLUMNS]


@pytest.mark.parametrize("studies", [1, 2])
def test_a_fold_is_scored_on_those_it_tests(studies):
    table = leaking(studies=studies)
    found = by_fold(table)
    keys = list(found[["study", "seed", "fold"]].itertuples(index=False, name=None))
    assert keys == [(study, *place) for study in range(studies) for place in PLACES]
    for row, (_, part) in zip(
        found.itertuples(), table.groupby(["study", "seed", "fold"], sort=False), strict=True
    ):
        own = part[part["tested"]]
        time, event = own["time"].to_numpy(), own["event"].to_numpy()
        assert row.events == event.sum()
        assert row.network == concordance(time, event, own["network"])
        assert row.signs == concordance(time, event, own["signs"])
        assert found.loc[row.Index, "hidden heart"] == concordance(time, event, own["eta"])


def test_a_leak_is_nothing_for_the_first_seed_and_flatters_the_others():
    found = by_fold(leaking())
    first, later = found[found["seed"] == SEEDS[0]], found[found["seed"] != SEEDS[0]]
    assert first["leak"].tolist() == first["network"].tolist()
    assert found["network"].between(0.35, 0.65).all()
    assert (later["leak"] - later["network"]).min() > 0.08
    assert later["leak"].min() > 0.6


def test_a_leak_is_asked_of_those_whom_the_first_seed_tests():
    table = leaking(2, studies=2)
    part = table[(table["study"] == 1) & (table["seed"] == 2022) & (table["fold"] == 1)]
    first = table[(table["study"] == 1) & (table["seed"] == 42) & (table["fold"] == 1)]
    asked = part.merge(first[["person", "tested"]], on="person", suffixes=("", " first"))
    asked = asked[asked["tested first"]]
    found = by_fold(table).set_index(["study", "seed", "fold"])["leak"]
    wanted = concordance(asked["time"], asked["event"], asked["network"])
    assert found.loc[1, 2022, 1] == wanted


def test_without_a_leak_all_seeds_are_alike():
    """Where those who trained are known no better, the leak tells what the tested tell."""
    clean = leaking(3).assign(network=lambda t: t["signs"])
    found = by_fold(clean)
    assert abs((found["leak"] - found["network"]).mean()) < 0.03


def test_the_first_fold_alone_can_be_scored():
    table = leaking()
    one = by_fold(table.iloc[:400])
    pd.testing.assert_frame_equal(one, by_fold(table).iloc[:1])


# Curves


def test_four_percent_of_each_fold_are_high_and_log_rank_is_lifelines():
    table = leaking(people=800)
    table["network"] += 100.0 * table["fold"]  # models differ in scale: it must not matter
    found = by_curve(table)
    assert list(found[["seed", "leak"]].itertuples(index=False, name=None)) == [
        (seed, leak) for seed in SEEDS for leak in (False, True)
    ]
    for row in found.itertuples():
        part = table[table["seed"] == row.seed].reset_index(drop=True)
        firsts = table[table["seed"] == SEEDS[0]].reset_index(drop=True)
        asked = part[(firsts if row.leak else part)["tested"]]
        sides = {True: [], False: []}
        for _, own in asked.groupby("fold"):
            least = np.sort(own["network"])[-16]  # the highest sixteen of four hundred
            for side, who in own.groupby(own["network"] >= least):
                sides[side].append(who)
        high, others = (pd.concat(sides[side]) for side in (True, False))
        assert (row.people, len(others)) == (32, 768)
        assert sorted(pd.concat([high, others])["person"]) == list(range(800))
        assert row.events == high["event"].sum()
        wanted = logrank_test(high["time"], others["time"], high["event"], others["event"])
        assert row.p == pytest.approx(wanted.p_value, rel=1e-9)


def test_a_leak_makes_a_curve_that_the_tested_do_not_make():
    found = by_curve(leaking(people=800)).set_index(["seed", "leak"])["p"].unstack()
    assert found.loc[42, True] == found.loc[42, False]
    assert (found.loc[list(SEEDS[1:]), True] < 1e-4).all()
    assert found[False].median() > 0.01


def test_who_knows_nothing_finds_a_high_risk_no_more_often_than_by_chance():
    tables = [leaking(seed, people=200) for seed in range(8)]
    p = np.concatenate([by_curve(t).query("not leak")["p"] for t in tables])
    assert (p < 0.05).mean() < 0.25  # of forty, five each of the same people


# Made and read back


def lies_in(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Let the record lie in this folder."""
    patch.setattr(room, "FILES", {name: folder / name for name in FILES})
    return folder


def people_of(params: FollowedParams) -> object:
    """Return whom a study follows, drawn at once."""
    return PEOPLE if params.seed == FEW.seed else met(params.people, params.seed)


@pytest.fixture(scope="module")
def made(tmp_path_factory, start) -> Path:
    """Return a folder with a record of two studies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "learned", Quick)
        patch.setattr(room, "followed", people_of)
        patch.setattr(room, "aside", AtHand)
        folder = lies_in(tmp_path_factory.mktemp("recorded"), patch)
        assert list(recorded(PARAMS, start, jobs=1)) == [1, 2]
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch, quick) -> Path:
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return lies_in(tmp_path, monkeypatch)


def test_a_record_is_of_all_studies_in_order(here, start):
    found = read(PARAMS)
    assert found is not None
    both = [trained(PARAMS, n, people_of(PARAMS.study(n)), start) for n in (0, 1)]
    pd.testing.assert_frame_equal(found, pd.concat(both, ignore_index=True))


def test_a_study_that_is_ready_first_does_not_come_first(tmp_path, monkeypatch, quick, start):
    lies_in(tmp_path, monkeypatch)
    monkeypatch.setattr(room, "followed", people_of)
    monkeypatch.setattr(room, "aside", AtHand)
    monkeypatch.setattr(room, "as_completed", reversed)
    assert list(recorded(PARAMS, start, jobs=1)) == [1, 2]
    found = read(PARAMS)
    assert found is not None
    assert found["study"].is_monotonic_increasing


def test_with_a_record_one_fold_is_trained_again(here, start, monkeypatch):
    asked = []
    monkeypatch.setattr(room, "learned", lambda *given: asked.append(given) or Quick(*given))
    found = small(PARAMS, PEOPLE, start)
    assert len(asked) == found.again == 1
    assert found.apart == 0
    whole = read(PARAMS)
    pd.testing.assert_frame_equal(found.folds, by_fold(whole))
    pd.testing.assert_frame_equal(found.curves, by_curve(whole))
    assert len(found.folds) == 20
    assert found.alike == ks_2samp(PUBLISHED, found.folds["network"]).pvalue


def test_without_a_record_the_first_study_is_read_now(tmp_path, monkeypatch, quick, start):
    lies_in(tmp_path, monkeypatch)
    found = small(PARAMS, PEOPLE, start)
    table = trained(PARAMS, 0, PEOPLE, start)
    assert (found.again, found.apart) == (None, 0)
    pd.testing.assert_frame_equal(found.folds, by_fold(table))
    assert len(found.curves) == 10
    assert found.alike == ks_2samp(PUBLISHED, found.folds["network"]).pvalue


@pytest.mark.parametrize(("more", "low", "high"), [(0.0, 0.99, 1.0), (0.3, 0.0, 0.001)])
def test_folds_that_are_the_published_ones_are_alike_and_better_ones_are_not(
    tmp_path, monkeypatch, quick, start, more, low, high
):
    lies_in(tmp_path, monkeypatch)
    folds = pd.DataFrame({"network": np.array(PUBLISHED)[::-1] + more})
    monkeypatch.setattr(room, "by_fold", lambda _: folds)
    assert low <= small(PARAMS, PEOPLE, start).alike <= high


def test_scores_of_other_code_are_refused(here, start):
    table = pd.read_parquet(here / "folds.parquet")
    tested = table["tested"] & (table["study"] == 0) & (table["seed"] == 42) & (table["fold"] == 0)
    own = table.index[tested]
    before = by_fold(table).loc[0, "network"]
    moved = []
    for rows in (own[table.loc[own, "event"].to_numpy()][:1], own):
        other = table["network"].mask(table.index.isin(rows), -3 * table["eta"]).astype(np.float32)
        table.assign(network=other).to_parquet(here / "folds.parquet", index=False)
        moved.append(abs(by_fold(table.assign(network=other)).loc[0, "network"] - before))
        if len(rows) == 1:
            assert small(PARAMS, PEOPLE, start).apart == pytest.approx(moved[0])
        else:
            with pytest.raises(ValueError, match=rf"by 0\.\d+, more than {FARTHEST}") as said:
                small(PARAMS, PEOPLE, start)
            assert f"`{COMMAND}`" in str(said.value)
    assert 0 < moved[0] < FARTHEST < moved[1]


OTHERS = {
    "seed": replace(PARAMS, of=replace(FEW, seed=6)),
    "taught": replace(PARAMS, of=replace(FEW, taught=61)),
    "lesson": replace(PARAMS, of=replace(FEW, lesson=Pace(epochs=9))),
    "studies": replace(PARAMS, studies=3),
    "people": replace(PARAMS, people=81),
    "course": replace(PARAMS, course=Pace(epochs=2)),
}


@pytest.mark.parametrize("change", OTHERS)
def test_a_record_of_others_is_not_taken_for_this_one(here, change):
    assert read(PARAMS) is not None
    assert read(OTHERS[change]) is None


@pytest.mark.parametrize("name", FILES)
def test_a_record_with_a_file_gone_is_none(here, name):
    (here / name).unlink()
    assert read(PARAMS) is None


DAMAGE: dict[str, Callable[[pd.DataFrame], pd.DataFrame] | bytes] = {
    "no table": b"PAR1",
    "no risks": lambda t: t.drop(columns="network"),
    "a fold gone": lambda t: t[(t["study"] == 0) | (t["seed"] != 2023) | (t["fold"] == 0)],
    "a study gone": lambda t: t[t["study"] == 0],
    "another seed": lambda t: t.assign(seed=t["seed"].replace(42, 43)),
    "another order": lambda t: t.iloc[::-1],
    "somebody twice": lambda t: pd.concat([t.iloc[:1], t]),
    "everybody twice": lambda t: pd.concat([t, t]),
    "a risk not known": lambda t: t.assign(network=t["network"].mask(t.index == 7)),
    "somebody gone": lambda t: t.drop(index=[5]),
    "the last gone": lambda t: t.iloc[:-3],
    "tested by both folds": lambda t: t.assign(tested=True),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_told_with_file_and_remedy(here, name):
    damage, path = DAMAGE[name], here / "folds.parquet"
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        damage(pd.read_parquet(path)).to_parquet(path, index=False)
    with pytest.raises(ValueError, match=r"folds\.parquet is damaged") as said:
        read(PARAMS)
    assert f"`{COMMAND}`" in str(said.value)


@pytest.mark.parametrize("words", [b"{", b"{}"])
def test_damaged_words_of_how_are_told_too(here, words):
    (here / "how.json").write_bytes(words)
    with pytest.raises(ValueError, match=rf"how\.json is damaged.*{COMMAND}"):
        read(PARAMS)


# What was recorded for the book


@pytest.mark.skipif(
    not FILES["folds.parquet"].is_file(), reason="no record of folds yet: `hfgnn record folds`"
)
def test_the_books_record_is_of_todays_studies_and_whole():
    params = now(workshop("book", SEED, places()).stage("dual.folds").params)
    table = read(params)
    assert table is not None
    assert list(table) == COLUMNS
    parts = table.groupby(["study", "seed"])
    for (study, _), part in parts:
        both = part.pivot(index="person", columns="fold", values="tested")
        assert both.sum(axis=1).eq(1).all(), study
        assert 0.95 * params.people < len(both) <= params.people
    assert table.groupby("study")["eta"].nunique().gt(0.9 * params.people).all()
    events = table[table["tested"]].groupby(["study", "seed", "fold"])["event"].sum()
    assert events.between(5, 60).all()
    found = by_fold(table)
    assert found["hidden heart"].mean() > 0.6
    assert found["leak"].notna().all()
