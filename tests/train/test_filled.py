"""Pre-training of the masked autoencoder: it learns, again the same, and is asked of others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from hfgnn.models.masked import Sizes
from hfgnn.train.filled import FilledParams, filled, network, shown, told
from hfgnn.train.seen import Seen
from hfgnn.train.steps import Pace, weights_of

SIZES = Sizes(samples=50, patch=10, width=24, depth=1, heads=2, told=(24, 1, 2))
PARAMS = FilledParams(1, SIZES, Pace(epochs=10, rate=4e-3, climb=0.1, batch=8), changed=0.0)


def waves(n: int, seed: int) -> Seen:
    """Return people all of whose leads show one wave, each person's at another moment."""
    start = np.random.default_rng(seed).random((n, 1, 1))
    ecg = np.sin(2 * np.pi * (np.arange(50) / 25 + start)) * np.linspace(0.5, 1.5, 12)[:, None]
    none = np.zeros((n, 0), np.uint8)
    return Seen(pd.DataFrame({"id": range(n)}), ecg.astype(np.float16), none)


@pytest.fixture(scope="module")
def found():
    return filled(PARAMS, waves(400, 1))


def test_hidden_patches_are_filled_in_with_time(found):
    curve = found.curve["held hidden"]
    assert curve.iloc[-1] > 0.8 > 0.5 > curve.iloc[0]
    asked = told(PARAMS, found, waves(50, 2))
    assert asked["hidden"].mean() > 0.8
    assert len(asked) == 50
    untrained = replace(found, net=weights_of(network(PARAMS, None)))
    assert abs(told(PARAMS, untrained, waves(50, 2))["hidden"].mean()) < 0.2


def test_correlations_are_those_of_what_is_shown(found):
    people = waves(20, 3)
    made, hidden = shown(PARAMS, found, people)
    asked = told(PARAMS, found, people)
    assert hidden.shape == made.shape == people.ecg.shape
    assert hidden.mean() == pytest.approx(0.75)
    x = people.ecg.astype(np.float32)
    for person in range(20):
        whole = np.corrcoef(made[person].ravel(), x[person].ravel())[0, 1]
        rest = np.corrcoef(made[person][hidden[person]], x[person][hidden[person]])[0, 1]
        assert asked["whole"][person] == pytest.approx(whole, abs=1e-5)
        assert asked["hidden"][person] == pytest.approx(rest, abs=1e-5)


def test_it_is_the_same_again_and_leaves_torchs_stream_alone(found):
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    again = filled(PARAMS, waves(400, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(np.array_equal(again.net[name], found.net[name]) for name in found.net)
    other = filled(replace(PARAMS, seed=2, pace=replace(PARAMS.pace, epochs=1)), waves(400, 1))
    assert not np.array_equal(other.net["embed.weight"], found.net["embed.weight"])


def test_it_goes_on_from_what_was_learned(found):
    short = replace(PARAMS, pace=replace(PARAMS.pace, epochs=1, rate=0.0))
    again = filled(short, waves(400, 1), found)
    assert all(np.array_equal(again.net[name], found.net[name]) for name in found.net)


@pytest.mark.parametrize(
    "switch", [{"hidden": 0.8}, {"changed": 1.0}, {"cosine": 0.1}, {"shape": 0.5}]
)
def test_every_switch_teaches_another_network(found, switch):
    short = replace(PARAMS, pace=replace(PARAMS.pace, epochs=1))
    plain, other = filled(short, waves(100, 1)), filled(replace(short, **switch), waves(100, 1))
    assert not np.array_equal(plain.net["embed.weight"], other.net["embed.weight"])
    assert set(plain.net) == set(other.net)  # what foretells is not kept
    assert ("cosine" in other.curve) == ("cosine" in switch)
