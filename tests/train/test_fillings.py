"""Ways to teach the autoencoder: what is asked of whom, the record, and what is wrong with one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.train import fillings as room
from hfgnn.train.filled import FilledParams, filled, told
from hfgnn.train.fillings import (
    COPIED,
    FILES,
    OWN,
    REAL,
    FillingsParams,
    copied,
    fillings,
    real,
    recorded,
)
from hfgnn.train.seen import Seen, SeenParams
from hfgnn.train.steps import Pace
from tests.at_hand import AtHand
from tests.train.test_filled import SIZES, waves

OF = FilledParams(1, SIZES, Pace(epochs=1, rate=4e-3, batch=16), changed=0.0)
WHO = SeenParams(1, 60, SIZES), SeenParams(2, 50, SIZES)
PARAMS = FillingsParams(OF, *WHO, asked=30, longer=3, real=2)


def records(n: int, seed: int) -> Seen:
    """Return people of whom every fourth is held out, as PTB-XL's folds have them."""
    people = waves(n, seed)
    split = np.where(np.arange(n) % 4 == 0, np.where(np.arange(n) % 8 == 0, "val", "test"), "train")
    return replace(people, table=people.table.assign(split=split))


@pytest.fixture(scope="module")
def own():
    return filled(OF, waves(60, 1))


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Return a folder where the record lies; real records are made up."""
    monkeypatch.setattr(room, "FILES", {name: tmp_path / name for name in FILES})
    monkeypatch.setattr(room, "real", lambda folder, samples: records(40, int(folder.name)))
    monkeypatch.setattr(room, "aside", AtHand)
    return tmp_path


@pytest.fixture
def made(here, own) -> Path:
    done = recorded(PARAMS, Path("7"), waves(60, 1), waves(50, 2), own, jobs=1)
    assert list(done) == [(number, 7) for number in range(1, 8)]
    return here


def test_a_record_has_every_way_and_is_of_todays_own(made, own):
    found = fillings(PARAMS, waves(60, 1), waves(50, 2), own)
    assert (found.again, found.apart) == (1, 0.0)
    asked = {(run, "newcomers") for run in (COPIED, *PARAMS.runs)}
    asked |= {(run, "real records") for run in (COPIED, OWN, *REAL)}
    assert set(found.runs.index) == asked
    assert found.runs.loc[("for longer", "newcomers"), "epochs"] == 3
    assert found.runs.loc[("real records", "real records"), "epochs"] == 2
    assert set(found.curves.index) >= {("for longer", 3), (OWN, 1), (REAL[1], 2)}
    first = waves(50, 2).take(np.arange(30))
    today = told(OF, own, first)
    row = found.runs.loc[(OWN, "newcomers")]
    assert row["whole"] == pytest.approx(today["whole"].mean())
    assert row["hidden SD"] == pytest.approx(today["hidden"].std())
    np.testing.assert_array_equal(found.record, first.ecg[0].astype(np.float32))
    assert found.hidden.mean() == pytest.approx(OF.hidden, abs=0.02)
    at = found.hidden
    near = np.corrcoef(found.filled[at], found.record[at])[0, 1]
    assert near == pytest.approx(today["hidden"].iloc[0], abs=0.02)
    held = records(40, 7).take(np.arange(0, 40, 4))
    other = told(OF, own, held)["hidden"].mean()
    assert found.runs.loc[(OWN, "real records"), "hidden"] == pytest.approx(other)


def test_without_a_record_there_is_todays_own_and_the_copy(here, own):
    found = fillings(PARAMS, waves(60, 1), waves(50, 2), own)
    assert found.again is None
    assert set(found.runs.index) == {(OWN, "newcomers"), (COPIED, "newcomers")}
    other = fillings(replace(PARAMS, longer=4), waves(60, 1), waves(50, 2), own)
    assert other.again is None


def test_a_record_of_other_settings_is_not_read(made, own):
    for other in (replace(PARAMS, real=3), replace(PARAMS, people=SeenParams(1, 61, SIZES))):
        assert fillings(other, waves(60, 1), waves(50, 2), own).again is None


def test_todays_own_is_held_against_the_record(made, own):
    path = made / "runs.parquet"
    runs = pd.read_parquet(path)
    there = runs["run"].eq(OWN) & runs["asked"].eq("newcomers")
    runs.loc[there, "hidden"] += 0.25
    runs.to_parquet(path)
    assert fillings(PARAMS, waves(60, 1), waves(50, 2), own).apart == pytest.approx(0.25)


DAMAGES = ["bytes", "a run less", "a row less", "beyond one", "no column", "not a number"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_is_told_with_its_remedy(made, own, damage):
    path = made / "runs.parquet"
    runs = pd.read_parquet(path)
    if damage == "bytes":
        path.write_bytes(path.read_bytes()[:100])
    else:
        if damage == "a run less":
            runs = runs[runs["run"] != "for longer"]
        if damage == "a row less":
            runs = runs[~(runs["run"].eq(OWN) & runs["asked"].eq("newcomers"))]
        if damage == "beyond one":
            runs.loc[0, "whole"] = 1.5
        if damage == "no column":
            runs = runs.drop(columns="hidden SD")
        if damage == "not a number":
            runs.loc[0, "hidden"] = np.nan
        runs.to_parquet(path)
    with pytest.raises(ValueError, match=r"runs\.parquet is damaged.*hfgnn record autoencoder"):
        fillings(PARAMS, waves(60, 1), waves(50, 2), own)


def test_damaged_curves_are_told_with_their_remedy(made, own):
    path = made / "curves.parquet"
    pd.read_parquet(path).drop(columns="epoch").to_parquet(path)
    with pytest.raises(ValueError, match=r"curves\.parquet is damaged.*hfgnn record autoencoder"):
        fillings(PARAMS, waves(60, 1), waves(50, 2), own)


def test_to_copy_what_is_seen_is_worth_about_the_root_of_its_share(own):
    stream = np.random.default_rng(3)
    noise = Seen(pd.DataFrame(index=range(200)), np.zeros((200, 12, 50), np.float16), np.zeros(200))
    noise = replace(noise, ecg=stream.normal(size=(200, 12, 50)).astype(np.float16))
    found = copied(OF, noise)
    assert found["whole"].mean() == pytest.approx(0.5, abs=0.01)  # of a quarter
    assert (found["hidden"] == 0).all()
    dense = copied(replace(OF, hidden=0.2), noise)
    assert dense["whole"].mean() == pytest.approx(0.8**0.5, abs=0.01)


def test_the_published_record_is_of_the_book_s_settings():
    """And reaches what it is there for: more than the published checkpoint, and real records."""
    stage = workshop("book", SEED, places()).stage("selfsup.fillings")
    params = now(stage.params)
    found = room.files.kept(FILES, params.told, room.COMMAND)
    assert found is not None, "the record is of other settings; make it anew"
    runs = room._keyed(room._checked(params, found[0]["runs.parquet"]))
    assert runs.loc[("for longer", "newcomers"), "whole"] >= 0.64
    assert runs.loc[(OWN, "newcomers"), "whole"] >= 0.45
    both = runs["hidden"].xs("real records", level="asked")
    assert both["real records"] > both[COPIED]
    assert {"command", "device", "made", "versions"} <= found[1].keys()


def test_real_records_are_read_as_simulated_ones_are(real_data):
    people = real(real_data / "ptb-xl-400", 1250)
    assert people.ecg.shape[1:] == (12, 1250)
    assert len(people) == len(people.table) > 300
    assert people.table["split"].isin(room.HELD).sum() > 30
    groups = people.ecg[:, 6:].astype(float)
    np.testing.assert_allclose(groups.std(axis=(1, 2)), 1, atol=0.01)
    assert len(people.take(np.array([3, 1]))) == 2
