"""Rhythm: Welch's method finds the planted spectra; ectopics and fibrillation keep their laws."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import welch

from hfgnn.seeding import rng
from hfgnn.world.latent import Heart, hearts
from hfgnn.world.rhythm import ATRIAL, SINUS, VENTRICULAR, rhythm, variability

N, LONG = 300, 300.0


def alike(n: int = N, **values: float | bool) -> Heart:
    """Hearts of 30-year-olds at 65 bpm without disease, but for what is given."""
    heart = hearts(n, rng(1, "rhythm"))
    plain = {"age": 30.0, "rate": 65.0, "af": False, "ef": 0.6, "diabetes": False, "filling": 9.0}
    return replace(
        heart, **{k: np.full(n, v, getattr(heart, k).dtype) for k, v in (plain | values).items()}
    )


def tachogram(times: np.ndarray, rr: np.ndarray) -> np.ndarray:
    """RR at 4 samples a second, about its mean."""
    good = np.isfinite(times)
    even = np.interp(np.arange(0, LONG, 0.25), times[good], rr[good])
    return even - even.mean()


def test_beats_come_in_order_at_the_heart_s_rate_and_reach_over_both_ends():
    heart = hearts(N, rng(2, "any"))
    beats = rhythm(heart, rng(2, "beats"), 10)
    first, last = np.nanmin(beats.times, axis=1), np.nanmax(beats.times, axis=1)
    assert (first < 0).all()
    assert (last > 10).mean() > 0.2  # who has none has a beat shortly before the end
    assert np.nanmin(beats.rr_before) >= 0.28 - 1e-9
    gaps = np.diff(beats.times, axis=1)
    both = np.isfinite(gaps)
    assert (gaps[both] > 0).all()
    assert gaps[both] == pytest.approx(beats.rr_before[:, 1:][both])
    assert (np.isfinite(beats.times) == np.isfinite(beats.rr_before)).all()
    usual = np.nanmedian(np.where(beats.kind == SINUS, beats.rr_before, np.nan), axis=1)
    assert np.abs(np.log(usual * heart.rate / 60)).mean() < 0.03


def test_the_same_stream_gives_the_same_bytes():
    heart = hearts(50, rng(3, "any"))
    once, again = (rhythm(heart, rng(3, "beats"), 10) for _ in range(2))
    assert once.times.tobytes() == again.times.tobytes()
    assert once.kind.tobytes() == again.kind.tobytes()
    part = once.take(np.arange(7))
    kept = part.times.shape[1]
    assert np.array_equal(part.times, once.times[:7, :kept], equal_nan=True)
    assert np.isnan(once.times[:7, kept:]).all()


def test_the_spectrum_of_rr_has_the_reflex_and_the_breath_and_little_between():
    beats = rhythm(alike(ef=0.6), rng(4, "beats"), LONG)
    pairs = zip(beats.times, beats.rr_before, beats.kind, strict=True)
    regular = [tachogram(t, rr) for t, rr, kind in pairs if not kind.any()]
    f, power = welch(np.array(regular), 4, nperseg=400)
    mean = (power / power.sum(axis=1, keepdims=True)).mean(axis=0)

    def at(low: float, high: float) -> float:
        return float(mean[(f >= low) & (f <= high)].mean())

    assert at(0.08, 0.12) > 4 * at(0.15, 0.18)
    assert at(0.22, 0.28) > 3 * at(0.15, 0.18)
    assert at(0.22, 0.28) > 10 * at(0.36, 0.6)
    calm = np.array([not kind.any() for kind in beats.kind])
    breathing = (f > 0.17) & (f < 0.35)
    peak = f[breathing][power[:, breathing].argmax(axis=1)]
    assert np.median(np.abs(peak - beats.breath[calm])) < 0.015


@pytest.mark.parametrize(
    "values", [{}, {"age": 75.0}, {"diabetes": True}, {"filling": 20.0}, {"rate": 95.0}]
)
def test_variability_is_what_its_equation_says_and_falls_with_each_cause(values):
    heart = alike(**values)
    beats = rhythm(heart, rng(5, "beats"), LONG)
    rr = np.where((beats.kind != SINUS).any(axis=1)[:, None], np.nan, np.log(beats.rr_before))
    rr = rr[np.isfinite(rr).any(axis=1)]
    expected = np.log(variability(heart, np.zeros(N)))[0]
    found = np.log(np.nanstd(rr, axis=1))
    assert np.median(found) == pytest.approx(expected, abs=0.12)
    assert found.std() == pytest.approx(0.56, abs=0.12)
    if values:
        assert expected < np.log(variability(alike(), np.zeros(N)))[0] - 0.1


def test_fibrillation_has_no_p_and_no_memory_and_the_spread_of_real_records():
    beats = rhythm(alike(af=True, rate=90.0), rng(6, "beats"), LONG)
    assert not beats.p_wave.any()
    calm = ~(beats.kind != SINUS).any(axis=1)
    rr = [row[np.isfinite(row)] for row in beats.rr_before[calm]]
    spread = np.array([x.std() / x.mean() for x in rr])
    assert np.median(spread) == pytest.approx(0.19, abs=0.02)
    memory = [np.corrcoef(x[:-1], x[1:])[0, 1] for x in rr]
    assert abs(np.mean(memory)) < 0.02
    sinus = rhythm(alike(), rng(6, "beats"), LONG)
    assert np.nanmedian(sinus.rr_before.std(axis=1)) < 0.1 or sinus.p_wave.all()


def triples(kind: int) -> tuple[np.ndarray, np.ndarray, float]:
    """RR before and after each ectopic of a kind, and the usual RR, in nearly rigid rhythms."""
    heart = alike(age=80.0, ef=0.3, filling=40.0)
    beats = rhythm(heart, rng(7, "beats"), 60)
    who, when = np.nonzero((beats.kind == kind)[:, 1:-1])
    after = beats.rr_before[who, when + 2]
    good = np.isfinite(after)
    assert good.sum() > 100
    return beats.rr_before[who, when + 1][good], after[good], 60 / 65


def test_the_pause_after_a_ventricular_ectopic_compensates():
    before, after, usual = triples(VENTRICULAR)
    assert (before < 0.8 * usual).all()
    assert np.mean(before + after) == pytest.approx(2 * usual, rel=0.01)


def test_an_atrial_ectopic_resets_the_sinus_node():
    before, after, usual = triples(ATRIAL)
    assert (before < 0.92 * usual).all()
    assert np.mean(after) == pytest.approx(1.05 * usual, rel=0.01)
    assert np.mean(before + after) < 1.9 * usual


def share(**values: float) -> float:
    beats = rhythm(alike(2000, **values), rng(8, "beats"), 10)
    inside = (beats.times > 0) & (beats.times < 10) & (beats.kind != SINUS)
    return float(inside.any(axis=1).mean())


def test_ectopics_are_rare_in_the_young_and_commoner_with_age_and_a_weak_heart():
    young, old, weak = share(), share(age=75.0), share(age=75.0, ef=0.25)
    assert 0.005 < young < 0.04
    assert 0.05 < old < 0.15
    assert weak > 1.4 * old


def test_two_ectopics_are_never_neighbours():
    beats = rhythm(alike(age=90.0, ef=0.15), rng(9, "beats"), 60)
    early = beats.kind != SINUS
    assert early.sum() > 500
    assert not (early[:, 1:] & early[:, :-1]).any()
