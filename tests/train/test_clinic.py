"""With a graph and without: splits, who hears whom, and planted answers that are found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate import leaks
from hfgnn.evaluate.paired import over_resplits
from hfgnn.seeding import rng
from hfgnn.train import clinic as room
from hfgnn.train.clinic import ALONE, ClinicParams, clinic, split_of
from hfgnn.train.nodes import Recipe
from hfgnn.train.pages import Pages
from hfgnn.world.population import population, simulate

QUICK = Recipe(epochs=30, rate=1e-2, decay=5e-4, patience=10)


@pytest.fixture(scope="module")
def people() -> Pages:
    """Pages whose numbers tell the label a little, in a direction that all share."""
    table = simulate(replace(population("thesis", people=240, seed=5), signals=False)).table
    noise = rng(5, "pages").normal(size=(240, 512))
    told = noise + 0.15 * np.outer(table["sick"], np.ones(512))
    return Pages(table, {"ecg": told.astype(np.float32)})


@pytest.fixture(scope="module")
def found(people):
    return clinic(ClinicParams(5, splits=2, recipe=QUICK), people)


def test_every_person_is_on_one_side_and_the_classes_keep_their_shares(people):
    split = split_of(people.table, rng(5, "split"))
    rows = np.concatenate([split.train, split.val, split.test])
    assert sorted(rows) == list(range(240))
    for part in vars(split).values():
        shares = people.table["class"].iloc[part].value_counts(normalize=True)
        wanted = people.table["class"].value_counts(normalize=True)
        assert (shares - wanted).abs().max() < 0.05


def test_every_model_is_scored_on_every_split(found):
    counts = found.scores.groupby(["view", "model"])["split"].nunique()
    assert (counts == 2).all()
    both = counts["both"].index
    assert set(room.NETWORKS) | {name + ALONE for name in room.NETWORKS} < set(both)
    assert "GCN" in counts["page"].index
    assert sum(found.people.values()) == 240
    assert found.people["train"] == pytest.approx(144, abs=3)


def test_a_told_label_is_found_and_the_graph_is_compared_with_the_same_network(found):
    middle = found.scores.groupby(["view", "model"])["AUROC"].mean()
    assert middle["page", "logistic regression"] > 0.7
    wide = found.scores.pivot(index="split", columns=["view", "model"], values="AUROC")
    one, other = wide["both", "GAT"], wide["both", "GAT" + ALONE]
    test = found.people["test"]
    wanted = over_resplits(one, other, train=240 - test, test=test)
    row = found.added.set_index(["view", "model"]).loc[("both", "GAT")]
    assert row.tolist() == pytest.approx([wanted.mean, wanted.low, wanted.high])


def test_nobody_hears_a_judged_person_and_the_judged_hear_training_people_alone(
    people, monkeypatch
):
    graphs = []

    class Watched(room.NodeClassifier):
        def fit(self, x, y, edges, **how):
            graphs.append((len(x), how["validation"]))
            return super().fit(x, y, edges, **how)

    monkeypatch.setattr(room, "NodeClassifier", Watched)
    clinic(ClinicParams(5, splits=2, recipe=replace(QUICK, epochs=2)), people)
    assert graphs
    for train, graph in graphs:
        split = np.where(np.arange(len(graph.x)) < train, "train", "val")
        assert leaks.edges(graph.edges, split).clean


def test_shuffled_labels_are_not_found(people):
    mixed = people.table["sick"].sample(frac=1, random_state=1).to_numpy()
    blind = Pages(people.table.assign(sick=mixed), people.seen)
    scores = clinic(ClinicParams(5, splits=2, recipe=QUICK), blind).scores
    assert scores["AUROC"].mean() == pytest.approx(0.5, abs=0.08)
    assert isinstance(scores, pd.DataFrame)
