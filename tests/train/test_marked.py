"""Where the thesis lies: read from results by hand, and near to the middle of the map."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, ttest_rel

from hfgnn.pipeline.store import read_result, write_result
from hfgnn.seeding import rng
from hfgnn.train.clinic import ALONE, Clinic
from hfgnn.train.graphs import Anatomy
from hfgnn.train.marked import CONTROL, Marked, MarkedParams, marked
from hfgnn.train.published import Published
from hfgnn.train.regimes import TIES
from tests.conftest import ROOT

NONE = np.empty(0)
KINDS = ("people", "test files", "train files")


def parts() -> pd.DataFrame:
    """Return homophily that differs from row to row, of two deals."""
    rows = [
        {"backbone": backbone, "deal": deal, "who": who, "values": values, "distance": distance}
        for backbone in ("ecg", "random")
        for deal in (0, 1)
        for who in KINDS
        for values in ("from the heart", "from the label")
        for distance in ("equal say", "as they come")
    ]
    table = pd.DataFrame(rows)
    stream = rng(1, "parts")
    table["homophily"], table["by_chance"] = stream.uniform(
        [[0.7], [0.5]], [[0.9], [0.6]], (2, len(table))
    )
    return table.assign(nodes=100, edges=700)


@pytest.fixture(scope="module")
def found() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the marks, and what they were read from."""
    anatomy = Anatomy(pd.DataFrame(), parts(), pd.DataFrame())
    names = ["GCN", "GCN" + ALONE, CONTROL]
    scores = pd.DataFrame({"model": names * 2, "AUROC": [0.8, 0.82, 0.84, 0.81, 0.83, 0.86]})
    added = pd.DataFrame({"mean": [-0.02], "low": [-0.05], "high": [0.01]}, index=["GCN"])
    sizes = {"train": 60, "val": 20, "test": 40}
    both = Clinic(scores, added, sizes, NONE, {}, pd.DataFrame())
    runs = pd.DataFrame(
        {
            "run": ["as published", "other"] * 6,
            "heard": [True, True, False, False] * 3,
            "AUROC": rng(2, "runs").uniform(0.9, 1.0, 12),
        }
    )
    files = {"train": 700, "val": 100, "test": 200}
    table = marked(
        MarkedParams(), anatomy, both, Published(runs, files, pd.DataFrame(), NONE, NONE)
    ).table
    return table, anatomy.parts, runs


def test_each_coordinate_is_read_where_it_stands(found):
    table, held, runs = found
    sound, published = table.loc["as it should be"], table.loc["as published"]
    assert (sound["people"], published["people"]) == (120, 1_000)
    assert (sound["labelled"], published["labelled"]) == (pytest.approx(80 / 120), 0.8)
    assert (table[["k", "other", "inputs"]] == [7, 0, 517]).all(axis=None)
    assert sound["own"] == pytest.approx(0.85)
    heard = runs[runs["run"] == "as published"].groupby("heard")["AUROC"].apply(list)
    assert published["own"] == pytest.approx(np.mean(heard[False]))
    told = held.query("backbone == 'ecg' and who == 'people' and values == 'from the heart'")
    told = told[told["distance"] == "equal say"]
    assert len(told) == 2
    assert sound["homophily"] == pytest.approx(told["homophily"].mean())
    assert sound["chance"] == pytest.approx(told["by_chance"].mean())
    other = held.query("backbone == 'ecg' and who == 'test files' and values == 'from the label'")
    other = other[other["distance"] == "as they come"]
    assert published["homophily"] == pytest.approx(other["homophily"].mean())


def test_the_marks_can_be_stored(found, tmp_path):
    write_result(Marked(found[0]), tmp_path)
    pd.testing.assert_frame_equal(read_result(Marked, tmp_path).table, found[0])


def test_what_own_numbers_tell_is_the_distance_that_gives_their_auroc(found):
    table = found[0]
    np.testing.assert_allclose(norm.cdf(table["tells"] / 2**0.5), table["own"])


def test_homophily_among_equal_labels_knows_as_much(found):
    """Of labels in shares p and 1 - p: a share s of ties within a label, the others by chance."""
    table = found[0]
    knows = 2 * table["same"] - 1
    np.testing.assert_allclose(knows + (1 - knows) * table["chance"], table["homophily"])


def test_gains_are_those_of_the_chapter_on_networks(found):
    table, _, runs = found
    assert list(table.loc["as it should be", ["gain", "low", "high"]]) == [-0.02, -0.05, 0.01]
    heard = runs[runs["run"] == "as published"].groupby("heard")["AUROC"].apply(np.array)
    naive = ttest_rel(heard[True], heard[False]).confidence_interval()
    own = table.loc["as published"]
    wider = (1 + 3 * 200 / 800) ** 0.5  # Nadeau and Bengio, three repeats
    assert own["gain"] == pytest.approx((heard[True] - heard[False]).mean())
    assert own["high"] - own["low"] == pytest.approx((naive.high - naive.low) * wider)


def value(name: str) -> float:
    path = ROOT / "book" / "ledger" / "expected" / f"{name}.json"
    return float(json.loads(path.read_text(encoding="utf-8"))["value"])


def test_the_middle_of_the_map_is_the_thesiss_regime():
    """By what chapters 05 and 06 publish."""
    sizes = [value(f"gnn.people.{side}") for side in ("train", "val", "test")]
    homophily, chance = value("graph.homophily.sound"), value("graph.chance.sound")
    knows = (homophily - chance) / (1 - chance)
    scores = pd.read_parquet(ROOT / "book" / "ledger" / "recorded" / "gnn" / "clinic.parquet")
    own = scores.query("view == 'both' and model == @CONTROL")["AUROC"].mean()
    for regime in TIES.values():
        assert regime.people == sum(sizes)
        assert regime.labelled == pytest.approx(1 - sizes[2] / sum(sizes), abs=0.001)
        assert regime.homophily in (None, pytest.approx((1 + knows) / 2, abs=0.005))
        assert regime.tells == pytest.approx(2**0.5 * norm.ppf(own), abs=0.03)
        assert regime.k == 5
