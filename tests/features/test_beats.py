"""Median beats: of planted beats, of records that differ in what must not matter, of real ones."""

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest
from scipy.signal import freqz

from hfgnn.data.ptbxl import records
from hfgnn.evaluate import morphology
from hfgnn.evaluate.morphology import BAND
from hfgnn.features import beats
from hfgnn.features.beats import median_beats
from hfgnn.world.population import population, simulate

PERIOD = 0.8  # s, that is 75 beats a minute
WAVES = {-0.16: (0.12, 0.022), -0.02: (-0.15, 0.01), 0.0: (1.0, 0.012), 0.27: (0.3, 0.04)}
TURN = np.random.default_rng(4).normal(size=(12, len(WAVES))) + 1  # each lead sees its own


def beat(since):
    """Twelve leads of the planted beat at times since R, mV."""
    waves = [h * np.exp(-0.5 * ((since - at) / w) ** 2) for at, (h, w) in WAVES.items()]
    return TURN @ np.stack(waves)


def record(*, fs=500, seconds=10.0, first=0.43, period=PERIOD):
    """A record of planted beats, one each period, [1, 12, T]."""
    time = np.arange(round(seconds * fs)) / fs
    starts = np.arange(first - period, seconds + period, period)
    return sum(beat(time - at) for at in starts)[None]


def filtered(shift):
    """The periodic beat as the two-way filter leaves it, by its spectrum: 600 samples, z-scored."""
    n = round(PERIOD * 500)
    since = (np.arange(n) - n // 2) / 500
    whole = beat(since) + beat(since - PERIOD) + beat(since + PERIOD)
    gain = np.abs(freqz(*BAND, worN=2 * np.pi * np.arange(n // 2 + 1) / n)[1]) ** 2
    course = np.fft.irfft(np.fft.rfft(whole, axis=1) * gain, n=n, axis=1)
    window = course[:, (np.arange(-200, 400) + shift + n // 2) % n]
    return (window - window.mean(axis=1, keepdims=True)) / window.std(axis=1, keepdims=True)


def apart(one, other):
    """The largest difference of two beats, in SD of a lead."""
    return np.abs(one - other).max()


def test_a_planted_beat_comes_back_as_the_filter_leaves_it():
    made, ok = median_beats(record(), 500)
    assert ok.tolist() == [True]
    assert made.shape == (1, 12, 608)
    assert made.dtype == np.float32
    assert not made[0, :, [0, 1, 2, 3, -4, -3, -2, -1]].any()
    inner = made[0, :, 4:-4]
    assert inner.mean(axis=1) == pytest.approx(np.zeros(12), abs=1e-5)
    assert inner.std(axis=1) == pytest.approx(np.ones(12), abs=1e-5)
    gaps = {shift: apart(inner, filtered(shift)) for shift in range(-15, 16)}
    best = min(gaps, key=gaps.get)
    assert gaps[best] < 0.05
    assert abs(best) <= 8  # samples: R lies where it is said to
    assert sorted(gaps.values())[1] > 5 * gaps[best]  # a sample aside would be seen


def test_the_usual_beat_is_inside_from_p_to_t():
    """At 50 beats a minute no neighbour is inside: all that stands out is this beat's."""
    inner = median_beats(record(period=1.2)[:, [1]].repeat(12, axis=1), 500)[0][0, 0, 4:-4]
    assert abs(int(np.abs(inner).argmax()) - 200) <= 8
    level = inner[200 + round(0.55 * 500)]
    for at in (-0.16, 0.27):
        assert abs(inner[200 + round(at * 500)] - level) > 0.2
    for at in (-0.36, 0.75):
        assert abs(inner[200 + round(at * 500)] - level) < 0.15


@pytest.mark.parametrize("shift", [1, 37, 200, 399])
def test_when_the_recording_began_does_not_matter(shift):
    one, _ = median_beats(record(), 500)
    other, _ = median_beats(record(first=0.43 + shift / 500), 500)
    assert apart(one, other) < 0.02


def test_neither_scale_nor_length_matters():
    one, _ = median_beats(record(), 500)
    assert apart(one, median_beats(2.5 * record(), 500)[0]) < 1e-4
    for seconds in (5.0, 8.0, 30.0):
        assert apart(one, median_beats(record(seconds=seconds), 500)[0]) < 0.05


@pytest.mark.parametrize("fs", [250, 1000])
def test_sampling_does_not_matter(fs):
    one, _ = median_beats(record(), 500)
    assert apart(one, median_beats(record(fs=fs), fs)[0]) < 0.05


def test_one_odd_beat_does_not_matter():
    ecg = record()
    odd = ecg.copy()
    odd[:, :, 2030:2230] += 1.5 * np.hanning(200)
    assert apart(median_beats(ecg, 500)[0], median_beats(odd, 500)[0]) < 0.35
    mean = np.stack([ecg[0, :, a : a + 600] for a in range(1015, 4000, 400)]).mean(axis=0)
    spoilt = np.stack([odd[0, :, a : a + 600] for a in range(1015, 4000, 400)]).mean(axis=0)
    assert (np.abs(spoilt - mean) / mean.std(axis=1, keepdims=True)).max() > 0.7  # a mean hears it


def test_beats_are_laid_on_each_other_where_they_were_aligned(monkeypatch):
    noisy = record() + 0.1 * np.random.default_rng(1).normal(size=(1, 12, 5000))
    found = morphology.beat_train(noisy[0], 500)
    assert np.ptp(np.diff(found.places)) == 0 < np.ptp(np.diff(found.peaks))  # the period is whole
    places = replace(found, peaks=found.peaks * 0)
    monkeypatch.setattr(beats, "beat_train", lambda *_: places)
    usual, _ = median_beats(noisy, 500)
    monkeypatch.undo()
    assert np.array_equal(usual, median_beats(noisy, 500)[0])


def test_flat_and_missing_leads_are_zeros_and_harm_no_other():
    ecg = record()
    ecg[0, 3], ecg[0, 7] = 0, 0.4
    missing = ecg.copy()
    missing[0, 3] = np.nan
    made, ok = median_beats(np.concatenate([ecg, missing]), 500)
    assert ok.all()
    assert not made[:, [3, 7]].any()
    assert np.isfinite(made).all()
    assert np.array_equal(made[0], made[1])
    rest = [lead for lead in range(12) if lead not in (3, 7)]
    assert apart(made[0, rest], median_beats(record(), 500)[0][0, rest]) < 0.05


def test_records_without_a_beat_are_told_apart():
    flat, few = np.zeros((1, 12, 5000)), record()
    few[:, :, 1200:] = 0  # three beats
    missing = np.full((1, 12, 5000), np.nan)
    made, ok = median_beats(np.concatenate([flat, record(), few, missing]), 500)
    assert ok.tolist() == [False, True, False, False]
    assert not made[~ok].any()
    short, enough = median_beats(record(seconds=2.0), 500)
    assert not enough.any()
    assert not short.any()
    nobody, none = median_beats(np.zeros((0, 12, 5000)), 500)
    assert nobody.shape == (0, 12, 608)
    assert none.shape == (0,)


def test_every_simulated_person_has_a_beat_with_qrs_in_its_place():
    people = simulate(population("hospital", people=40, seed=5))
    made, ok = median_beats(people.ecg, 250)
    assert ok.mean() > 0.95
    speed = np.linalg.norm(np.gradient(made[ok], axis=2), axis=1)[:, 104:404]
    assert np.abs(speed.argmax(axis=1) - 100).max() <= 60
    assert np.median(np.abs(speed.argmax(axis=1) - 100)) <= 12


@pytest.mark.data
def test_real_records_have_a_beat_that_both_of_their_files_show(real_data):
    folder = real_data / "ptb-xl-400"
    fine, coarse = (list(islice(records(folder, high=high), 40)) for high in (True, False))
    made, ok = median_beats(np.stack([r.signal for r in fine]), 500)
    again, seen = median_beats(np.stack([r.signal for r in coarse]), 100)
    assert ok.mean() > 0.95
    both = ok & seen
    like = [
        max(
            np.corrcoef(a[:, 40:-40].ravel(), np.roll(b, k, axis=1)[:, 40:-40].ravel())[0, 1]
            for k in range(-4, 5)
        )
        for a, b in zip(made[both], again[both], strict=True)
    ]
    assert np.median(like) > 0.98
    strangers = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairwise(made[both])]
    assert np.median(strangers) < 0.9
