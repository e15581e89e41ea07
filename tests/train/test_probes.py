"""Linear probes find what lies open, of people whom they have not seen, and nothing else."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from hfgnn.evaluate.metrics import auroc
from hfgnn.train.pages import Pages, PagesParams
from hfgnn.train.probes import (
    SHOWN,
    ProbesParams,
    ahead,
    beats_and_rhythm,
    drawn,
    explained,
    probes,
    signal_numbers,
    told,
    yes_no,
)

RNG = np.random.default_rng(4)
N = 300
TRAIN = RNG.random(N) < 0.6
X = RNG.normal(size=(N, 40))
PLANTED = X @ RNG.normal(size=40)


def test_what_is_a_weighted_sum_is_told_and_what_is_noise_is_not():
    assert explained(*told(X, PLANTED, TRAIN)) > 0.99
    assert explained(*told(X, RNG.normal(size=N), TRAIN)) < 0.1
    assert auroc(*told(X, PLANTED > 0, TRAIN)) > 0.93
    assert abs(auroc(*told(X, RNG.permutation(PLANTED > 0), TRAIN)) - 0.5) < 0.15


def test_the_people_asked_teach_nothing():
    truth, said = told(X, PLANTED, TRAIN)
    np.testing.assert_array_equal(truth, PLANTED[~TRAIN])
    moved, lied = X.copy(), PLANTED.copy()
    last = np.flatnonzero(~TRAIN)[-1]
    moved[last], lied[~TRAIN] = 1e3, 0
    np.testing.assert_allclose(told(moved, lied, TRAIN)[1][:-1], said[:-1], rtol=1e-9)


@pytest.mark.parametrize("y", [PLANTED, PLANTED > 0.5])
def test_shift_and_unit_of_the_numbers_do_not_matter(y):
    np.testing.assert_allclose(told(7 + 100 * X, y, TRAIN)[1], told(X, y, TRAIN)[1], atol=1e-3)


def test_who_shows_nothing_is_left_out():
    y = PLANTED.copy()
    y[::7] = np.nan
    truth, said = told(X, y, TRAIN)
    assert len(truth) == len(said) == (np.isfinite(y) & ~TRAIN).sum()
    assert explained(truth, said) > 0.99


def test_a_single_case_is_refused():
    y = np.zeros(N)
    y[[np.flatnonzero(TRAIN)[3], *np.flatnonzero(~TRAIN)[:5]]] = 1
    with pytest.raises(ValueError, match="1 of .* simulate more people"):
        told(X, y, TRAIN)


def test_r2_is_that_of_scikit_learn_and_yes_or_no_is_told_from_numbers():
    y, said = RNG.normal(size=(2, 50))
    assert explained(y, said) == pytest.approx(r2_score(y, said))
    assert yes_no(np.array([0, 1, np.nan]))
    assert not yes_no(np.array([0, 1, 0.5]))


def test_intervals_are_those_of_people_drawn_anew():
    y = RNG.normal(size=400)
    said = 0.7 * y + RNG.normal(scale=0.5, size=400)
    low, high = drawn(explained, y, said, draws=800, rng=np.random.default_rng(0))
    rows = np.random.default_rng(1).integers(400, size=(800, 400))
    wanted = np.quantile([r2_score(y[r], said[r]) for r in rows], [0.025, 0.975])
    np.testing.assert_allclose([low, high], wanted, atol=0.02)
    sick = y > 1
    low, high = drawn(auroc, sick, said, draws=300, rng=np.random.default_rng(0))
    assert low < auroc(sick, said) < high


def test_of_two_answers_the_better_is_ahead_and_of_two_equal_ones_neither():
    y = (RNG.random(200) < 0.5).astype(float)
    good, bad = y + RNG.normal(size=200), RNG.normal(size=200)
    both = np.column_stack([good, bad])
    assert ahead(y, both) == pytest.approx(auroc(y, good) - auroc(y, bad))
    low, high = drawn(ahead, y, both, draws=300, rng=np.random.default_rng(0))
    assert 0 < low < ahead(y, both) < high
    twice = np.column_stack([bad, bad])
    assert drawn(ahead, y, twice, draws=50, rng=np.random.default_rng(0)) == (0, 0)


def test_rhythm_is_the_autocorrelation_of_the_speed_and_a_beat_is_in_every_lead():
    ecg = np.cumsum(RNG.normal(scale=0.02, size=(1, 12, 2500)), axis=2).astype(np.float32)
    spikes = np.exp(-0.5 * ((np.arange(2500) % 200 - 100) / 4) ** 2)
    ecg = ecg * 0.01 + spikes.astype(np.float32)  # a beat every 0.8 s
    beats, rhythm = beats_and_rhythm(ecg)
    assert beats.shape == (1, 225 * 12)
    speed = np.linalg.norm(np.diff(ecg[0].astype(float), axis=1), axis=0)
    speed -= speed.mean()
    wanted = [(speed[:-lag] @ speed[lag:]) / (speed @ speed) for lag in range(50, 500)]
    np.testing.assert_allclose(rhythm[0], wanted, atol=1e-5)
    assert 50 + rhythm[0].argmax() == 200
    flat = np.zeros((1, 12, 2500), np.float32)
    flat[0, 0, 0] = 1
    assert not beats_and_rhythm(flat)[0].any()


PEOPLE = PagesParams(11, people=80)


def test_the_signals_numbers_are_components_of_the_training_rows():
    train = np.arange(80) < 50
    found = signal_numbers(PEOPLE, train)
    assert found.shape == (80, 49)
    np.testing.assert_allclose(found[train].mean(axis=0), 0, atol=1e-9)
    apart = np.cov(found[train].T)
    np.testing.assert_allclose(apart - np.diag(np.diag(apart)), 0, atol=1e-9)
    assert np.trace(apart) * 49 / 50 == pytest.approx(2)  # two parts of 1 each


@pytest.fixture(scope="module")
def planted() -> Pages:
    """Return people whose page knows the rate and, on ecg's side alone, who is sick."""
    rng = np.random.default_rng(5)
    shown = pd.DataFrame(rng.normal(size=(80, len(SHOWN))), columns=[*SHOWN])
    for name in ("wide", "af"):
        shown[name] = (np.arange(80) % 3 == 0).astype(float)
    sick = np.arange(80) % 4 < 2
    split = np.where(np.arange(80) < 50, "train", np.where(np.arange(80) < 65, "val", "test"))
    seen = rng.normal(scale=0.3, size=(80, 512)).astype(np.float32)
    seen[:, 0], seen[:, 1] = 6 * shown["rate"], 6 * sick
    rows = np.flatnonzero(np.arange(80) % 8 < 6)
    table = pd.DataFrame({"split": split, "sick": sick})
    other = rng.normal(size=(60, 512)).astype(np.float32)
    return Pages(table, shown, {"ecg": seen, "random": other}, rows)


def test_probes_score_each_attribute_from_each_side_on_the_people_it_has_read(planted):
    found = probes(ProbesParams(PEOPLE, draws=60), planted)
    scores = found.scores.set_index(["attribute", "by"])
    assert len(scores) == 3 * (len(SHOWN) + 1)
    assert scores.loc[("rate", "ecg"), "score"] > 0.9 > scores.loc[("rate", "random"), "score"]
    assert scores.loc[("sick", "ecg"), "score"] > 0.95
    assert scores.loc[("sick", "ecg"), "people"] == 30
    few = (planted.collected >= 50).sum()
    assert scores.loc[("sick", "random"), "people"] == few < 30
    margins = found.margins.set_index("by")
    assert margins.loc["random", "people"] == few
    assert margins.loc["random", "low"] > 0  # on the same few people
    assert (found.scores["low"] <= found.scores["high"]).all()
    again = probes(ProbesParams(PEOPLE, draws=60), planted)
    pd.testing.assert_frame_equal(found.scores, again.scores, check_exact=True)
