"""From records to statistics: planted beats come back, and the table is what the records say."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, filtfilt

from hfgnn.cohort import GROUPS
from hfgnn.data import ptbxl
from hfgnn.seeding import rng
from hfgnn.train.beats import Beat, bounds, drawn, fit_beat, median_beat
from hfgnn.train.waves import Fitted, beat_of, fit, gathered, mislabelled, save, statistics
from hfgnn.world import ecg
from hfgnn.world.drives import covariates
from hfgnn.world.kernels import LEADS, WAVES, Waves, beats
from hfgnn.world.latent import hearts
from hfgnn.world.learned import TABLE, shipped
from hfgnn.world.learned import statistics as statistics_of
from hfgnn.world.proportion import USUAL_PEAK, peak_of_t
from hfgnn.world.shapes import TIMES
from hfgnn.world.waves import waves


@dataclass(frozen=True)
class Rhythm:
    times: np.ndarray
    rr_before: np.ndarray
    kind: np.ndarray
    p_wave: np.ndarray


def trains(w: Waves, *, fs: float = 500, seconds: float = 10.0) -> np.ndarray:
    """Return regular beats at everyone's own RR in twelve leads, [n, 12, T]."""
    rr = w.rr[:, None].astype(float)
    times = 0.1 + rr * np.arange(-1, 30)
    rest = (np.tile(rr, (1, 31)), np.zeros(times.shape, int), np.ones(len(w), bool))
    y = beats(w, Rhythm(times, *rest), fs, seconds)
    one, two = y[:, 0], y[:, 1]
    limbs = np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2], axis=1)
    return np.concatenate([limbs, y[:, 2:]], axis=1)


def of(beat: Beat) -> Waves:
    """Return a fitted beat as waves of one person."""
    parts = {wave: beat.matrices[None, :, part] for wave, part in WAVES.items()}
    parts |= dict(zip(TIMES, beat.times[:, None], strict=True)) | {"rr": np.array([beat.rr])}
    parts |= {f"ectopic_{wave}": 0 * parts[wave] for wave in WAVES}
    return Waves(**{name: value.astype(np.float32) for name, value in parts.items()})


def _later(beat: np.ndarray, samples: float) -> np.ndarray:
    """Return a beat [8, T] later by a part of a sample, by its harmonics."""
    f = np.fft.rfftfreq(beat.shape[1])
    spectrum = np.fft.rfft(beat) * np.exp(-2j * np.pi * f * samples)
    return np.fft.irfft(spectrum, n=beat.shape[1])


@pytest.fixture(scope="module")
def people() -> Waves:
    heart = hearts(4000, np.random.default_rng(3))
    chosen = [np.flatnonzero(heart.group == g)[:2] for g in ("NORM", "LVH", "AMI", "CLBBB")]
    w = waves(heart.take(np.concatenate(chosen)), np.random.default_rng(3))
    return replace(w, rr=np.round(w.rr * 500) / np.float32(500))


def test_planted_beats_come_back_through_the_filter(people: Waves) -> None:
    noise = 0.003 * np.random.default_rng(0).standard_normal((len(people), 12, 5000))
    planted = trains(people)
    for record, truth in zip(planted + noise, planted, strict=True):
        found = fit_beat(record, 500)
        again = trains(of(found))[0]
        one, two = (median_beat(x, 500)[0] for x in (truth, again))
        apart = [one[:, 5:-5] - _later(two, 0.2 * lag)[:, 5:-5] for lag in range(-15, 16)]
        least = min(apart, key=np.linalg.norm)  # beats are cut out to the nearest sample
        assert np.abs(least).max() < 0.05 * np.abs(one).max()
        assert np.abs(least[:, 60:125]).max() < 0.02  # mV, in P and PR
        assert found.misfit < 0.1


def test_the_unfiltered_beat_comes_back_too(people: Waves) -> None:
    planted = trains(people.take(np.array([0])))[0]
    again = trains(of(fit_beat(planted, 500)))[0]
    tall = [int(np.argmax(np.abs(x).sum(axis=0)[1000:2000])) + 1000 for x in (planted, again)]
    period = round(float(people.rr[0]) * 500)
    lag = (tall[1] - tall[0] + period // 2) % period - period // 2
    one, two = planted[:, 1000:4000], np.roll(again, -lag, axis=1)[:, 1000:4000]
    two = two - (two - one).mean(axis=1, keepdims=True)  # the filter takes each lead's level
    assert np.linalg.norm(one - two) < 0.15 * np.linalg.norm(one)


def test_the_model_passes_the_filter_that_records_pass() -> None:
    q, rr = np.array([0.1, 0.28, -0.1, 0.16, 0.2, 0.01]), 0.8
    rest = {"qrs_scale": np.exp(0.1), "t_peak": 0.28, "t_scale": np.exp(-0.1)}
    rest |= {"pr": 0.16, "p_scale": np.exp(0.2)}
    matrices = np.zeros((25, 8, 25))
    matrices[:, 0] = np.eye(25)  # each person has one kernel
    parts = {wave: matrices[:, :, part] for wave, part in WAVES.items()}
    times = {name: np.full(25, value) for name, value in (rest | {"rr": rr}).items()}
    ectopic = {f"ectopic_{wave}": parts[wave] for wave in WAVES}
    long = trains(Waves(**parts, **times, **ectopic), seconds=20.0)[:, 0]
    long = filtfilt(*butter(2, [0.5 / 250, 40 / 250], "band"), long, axis=1)
    middle = round((0.1 + 12 * rr - 0.01) * 500)  # the model's kernels are shifted by 10 ms
    wanted = long[:, middle - 175 : middle + 275].T
    np.testing.assert_allclose(drawn(q, rr), wanted, atol=2e-3)


def test_bounds_hold_a_qrs_of_known_width() -> None:
    t = (np.arange(450) - 175) / 500
    for width in (0.08, 0.14):
        bump = np.where(np.abs(t) < width / 2, np.cos(np.pi * t / width) ** 2, 0)
        start, end = bounds(np.outer(np.linspace(0.2, 1.5, 8), bump))
        assert abs((end - start) / 500 - width) < 0.016


def test_a_record_with_too_few_beats_says_so() -> None:
    ecg = np.zeros((12, 1000))
    ecg[:, 300:320] = ecg[:, 700:720] = 1
    with pytest.raises(ValueError, match="a median beat needs three"):
        median_beat(ecg, 500)


def test_a_left_block_that_moves_towards_v1_is_no_left_block() -> None:
    matrices = np.zeros((8, 25))
    matrices[LEADS.index("V1"), WAVES["qrs"]] = 0.1
    beat = Beat(np.ones(5), matrices, 1.0, 0.0)
    assert mislabelled("CLBBB", beat)
    assert not mislabelled("CRBBB", beat)
    assert not mislabelled("CLBBB", replace(beat, matrices=-matrices))


@pytest.fixture(scope="module")
def simulated() -> Fitted:
    """Return the beats of simulated people, as if they had been fitted to records."""
    heart = hearts(12_000, np.random.default_rng(8))
    chosen = [np.flatnonzero(heart.group == g)[: 600 if g == "NORM" else 30] for g in GROUPS]
    heart = heart.take(np.concatenate(chosen))
    w = waves(heart, np.random.default_rng(8))
    times = np.stack([getattr(w, name) for name in TIMES], axis=1).astype(float)
    matrices = np.concatenate([w.p, w.qrs, w.t], axis=2).astype(float)
    rr = w.rr.astype(float)
    return Fitted(times, matrices, rr, heart.group, covariates(heart.sex, heart.age, rr))


def test_statistics_of_simulated_people_are_those_they_were_drawn_from(simulated: Fitted) -> None:
    table, s = statistics(simulated), shipped()
    levels = slice(4, 23)  # between the scores -1.8 and 1.8
    for number in range(8):  # times and gains, the coordinates that hold in any basis
        old, new = s.quantiles[0, levels, number], table["quantiles"][0, levels, number]
        spread = s.quantiles[0, 18, number] - s.quantiles[0, 8, number]
        if number < 5:  # the table's gains are weighted by its own records
            assert np.abs(new - old).max() < 0.35 * spread
        assert 0.6 < (new[-1] - new[0]) / (old[-1] - old[0]) < 1.6
    width = table["quantiles"][:, 13, 0]
    assert width[GROUPS.index("CLBBB")] > width[0] + 0.3


def test_spaces_are_orthonormal_and_factors_keep_unit_variance(simulated: Fitted) -> None:
    table = statistics(simulated)
    for wave in WAVES:
        basis = table[f"{wave}_basis"].astype(float)
        np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-5)
    p = table["slope"].shape[1]
    factor = np.zeros((p, p))
    factor[np.tril_indices(p)] = table["factors"][0]
    variance = np.diag(factor @ factor.T)
    assert (variance < 1.15).all()
    assert np.median(variance) > 0.8


def test_a_group_without_records_looks_normal(simulated: Fitted) -> None:
    kept = simulated.group != "CRBBB"
    table = statistics(Fitted(*(a[kept] for a in vars(simulated).values())))
    number = GROUPS.index("CRBBB")
    middle = table["quantiles"][:, 13]
    np.testing.assert_allclose(middle[number], middle[0], atol=0.15)
    assert all(np.isfinite(a).all() for a in table.values())


def test_the_same_statistics_give_the_same_bytes(simulated: Fitted, tmp_path: Path) -> None:
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    save(one, statistics(simulated))
    save(two, statistics(simulated))
    assert one.read_bytes() == two.read_bytes()
    with np.load(one, allow_pickle=False) as table:
        assert set(table.files) == set(np.load(TABLE, allow_pickle=False).files)


@pytest.fixture(scope="module")
def fitted(real_data: Path) -> list[tuple[ptbxl.Record, Beat]]:
    return [(record, beat_of(record)) for record in ptbxl.records(real_data / "ptb-xl-400")]


@pytest.mark.data
@pytest.mark.slow
def test_the_table_is_remade_from_the_records(fitted: list[tuple[ptbxl.Record, Beat]]) -> None:
    with np.load(TABLE, allow_pickle=False) as table:
        kept = dict(table)
    made = statistics(gathered(fitted))
    assert made.keys() == kept.keys()
    for name in ("quantiles", "centre", "slope"):  # in SDs: rounding may move a search's last step
        np.testing.assert_allclose(made[name], kept[name], atol=1e-3)
    for wave in WAVES:
        one, two = (t[f"{wave}_basis"].astype(float) for t in (made, kept))
        np.testing.assert_allclose(one.T @ one, two.T @ two, atol=1e-3)
    np.testing.assert_allclose(made["factors"], kept["factors"], atol=1e-2)


@pytest.mark.data
@pytest.mark.slow
def test_the_usual_peak_of_t_is_that_of_the_normal_records_and_of_every_larger_group(
    fitted: list[tuple[ptbxl.Record, Beat]],
) -> None:
    rows = []
    for record, beat in fitted:
        w = of(beat)
        late = (peak_of_t(w) / np.cbrt(w.rr))[0] - USUAL_PEAK[record.sex]
        rows.append((record.group, record.sex, late))
    table = pd.DataFrame(rows, columns=["group", "sex", "late"])
    by_sex = table[table["group"] == "NORM"].groupby("sex")["late"].median()
    assert by_sex.abs().max() < 0.0025, by_sex  # half of a step of the search
    by_group = table.groupby("group")["late"].agg(["median", "size"])
    dozen = by_group.loc[by_group["size"] >= 12, "median"]  # each is known to about .005 s
    assert dozen.abs().max() < 0.01, by_group


@pytest.mark.data
@pytest.mark.slow
def test_some_patients_only_are_fitted_on_request(
    fitted: list[tuple[ptbxl.Record, Beat]], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {record.ecg_id: beat for record, beat in fitted}
    monkeypatch.setattr("hfgnn.train.waves.beat_of", lambda record: known[record.ecg_id])
    half = {record.patient_id for record, _ in fitted[::2]}
    made = fit((record for record, _ in fitted), patients=half)
    wanted = statistics(gathered(fitted[::2]))
    for name, value in wanted.items():
        np.testing.assert_array_equal(made[name], value)


@pytest.mark.data
@pytest.mark.slow
def test_replayed_beats_measure_as_the_records_do(
    fitted: list[tuple[ptbxl.Record, Beat]], measuring_tool: ModuleType
) -> None:
    ef, space = measuring_tool, shipped().spaces
    chosen = [(r, b) for r, b in fitted if ptbxl.group_of(r.codes) == "NORM"][:100]
    real = pd.DataFrame([ef.measure(r.signal, 500) for r, _ in chosen])
    replayed = {"free": [], "three dipoles": []}
    for _, beat in chosen:
        w = of(beat)
        cut = {wave: space[wave].dipoles(getattr(w, wave)) for wave in WAVES}
        for name, one in {"free": w, "three dipoles": replace(w, **cut)}.items():
            replayed[name].append(ef.measure(trains(one)[0], 500))
    for rows in replayed.values():
        again = pd.DataFrame(rows)
        names = [f for f in ef.features(real) if f != "rr_cv"]  # beats are regular here
        good = [ef.judge(real, again, f)[2] for f in names]
        assert np.mean(good) >= 0.95


@pytest.mark.data
@pytest.mark.slow
def test_normal_ecgs_learned_from_half_of_the_patients_look_like_the_other_half(
    fitted: list[tuple[ptbxl.Record, Beat]],
    measuring_tool: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = statistics_of(statistics(gathered(fitted[::2])))
    monkeypatch.setattr("hfgnn.world.waves.shipped", lambda: half)
    pool = hearts(2_000, rng(5, "half"))
    heart = pool.take(np.flatnonzero(pool.group == "NORM")[:600])
    made = ecg.draw(ecg.form(heart, rng(5, "form")), rng(5, "signal"))
    simulated = pd.DataFrame([measuring_tool.measure(one, 250) for one in made])
    others = [r for r, _ in fitted[1::2] if r.group == "NORM"]
    real = pd.DataFrame([measuring_tool.measure(r.signal, r.fs) for r in others])
    names = measuring_tool.features(real)
    fine = [measuring_tool.judge(real, simulated, name)[2] for name in names]
    assert np.mean(fine) >= 0.92, [n for n, f in zip(names, fine, strict=True) if not f]
