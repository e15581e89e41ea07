"""The drawn ECG: Einthoven's law, its bytes, its parts, and what it tells of the heart."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import welch
from sklearn.metrics import roc_auc_score

from hfgnn.cohort import LEADS
from hfgnn.seeding import rng
from hfgnn.world import details
from hfgnn.world.ecg import draw, form, heard, twelve
from hfgnn.world.latent import Heart, hearts
from hfgnn.world.rhythm import Beats

LEFT, RIGHT, FOOT = (LEADS.index(lead) for lead in ("aVL", "aVR", "aVF"))


def chosen(n: int, seed: int, **wanted: object) -> Heart:
    heart = hearts(40 * n, rng(seed, "ecg"))
    keep = np.ones(len(heart), bool)
    for name, value in wanted.items():
        keep &= getattr(heart, name) == value
    return heart.take(np.flatnonzero(keep)[:n])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 30))
def test_einthoven_and_goldberger_hold_in_the_stored_numbers(seed, n):
    x = draw(form(hearts(n, rng(seed, "hearts")), rng(seed, "form")), rng(seed, "signal"))
    assert x.shape == (n, 12, 2500)
    assert x.dtype == np.float32
    x = x.astype(float)
    assert np.isfinite(x).all()
    assert np.abs(x[:, 0] + x[:, 2] - x[:, 1]).max() <= 1e-6
    assert np.abs(x[:, [LEFT, RIGHT, FOOT]].sum(axis=1)).max() <= 1e-6
    assert np.abs(x[:, RIGHT] + (x[:, 0] + x[:, 1]) / 2).max() <= 1e-6
    assert np.abs(x[:, LEFT] - (x[:, 0] - x[:, 2]) / 2).max() <= 1e-6
    assert np.abs(x[:, FOOT] - (x[:, 1] + x[:, 2]) / 2).max() <= 1e-6


def test_limb_leads_are_differences_of_three_electrodes():
    ra, la, ll = np.random.default_rng(0).normal(size=(3, 1, 50)).astype(np.float32)
    eight = np.concatenate([la - ra, ll - ra, np.zeros((6, 50), np.float32)])
    wanted = {"III": ll - la, "aVR": ra - (la + ll) / 2, "aVL": la - (ra + ll) / 2}
    wanted["aVF"] = ll - (ra + la) / 2
    for lead, signal in wanted.items():
        assert twelve(eight)[LEADS.index(lead)] == pytest.approx(signal[0], abs=1e-6)


def test_the_same_streams_give_the_same_bytes_and_others_do_not():
    heart = hearts(60, rng(1, "hearts"))
    drawn = [form(heart, rng(1, "form")) for _ in range(2)]
    once, again = (draw(f, rng(1, "signal")) for f in drawn)
    assert once.tobytes() == again.tobytes()
    other = draw(drawn[0], rng(2, "signal"))
    assert other.tobytes() != once.tobytes()
    assert np.abs(other - once).mean() < 0.2  # the same people, recorded again
    first = draw(drawn[0].take(np.arange(25)), rng(1, "signal"))
    assert first.tobytes() == once[:25].tobytes()


def test_samples_are_steps_of_a_microvolt():
    x = draw(form(hearts(10, rng(2, "hearts")), rng(2, "form")), rng(2, "signal"))
    steps = x[:, [0, 1, 6, 11]].astype(float) * 1000
    assert np.abs(steps - np.round(steps)).max() < 1e-3


def test_fibrillating_atria_are_seen_in_v1_between_four_and_nine_hertz():
    heart = chosen(60, 3, af=True)
    drawn = form(heart, rng(3, "form"))
    flat = replace(drawn.details, fine=0 * drawn.details.fine)
    paper = np.zeros((len(heart), 8, 2500), np.float32)
    details.add_fibrillation(paper, flat, rng(3, "f"), fs=250)
    f, power = welch(paper, 250, nperseg=1000)
    inside = (f >= 3.5) & (f <= 9.5)
    assert power[:, 2, inside].sum() > 0.75 * power[:, 2].sum()
    peak = f[power[:, 2].argmax(axis=1)]
    assert ((peak > 3.5) & (peak < 9.5)).all()
    mean = np.sqrt((paper**2).mean(axis=(0, 2)))
    assert mean.argmax() == 2  # V1
    assert 0.02 < np.median(np.sqrt((paper[:, 2] ** 2).mean(axis=1))) < 0.08
    sinus = form(chosen(20, 3, af=False), rng(3, "form"))
    assert not sinus.details.fibrillation.any()


def test_the_finest_qrs_lies_above_the_waves_and_within_qrs():
    n = 40
    drawn = form(chosen(n, 4, af=False), rng(4, "form"))
    once = Beats(
        np.full((n, 1), 1.0),
        np.ones((n, 1)),
        np.zeros((n, 1), np.int8),
        np.ones(n, bool),
        np.full(n, 0.25),
        np.zeros(n),
    )
    paper = np.zeros((n, 8, 500), np.float32)
    details.add_fine(paper, drawn.details, once, 250)
    assert not paper[..., :230].any()
    assert not paper[..., 270:].any()
    power = np.abs(np.fft.rfft(paper, axis=2)) ** 2
    f = np.fft.rfftfreq(500, 1 / 250)
    assert power[..., f > 40].sum() > 0.7 * power.sum()
    dense = np.zeros((8, 500))
    for k, at in enumerate(details.FINE_AT):
        bell = np.exp(-0.5 * ((np.arange(500) / 250 - 1.0 - at) / details.FINE_WIDTH) ** 2)
        dense += drawn.details.fine[7, :, k, None] * bell
    assert paper[7] == pytest.approx(dense, abs=1e-3 * np.abs(dense).max() + 1e-5)


def test_leads_grow_and_shrink_with_the_breath():
    drawn = form(chosen(5, 5, af=False), rng(5, "form"))
    paper = np.ones((5, 8, 2500), np.float32)
    details.add_breath(paper, drawn.details, drawn.beats, 250)
    time = np.arange(2500) / 250
    swing = np.sin(2 * np.pi * drawn.beats.breath[:, None] * time + drawn.beats.phase[:, None])
    wanted = 1 + drawn.details.breaths[:, :, None] * swing[:, None]
    assert paper == pytest.approx(wanted, abs=1e-4)


@pytest.fixture(scope="module")
def told() -> tuple[Heart, pd.DataFrame]:
    heart = hearts(12_000, rng(6, "hearts"))
    return heart, heard(form(heart, rng(6, "form")))


def test_what_is_heard_is_finite_numbers_one_row_a_person(told):
    heart, table = told
    assert len(table) == len(heart)
    assert np.isfinite(table.astype(float)).all(axis=None)
    assert table.shape[1] < 40


def test_what_is_heard_tells_what_an_ecg_tells_and_no_more(told):
    heart, table = told

    def auroc(name: str, truth: np.ndarray) -> float:
        return float(roc_auc_score(truth, table[name]))

    assert auroc("qrs_CLBBB", heart.group == "CLBBB") > 0.97
    assert auroc("qrs_CRBBB", heart.group == "CRBBB") > 0.97
    assert auroc("qrs_LAFB", heart.group == "LAFB") > 0.85
    assert auroc("qrs_AMI", heart.group == "AMI") > 0.85
    assert (table["p_wave"] == ~heart.af).all()
    assert np.corrcoef(table["rate"], heart.rate)[0, 1] > 0.97
    young = heart.age < np.median(heart.age)
    assert 0.65 < auroc("qrs_age", ~young) < 0.95
    assert auroc("qrs_LVH", heart.group == "LVH") > 0.85
    assert 0.05 < np.corrcoef(table["gain_qrs"], heart.mass)[0, 1] < 0.45
    normal = heart.group == "NORM"
    signs = table[normal].drop(columns="p_wave")
    hidden = signs.corrwith(pd.Series(heart.ef[normal], index=signs.index))
    assert hidden.abs().max() < 0.2  # a normal ECG says little of the pump
