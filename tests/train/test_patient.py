"""One new patient: the same answer as the whole graph's, nobody else disturbed, neighbours told."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from hfgnn.features.fuse import CLINICAL
from hfgnn.graph.attach import attach
from hfgnn.pipeline.store import read_result, write_result
from hfgnn.seeding import rng
from hfgnn.train.nodes import Recipe
from hfgnn.train.pages import Pages
from hfgnn.train.patient import (
    Answer,
    Model,
    PatientParams,
    ask,
    attached,
    chances,
    in_words,
    learned,
    raw_of,
    strange,
)

PARAMS = PatientParams(7, recipe=Recipe(epochs=6, rate=2e-3, patience=6))


def people(n: int = 240) -> Pages:
    """Return people of whom the page's first numbers and EF tell the label."""
    stream = rng(n, "patients")
    sick = stream.random(n) < 0.6
    page = stream.normal(size=(n, 512)).astype(np.float32)
    page[:, :40] += 0.15 * sick[:, None]
    values = {"ef": 0.6 - 0.04 * sick + 0.05 * stream.normal(size=n)}
    values |= {"nyha": stream.integers(1, 5, n), "bnp": np.exp(stream.normal(4, 1, n))}
    values |= {"sbp": stream.normal(120, 15, n), "age": stream.integers(30, 80, n)}
    table = pd.DataFrame({"id": [f"p{i}" for i in range(n)], "sick": sick, **values})
    table["class"] = np.where(sick, "MI", "Normal")
    return Pages(table, pd.DataFrame(index=range(n)), {"ecg": page}, np.arange(n))


@pytest.fixture(scope="module")
def pages() -> Pages:
    return people()


@pytest.fixture(scope="module")
def model(pages: Pages) -> Model:
    return learned(PARAMS, pages)


@pytest.fixture(scope="module")
def raw(pages: Pages, model: Model) -> np.ndarray:
    return raw_of(pages, "ecg")[model.own["row"]]


def asked(model: Model, one: np.ndarray) -> Answer:
    return ask(model, one[:512], one[512:])


def dense(model: Model, one: np.ndarray) -> np.ndarray:
    """Return the chances [n + 1, 2] of everybody and one newcomer, by dense matrices in float64."""
    n, scale = len(model.people), model.scales
    x = np.vstack([model.x, (one - scale["mean"]) / scale["sd"]])
    near = x * scale["sd"] / scale["reach"]
    hears = np.eye(n + 1)
    hears[np.arange(n).repeat(model.heard.shape[1]), model.heard.ravel()] = 1
    hears[n, cdist(near[n:], near[:n])[0].argsort()[: model.heard.shape[1]]] = 1
    share = hears.sum(axis=1) ** -0.5
    step, h = share[:, None] * hears * share, x
    for layer in ("first", "second"):
        w = model.weights[f"{layer}.lin.weight"].astype(float)
        h = np.maximum(step @ h @ w.T + model.weights[f"{layer}.bias"], 0)
    logits = h @ model.weights["last.weight"].astype(float).T + model.weights["last.bias"]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def test_the_answer_is_that_of_the_whole_graph_by_dense_matrices(model, raw):
    for one in raw[:8]:
        assert asked(model, one).raw == pytest.approx(dense(model, one)[-1, 1], abs=1e-5)


def test_leaving_out_the_farthest_ring_would_be_noticed(model, raw):
    """Its people are there to be counted: without them the middle ring hears too few."""
    graph, _ = attached(model, raw[:1])
    edges = np.asarray(graph.edges)
    inner = set(edges[0, edges[1] == 0].tolist()) | {0}
    fewer = edges[:, [h in inner for h in edges[1]]]
    cut = model.network.predict_proba(graph.x, fewer)[0, 1]
    assert abs(cut - asked(model, raw[0]).raw) > 1e-3


def test_nobody_hears_the_newcomer(model, raw):
    n = len(model.people)
    near = (raw[:1] - model.scales["mean"]) / model.scales["reach"]
    x = np.vstack([model.x, (raw[:1] - model.scales["mean"]) / model.scales["sd"]])
    joined = np.hstack([model.edges, attach(model.near, near)])
    before = model.network.predict_proba(model.x, model.edges)
    np.testing.assert_array_equal(model.network.predict_proba(x, joined)[:n], before)
    graph, _ = attached(model, raw[:1])
    assert 0 not in np.asarray(graph.edges)[0]


def test_many_at_once_get_the_answers_that_each_gets_alone(model, raw):
    together = chances(model, raw[:10])
    alone = [asked(model, one).raw for one in raw[:10]]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, model.own["chance"][:10], atol=1e-6)


def test_neighbours_are_the_nearest_training_people_and_the_shares_add_up(model, raw):
    answer = asked(model, raw[3])
    new = (raw[3] - model.scales["mean"]) / model.scales["reach"]
    far = np.linalg.norm(model.near - new, axis=1)
    wanted = far.argsort()[:5]
    assert list(answer.neighbours["id"]) == list(model.people["id"].iloc[wanted])
    np.testing.assert_allclose(answer.neighbours["distance"], far[wanted])
    page = ((model.near - new)[wanted, :512] ** 2).sum(axis=1) / far[wanted] ** 2
    np.testing.assert_allclose(answer.neighbours["page"], page)


def test_page_and_values_have_equal_say_among_the_training_people(model):
    spread = model.near.var(axis=0)
    assert spread[:512].sum() == pytest.approx(1)
    assert spread[512:].sum() == pytest.approx(1)


def test_nobody_of_the_calibration_people_is_known(pages, model):
    known, own = set(model.people["id"]), set(pages.table["id"].iloc[model.own["row"]])
    assert not known & own
    assert len(own) == pytest.approx(0.2 * len(pages.table), abs=2)


def test_sets_and_line_keep_their_promise_where_they_were_made(model):
    own = model.own
    held = model.sets(own["chance"])
    for label in (False, True):
        assert held[own["sick"] == label, int(label)].mean() >= 0.9
    said = model.calibrated(own["chance"])
    assert said.mean() == pytest.approx(own["sick"].mean(), abs=0.02)
    assert model.line[0] > 0  # so that ranks, and with them the sets, stay as they are


def test_the_model_survives_the_store(model, raw, tmp_path):
    write_result(model, tmp_path)
    again = read_result(Model, tmp_path)
    assert asked(again, raw[0]).raw == asked(model, raw[0]).raw


def test_training_again_gives_the_same_bits(pages, model):
    again = learned(PARAMS, pages)
    for name, weight in model.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)


def test_a_patient_like_nobody_is_told_so(model, raw):
    usual, odd = raw[0].copy(), raw[0].copy()
    odd[512 + CLINICAL.index("ef")] = 0.05
    assert any("ef 0.05" in told for told in strange(model, asked(model, odd), odd[512:]))
    far = raw[0] + 40 * model.scales["sd"]
    told = strange(model, asked(model, far), usual[512:])
    assert any("nobody" in line for line in told)


@pytest.mark.parametrize(
    ("chance", "held", "words"),
    [
        (0.71, (False, True), ("About 7 of ten", "sick")),
        (0.01, (True, False), ("Fewer than one of ten", "normal")),
        (0.99, (True, True), ("More than nine of ten", "cannot tell")),
        (0.5, (False, False), ("About 5 of ten", "neither")),
    ],
)
def test_the_answer_in_words(model, raw, chance, held, words):
    base = asked(model, raw[0])
    answer = Answer(base.raw, chance, held, base.neighbours, base.lonelier, base.graph)
    said = in_words(answer)
    assert words[0] in said["chance"]
    assert words[1] in said["set"]
