"""The third work's comparisons: every arm learns, draws are paired, a record goes on."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score

from hfgnn.evaluate.rare import redrawn
from hfgnn.seeding import rng
from hfgnn.train import begun as lessons
from hfgnn.train import calls as room
from hfgnn.train import gains as shop
from hfgnn.train import rare
from hfgnn.train.begun import STARTS, Begun, BegunParams, begun
from hfgnn.train.calls import (
    COMMAND,
    FILES,
    FINEST,
    HEARTS,
    NAMES,
    RIDGES,
    arm,
    hearts,
    read,
    recorded,
)
from hfgnn.train.counted import PUBLISHED, Balance, ProbeParams
from hfgnn.train.filled import Filled, FilledParams
from hfgnn.train.gains import AGAIN, GAINS, gains
from hfgnn.train.matched import LookedParams, MatchedParams
from hfgnn.train.rare import ARMS, BUDGETS, CELLS, SCORES, TASKS, RareParams, Study
from hfgnn.train.seen import Seen, SeenParams
from hfgnn.train.tuned import Body, Start, TunedParams, features
from tests.at_hand import AtHand
from tests.train.test_matched import PACE, SIZES, SMALL, people
from tests.train.test_tuned import ill

SHORT = replace(PACE, epochs=2)
BEGUN = BegunParams(
    FilledParams(1, SIZES, replace(SHORT, batch=16), changed=0.0),
    LookedParams(1, SMALL, SHORT),
    MatchedParams(1, SIZES, SMALL, SHORT, cut=False),
)
PARAMS = RareParams(
    SeenParams(1, 300, SIZES),
    SeenParams(9, 256, SIZES),
    BEGUN,
    studies=2,
    steps=20,
    epochs=(2, 3),
    draws=40,
)


def met(n: int, seed: int) -> Seen:
    """Return people with both diseases, whose hearts have a size."""
    found = people(n, seed)
    own = {task: ill(found, seed + place, 0.3) for place, task in enumerate(TASKS)}
    size = found.ecg.astype(float).std(axis=(1, 2))
    return replace(found, table=found.table.assign(**own, **dict.fromkeys(HEARTS.values(), size)))


KNOWN, NEW = met(300, 1), met(256, 2)


@pytest.fixture(scope="module")
def found() -> Begun:
    return begun(BEGUN, KNOWN)


@pytest.fixture(scope="module")
def study(found) -> Study:
    return Study(PARAMS, 0, KNOWN, NEW, found.start)


def test_arms_tell_everybody_who_is_called_ill(study):
    for name in ("table", "ECG, both", "picture, supervised", "as published"):
        told = study.told(name)
        assert told.shape == (len(CELLS), len(NEW))
        assert np.isfinite(told).all()


def test_what_is_seen_lies_side_by_side(study, found):
    """Numbers of each view are kept; together they are what the encoders say together."""
    how = TunedParams(1, BEGUN.matched, 0.0, views=("ecg", "table", "picture"))
    whole = features(Body(how, found.start("both")), NEW, KNOWN)
    parts = [study.features(view, "both")[1] for view in how.views]
    np.testing.assert_allclose(np.hstack(parts), whole, rtol=1e-5, atol=1e-6)
    assert study.features("ecg", "both") is study.features("ecg", "both")


def test_starts_are_what_was_learned_before(study, found):
    same = study.features("ecg", "filled")[1]
    for start, differs in (("", True), ("matched", True), ("both", True), ("filled", False)):
        assert (study.features("ecg", start)[1] != same).any() == differs
    assert set(STARTS) >= {arm.start for arm in ARMS.values()}
    assert found.start("").ecg is None
    assert found.start("").sides is None


def test_few_teach_among_those_who_are_more(study, monkeypatch):
    taught = {}

    def spied(how, own, labels, teach, new):
        taught[len(taught)] = set(teach[labels[teach]])
        return np.zeros(len(new)), np.zeros(len(new))

    monkeypatch.setattr(rare, "probe", spied)
    study.told("table")
    for task in (0, 3):
        few, more, every = (taught[task + place] for place in range(3))
        assert (len(few), len(more)) == BUDGETS[:2]
        assert few < more < every
        assert len(every) == KNOWN.table[TASKS[task // 3]].sum()


def test_many_and_few_learn_for_about_as_many_steps():
    params = replace(PARAMS, steps=150, epochs=(6, 40))
    own = Study(params, 0, KNOWN, NEW, lambda _: Start())
    labels = np.arange(6_000) < 600
    for ill_, least, most in ((8, 20, 60), (40, 100, 160), (150, 140, 160), (600, 150, 240)):
        pace = own._pace(labels, np.r_[:ill_, 1_000:6_000], Balance(sampled=True))
        assert least <= pace.epochs * 2 * ill_ / pace.batch <= most


def test_gains_name_arms_that_differ_in_what_they_say():
    assert {name for pair in GAINS.values() for name in pair} <= set(ARMS)
    for one, other in GAINS.values():
        assert ARMS[one] != ARMS[other]
    assert {ARMS[name].start for name in AGAIN} == {"", "filled"}
    assert set(GAINS["filling in"]) <= set(AGAIN)  # so that each build makes one difference anew
    assert not any(ARMS[name].whole for name in AGAIN)
    published = ARMS["as published"]
    assert (published.whole, published.last, published.body) == (True, True, 1e-6 / 3e-4)
    assert published.balance == PUBLISHED


# What is recorded


def test_an_arms_scores_are_of_the_newcomers_and_of_draws_of_them(study):
    told, table = study.told("table"), arm(study, "table")
    assert len(table) == len(CELLS) * (PARAMS.draws + 1)
    for place, (task, budget) in enumerate(CELLS):
        own = table[(table["task"] == task) & (table["budget"] == budget)]
        labels = NEW.table[task].to_numpy(bool)
        drawn = redrawn(labels, told[place][:, None], rng=rng(9, "rare", task), repeats=40)
        for name, score in SCORES.items():
            wanted = [score(labels, told[place]), *drawn[name][:, 0]]
            np.testing.assert_allclose(own[name] / FINEST, wanted, atol=0.5001 / FINEST)


def test_what_an_ecg_tells_of_the_heart_is_scikit_learns_r2(study):
    table = hearts(study)
    own, new = (study.features("ecg", "both")[part] for part in (0, 1))
    z = [(part - own.mean(axis=0)) / own.std(axis=0) for part in (own, new)]
    truth = NEW.table["heart_ef"].to_numpy()
    said = RidgeCV(RIDGES).fit(z[0], KNOWN.table["heart_ef"]).predict(z[1])
    found_ = table[(table["start"] == "both") & (table["heart"] == "EF")]["R2"].to_numpy()
    assert found_[0] == pytest.approx(r2_score(truth, said), abs=1e-9)
    often = rng(9, "hearts").multinomial(len(NEW), np.full(len(NEW), 1 / len(NEW)), size=40)
    rows = np.repeat(np.arange(len(NEW)), often[7])
    assert found_[8] == pytest.approx(r2_score(truth[rows], said[rows]), abs=1e-9)
    assert found_[0] > 0.5  # planted: a wave is as large as the heart


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def kept(work, tmp_path_factory) -> Path:
    """Return a folder with a record of two studies."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        lies_in(folder, patch)
        steps = list(recorded(PARAMS, NEW, work, jobs=1))
    assert steps[-1] == (2 * len(ARMS), 2 * len(ARMS))
    return folder


def lies_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the record lie in this folder, and be made here, of people who are made up, soon."""
    patch.setattr(room, "FILES", {name: folder / name for name in FILES})
    patch.setattr(room, "aside", AtHand)
    patch.setattr(rare, "ProbeParams", partial(ProbeParams, penalties=(1.0,)))
    patch.setattr(room, "seen", lambda of: met(300, of.seed))


@pytest.fixture
def here(kept, tmp_path, monkeypatch) -> Path:
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((kept / name).read_bytes())
    lies_in(tmp_path, monkeypatch)
    return tmp_path


def own(found: Begun) -> Filled:
    return Filled(found.filled.nets["masked"], found.filled.curve, found.filled.epoch)


def test_gains_are_differences_of_means_over_studies(here, found):
    result, tables = gains(PARAMS, KNOWN, NEW, own(found)), read(PARAMS)
    assert (result.studies, result.again, result.apart) == (2, len(AGAIN), 0)
    calls = tables["calls.parquet"]
    first = calls.groupby(["study", "arm", "task", "budget"])["AUROC"].first() / FINEST
    mean = first.groupby(["arm", "task", "budget"]).mean()
    for what, (one, other) in GAINS.items():
        for task, budget in CELLS:
            gain = result.gains.loc[(what, task, budget, "AUROC")]
            assert gain["mean"] == pytest.approx(
                mean[one, task, budget] - mean[other, task, budget]
            )
            assert gain["low"] <= gain["high"]
    told = result.arms.loc[("table", "pump", 40, "AUROC")]
    assert told["mean"] == pytest.approx(mean["table", "pump", 40])
    assert told["between"] == pytest.approx(first[:, "table", "pump", 40].std())
    rivals = {name for name, one in ARMS.items() if one.start}
    assert set(result.claims["rival"]) == rivals
    assert set(result.claims["supervised"]) == {
        "ECG, supervised",
        "ECG and table, supervised",
        "picture, supervised",
        "supervised, counted twice",
    }
    assert len(result.claims) == len(rivals) * 4 * len(CELLS)
    right = calls.groupby(["study", "arm", "task", "budget"])["balanced accuracy"].first() / FINEST
    right = right.groupby(["arm", "task", "budget"]).mean()
    for row in result.claims.itertuples():
        one, other = ((arm, row.task, row.budget) for arm in (row.rival, row.supervised))
        assert row.mean == pytest.approx(right[one] - right[other])
        assert result.claims.at[row.Index, "AUROC mean"] == pytest.approx(mean[one] - mean[other])
    seen = result.claims.groupby("rival")["view"].unique().map(list)
    assert (seen["ECG, both"], seen["as published"]) == (["ECG"], ["ECG and table"])
    assert (seen["picture, looked"], seen["all three, both"]) == (["picture"], ["all three"])
    over = result.claims.groupby("supervised")["over"].unique().map(list)
    assert over["supervised, counted twice"] == ["ECG and table"]
    assert list(result.finds.index) == ["matched", "both", "shuffled"]
    assert (result.finds["min"] <= result.finds["mean"]).all()
    assert (result.finds["mean"] <= result.finds["max"]).all()


def test_what_an_ecg_gains_of_the_heart_is_over_nothing_and_over_filling_in(here, found):
    result, tables = gains(PARAMS, KNOWN, NEW, own(found)).hearts, read(PARAMS)
    first = tables["hearts.parquet"].groupby(["study", "start", "heart"])["R2"].first()
    r2 = first.groupby(["start", "heart"]).mean()
    for start, heart in r2.index:
        row = result.loc[(start or "untrained", heart)]
        assert row["mean"] == pytest.approx(r2[start, heart])
        assert row["over nothing, mean"] == pytest.approx(r2[start, heart] - r2["", heart])
        assert row["over filling in, mean"] == pytest.approx(r2[start, heart] - r2["filled", heart])
        assert row["over filling in, low"] <= row["over filling in, high"]
    assert (result.loc["untrained", ["over nothing, low", "over nothing, high"]] == 0).all(
        axis=None
    )


def test_draws_are_paired(here, found):
    """The same newcomers and studies for both: an arm beside itself has no interval at all."""
    tables = read(PARAMS)
    calls = tables["calls.parquet"]
    rows = calls["arm"] == "ECG, both"
    twin = (
        calls[rows]
        .assign(arm="ECG, filled in")
        .set_index(calls.index[calls["arm"] == "ECG, filled in"])
    )
    calls.loc[twin.index, list(SCORES)] = twin[list(SCORES)]
    drawn = shop._drawn(PARAMS, calls, ["arm", "task", "budget"], list(SCORES))
    gain = shop._gained(drawn).loc["pictures after filling in"]
    assert (gain == 0).all(axis=None)
    rest = shop._gained(drawn).loc["ECG beside the table"]
    assert (rest["low"] < rest["high"]).all()


def test_a_record_goes_on_where_it_was_cut_off(kept, work, tmp_path, monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("what is there is learned again")

    lies_in(tmp_path, monkeypatch)
    (first,) = work.glob("*-0")
    last = first / f"calls-{list(ARMS).index('ECG, filled in'):02d}.parquet"
    before = last.read_bytes()
    last.unlink()
    for name in ("filled", "looked", "matched"):
        monkeypatch.setattr(lessons, name, never)
    list(recorded(PARAMS, NEW, work, jobs=1))
    assert last.read_bytes() == before
    for name in NAMES:
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / name), pd.read_parquet(kept / name), check_exact=True
        )


def test_without_a_record_one_study_is_made_now(tmp_path, monkeypatch, found, kept):
    lies_in(tmp_path, monkeypatch)
    result = gains(PARAMS, KNOWN, NEW, own(found))
    assert (result.studies, result.again, result.apart) == (1, None, 0)
    calls = pd.read_parquet(kept / "calls.parquet")
    first = calls[(calls["study"] == 0) & (calls["arm"] == "ECG, both")]
    told = result.arms.loc[("ECG, both", *CELLS[0], "AUROC"), "mean"]
    assert told == first["AUROC"].iloc[0] / FINEST


def test_a_record_of_other_code_is_refused(here, found):
    calls = pd.read_parquet(here / "calls.parquet")
    moved = calls["AUROC"].where(calls["arm"] != AGAIN[0], calls["AUROC"] // 2)
    calls.assign(AUROC=moved).to_parquet(here / "calls.parquet", index=False)
    with pytest.raises(ValueError, match=rf"by 0\.\d+, more than 0\.05.*`{COMMAND}`"):
        gains(PARAMS, KNOWN, NEW, own(found))


DAMAGE = {
    "a study that is missing": lambda table: table[table["study"] == 0],
    "a row too few": lambda table: table.iloc[1:],
    "a gap": lambda table: table.assign(**{table.columns[-1]: np.nan}),
    "no study": lambda table: table.drop(columns="study"),
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", NAMES[:3])
def test_a_damaged_record_is_refused_with_its_command(here, name, how):
    DAMAGE[how](pd.read_parquet(here / name)).to_parquet(here / name, index=False)
    with pytest.raises(ValueError, match=rf"{name} is damaged.*`{COMMAND}`"):
        read(PARAMS)


def test_a_record_of_other_people_is_none(here):
    assert read(PARAMS) is not None
    assert read(replace(PARAMS, steps=21)) is None
