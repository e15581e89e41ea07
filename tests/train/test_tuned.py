"""Fine-tuning: what is frozen stays, a disease counts once or twice, few are drawn as they are."""

from dataclasses import replace

import numpy as np
import pytest

from hfgnn.evaluate.metrics import auroc
from hfgnn.train.counted import ONCE
from hfgnn.train.filled import Filled, FilledParams, network
from hfgnn.train.matched import MatchedParams, matched, sides
from hfgnn.train.seen import Seen
from hfgnn.train.steps import Pace, weights_of
from hfgnn.train.tuned import Body, Start, TunedParams, features, tuned
from tests.train.test_matched import PACE, SIZES, SMALL, people

SIDES = MatchedParams(1, SIZES, SMALL, replace(PACE, epochs=1), cut=False)
PARAMS = TunedParams(1, SIDES, 1.0, balance=ONCE, pace=Pace(epochs=6, rate=4e-3, batch=16))


def ill(of: Seen, seed: int, share: float = 0.2) -> np.ndarray:
    """Return labels that are likelier in large hearts, whose ECGs are large."""
    size = of.ecg.astype(float).std(axis=(1, 2))
    z = (size - np.median(size)) / size.std()
    chance = 1 / (1 + np.exp(-4 * (z - np.quantile(z, 1 - share))))
    return np.random.default_rng(seed).random(len(of)) < chance


@pytest.fixture(scope="module")
def known() -> Seen:
    return people(500, 1)


@pytest.fixture(scope="module")
def asked() -> Seen:
    return people(300, 2)


@pytest.fixture(scope="module")
def labels(known) -> np.ndarray:
    return ill(known, 3)


@pytest.fixture(scope="module")
def start(known) -> Start:
    return Start(sides=matched(SIDES, known, None, None))


def test_the_encoders_of_a_probe_are_frozen(known, start):
    net = Body(PARAMS, start)
    before = {name: part.clone() for name, part in net.state_dict().items()}
    found = features(net, known, known)
    assert found.shape == (500, 13 * 24)
    after = net.state_dict()
    assert all(before[name].numpy().tobytes() == after[name].numpy().tobytes() for name in before)
    assert all(p.grad is None and not p.requires_grad for p in net.parameters())


def test_what_is_called_frozen_as_published_moves(known, labels, start):
    """Even where the encoders' rate is zero: means of batch norms follow what they see."""
    shown = replace(PARAMS, views=("picture",), pace=replace(PARAMS.pace, epochs=1))
    for share, moves in ((1e-6 / 3e-4, True), (0.0, False)):
        given = replace(shown, body=share)
        before = weights_of(Body(given, start, whole=True))
        after = trained(given, known, labels, start)
        names = [n for n, _ in Body(given, start).named_parameters()]
        assert any((before[n] != after[n]).any() for n in names) == moves
        running = "picture.1.running_mean"
        assert (before[running] != after[running]).any()


def trained(params: TunedParams, known: Seen, labels: np.ndarray, start: Start):
    """Return the weights of the encoders after a whole training."""
    bodies = []

    class Spy(Body):
        def __init__(self, *given: object, **named: bool) -> None:
            super().__init__(*given, **named)
            bodies.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hfgnn.train.tuned.Body", Spy)
        tuned(params, known, labels, np.arange(500), known, start)
    (body,) = bodies
    return weights_of(body)


@pytest.mark.parametrize("views", [("ecg",), ("picture",), ("ecg", "table", "picture"), ("table",)])
def test_a_whole_training_learns_from_every_view(known, labels, asked, start, views):
    given = replace(PARAMS, views=views)
    found = tuned(given, known, labels, np.arange(500), asked, start)
    score = auroc(ill(asked, 4), found.told)
    assert score > (0.8 if views != ("table",) else 0.3)
    assert list(found.curve) == ["loss", "held AUROC"]
    again = tuned(given, known, labels, np.arange(500), asked, start)
    np.testing.assert_array_equal(found.told, again.told)
    if views == ("table",):
        assert score < 0.65  # it holds nothing of the disease


def test_the_best_epoch_or_the_last_is_asked(known, labels, asked, start):
    best = tuned(PARAMS, known, labels, np.arange(500), asked, start)
    last = tuned(replace(PARAMS, last=True), known, labels, np.arange(500), asked, start)
    assert last.epoch == PARAMS.pace.epochs
    assert best.epoch == best.curve["held AUROC"].idxmax()


def test_without_a_start_there_is_chance_and_a_raw_table(known):
    found = features(Body(PARAMS, Start()), known, known)
    assert found.shape == (500, 12 * 24 + 8)
    z = (known.cheap - known.cheap.mean(axis=0)) / known.cheap.std(axis=0)
    np.testing.assert_allclose(found[:, -8:], z, atol=1e-5)


def test_a_table_is_never_lost(known, labels):
    """Whoever was matched without one has it as it is in a probe, and learns it in the whole."""
    alone = replace(SIDES, table=False)
    given = replace(PARAMS, sides=alone, pace=replace(PARAMS.pace, epochs=1))
    start = Start(sides=matched(alone, known, None, None))
    assert features(Body(given, start), known, known).shape == (500, 12 * 24 + 8)
    only = replace(given, views=("table",))
    assert features(Body(only, start), known, known).shape == (500, 8)
    for begun in (start, Start()):
        assert features(Body(given, begun, whole=True), known, known).shape == (500, 13 * 24)
        tuned(only, known, labels, np.arange(500), known, begun)


def test_what_was_learned_alone_is_where_it_was(known):
    ecg = FilledParams(7, SIZES)
    filled = Filled(weights_of(network(ecg, None)), None, 1)
    net = Body(PARAMS, Start(ecg=filled))
    assert all(np.array_equal(net.masked.state_dict()[k].numpy(), w) for k, w in filled.net.items())
    found = matched(SIDES, known, None, filled)
    body = Body(replace(PARAMS, views=("ecg", "picture")), Start(sides=found))
    own = sides(SIDES, found)
    for name in ("masked", "pool", "picture"):
        one, other = (weights_of(getattr(whole, name)) for whole in (body, own))
        assert all(np.array_equal(one[k], other[k]) for k in one)


def test_unknown_views_are_refused():
    with pytest.raises(ValueError, match="choose some of ecg, table, picture"):
        replace(PARAMS, views=("ecg", "echo"))
