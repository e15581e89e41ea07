"""The networks against loops over people, and what holds for any network on a graph."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy, leaky_relu, linear

from hfgnn.models.gnn import GAT, GCN, SAGE, Network, Transformer, Widths
from hfgnn.seeding import rng, seed_torch

SMALL = Widths(inputs=5, hidden=8, heads=2)
MODELS = [GCN, GAT, SAGE, Transformer]
PATH = torch.tensor([[0, 1], [1, 2]])  # 1 hears 0, and 2 hears 1


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network(model: type[Network], widths: Widths = SMALL, *, seed: int = 1) -> Network:
    """Return a network in double precision whose every parameter, bias or weight, is random."""
    with torch.random.fork_rng():
        seed_torch(seed, "test")
        made = model(widths).double().eval()
        for parameter in made.parameters():
            nn.init.normal_(parameter, std=0.5)
    return made


def people(n: int, *, seed: int, width: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Return x [n, width] and edges [2, E] that go one way, none twice; person 0 hears nobody."""
    stream = rng(seed, "graph")
    heard = stream.random((n, n)) < 0.4
    heard[0] = False
    np.fill_diagonal(heard, False)
    hears, source = heard.nonzero()
    x = torch.from_numpy(stream.normal(size=(n, width)))
    return x, torch.from_numpy(np.stack([source, hears])).long()


def heard_by(i: int, edges: torch.Tensor) -> list[int]:
    return [int(j) for j, hears in edges.T if hears == i]


def gcn_layer(layer, x, edges):
    """Dense, as a matrix: D^-1/2 (A + I) D^-1/2 X W + b."""
    graph = torch.eye(len(x), dtype=x.dtype)
    graph[edges[1], edges[0]] += 1
    root = torch.diag(graph.sum(dim=1) ** -0.5)
    return root @ graph @ root @ x @ layer.lin.weight.T + layer.bias


def gat_layer(layer, x, edges):
    said = layer.lin(x).view(len(x), layer.heads, -1)
    rows = []
    for i in range(len(x)):
        around = [*heard_by(i, edges), i]
        score = torch.stack(
            [(said[j] * layer.att_src[0] + said[i] * layer.att_dst[0]).sum(1) for j in around]
        )
        share = leaky_relu(score, 0.2).softmax(dim=0)
        rows.append(sum(a[:, None] * said[j] for a, j in zip(share, around, strict=True)))
    return torch.stack(rows).flatten(1) + layer.bias


def sage_layer(layer, x, edges):
    around = [heard_by(i, edges) for i in range(len(x))]
    mean = torch.stack([x[who].mean(0) if who else torch.zeros_like(x[0]) for who in around])
    return linear(mean, layer.lin_l.weight, layer.lin_l.bias) + x @ layer.lin_r.weight.T


def transformer_layer(layer, x, edges):
    width = layer.out_channels
    ask, key, value = (
        part(x).view(len(x), layer.heads, width)
        for part in (layer.lin_query, layer.lin_key, layer.lin_value)
    )
    rows = []
    for i, own in enumerate(layer.lin_skip(x)):
        told = torch.zeros(layer.heads, width, dtype=x.dtype)
        if around := heard_by(i, edges):
            score = torch.stack([(ask[i] * key[j]).sum(1) / width**0.5 for j in around])
            share = score.softmax(dim=0)
            told = sum(a[:, None] * value[j] for a, j in zip(share, around, strict=True))
        rows.append(own + told.flatten())
    return torch.stack(rows)


LOOPS = [(GCN, gcn_layer), (GAT, gat_layer), (SAGE, sage_layer), (Transformer, transformer_layer)]


@pytest.mark.parametrize(("model", "loop"), LOOPS)
@given(n=st.integers(1, 9), seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_a_network_is_what_a_loop_over_people_says(model, loop, n, seed):
    made, (x, edges) = network(model), people(n, seed=seed)
    with torch.no_grad():
        hidden = loop(made.second, loop(made.first, x, edges).clamp(min=0), edges).clamp(min=0)
        torch.testing.assert_close(made(x, edges), made.last(hidden), rtol=0, atol=1e-10)


def test_the_gcn_has_the_published_sizes():
    """As in the thesis's published code: 517 -> 128 -> 128, dropout .5, linear -> 2."""
    made = GCN()
    assert Widths() == Widths(inputs=517, hidden=128, classes=2, dropout=0.5, heads=4)
    shapes = [tuple(p.shape) for p in (made.first.lin.weight, made.second.lin.weight)]
    assert [*shapes, tuple(made.last.weight.shape)] == [(128, 517), (128, 128), (2, 128)]
    assert made.dropout == 0.5


@pytest.mark.parametrize(
    ("model", "size"), [(GCN, 83_074), (GAT, 83_586), (SAGE, 165_634), (Transformer, 331_522)]
)
def test_a_network_has_as_many_parameters_as_its_docstring_says(model, size):
    made = model()
    assert sum(parameter.numel() for parameter in made.parameters()) == size
    assert f"{size:,} parameters" in model.__doc__
    assert made.last.in_features == 128
    with torch.no_grad():
        assert made(torch.rand(3, 517), PATH).shape == (3, 2)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(
        ValueError, match="10 hidden numbers do not divide into 4 heads; .* multiple"
    ):
        Widths(hidden=10)


class Ones(nn.Module):
    """A layer that says 1 whatever it hears, and keeps what it heard."""

    def forward(self, x, edges):
        self.heard = x
        return torch.ones(len(x), 64)


def test_dropout_falls_once_between_the_two_layers_and_in_training_only():
    layers = Ones(), Ones()
    made = Network(*layers, Widths(hidden=64))
    received = []
    made.last.register_forward_hook(lambda layer, given, answer: received.append(given[0]))
    with torch.random.fork_rng():
        seed_torch(3, "test")
        made(torch.ones(100, 517), PATH)
    assert layers[1].heard.unique().tolist() == [0, 2]  # what stays is doubled
    assert (layers[1].heard == 0).double().mean() == pytest.approx(0.5, abs=4 * 0.5 / 6400**0.5)
    assert (layers[0].heard == 1).all()
    assert (received[0] == 1).all()
    made.eval()(torch.ones(100, 517), PATH)
    assert (layers[1].heard == 1).all()


def influence(made: Network, edges: torch.Tensor) -> list[list[int]]:
    """Return 1 in row i and column j where person i's answer depends on person j's numbers."""
    x = torch.from_numpy(rng(2, "x").normal(size=(3, 5)))
    slopes = torch.autograd.functional.jacobian(lambda given: made(given, edges), x)
    return (slopes.abs().sum(dim=(1, 3)) > 0).int().tolist()


@pytest.mark.parametrize("model", MODELS)
def test_a_person_hears_those_at_the_tails_of_its_arrows(model):
    made = network(model)
    assert influence(made, PATH) == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert influence(made, PATH.flip(0)) == [[1, 1, 1], [0, 1, 1], [0, 0, 1]]
    assert influence(made, PATH[:, :1]) == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert influence(made, PATH[:, :1].flip(0)) == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("model", MODELS)
def test_people_in_another_order_get_the_same_answers(model):
    made, (x, edges) = network(model), people(12, seed=4)
    order = torch.from_numpy(rng(4, "order").permutation(12))
    place = order.argsort()
    shuffled = place[edges][:, torch.from_numpy(rng(4, "edges").permutation(edges.shape[1]))]
    with torch.no_grad():
        torch.testing.assert_close(made(x[order], shuffled), made(x, edges)[order])


def test_loops_are_redundant_where_a_person_hears_itself_anyway():
    """The thesis's published code adds loops itself; its GCN does not count them twice."""
    x, edges = people(9, seed=5)
    loops = torch.cat([edges, torch.arange(9).expand(2, 9)], dim=1)
    with torch.no_grad():
        for model in (GCN, GAT):
            torch.testing.assert_close(network(model)(x, loops), network(model)(x, edges))
        for model in (SAGE, Transformer):  # these keep what they hear apart from themselves
            assert not torch.allclose(network(model)(x, loops), network(model)(x, edges))


OWN = {
    GCN: lambda layer, x: x @ layer.lin.weight.T + layer.bias,
    GAT: lambda layer, x: x @ layer.lin.weight.T + layer.bias,
    SAGE: lambda layer, x: x @ layer.lin_r.weight.T + layer.lin_l.bias,
    Transformer: lambda layer, x: layer.lin_skip(x),
}


@pytest.mark.parametrize("model", MODELS)
def test_a_person_who_hears_nobody_answers_alone(model):
    made, (x, edges) = network(model), people(9, seed=6)
    with torch.no_grad():
        own = OWN[model](made.second, OWN[model](made.first, x).clamp(min=0)).clamp(min=0)
        assert not heard_by(0, edges)
        torch.testing.assert_close(made(x, edges)[0], made.last(own)[0])
        torch.testing.assert_close(made(x, edges[:, :0]), made.last(own))
        assert not torch.allclose(made(x, edges)[1:], made.last(own)[1:])


@pytest.mark.parametrize("model", MODELS)
def test_a_network_learns_eight_people_by_heart(model):
    with torch.random.fork_rng():
        seed_torch(7, "test")
        made = model()
        x, edges = people(8, seed=7, width=517)
        x, y = x.float(), torch.tensor([0, 1, 1, 0, 1, 0, 0, 1])
        adam = torch.optim.Adam(made.parameters(), lr=3e-3)
        for _ in range(150):
            adam.zero_grad()
            cross_entropy(made(x, edges), y).backward()
            adam.step()
    assert cross_entropy(made.eval()(x, edges), y) < 0.05


@pytest.mark.parametrize("model", MODELS)
def test_every_parameter_gets_a_finite_gradient(model):
    made, (x, edges) = network(model), people(12, seed=8)
    cross_entropy(made(x, edges), torch.arange(12) % 2).backward()
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        largest = parameter.grad.abs().max()
        if "lin_key.bias" in name:  # it adds the same to all scores of a softmax
            assert largest < 1e-12, name
        else:
            assert largest > 1e-6, name


@pytest.mark.parametrize("model", MODELS)
def test_new_people_who_only_hear_change_nobodys_answer(model):
    made, (x, edges) = network(model), people(9, seed=9)
    new = torch.from_numpy(rng(9, "new").normal(size=(2, 5)))
    hearing = torch.tensor([[0, 1, 2, 3], [9, 9, 10, 10]])
    with torch.no_grad():
        more = made(torch.cat([x, new]), torch.cat([edges, hearing], dim=1))
        torch.testing.assert_close(more[:9], made(x, edges))
        alone = made(torch.cat([x, new[:1]]), torch.cat([edges, hearing[:, :2]], dim=1))
        torch.testing.assert_close(more[9], alone[9])
