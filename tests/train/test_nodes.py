"""The estimator of nodes: the published recipe, the same steps written out, and its options."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn.functional import cross_entropy

from hfgnn.models.gnn import GAT, GCN, SAGE, Transformer, Widths
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.nodes import NOBODY, PUBLISHED, SOUND, Fitted, Graph, NodeClassifier, Recipe

WIDTHS = Widths(inputs=6, hidden=16)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def graph(n: int = 60, *, seed: int = 1, apart: float = 1.0, sick: float = 0.5) -> Graph:
    """Return people of two classes who hear three others each."""
    stream = rng(seed, "graph")
    y = stream.permutation(n) < sick * n
    x = stream.normal(size=(n, 6)) + apart * y[:, None]
    edges = np.stack([stream.integers(0, n, 3 * n), np.repeat(np.arange(n), 3)])
    return Graph(x, y, edges)


def fitted(known: Graph, *, seed: int = 0, model=GCN, recipe=PUBLISHED, validation=None) -> Fitted:
    classifier = NodeClassifier(model, WIDTHS, recipe)
    return classifier.fit(
        known.x, known.y, known.edges, seed=seed, rows=known.rows, validation=validation
    )


def test_the_recipe_is_the_published_one():
    """As in the thesis's published code: Adam 1e-3, 30 full-batch epochs, the last one used."""
    assert Recipe(epochs=30, rate=1e-3, decay=0.0, balanced=False, patience=None) == PUBLISHED
    assert NodeClassifier() == NodeClassifier(GCN, Widths(), PUBLISHED)
    found = fitted(graph())
    assert len(found.curve) == found.epoch == 30
    assert list(found.curve) == ["loss", "accuracy"]


@pytest.mark.parametrize("recipe", [PUBLISHED, Recipe(epochs=7, rate=0.02, decay=0.1)])
def test_a_fit_is_adams_steps_on_the_whole_graph(recipe):
    known = graph()
    x, y, edges = torch.tensor(known.x).float(), torch.tensor(known.y), torch.tensor(known.edges)
    losses, right = [], []
    with torch.random.fork_rng():
        seed_torch(5, "nodes")
        made = GCN(WIDTHS)
        first = [torch.zeros_like(p) for p in made.parameters()]
        second = [torch.zeros_like(p) for p in made.parameters()]
        for step in range(1, recipe.epochs + 1):
            logits = made(x, edges)
            chance = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
            loss = -chance[torch.arange(len(x)), y.long()].log().mean()
            losses.append(loss.item())
            right.append(float(((logits[:, 1] > logits[:, 0]) == y).double().mean()))
            slopes = torch.autograd.grad(loss, list(made.parameters()))
            with torch.no_grad():
                for p, slope, m, v in zip(made.parameters(), slopes, first, second, strict=True):
                    slope = slope + recipe.decay * p
                    m += 0.1 * (slope - m)
                    v += 0.001 * (slope**2 - v)
                    p -= (
                        recipe.rate
                        * (m / (1 - 0.9**step))
                        / ((v / (1 - 0.999**step)) ** 0.5 + 1e-8)
                    )
    found = fitted(known, seed=5, recipe=recipe)
    assert found.curve["loss"].to_numpy() == pytest.approx(losses, abs=1e-5)
    assert found.curve["accuracy"].to_numpy() == pytest.approx(right, abs=1.5 / len(y))
    with torch.no_grad():
        expected = made.eval()(x, edges).softmax(dim=1)
    assert found.predict_proba(known.x, known.edges) == pytest.approx(expected.numpy(), abs=1e-4)


@pytest.mark.parametrize("model", [GCN, GAT, SAGE, Transformer])
def test_the_same_seed_gives_the_same_bits_and_leaves_torchs_generator_alone(model):
    known, before = graph(), torch.random.get_rng_state()
    runs = [fitted(known, seed=seed, model=model) for seed in (3, 3, 4)]
    assert torch.equal(before, torch.random.get_rng_state())
    one, again, other = (run.predict_proba(known.x, known.edges).tobytes() for run in runs)
    assert one == again != other
    assert runs[0].curve.equals(runs[1].curve)
    for name, part in runs[0].weights.items():
        assert part.tobytes() == runs[1].weights[name].tobytes()


@pytest.mark.parametrize("model", [GCN, GAT, SAGE, Transformer])
def test_restored_weights_answer_as_those_that_were_fitted(model, tmp_path):
    known = graph()
    found = fitted(known, model=model)
    np.savez(tmp_path / "weights.npz", allow_pickle=False, **found.weights)
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as stored:
        restored = NodeClassifier(model, WIDTHS).restored(stored)
    said = [who.predict_proba(known.x, known.edges) for who in (found, restored)]
    assert said[0].tobytes() == said[1].tobytes()


@pytest.mark.parametrize("seed", range(3))
def test_chances_are_of_normal_and_of_sick_and_add_up(seed):
    known = replace(graph(seed=seed, apart=2.0), edges=NOBODY)
    found = fitted(known, recipe=Recipe(epochs=60, rate=0.01))
    chances = found.predict_proba(known.x, known.edges)
    assert chances.shape == (60, 2)
    assert chances.dtype == np.float64
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert np.mean(chances[known.y, 1]) > 0.9 > 0.1 > np.mean(chances[~known.y, 1])


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_network_after_each_epoch_is_the_one_of_a_training_that_ends_there(decay):
    known, recipe = graph(), Recipe(epochs=4, rate=0.02, decay=decay)
    torch.manual_seed(3)
    course = NodeClassifier(GCN, WIDTHS, recipe).every(known.x, known.y, known.edges, seed=5)
    after = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(after, torch.rand(1)), "torch's own generator is left alone"
    assert [one.epoch for one in course] == [1, 2, 3, 4]
    for one in course:
        ends = fitted(known, seed=5, recipe=replace(recipe, epochs=one.epoch))
        for name, part in ends.weights.items():
            np.testing.assert_array_equal(one.weights[name], part)
        assert not one.network.training


def test_people_who_do_not_count_are_heard_but_their_labels_are_not():
    known = graph()
    some = replace(known, rows=np.arange(60) < 40)
    upside = replace(some, y=np.where(some.rows, known.y, ~known.y))
    runs = [fitted(who) for who in (some, upside, replace(some, rows=np.arange(40)))]
    assert runs[0].curve.equals(runs[1].curve)
    assert runs[0].curve.equals(runs[2].curve)
    moved = known.x + np.where(some.rows, 0.0, 9.0)[:, None]
    assert not fitted(replace(some, x=moved)).curve.equals(runs[0].curve)
    assert not fitted(known).curve.equals(runs[0].curve)


def test_the_curve_of_validation_is_of_the_network_after_the_step_without_dropout():
    known, unseen = graph(), replace(graph(seed=2), rows=np.arange(30))
    found = fitted(known, validation=unseen)
    assert list(found.curve)[2:] == ["validation loss", "validation accuracy"]
    assert found.curve.index.tolist() == list(range(1, 31))
    chances = found.predict_proba(unseen.x, unseen.edges)[:30]
    last, sick = found.curve.iloc[-1], unseen.y[:30]
    assert last["validation loss"] == pytest.approx(
        -np.mean(np.log(chances[np.arange(30), sick.astype(int)])), abs=1e-6
    )
    assert last["validation accuracy"] == np.mean((chances[:, 1] > 0.5) == sick)
    assert found.curve[["loss", "accuracy"]].equals(fitted(known).curve)  # it only watches


def test_patience_uses_the_epoch_of_the_lowest_loss_in_validation_and_stops():
    known, unseen = graph(apart=0.5), graph(seed=2, apart=0.5)
    recipe = Recipe(epochs=200, rate=0.02, patience=8)
    found = fitted(known, recipe=recipe, validation=unseen)
    lost = found.curve["validation loss"]
    assert found.epoch == lost.idxmin()
    assert len(lost) == found.epoch + 8 < 200
    upto = replace(recipe, epochs=found.epoch, patience=None)
    same = fitted(known, recipe=upto, validation=unseen)
    said = [run.predict_proba(known.x, known.edges) for run in (found, same)]
    assert said[0].tobytes() == said[1].tobytes()
    assert SOUND.patience is not None
    with pytest.raises(ValueError, match="patience 15 without validation: .* give a Graph"):
        fitted(known, recipe=SOUND)


def test_balanced_classes_weigh_as_scikit_learn_weighs_them():
    known = graph(sick=0.25)
    found = fitted(known, seed=6, recipe=Recipe(epochs=1, balanced=True))
    with torch.random.fork_rng():
        seed_torch(6, "nodes")
        logits = GCN(WIDTHS)(torch.tensor(known.x).float(), torch.tensor(known.edges))
    weight = compute_class_weight("balanced", classes=np.array([False, True]), y=known.y)
    y, weights = torch.tensor(known.y).long(), torch.tensor(weight).float()
    assert found.curve["loss"].item() == pytest.approx(cross_entropy(logits, y, weights).item())
    recipes = [Recipe(balanced=how, epochs=60, rate=0.01) for how in (False, True)]
    means = [
        fitted(known, recipe=recipe).predict_proba(known.x, known.edges)[:, 1].mean()
        for recipe in recipes
    ]
    assert means[0] < 0.35 < 0.4 < means[1]


def test_a_gcn_whose_people_hear_nobody_is_a_multilayer_perceptron():
    known = graph()
    found = NodeClassifier(GCN, WIDTHS).fit(known.x, known.y, NOBODY, seed=0)
    weight = found.weights
    hidden = np.maximum(known.x @ weight["first.lin.weight"].T + weight["first.bias"], 0)
    hidden = np.maximum(hidden @ weight["second.lin.weight"].T + weight["second.bias"], 0)
    odds = (hidden @ weight["last.weight"].T + weight["last.bias"]) @ [-1, 1]
    expected = 1 / (1 + np.exp(-odds))
    assert found.predict_proba(known.x, NOBODY)[:, 1] == pytest.approx(expected, abs=1e-6)


SPOILT = [
    ({"x": np.ones((60, 5))}, r"inputs of shape \(60, 5\) for .* takes 6 .* Widths\(inputs"),
    ({"x": np.full((60, 6), np.nan)}, "60 people have inputs that are not finite; mend"),
    ({"edges": [[0], [60]]}, r"edges of shape \(2, 1\), over 60 people; .* from 0 to 59"),
    ({"edges": [[-1], [0]]}, r"edges of shape \(2, 1\), over 60 people"),
    ({"edges": [[0, 1, 2]]}, r"edges of shape \(1, 3\)"),
    ({"y": np.ones(59)}, "59 labels for 60 people: give each one label"),
    ({"y": np.ones(60)}, "60 of the 60 people who count are sick; two classes"),
    ({"rows": np.zeros(60, dtype=bool)}, "0 of the 0 people who count are sick"),
]


@pytest.mark.parametrize(("part", "words"), SPOILT)
def test_what_cannot_be_learned_from_is_refused_with_a_remedy(part, words):
    spoilt = replace(graph(), **part)
    with pytest.raises(ValueError, match=words):
        fitted(spoilt)
    with pytest.raises(ValueError, match=words):
        fitted(graph(), validation=spoilt)
