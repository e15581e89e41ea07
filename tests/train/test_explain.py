"""What moved an answer: the parts add up, a planted cause is found, deletion is as it says."""

import numpy as np
import pytest

from hfgnn.features.fuse import CLINICAL
from hfgnn.train.explain import (
    PAGE,
    REST,
    DeletionParams,
    anew,
    deletion,
    log_odds,
    moved,
    ordinary,
    start,
    without,
)
from hfgnn.train.nodes import Graph
from hfgnn.train.patient import Model, attached, chances
from tests.train import test_patient as patients

pages, model, raw = patients.pages, patients.model, patients.raw  # fixtures: a small model


def test_the_parts_add_up_to_the_change_of_the_log_odds(model, raw):
    for one in raw[:3]:
        graph = attached(model, one[None])[0]
        whole = log_odds(model, graph) - start(model, graph)
        assert moved(model, graph).sum() == pytest.approx(whole, abs=2e-3)


def test_a_lone_patients_parts_are_the_integrals_of_finite_differences(model, raw):
    graph = Graph(np.asarray(attached(model, raw[:1])[0].x)[:1], [False], np.empty((2, 0), int))
    x, place = np.asarray(graph.x), 512 + CLINICAL.index("ef")

    def slope(t: float) -> float:
        up, down = t * x, t * x
        up[0, place] += 0.05
        down[0, place] -= 0.05
        ends = (log_odds(model, Graph(z, [False], graph.edges)) for z in (up, down))
        return float(np.subtract(*ends)) / 0.1

    wanted = x[0, place] * np.trapezoid([slope(t) for t in np.linspace(0, 1, 101)], dx=0.01)
    assert moved(model, graph, steps=64)["ef"] == pytest.approx(wanted, rel=0.1, abs=2e-4)


def test_taken_parts_are_gone_and_nothing_else_is(model, raw):
    graph = attached(model, raw[:1])[0]
    cut = without(graph, ["bnp", PAGE, "neighbour 2"])
    before, after = np.asarray(graph.x), np.asarray(cut.x)
    np.testing.assert_array_equal(after[1:], before[1:])
    assert not after[0, :512].any()
    assert after[0, 512 + CLINICAL.index("bnp")] == 0
    assert after[0, 512 + CLINICAL.index("ef")] == before[0, 512 + CLINICAL.index("ef")]
    edges = np.asarray(graph.edges)
    own = edges[0, edges[1] == 0]
    left = np.asarray(cut.edges)
    assert list(left[0, left[1] == 0]) == [own[0], *own[2:]]
    assert left.shape[1] == edges.shape[1] - 1


def test_asking_anew_replaces_one_value_and_chooses_neighbours_again(model, raw):
    found = anew(model, raw[:1])
    other = raw[:1].copy()
    other[0, 512] = model.scales["mean"][512]
    odds = np.log(np.array([chances(model, each)[0] for each in (raw[:1], other)]))
    odds -= np.log1p(-np.exp(odds))
    assert found["ef"] == pytest.approx(odds[0] - odds[1], abs=1e-4)
    assert list(found.index) == [*CLINICAL, PAGE]


def test_what_moved_most_beats_random_parts(model, pages):
    found = deletion(DeletionParams(1, people=12, draws=4), model, pages)
    gains = found.gains.set_index(["against", "taken"])
    assert (gains.loc["random", "mean"] > 0).all()
    assert len(found.parts) == 12
    assert REST in found.parts
    assert not found.people.isna().any().any()


def test_a_ranking_turned_upside_down_loses(model, pages, monkeypatch):
    from hfgnn.train import explain

    real = explain.moved

    def upside_down(model: Model, graph: Graph) -> object:
        return 1 / (real(model, graph, steps=8).abs() + 1e-6)

    monkeypatch.setattr(explain, "moved", upside_down)
    found = deletion(DeletionParams(1, people=12, draws=4), model, pages)
    assert found.gains.set_index(["against", "taken"]).loc[("random", 3), "mean"] < 0


def test_the_ordinary_one_is_in_the_middle(model):
    row = ordinary(model)
    chance = model.own.set_index("row")["chance"]
    assert abs((chance < chance[row]).mean() - 0.5) < 0.05
