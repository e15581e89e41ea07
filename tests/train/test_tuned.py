"""Fine-tuning: what is frozen stays, a disease counts once or twice, few are drawn as they are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hfgnn.evaluate.metrics import auroc
from hfgnn.train.counted import ONCE
from hfgnn.train.filled import Filled, FilledParams, network
from hfgnn.train.matched import MatchedParams, matched, sides
from hfgnn.train.seen import Seen
from hfgnn.train.steps import Pace, weights_of
from hfgnn.train.tuned import Body, Start, TunedParams, _Lesson, even, features, tuned
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


def test_batch_norms_are_settled_on_those_who_teach(known, labels):
    """Whoever asks finds the first norm's means to be those of its inputs, and rates as before."""
    lesson = _Lesson(replace(PARAMS, views=("picture",)), known, labels, Start())
    lesson.settling = np.arange(40, 80)
    lesson.told(known.take(np.arange(3)))
    assert lesson.body.picture is not None
    first, norm = lesson.body.picture[0], lesson.body.picture[1]
    inside = first(known.pictures(lesson.settling)).detach().double()
    np.testing.assert_allclose(norm.running_mean, inside.mean(dim=(0, 2, 3)), atol=1e-6)
    np.testing.assert_allclose(norm.running_var, inside.var(dim=(0, 2, 3)), rtol=1e-4)
    assert norm.momentum == 0.1


def test_whoever_asks_changes_no_training(known, labels):
    """What is learned from is a batch's own means: weights are the same, asked or not."""
    learned = []
    for asks in (False, True):
        lesson = _Lesson(replace(PARAMS, views=("picture", "table")), known, labels, Start())
        lesson.settling = np.arange(32)
        for start in (0, 32, 64):
            if asks:
                lesson.told(known.take(np.arange(3)))
            lesson.net.train()
            lesson.net.zero_grad()
            lesson.loss(np.arange(start, start + 32))[0].backward()
            with torch.no_grad():
                for part in lesson.net.parameters():
                    part -= 0.01 * part.grad
        learned.append([part.detach().numpy().tobytes() for part in lesson.net.parameters()])
    assert learned[0] == learned[1]


def test_the_threshold_favours_no_class():
    dice = np.random.default_rng(5)
    ill = np.arange(40) < 6
    told = dice.normal(size=40) + 2 * ill - 3
    middle = even(told, ill)
    grid = np.linspace(-8, 4, 120_001)[:, None]
    chances = 1 / (1 + np.exp(grid - told))
    missed = np.abs(chances[:, ill].mean(axis=1) + chances[:, ~ill].mean(axis=1) - 1)
    assert middle == pytest.approx(grid[missed.argmin(), 0], abs=2e-4)
    assert even(told + 100, ill) == pytest.approx(middle + 100)
    assert even(-told, ~ill) == pytest.approx(-middle)
    apart = np.where(ill, 50.0, 10.0)
    assert 10 < even(apart, ill) < 50


def test_a_few_teach_a_threshold_too(known, asked, start):
    """Of pictures whose brightness tells who is ill, neither class is called as the other one."""
    shown = replace(PARAMS, views=("picture",), pace=Pace(epochs=8, rate=4e-3, batch=16))
    bright = np.asarray(known.picture.mean(axis=(1, 2, 3)) + 0.0)
    labels = bright > np.quantile(bright, 0.8)
    ill, well = np.flatnonzero(labels)[:8], np.flatnonzero(~labels)[:32]
    found = tuned(shown, known, labels, np.concatenate([ill, well]), asked, Start())
    assert 0.02 < (found.called > 0).mean() < 0.98
    half = tuned(replace(shown, half=True), known, labels, np.r_[ill, well], asked, Start())
    np.testing.assert_array_equal(half.told, found.told)
    np.testing.assert_array_equal(half.called, half.told)


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
