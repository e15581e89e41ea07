"""Pictures and what is cheap: they find each other where they share something, and only there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn.functional import normalize

from hfgnn.losses import contrastive
from hfgnn.models.image import Sizes as PictureSizes
from hfgnn.models.masked import Sizes
from hfgnn.train.filled import Filled, FilledParams, network
from hfgnn.train.matched import (
    LookedParams,
    MatchedParams,
    looked,
    matched,
    points,
    retrieved,
    scaled,
    sides,
)
from hfgnn.train.seen import CHEAP, HIDDEN, Seen
from hfgnn.train.steps import Pace, weights_of

SIZES = Sizes(samples=50, patch=10, width=24, depth=1, heads=2, told=(8, 1, 2))
SMALL = PictureSizes(stem=8, blocks=(1, 1), widths=(8, 16), expansion=1)
PACE = Pace(epochs=6, rate=4e-3, climb=0.1, batch=32)
LOOKED = LookedParams(1, SMALL, PACE)
PARAMS = MatchedParams(1, SIZES, SMALL, PACE, cut=False)


def people(n: int, seed: int) -> Seen:
    """Return people whose hearts have a size: a disc's in the picture, a wave's in the ECG."""
    stream = np.random.default_rng(seed)
    size = stream.random(n)
    along = np.linspace(-1, 1, 24)
    away = np.hypot(along, along[:, None])
    discs = (away < 0.2 + 0.7 * size[:, None, None])[:, None] * np.array([1, 0.7, 0.4])[
        :, None, None
    ]
    start = stream.random((n, 1, 1))
    waves = np.sin(2 * np.pi * (np.arange(50) / 10 + start)) * (0.3 + 2 * size[:, None, None])
    noise = 0.05 * stream.normal(size=(n, 12, 50))
    columns = {HIDDEN.get(name, name): 1 + stream.random(n) for name in CHEAP}
    pictures = np.asarray(200 * discs + 20 * stream.random((n, 3, 24, 24)), np.uint8)
    return Seen(pd.DataFrame(columns), (waves + noise).astype(np.float16), pictures)


@pytest.fixture(scope="module")
def known() -> Seen:
    return people(400, 1)


@pytest.fixture(scope="module")
def newcomers() -> Seen:
    return people(320, 2)


@pytest.fixture(scope="module")
def found(known):
    return matched(PARAMS, known, None, None)


def test_newcomers_find_their_pictures(found, known, newcomers):
    dear, cheap = points(PARAMS, found, newcomers, known)
    np.testing.assert_allclose(np.linalg.norm(dear, axis=1), 1, atol=1e-6)
    found_first = retrieved(dear, cheap)
    assert len(found_first) == 320
    assert found_first.mean() > 3 * 5 / 64
    assert found.curve["held loss"].iloc[-1] < found.curve["held loss"].iloc[0]


def test_with_anothers_pictures_they_find_nothing(known, newcomers):
    shuffled = replace(PARAMS, shuffled=True)
    dear, cheap = points(shuffled, matched(shuffled, known, None, None), newcomers, known)
    chance = 5 / 64
    assert abs(retrieved(dear, cheap).mean() - chance) < 4 * np.sqrt(chance / 320)


def test_retrieval_is_a_count_one_person_at_a_time():
    stream = np.random.default_rng(4)
    dear, cheap = stream.normal(size=(2, 150, 6))
    cheap = cheap + 0.5 * dear
    wanted = []
    for start in (0, 64):
        for person in range(start, start + 64):
            scores = [float(cheap[person] @ dear[other]) for other in range(start, start + 64)]
            better = sorted(scores, reverse=True)[:5]
            wanted.append(scores[person - start] in better)
    assert list(retrieved(dear, cheap)) == [float(w) for w in wanted]


def test_by_chance_five_of_sixty_four_are_first():
    stream = np.random.default_rng(5)
    dear, cheap = stream.normal(size=(2, 64 * 200, 8))
    chance = 5 / 64
    found = retrieved(dear, cheap)
    assert abs(found.mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / len(found))


def test_points_that_are_all_one_are_not_found():
    one = np.ones((64, 8))
    assert retrieved(one, one).mean() == 0
    with pytest.raises(ValueError, match="63 people cannot be found among 64"):
        retrieved(one[:63], one[:63])
    with pytest.raises(ValueError, match="64 of 64 people are no points"):
        retrieved(one * np.nan, one)


def test_the_loss_held_back_is_that_of_points(found, known):
    """Of one group, by both sides' points; the loss itself is held against a plain loop."""
    net, some = sides(PARAMS, found), known.take(np.arange(40))
    with torch.inference_mode():
        dear, cheap = net(
            some.pictures(np.arange(40)), some.signals(np.arange(40)), scaled(some, known)
        )
        loss = contrastive(cheap, dear, words=torch.arange(40), temperature=0.1)
    one, other = points(PARAMS, found, some, known)
    scores = torch.from_numpy(other @ one.T) / 0.1
    ways = [-scores.log_softmax(dim).diagonal().mean() for dim in (0, 1)]
    assert loss.item() == pytest.approx(float(sum(ways)) / 2, abs=1e-5)
    torch.testing.assert_close(normalize(dear).double(), torch.from_numpy(one), atol=1e-6, rtol=0)


def test_both_sides_begin_with_what_they_have_learned(known):
    ecg = FilledParams(1, SIZES)
    start = Filled(weights_of(network(ecg, None)), pd.DataFrame(), 1)
    still = replace(PACE, epochs=1, rate=0.0)
    picture = looked(replace(LOOKED, pace=still), known)
    left = matched(replace(PARAMS, pace=still), known, picture, start)
    assert all(np.array_equal(left.nets["masked"][k], w) for k, w in start.net.items())
    moving = ("running", "num_batches")  # means of norms follow what they see
    own = {k: w for k, w in picture.nets["picture"].items() if not any(m in k for m in moving)}
    assert all(np.array_equal(left.nets["picture"][k], w) for k, w in own.items())


def test_without_a_table_there_is_none(known, newcomers):
    alone = replace(PARAMS, table=False, pace=replace(PACE, epochs=1))
    found = matched(alone, known, None, None)
    assert "table" not in found.nets
    other = replace(newcomers, table=newcomers.table + 1)
    one, two = (points(alone, found, each, known)[1] for each in (newcomers, other))
    np.testing.assert_array_equal(one, two)


def test_features_stand_side_by_side_by_lead():
    assert sides(PARAMS, matched_nothing(PARAMS)).cheap[0].in_features == 13 * 24
    whole = replace(PARAMS, by_lead=False)
    assert sides(whole, matched_nothing(whole)).cheap[0].in_features == 2 * 24


def matched_nothing(params: MatchedParams):
    return matched(
        replace(params, pace=replace(PACE, epochs=1, rate=0.0)), people(70, 3), None, None
    )


def test_two_looks_are_learned_to_be_of_one(known):
    found = looked(LOOKED, known)
    curve = found.curve["held loss"]
    assert curve.min() < curve.iloc[0] - 0.1
    again = looked(LOOKED, known)
    assert all(
        np.array_equal(again.nets["picture"][k], w) for k, w in found.nets["picture"].items()
    )
