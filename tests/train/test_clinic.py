"""With a graph and without: splits, who hears whom, and planted answers that are found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.preprocessing import StandardScaler

from hfgnn.evaluate import leakage
from hfgnn.evaluate.calibration import brier
from hfgnn.evaluate.paired import over_resplits
from hfgnn.seeding import rng
from hfgnn.train import clinic as room
from hfgnn.train.clinic import ALONE, VIEWS, VOTE, ClinicParams, Seen, clinic, modalities, split_of
from hfgnn.train.nodes import Fitted, Recipe
from hfgnn.train.pages import Pages
from hfgnn.world.population import population, simulate

QUICK = Recipe(epochs=30, rate=1e-2, decay=5e-4, patience=10)
PARAMS = ClinicParams(5, splits=2, recipe=QUICK)


def met(people: int, *, wide: int = 512) -> Pages:
    """Pages whose numbers tell the label a little, in a direction that all share; one says none."""
    table = simulate(replace(population("thesis", people=people, seed=5), signals=False)).table
    noise = rng(5, "pages").normal(size=(people, wide))
    told = noise + 0.15 * np.outer(table["sick"], np.ones(wide))
    told[:, 7] = 0.25  # as dead columns of an untrained network are
    return Pages(table, pd.DataFrame(), {"ecg": told.astype(np.float32)}, np.arange(people))


@pytest.fixture(scope="module")
def people() -> Pages:
    return met(240)


@pytest.fixture(scope="module")
def found(people):
    return {view: clinic(replace(PARAMS, view=view), people) for view in VIEWS}


def test_every_person_is_on_one_side_and_the_classes_keep_their_shares(people):
    split = split_of(people.table, rng(5, "split"))
    rows = np.concatenate([split.train, split.val, split.test])
    assert sorted(rows) == list(range(240))
    for part in vars(split).values():
        shares = people.table["class"].iloc[part].value_counts(normalize=True)
        wanted = people.table["class"].value_counts(normalize=True)
        assert (shares - wanted).abs().max() < 0.05


def test_every_model_is_scored_on_every_split(found):
    for view, one in found.items():
        counts = one.scores.groupby("model")["split"].nunique()
        assert (counts == 2).all()
        assert {VOTE, "logistic regression", "GCN", "GCN" + ALONE} < set(counts.index)
        assert ("GAT" in counts.index) == (view == "both")
        assert sum(one.people.values()) == 240
        assert one.people["train"] == pytest.approx(144, abs=3)
    with pytest.raises(ValueError, match="view 'heart' is not known; choose one of clinical"):
        ClinicParams(5, view="heart")


def test_what_is_kept_of_the_first_split_gives_its_scores_again(found):
    one = found["both"]
    first = one.scores[one.scores["split"] == 0].set_index("model")
    assert set(one.chances) == set(first.index)
    for name, chances in one.chances.items():
        assert first.loc[name, "accuracy"] == np.mean((chances > 0.5) == one.sick)
        assert first.loc[name, "Brier"] == brier(one.sick, chances)
        pairs = np.subtract.outer(chances[one.sick], chances[~one.sick])
        assert first.loc[name, "AUROC"] == pytest.approx(np.mean((np.sign(pairs) + 1) / 2))
    curve = one.curves[one.curves["model"] == "GCN"]
    assert curve["epoch"].tolist() == list(range(1, len(curve) + 1))


def test_a_told_label_is_found_and_the_graph_is_compared_with_the_same_network(found):
    one = found["page"].scores.groupby("model")["AUROC"].mean()
    assert one["logistic regression"] > 0.7
    both = found["both"]
    wide = both.scores.pivot(index="split", columns="model", values="AUROC")
    test = both.people["test"]
    wanted = over_resplits(wide["GAT"], wide["GAT" + ALONE], train=240 - test, test=test)
    row = both.added.loc["GAT"]
    assert row.tolist() == pytest.approx([wanted.mean, wanted.low, wanted.high])


def test_columns_are_scaled_and_weighed_by_the_training_people_alone(people):
    sick, split = people.table["sick"].to_numpy(bool), split_of(people.table, rng(5, "split"))
    parts = modalities(people, "ecg")["both"]
    seen = Seen.of(parts, sick, split)
    scaling = StandardScaler().fit(np.hstack(parts)[split.train])
    np.testing.assert_allclose(seen.x, scaling.transform(np.hstack(parts)))
    assert (seen.x[:, 7] == 0).all()
    spread = seen.near[split.train].var(axis=0)
    assert spread[:512].sum() == pytest.approx(1)
    assert spread[512:].sum() == pytest.approx(1)


def test_the_vote_asks_those_whom_the_graph_lets_a_person_hear(people, found):
    sick, split = people.table["sick"].to_numpy(bool), split_of(people.table, rng(5, "clinic", "0"))
    seen = Seen.of(modalities(people, "ecg")["both"], sick, split)
    near = cdist(seen.near[split.test], seen.near[split.train]).argsort(axis=1)[:, :5]
    np.testing.assert_allclose(found["both"].chances[VOTE], sick[split.train][near].mean(axis=1))
    graph = seen.asked(split.test, 5)
    told = graph.edges[:, graph.edges[1] >= len(split.train)]
    np.testing.assert_array_equal(told[0].reshape(-1, 5), near)
    alone = seen.asked(split.test, None)
    assert alone.edges.shape == (2, 0)
    np.testing.assert_array_equal(alone.x, graph.x[graph.rows])


def test_nobody_hears_a_judged_person_and_the_judged_hear_training_people_alone(
    people, monkeypatch
):
    learned, watched, asked = [], [], []

    class Listener(room.NodeClassifier):
        def fit(self, x, y, edges, **how):
            learned.append((len(x), edges))
            watched.append((len(x), how["validation"].edges, len(how["validation"].x)))
            return super().fit(x, y, edges, **how)

    def heard(self, x, edges):
        asked.append((learned[-1][0], edges, len(x)))
        return chances(self, x, edges)

    chances = Fitted.predict_proba
    monkeypatch.setattr(room, "NodeClassifier", Listener)
    monkeypatch.setattr(Fitted, "predict_proba", heard)
    clinic(replace(PARAMS, recipe=replace(QUICK, epochs=2)), people)
    assert len(learned) == len(watched) == len(asked) == 16
    with_graph = [one for one in watched + asked if one[1].size]
    assert len(with_graph) == 16
    for train, edges, everyone in with_graph:
        split = np.where(np.arange(everyone) < train, "train", "judged")
        assert leakage.edges(edges, split).clean
    for (train, among), (_, edges, everyone) in zip(learned, asked, strict=True):
        assert edges.shape[1] == (5 * everyone if among.size else 0)
        np.testing.assert_array_equal(edges[:, edges[1] < train], among)


@pytest.mark.slow
def test_shuffled_labels_are_found_by_no_model():
    """Ten shuffles of 240 people, two tests each: 0.07 is three standard errors of the mean."""
    people, scores = met(240, wide=64), []
    for shuffle in range(10):
        mixed = people.table["sick"].sample(frac=1, random_state=shuffle).to_numpy()
        blind = replace(people, table=people.table.assign(sick=mixed))
        scores.append(clinic(replace(PARAMS, seed=shuffle), blind).scores)
    by_model = pd.concat(scores).groupby("model")["AUROC"].mean()
    assert len(by_model) == 12
    assert (by_model - 0.5).abs().max() < 0.07
