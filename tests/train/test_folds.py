"""Folds against scikit-learn's, and the spread of C against its law where the risk says nothing."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from hfgnn.seeding import rng
from hfgnn.train import folds
from hfgnn.train.folds import LuckParams, luck, published_folds, repeated_folds, spread

EVENT = np.arange(800) % 25 == 0  # 32 of 800
PUBLISHED = [0.4943, 0.6701, 0.5874, 0.5479, 0.6468, 0.6093, 0.6478, 0.3953, 0.5656, 0.6407]


def test_published_folds_are_scikit_learns_for_the_published_seeds():
    found = published_folds(EVENT)
    assert found.shape == (5, 2, 800)
    for row, seed in zip(found, (42, 2021, 2022, 2023, 2024), strict=True):
        splitter = StratifiedKFold(n_splits=2, shuffle=True, random_state=seed)
        for fold, (train, test) in zip(row, splitter.split(np.zeros((800, 1)), EVENT), strict=True):
            assert np.array_equal(np.flatnonzero(fold), test)
            assert np.array_equal(np.flatnonzero(~fold), train)
            assert EVENT[fold].sum() == 16


def test_repeated_folds_test_everybody_once_a_repeat_and_deal_anew():
    found = repeated_folds(EVENT, rng(1, "folds"), folds=5, repeats=4)
    assert found.shape == (4, 5, 800)
    assert (found.sum(axis=1) == 1).all()
    assert np.ptp((found & EVENT).sum(axis=2)) <= 1
    assert len({row.tobytes() for row in found}) == 4
    assert np.array_equal(found, repeated_folds(EVENT, rng(1, "folds"), folds=5, repeats=4))


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(folds, "POOL", 10_000)


@pytest.mark.parametrize("events", [8, 16, 64])
def test_a_risk_that_says_nothing_spreads_as_the_mean_of_uniform_ranks(few, events):
    found = spread(0.5, events, 800, rng=rng(2, "spread"), repeats=400)
    assert found.mean() == pytest.approx(0.5, abs=4 * found.std() / 20)
    assert found.std() == pytest.approx((12 * events) ** -0.5, rel=0.12)


def test_folds_are_right_on_average_and_sixteen_events_spread_as_widely_as_was_published(few):
    found = spread(0.58, 16, 400, rng=rng(3, "spread"), repeats=400)
    assert found.mean() == pytest.approx(0.58, abs=0.02)
    low, high = np.quantile(found, [0.005, 0.995])
    assert low < min(PUBLISHED)
    assert max(PUBLISHED) < high
    assert found.std() == pytest.approx(np.std(PUBLISHED, ddof=1), rel=0.35)
    sure = spread(0.75, 16, 400, rng=rng(3, "spread"), repeats=200)
    assert sure.mean() == pytest.approx(0.75, abs=0.02)


def test_luck_falls_with_the_root_of_the_events_and_folds_keep_their_share(few):
    params = LuckParams(4, events=(16, 32, 96), repeats=200)
    found = luck(params).table
    assert found["events"].tolist() == [16, 32, 96]
    assert found["people"].tolist() == [400, 800, 2_400]
    scaled = found["SD"] * found["events"] ** 0.5
    assert (scaled / scaled.mean()).to_numpy() == pytest.approx(1, rel=0.2)
    middle, width = (found["low"] + found["high"]) / 2, found["high"] - found["low"]
    assert middle.to_numpy() == pytest.approx(0.58, abs=0.03)
    assert (width / found["SD"]).to_numpy() == pytest.approx(2 * 1.96, rel=0.2)


def test_luck_is_the_same_twice_and_other_under_another_seed(few):
    one, same, other = (
        luck(LuckParams(seed, events=(16, 32), repeats=10)).table for seed in (4, 4, 5)
    )
    assert same.equals(one)
    assert not np.isclose(other["SD"], one["SD"], rtol=1e-4).any()


def test_luck_is_the_spread_of_the_same_stream(few, monkeypatch):
    """Where people and draws come from one stream, a row is what `spread` draws."""
    asked, stream = [], rng(6, "one")
    monkeypatch.setattr(folds, "stream_of", lambda *names: asked.append(names) or stream)
    row = luck(LuckParams(6, events=(20,), repeats=50)).table.iloc[0]
    assert asked == [(6, "luck"), (6, "luck", "20")]
    wanted = spread(0.58, 20, 400, rng=rng(6, "one"), repeats=50)
    assert row["SD"] == pytest.approx(np.std(wanted))
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(wanted, [0.025, 0.975]).tolist())


def test_luck_of_a_c_that_nobody_reaches_is_refused(few):
    with pytest.raises(ValueError, match="different signs"):
        luck(LuckParams(7, c=1.2, repeats=2))
