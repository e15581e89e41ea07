"""Graphs of files and of people: each switch does what it says, and newcomers are counted right."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hfgnn.graph.attach import rebuilt
from hfgnn.graph.direction import hears_neighbours
from hfgnn.graph.knn import neighbours
from hfgnn.graph.measures import heard, homophily
from hfgnn.seeding import rng
from hfgnn.train.graphs import (
    ELSEWHERE,
    RECIPES,
    SOUND,
    GraphsParams,
    Recipe,
    anatomy,
    attached,
    choosers,
    drawn,
    newcomers,
    nodes,
    shared,
)
from hfgnn.train.pages import Pages, collected
from hfgnn.world.population import population, simulate

PARAMS = GraphsParams(4, deals=1)


@pytest.fixture(scope="module")
def pages() -> Pages:
    """People with pages of noise: whatever a graph knows of the label, it has from the values."""
    table = simulate(replace(population("thesis", people=260, seed=4), signals=False)).table
    rows = collected(table["class"].to_numpy(str))
    noise = rng(4, "noise").normal(size=(260, 512)).astype(np.float32)
    return Pages(table, pd.DataFrame(), {"ecg": noise, "random": 0.1 * noise[rows]}, rows)


@pytest.fixture(scope="module")
def measured(pages):
    return anatomy(PARAMS, pages)


def made(pages: Pages, **switches: bool):
    return nodes(pages, replace(SOUND, **switches), rng(4, "graph"), "ecg")


def test_copies_are_the_thesis_s_folders_and_without_them_everybody_is_there_once(pages):
    files, people = made(pages, copies=True), made(pages)
    count = {s: int((files.side == s).sum()) for s in ("train", "test", ELSEWHERE)}
    assert count == {"train": 3158, "test": 906, ELSEWHERE: 260 - len(pages.collected)}
    assert sorted(people.person) == list(range(260))
    for some in (files, people):
        assert set(some.person[some.side != ELSEWHERE]) == set(pages.collected)
        classes = pages.table["class"].to_numpy(str)
        np.testing.assert_array_equal(some.classes, classes[some.person])
        np.testing.assert_array_equal(some.sick, pages.table["sick"].to_numpy(bool)[some.person])


def test_plain_leaves_the_page_and_scores_the_values_by_the_training_side(pages):
    some = made(pages, plain=True)
    np.testing.assert_array_equal(some.page, pages.seen["ecg"].astype(float)[some.person])
    five = pages.table[["ef", "bnp", "nyha", "sbp", "age"]].to_numpy(float)[some.person]
    known = five[some.side == "train"]
    np.testing.assert_allclose(some.five, (five - known.mean(axis=0)) / known.std(axis=0))
    assert some.x.shape == (260, 517)


def test_equal_say_is_equal_variance_among_training_people_alone(pages):
    train = made(pages).on("train")
    assert train.page.var(axis=0).sum() == pytest.approx(1)
    assert train.five.var(axis=0).sum() == pytest.approx(1)
    assert made(pages).on("test").page.var(axis=0).sum() != pytest.approx(1, abs=1e-3)


def test_values_from_the_label_differ_between_copies_and_those_from_the_heart_do_not(pages):
    for label, kinds in ((True, 30), (False, 1)):
        files = made(pages, copies=True, label=label)
        first = files.five[files.person == pages.collected[0]]
        assert len(np.unique(first, axis=0)) >= kinds
        assert (len(np.unique(first, axis=0)) == 1) != label
    ef = made(pages, label=True).five[:, 0]
    sick = made(pages, label=True).sick
    assert ef[sick].mean() < ef[~sick].mean() - 0.05


def test_a_backbone_that_read_the_collection_only_makes_nodes_of_it_only(pages):
    some = nodes(pages, SOUND, rng(4, "graph"), "random")
    assert ELSEWHERE not in some.side
    plain = nodes(pages, replace(SOUND, plain=True), rng(4, "graph"), "random")
    whole = made(pages, plain=True).on("train", "test")
    np.testing.assert_allclose(plain.on("train", "test").page, 0.1 * whole.page, rtol=1e-6)


def test_the_tested_hear_training_people_and_nobody_hears_them(pages):
    every = made(pages)
    both, edges = attached(every, 5)
    known = int((every.side == "train").sum())
    assert (both.side[:known] == "train").all()
    assert (both.side[known:] == "test").all()
    assert edges.shape == (2, 5 * len(both.side))
    assert edges[0].max() < known
    assert (heard(edges, len(both.side)) == 5).all()
    inner = edges[:, edges[1] < known]
    near = neighbours(both.x[:known])
    np.testing.assert_array_equal(inner, hears_neighbours(near))


def test_newcomers_hear_as_many_as_in_a_graph_rebuilt_with_each_alone(pages):
    every = made(pages)
    known, new = every.on("train").x, every.on("test", ELSEWHERE).x[:25]
    counts = choosers(known, new, 5)
    for one, count in zip(new, counts, strict=True):
        assert heard(rebuilt(known, one[None]), len(known) + 1)[-1] == count
    assert counts.min() == 0  # what is to be counted happens
    assert counts.max() > 5


def test_every_graph_waits_for_the_same_strangers(pages):
    found = newcomers(PARAMS, pages).arrivals
    strangers = found[found["newcomer"] == ELSEWHERE]
    assert strangers.groupby("graph")["sick"].agg(tuple).nunique() == 1
    known = found.groupby("graph")["known"].first().to_dict()
    people = int((made(pages).side == "train").sum())
    assert known == {
        "as many files as the thesis": 942,
        "all training files": 3158,
        "all training files, honest": 3158,
        "training people": people,
    }
    silent = strangers.assign(none=strangers["heard"] == 0).groupby("graph")["none"].mean()
    assert silent["all training files, honest"] > silent["training people"] + 0.3


def test_directions_share_homophily_and_part_in_who_is_left_alone(measured):
    graphs = measured.graphs.set_index(["backbone", "recipe", "graph", "hears"])
    graphs = graphs.sort_index()
    assert len(graphs) == 2 * (6 + 3 + 1)
    test = graphs.loc[("ecg", "as published", "test")]
    chosen, own = test.loc["those who chose it"], test.loc["its own neighbours"]
    assert chosen["homophily"] == own["homophily"]
    assert chosen["unheard"] > 0 == own["unheard"]
    assert own["most"] == 5 < chosen["most"]
    assert own["edges"] < test.loc["both", "edges"] < 2 * own["edges"]
    assert graphs.xs("as it should be", level="recipe")["copies"].max() == 0


def test_labels_and_copies_make_homophily_of_noise_and_honest_people_do_not(measured):
    parts = measured.parts.set_index(["backbone", "who", "values", "distance"])
    beyond = (parts["homophily"] - parts["by_chance"])["ecg"]
    assert beyond["people", "from the heart", "page alone"] == pytest.approx(0, abs=0.06)
    assert beyond["people", "from the label", "values alone"] > 0.3
    assert beyond["test files", "from the heart", "page alone"] > 0.3
    assert parts["copies"]["ecg", "test files", "from the heart", "page alone"] > 0.8
    assert parts["copies"].xs("people", level="who").max() == 0


def test_the_louder_modality_chooses(measured):
    rows = measured.weights.set_index(["backbone", "distance", "modality"])
    loud, quiet = rows.loc[("ecg", "as they come")], rows.loc[("random", "as they come")]
    assert loud["spread"].tolist() == pytest.approx([512, 5], rel=0.05)
    assert loud.loc["page", "near"] > 0.8 > loud.loc["values", "near"]
    assert quiet.loc["values", "near"] > quiet.loc["page", "near"]  # 5.12 against 5, but rougher
    assert rows.loc[("ecg", "equal say"), "spread"].tolist() == pytest.approx([1, 1])


def test_the_share_of_neighbours_in_common_is_counted_by_hand():
    near = np.array([[1, 2], [0, 2], [3, 1]])
    assert shared(near, near[:, ::-1]) == 1
    assert shared(near, np.array([[2, 3], [3, 2], [0, 0]])) == pytest.approx(2 / 6)


def test_what_is_drawn_is_what_was_measured(pages, measured):
    found = drawn(PARAMS, pages)
    graphs = measured.graphs.set_index(["backbone", "recipe", "graph", "hears"])["homophily"]["ecg"]
    wanted = {
        "as published": graphs["as published", "test", "those who chose it"],
        "as it should be": graphs["as it should be", "attached", "its own neighbours"],
    }
    assert list(found.nodes["recipe"].unique()) == list(RECIPES)
    for name, some in found.nodes.groupby("recipe"):
        edges = found.edges.loc[found.edges["recipe"] == name, ["speaks", "hears"]].to_numpy().T
        assert homophily(edges, some["class"] != "Normal") == wanted[name]
        assert np.hypot(some["x"], some["y"]).max() == pytest.approx(1, abs=1e-3)
    again = drawn(PARAMS, pages)
    pd.testing.assert_frame_equal(found.nodes, again.nodes)


def test_a_recipe_is_three_switches():
    assert RECIPES["as published"] == Recipe(copies=True, label=True, plain=True)
    assert RECIPES["as it should be"] == Recipe(copies=False, label=False, plain=False)
