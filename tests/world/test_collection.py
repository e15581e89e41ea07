"""The thesis's folders: its counts, its copies, and people who stay on one side."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfgnn.seeding import rng
from hfgnn.world.collection import FILES, apart, published
from hfgnn.world.population import COLLECTION

CLASSES = np.repeat(list(COLLECTION), list(COLLECTION.values()))


def test_as_published_it_has_the_thesis_s_files_and_copies():
    files = published(CLASSES, rng(1, "folders"))
    counts = files.groupby(["class", "split"]).size()
    for label, (train, test) in FILES.items():
        assert (counts[label, "train"], counts[label, "test"]) == (train, test)
    assert (counts.groupby("split").sum()[["train", "test"]] == [3158, 906]).all()
    copies = files.groupby("class").size() / files.groupby("class")["row"].nunique()
    expected = {"MI": 4.25, "Abnormal": 4.37, "History_MI": 5.85, "Normal": 3.59}
    assert copies.to_dict() == pytest.approx(expected, abs=0.01)
    assert files["id"].is_unique


def test_as_published_copies_lie_on_both_sides():
    files = published(CLASSES, rng(1, "folders"))
    train = set(files.loc[files["split"] == "train", "row"])
    test = files[files["split"] == "test"]
    # With c copies dealt at random, a test file has none in training with about (906/4064)^(c-1).
    assert test["row"].isin(train).mean() > 0.95


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_as_it_should_be_everyone_is_there_once_on_one_side(seed):
    people = apart(CLASSES, rng(seed, "folders"))
    assert people["row"].to_list() == list(range(len(CLASSES)))
    shares = people.groupby("class")["split"].apply(lambda split: (split == "test").mean())
    assert (shares - 906 / 4064).abs().max() < 0.005
    assert (people["class"].to_numpy() == CLASSES).all()


def test_a_missing_class_is_named():
    with pytest.raises(ValueError, match="History_MI"):
        published(CLASSES[CLASSES != "History_MI"], rng(1, "folders"))
