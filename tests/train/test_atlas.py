"""Maps of several trainings: told apart from chance, compared with each other, kept whole."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hfgnn.cohort import LEADS
from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.train import atlas as room
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import Told, lesson, told
from hfgnn.train.atlas import (
    COMMAND,
    DRAWN,
    FILES,
    KINDS,
    NAMES,
    AtlasParams,
    alike,
    atlas,
    looked,
    read,
    recorded,
    told_apart,
)
from hfgnn.train.maps import LEARNED, TERRITORY, Maps, maps
from tests.at_hand import AtHand
from tests.train.test_arms import met
from tests.train.test_maps import NEW, PARAMS, STUDY

THREE = AtlasParams(PARAMS, trainings=3)
HOSPITAL = met(60, 52)


def test_how_many_untrained_networks_are_as_good_is_counted():
    rows = [
        ("LBBB", "tuned", 1.0, 0.0),
        ("LBBB", "taught", 0.7, 0.2),
        ("LBBB", "untrained 0", 0.7, 0.3),
        ("LBBB", "untrained 1", 0.6, 0.2),
        ("LBBB", "untrained 2", 0.9, 0.1),
        ("LBBB", "untrained 3", 0.5, 0.5),
        ("inferior infarct", "tuned", 1.0, 0.0),
        ("inferior infarct", "taught", 0.4, 0.9),
        ("inferior infarct", "untrained 0", 0.5, 0.8),
        ("inferior infarct", "untrained 1", 0.5, 0.8),
        ("inferior infarct", "untrained 2", 0.5, 0.8),
        ("inferior infarct", "untrained 3", 0.3, 0.95),
    ]
    table = pd.DataFrame(rows, columns=["disease", "network", "AUROC", "place"])
    whole = told_apart(table.assign(**{"with": 0.5, "without": 0.4}, training=0))
    found = whole.loc["taught"]
    assert found["AUROC"].to_dict() == {"LBBB": 0.7, "inferior infarct": 0.4}
    assert found["untrained, AUROC as good"].to_dict() == {"LBBB": 0.5, "inferior infarct": 0.75}
    assert found["untrained, place as good"].to_dict() == {"LBBB": 0.5, "inferior infarct": 0.75}
    best = whole.loc["tuned"]
    assert best["untrained, AUROC as good"].to_dict() == {"LBBB": 0, "inferior infarct": 0}
    assert best["untrained, place as good"].to_dict() == {"LBBB": 0, "inferior infarct": 0}


def test_maps_that_are_the_same_are_alike_and_others_are_not():
    dice = np.random.default_rng(3)
    one, other = dice.dirichlet(np.ones(12), size=2)
    rows = [
        {"training": number, "network": name, "lead": lead, "share": share}
        for name, each in {"taught": (one, one, other), "tuned": (one, one, one)}.items()
        for number, shares in enumerate(each)
        for lead, share in zip(LEADS, shares, strict=True)
    ]
    found = alike(pd.DataFrame(rows))
    r = np.corrcoef(one, other)[0, 1]
    assert found.loc["taught"].to_list() == pytest.approx([(1 + 2 * r) / 3, r, 1])
    assert found.loc["tuned"].to_list() == pytest.approx([1, 1, 1])


def test_one_training_has_no_other_to_be_like():
    rows = pd.DataFrame({"training": 0, "network": "tuned", "lead": LEADS, "share": 1 / 12})
    assert alike(rows).empty


# The record


@pytest.fixture(scope="module")
def trained() -> tuple[Aligned, Told]:
    """Return what pre-training left of the network that stays, and the one that is tuned."""
    end = told(PARAMS.tuned, STUDY, NEW, lesson(PARAMS.tuned, HOSPITAL))
    return lesson(PARAMS.of, HOSPITAL), end


@pytest.fixture(scope="module")
def own(trained) -> Maps:
    return maps(PARAMS, STUDY, NEW, *trained)


def lies_in(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Let the record lie in this folder."""
    patch.setattr(room, "FILES", {name: folder / name for name in FILES})
    return folder


@pytest.fixture(scope="module")
def made(trained, tmp_path_factory) -> Path:
    """Return a folder with a record of three trainings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "aside", AtHand)
        patch.setattr(room, "as_completed", reversed)  # who is ready first does not come first
        folder = lies_in(tmp_path_factory.mktemp("recorded"), patch)
        assert list(recorded(THREE, HOSPITAL, STUDY, NEW, *trained, jobs=1)) == [1, 2]
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch) -> Path:
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return lies_in(tmp_path, monkeypatch)


def test_each_training_is_told_of_beside_the_untrained_networks(here, own):
    found = atlas(THREE, own)
    assert [tuple(key) for key in found.territory.index] == [
        (number, name, disease) for number in range(3) for name in LEARNED for disease in TERRITORY
    ]
    assert found.territory.notna().all(axis=None)
    first = own.territory.set_index(["network", "disease"])
    for key, row in found.territory.loc[0].iterrows():
        assert row["AUROC"] == first.at[key, "AUROC"]
        rivals = own.territory[
            own.territory["network"].str.startswith("untrained")
            & (own.territory["disease"] == key[1])
        ]
        assert row["untrained, AUROC as good"] == (rivals["AUROC"] >= row["AUROC"]).mean()
    for number in (1, 2):
        assert not np.allclose(
            found.territory.loc[number, "AUROC"], found.territory.loc[0, "AUROC"]
        )
        assert set(found.hidden.loc[number].index) == set(LEARNED)
    assert (found.again, found.apart) == (1, 0)
    assert list(found.alike.index) == list(LEARNED)


def test_beside_a_record_only_what_has_learned_is_looked_at(here, own, trained, monkeypatch):
    found = looked(THREE, STUDY, NEW, *trained)
    assert set(found.territory["network"]) == set(found.hidden.index) == set(LEARNED)
    one, other = atlas(THREE, found), atlas(THREE, own)
    pd.testing.assert_frame_equal(one.territory, other.territory)
    assert (
        (one.random, one.again, one.apart)
        == (PARAMS.random, 1, 0)
        == (
            other.random,
            other.again,
            other.apart,
        )
    )
    monkeypatch.setattr(room, "FILES", dict.fromkeys(FILES, here / "nothing"))
    whole = looked(THREE, STUDY, NEW, *trained)
    pd.testing.assert_frame_equal(whole.territory, own.territory)
    assert atlas(THREE, whole).random == PARAMS.random


def test_what_is_drawn_is_the_first_training_of_the_record(here, own):
    other = replace(own, leads={name: part[:, ::-1] for name, part in own.leads.items()})
    for today in (own, other):  # whatever today's training has come to
        drawn = atlas(THREE, today).drawn
        assert set(drawn) == {f"{kind} {name}" for kind in KINDS for name in LEARNED}
        for kind in KINDS:
            for name in LEARNED:
                np.testing.assert_array_equal(drawn[f"{kind} {name}"], getattr(own, kind)[name])


def test_how_far_todays_training_is_from_the_recorded_one_is_told(here, own):
    moved = own.territory.assign(AUROC=own.territory["AUROC"] - 0.03)
    found = atlas(THREE, replace(own, territory=moved))
    assert found.apart == pytest.approx(0.03)
    assert found.territory.equals(atlas(THREE, own).territory)


def test_without_a_record_there_is_one_training(tmp_path, monkeypatch, own):
    lies_in(tmp_path, monkeypatch)
    found = atlas(THREE, own)
    assert found.territory.index.unique("training").tolist() == [0]
    assert (found.again, found.apart) == (None, 0)


def test_a_record_of_other_networks_is_none(here, own):
    assert read(THREE) is not None
    assert read(replace(THREE, trainings=2)) is None
    assert atlas(replace(THREE, trainings=2), own).again is None


DAMAGE: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a training that is missing": lambda table: table[table["training"] != 1],
    "a row twice": lambda table: pd.concat([table, table[table["network"] == "tuned"].iloc[:1]]),
    "a gap": lambda table: table.assign(**{table.columns[-2]: np.nan}),
    "no network": lambda table: table.drop(columns="network"),
}


DRAWINGS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a map that is missing": lambda table: table[table["kind"] != "own"],
    "a share that is missing": lambda table: table.iloc[1:],
    "more than everything": lambda table: table.assign(share=table["share"] + 1),
    "a gap": lambda table: table.assign(share=np.nan),
    "no share": lambda table: table.drop(columns="share"),
}


@pytest.mark.parametrize("how", DRAWINGS)
def test_damaged_drawings_are_refused_with_their_command(here, how):
    DRAWINGS[how](pd.read_parquet(here / DRAWN)).to_parquet(here / DRAWN, index=False)
    with pytest.raises(ValueError, match=rf"{DRAWN} is damaged.*`{COMMAND}`"):
        read(THREE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_record_is_refused_with_its_command(here, name, how):
    DAMAGE[how](pd.read_parquet(here / name)).to_parquet(here / name, index=False)
    with pytest.raises(ValueError, match=rf"{name} is damaged.*`{COMMAND}`"):
        read(THREE)


def test_the_books_record_is_of_the_books_networks():
    params = now(workshop("book", SEED, places()).stage("dual.atlas").params)
    tables = read(params)
    assert tables is not None, f"make it anew with `{COMMAND}`"
    how = json.loads(FILES["how.json"].read_text("utf-8"))
    assert how["command"] == COMMAND
