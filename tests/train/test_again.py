"""Comparisons from a record: equal to those of a build without one, compared, refused if wrong."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hfgnn.ledger.claims import read_claims
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import BOOK
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.train import again as room
from hfgnn.train import published as thesis
from hfgnn.train.again import (
    FARTHEST,
    FILES,
    KEYS,
    AgainParams,
    clinic_again,
    distance,
    published_again,
    read,
    recorded,
)
from hfgnn.train.augmentation import Pools
from hfgnn.train.clinic import VIEWS, clinic
from hfgnn.train.pages import Pages, PagesParams
from hfgnn.train.published import RUNS, PublishedParams, published
from tests.at_hand import AtHand
from tests.conftest import ROOT
from tests.train.test_clinic import PARAMS as CLINIC
from tests.train.test_clinic import met
from tests.train.test_published import NEW

SMALL = AgainParams(
    PagesParams(5, people=240),
    replace(CLINIC, splits=3),
    PublishedParams(5, repeats=2),
    "both",
    splits=2,
)
POOLS = Pools({"bug": np.zeros(len(NEW), int)}, {"bug": NEW}, pd.DataFrame())


@pytest.fixture(scope="module")
def pages() -> Pages:
    """Few people, all of the collection."""
    people = met(240)
    return replace(people, seen=people.seen | {"random": people.seen["ecg"][:, ::-1].copy()})


@pytest.fixture(scope="module", autouse=True)
def two_runs():
    """The published run and the last of its mends: the others cost time and tell no more here."""
    few = {name: RUNS[name] for name in (next(iter(RUNS)), next(reversed(RUNS)))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thesis, "RUNS", few)
        yield


@pytest.fixture(scope="module")
def made(pages, tmp_path_factory):
    """Return where a record of them lies, and what a build without a record finds."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "FILES", {name: folder / name for name in FILES})
        patch.setattr(room, "aside", AtHand)
        whole = {view: clinic_again(replace(SMALL, asked=view), pages) for view in VIEWS}
        whole["published"] = published_again(SMALL, pages, POOLS)
        assert list(recorded(SMALL, pages, POOLS, jobs=1)) == [1, 2, 3, 4]
    return folder, whole


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((made[0] / name).read_bytes())
    monkeypatch.setattr(room, "FILES", {name: tmp_path / name for name in FILES})
    return tmp_path


def test_without_a_record_all_is_made_now(made, pages):
    whole = made[1]
    one = clinic(replace(SMALL.clinic, view="page"), pages)
    pd.testing.assert_frame_equal(whole["page"].scores, one.scores)
    assert whole["page"].again is None
    assert whole["page"].apart is None
    pd.testing.assert_frame_equal(
        whole["published"].scores, published(SMALL.published, pages, POOLS).scores
    )


@pytest.mark.parametrize("view", VIEWS)
def test_with_a_record_a_clinic_is_the_same_and_tells_what_was_made_again(made, here, pages, view):
    found, whole = clinic_again(replace(SMALL, asked=view), pages), made[1][view]
    pd.testing.assert_frame_equal(found.scores, whole.scores)
    pd.testing.assert_frame_equal(found.added, whole.added)
    assert found.people == whole.people
    for model, chances in whole.chances.items():
        np.testing.assert_array_equal(found.chances[model], chances)
    assert (found.again, found.apart) == (2, 0.0)


def test_with_a_record_the_published_run_is_the_same(made, here, pages):
    found, whole = published_again(SMALL, pages, POOLS), made[1]["published"]
    pd.testing.assert_frame_equal(found.scores, whole.scores)
    pd.testing.assert_frame_equal(found.curve, whole.curve)
    assert (found.again, found.apart) == (1, 0.0)


def test_fewer_are_trained_where_there_is_a_record(here, pages, monkeypatch):
    asked = []
    monkeypatch.setattr(room, "clinic", lambda p, q: asked.append(p.splits) or clinic(p, q))
    clinic_again(replace(SMALL, asked="clinical"), pages)
    assert asked == [2]


OTHERS = {
    "people": replace(SMALL, pages=PagesParams(5, people=241)),
    "seed": replace(SMALL, clinic=replace(SMALL.clinic, seed=6)),
    "neighbours": replace(SMALL, clinic=replace(SMALL.clinic, k=6)),
    "splits": replace(SMALL, clinic=replace(SMALL.clinic, splits=4)),
    "deals": replace(SMALL, published=PublishedParams(5, repeats=3)),
}


@pytest.mark.parametrize("change", OTHERS)
def test_a_record_of_others_is_not_taken_for_this_one(here, change):
    assert read(SMALL, "clinic.parquet") is not None
    assert read(OTHERS[change], "clinic.parquet") is None


@pytest.mark.parametrize("name", FILES)
def test_a_record_with_a_file_gone_is_none(here, name):
    (here / name).unlink()
    assert read(SMALL, "clinic.parquet") is None


def test_scores_of_other_code_are_refused(here, pages):
    table = pd.read_parquet(here / "clinic.parquet")
    where = (table["view"] == "clinical") & (table["split"] == 1) & (table["model"] == "GCN")
    for moved, fine in ((0.9 * FARTHEST, True), (1.1 * FARTHEST, False)):
        other = table.assign(AUROC=table["AUROC"] + moved * where)
        other.to_parquet(here / "clinic.parquet", index=False)
        if fine:
            assert clinic_again(replace(SMALL, asked="clinical"), pages).apart == pytest.approx(
                moved
            )
        else:
            with pytest.raises(ValueError, match="hfgnn record gnn"):
                clinic_again(replace(SMALL, asked="clinical"), pages)


def test_a_comparison_that_is_missing_on_either_side_is_no_small_difference():
    few = pd.DataFrame({"run": ["a", "b"], "score": [0.5, 0.7], "unheard": [0.1, np.nan]})
    assert distance(few, few, ["run"]) == 0
    for other in (few.iloc[:1], few.assign(unheard=0.1), few.assign(unheard=np.nan)):
        with pytest.raises(ValueError, match="inf"):
            distance(few, other, ["run"])


DAMAGE = {
    "not a table": lambda path: path.write_bytes(b"PAR1"),
    "no split": lambda path: pd.read_parquet(path).drop(columns="split").to_parquet(path),
    "twice": lambda path: pd.concat([pd.read_parquet(path)] * 2).to_parquet(path),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_told_with_file_and_remedy(here, name):
    DAMAGE[name](here / "clinic.parquet")
    with pytest.raises(ValueError, match=r"clinic\.parquet is damaged.*hfgnn record gnn"):
        read(SMALL, "clinic.parquet")


def test_the_books_record_is_of_the_books_comparisons():
    stages = {stage.name: stage for stage in catalogue(BOOK, SEED)}
    params = now(stages["gnn.both"].params)
    for name, keys in KEYS.items():
        table = read(params, name)
        assert table is not None
        assert table[table.columns.difference(keys)].notna().any().all()
    scores = read(params, "clinic.parquet")
    assert (scores.groupby(["view", "model"])["split"].nunique() == params.clinic.splits).all()


def test_a_record_may_be_as_far_off_as_the_ledger_allows():
    allowed = read_claims(ROOT / "book" / "ledger" / "claims.yml")["gnn.again.apart"].tolerance
    assert allowed == {"abs": FARTHEST}
