"""What weighs numbers: against other libraries, blind to who else is asked, with a graph or not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from hfgnn.evaluate.survival import concordance
from hfgnn.models.gnn import Widths
from hfgnn.seeding import rng
from hfgnn.train import heads, node_risks
from hfgnn.train.clinic import NETWORKS
from hfgnn.train.counted import PENALTIES
from hfgnn.train.cox import COMPONENTS, cox_model
from hfgnn.train.heads import Two, flat, on_graph
from hfgnn.train.node_risks import Timed, learned, told
from hfgnn.train.nodes import NodeClassifier, Recipe

N, M = 160, 60
SHORT = Recipe(epochs=25, rate=1e-2, decay=5e-4, patience=8)


@pytest.fixture(scope="module")
def people():
    """A signal in two parts; the time to an event follows it, and so does a label."""
    stream = rng(1, "people")
    signal = stream.normal(size=N + M)
    parts = [np.stack([signal, stream.normal(size=N + M)], axis=1), stream.normal(size=(N + M, 3))]
    table = pd.DataFrame({"sick": signal + 0.7 * stream.normal(size=N + M) > 0})
    table["time"] = np.round(stream.exponential(30 * np.exp(-signal))) + 1
    table["event"] = stream.random(N + M) < 0.6
    return [Two(x[:N], x[N:]) for x in parts], table[:N], table[N:]


def test_a_label_is_weighed_as_scikit_weighs_it(people):
    parts, own, new = people
    found = flat(parts, own, "sick", seed=3)
    x, y = (np.hstack([getattr(p, side) for p in parts]) for side in ("own", "new"))
    mean, spread = x.mean(axis=0), x.std(axis=0)
    every = []
    for penalty in PENALTIES:
        model = LogisticRegression(C=1 / (penalty * N), max_iter=5_000, tol=1e-8)
        every.append(
            model.fit((x - mean) / spread, own["sick"]).decision_function((y - mean) / spread)
        )
    assert any(np.allclose(found, one, atol=1e-3) for one in every)
    assert roc_auc_score(new["sick"], found) > 0.8


def test_a_time_is_weighed_by_cox_and_wide_parts_by_few_components(people):
    parts, own, new = people
    x, y = (np.hstack([getattr(p, side) for p in parts]) for side in ("own", "new"))
    found = flat(parts, own, "event", seed=3)
    np.testing.assert_allclose(found, cox_model(x, own).of(y), atol=1e-8)
    assert concordance(new["time"], new["event"], found) > 0.65
    wide = rng(2, "wide").normal(size=(N + M, COMPONENTS + 20)) + 3 * x[0, 0]
    wide[:, :2] += np.vstack([parts[0].own, parts[0].new]) * 20
    few = heads._fewer(Two(wide[:N], wide[N:]))
    assert few.own.shape[1] == few.new.shape[1] == COMPONENTS
    assert np.abs(np.corrcoef(few.own.T) - np.eye(COMPONENTS)).max() < 1e-8
    np.testing.assert_allclose(few.own.mean(axis=0), 0, atol=1e-9)


def test_nobody_hears_a_newcomer(people):
    parts, own, _ = people
    some = [Two(p.own, p.new[:20]) for p in parts]
    for label in ("sick", "event"):
        alone = flat(some, own, label, seed=3)
        np.testing.assert_allclose(alone, flat(parts, own, label, seed=3)[:20], atol=1e-9)
    for heard in (True, False):
        how = {"net": "GCN", "heard": heard, "seed": 3}
        every = on_graph(parts, own, "sick", **how)
        np.testing.assert_allclose(on_graph(some, own, "sick", **how), every[:20], atol=1e-5)


def test_what_is_not_known_is_the_studys_mean(people):
    parts, own, _ = people
    holes = Two(parts[0].own.copy(), parts[0].new.copy())
    holes.own[3, 1] = holes.new[5, 1] = np.nan
    filled = heads._known(holes)
    mean = np.nanmean(holes.own[:, 1])
    assert filled.own[3, 1] == filled.new[5, 1] == pytest.approx(mean)
    assert np.isfinite(flat([holes], own, "sick", seed=3)).all()


@pytest.mark.parametrize("label", ["sick", "event"])
def test_a_network_learns_it_with_a_graph_and_without(people, label):
    parts, own, new = people
    found = {
        heard: on_graph(parts, own, label, net="GCN", heard=heard, seed=3)
        for heard in (True, False)
    }
    assert not np.allclose(found[True], found[False])
    for scores in found.values():
        assert np.isfinite(scores).all()
        if label == "sick":
            assert roc_auc_score(new["sick"], scores) > 0.75
        else:
            assert concordance(new["time"], new["event"], scores) > 0.6
    again = on_graph(parts, own, label, net="GCN", heard=True, seed=3)
    np.testing.assert_array_equal(again, found[True])


def test_labels_of_others_cannot_be_heard(people):
    """Scores of newcomers change with what teaches, so a label that leaked would show."""
    parts, own, new = people
    shuffled = own.assign(sick=rng(4, "x").permutation(own["sick"]))
    scores = on_graph(parts, shuffled, "sick", net="GCN", heard=True, seed=3)
    assert 0.2 < roc_auc_score(new["sick"], scores) < 0.8


def _people(n, seed):
    stream = rng(seed, "risks")
    x = stream.normal(size=(n, 4)).astype(np.float32)
    time = stream.exponential(np.exp(-1.5 * x[:, 0])) + 0.01
    return Timed(x, np.zeros((2, 0), int), time, stream.random(n) < 0.7)


def test_the_loss_is_coxs_written_out():
    people = _people(30, 1)
    how = NodeClassifier(NETWORKS["GCN"], Widths(inputs=4), SHORT)
    network = learned(how, people, _people(30, 2), seed=1)
    risk = told(network, people.x, people.edges)
    parts = [
        risk[i] - np.log(np.exp(risk[people.time >= people.time[i]]).sum())
        for i in np.flatnonzero(people.event)
    ]
    loss = node_risks._loss(network, people).item()
    assert loss == pytest.approx(-np.mean(parts), rel=1e-4)


def test_only_the_last_people_count():
    people = _people(30, 1)
    how = NodeClassifier(NETWORKS["GCN"], Widths(inputs=4), SHORT)
    network = learned(how, people, _people(20, 2), seed=1)
    last = Timed(people.x, people.edges, people.time[-10:], people.event[-10:])
    alone = Timed(people.x[-10:], people.edges, people.time[-10:], people.event[-10:])
    first, second = (node_risks._loss(network, one).item() for one in (last, alone))
    assert first == pytest.approx(second, rel=1e-5)


def test_a_planted_risk_is_learned_and_patience_is_asked_for():
    known, watched, asked = (_people(n, seed) for n, seed in ((200, 1), (80, 2), (200, 3)))
    how = NodeClassifier(NETWORKS["GCN"], Widths(inputs=4), SHORT)
    risk = told(learned(how, known, watched, seed=1), asked.x, asked.edges)
    assert concordance(asked.time, asked.event, risk) > 0.75
    hasty = NodeClassifier(NETWORKS["GCN"], Widths(inputs=4), replace(SHORT, patience=None))
    with pytest.raises(ValueError, match="give a Recipe that has some"):
        learned(hasty, known, watched, seed=1)
