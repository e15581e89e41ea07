"""Biomarkers of planted waves, at every limit, of simulated hearts with a truth, of real ECGs."""

from dataclasses import replace

import numpy as np
import pytest

from hfgnn.cohort import FS, LEADS
from hfgnn.data.ptbxl import records
from hfgnn.evaluate.metrics import recalls
from hfgnn.evaluate.morphology import beat_train
from hfgnn.features.biomarkers import CRITERIA, biomarkers, judged, readings
from hfgnn.seeding import rng
from hfgnn.world import ecg
from hfgnn.world.latent import LAFB, LBBB, NORMAL, RBBB, gathered, hearts

# Heights in mV of P, QRS and T by lead; the limb leads that follow are made from I and aVF.
USUAL = {"I": (0.06, 0.8, 0.25), "V1": (0.05, -0.8, 0.1), "V2": (0.05, -0.9, 0.4)}
USUAL |= {"V3": (0.05, 0.6, 0.5), "V4": (0.05, 1.2, 0.5), "V5": (0.05, 1.2, 0.4)}
USUAL |= {"V6": (0.05, 0.9, 0.3), "aVF": (0.1, 0.5, 0.2)}


def planted(*, rate=60.0, pr=0.16, p=0.022, t=0.27, width=0.012, late=0.0, leads=None):
    """Gaussian waves at 500 Hz: P of SD p at -pr, QRS of SD `width`, later in V6, T of SD 35 ms."""
    time, found = np.arange(5000) / 500, np.zeros((12, 5000))
    sizes = USUAL | (leads or {})
    for lead in ("III", "aVR", "aVL", "II"):  # II = aVF + I / 2, aVL = I - II / 2 and so on
        one, foot = (np.array(sizes[name]) for name in ("I", "aVF"))
        two = foot + one / 2
        sizes[lead] = {"II": two, "III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2}[
            lead
        ]
    waves = ((-pr, p), (0.0, width), (t, 0.035))
    for lead, heights in sizes.items():
        aside = late if lead == "V6" else 0
        for start in np.arange(0.2, 11, 60 / rate):
            for (at, sd), height in zip(waves, heights, strict=True):
                found[LEADS.index(lead)] += height * np.exp(
                    -0.5 * ((time - start - at - aside) / sd) ** 2
                )
    return found


@pytest.mark.parametrize("p", [0.018, 0.024, 0.032])
@pytest.mark.parametrize("pr", [0.14, 0.18, 0.23])
def test_p_begins_and_ends_where_its_tangents_meet_the_baseline(p, pr):
    """A Gaussian's steepest tangents meet its baseline at two SD, so P lasts four."""
    found = readings(beat_train(planted(pr=pr, p=p), 500))
    start = 1000 * (pr + 2 * p)  # ms before the middle of QRS
    assert found["p"] == pytest.approx(4000 * p, abs=5)
    assert found["pr"] == pytest.approx(start - found["qrs"] / 2, abs=4)
    assert found["p axis"] == pytest.approx(np.degrees(np.arctan2(0.1 * 2 / 3**0.5, 0.06)), abs=3)


def test_the_t_of_the_beat_before_is_not_taken_for_p():
    slow, fast = (
        readings(beat_train(planted(rate=r, pr=0.14, t=t), 500))
        for r, t in ((60, 0.27), (110, 0.22))
    )
    for name, reach in {"p": 12, "pr": 12, "p axis": 6}.items():
        assert fast[name] == pytest.approx(slow[name], abs=reach), name


@pytest.mark.parametrize("rate", [50, 75, 100])
@pytest.mark.parametrize("t", [0.24, 0.3])
def test_qt_ends_where_the_tangent_to_t_does(rate, t):
    found = readings(beat_train(planted(rate=rate, t=t), 500))
    assert found["hr"] == pytest.approx(rate, abs=0.5)
    assert found["qt"] == pytest.approx(1000 * (t + 0.07) + found["qrs"] / 2, abs=14)


def test_a_p_that_is_not_there_is_neither_long_nor_turned():
    none = {lead: (0.0, *rest) for lead, (_, *rest) in USUAL.items()}
    signs = biomarkers([planted(leads=none, p=0.03, pr=0.23)], 500, sex=[0])
    assert signs.loc[0, ["P duration", "PR interval", "P axis"]].tolist() == [0, 0, 0]
    assert np.isnan(readings(beat_train(planted(leads=none), 500))["pr"])


def test_planted_signs_and_no_others_are_found():
    """Records as usual but for one thing, and what it has to raise."""
    small = {lead: (p, qrs * 0.3, t * 0.3) for lead, (p, qrs, t) in USUAL.items()}
    changes = {
        (): {},
        ("P duration",): {"p": 0.034},
        ("PR interval",): {"pr": 0.24},
        ("QT interval",): {"t": 0.39},
        ("P axis",): {"leads": {"aVF": (-0.1, 0.5, 0.2)}},
        ("left axis",): {"leads": {"I": (0.06, 0.8, 0.05), "aVF": (0.1, -0.9, 0.05)}},
        ("right axis",): {"leads": {"I": (0.06, -0.3, 0.0), "aVF": (0.1, 0.9, 0.3)}},
        ("LVH",): {"leads": {"V1": (0.05, -1.8, 0.1), "V5": (0.05, 2.2, 0.4)}},
        ("low voltage",): {"leads": small},
        ("ID time",): {"late": 0.03},
        ("QRS-T angle", "ST-T"): {"leads": {"I": (0.06, 0.8, -0.3), "aVF": (0.1, 0.5, -0.2)}},
    }
    table = biomarkers([planted(**how) for how in changes.values()], 500, sex=[0] * len(changes))
    assert list(table) == list(CRITERIA)
    raised = [tuple(table.columns[1:][row[1:] == 1]) for row in table.to_numpy()]
    assert raised == list(changes)
    assert table["ventricular rate"].to_numpy() == pytest.approx(np.full(len(table), 60), abs=0.5)


PLAIN = {"hr": 60, "p": 100, "pr": 160, "qrs": 90, "qt": 400, "p axis": 50, "axis": 40}
PLAIN |= {"t axis": 40, "late V1": -0.3, "late I": 0.1, "sokolow": 2, "cornell": 1}
PLAIN |= {"limb": 1, "chest": 2, "id": 40}
PLAIN |= {f"{wave}_{lead}": 0.2 for wave in ("ST", "T") for lead in LEADS}
LIMITS = [
    ("P duration", {"p": 120}, {"p": 120.1}),
    ("PR interval", {"pr": 200}, {"pr": 200.1}),
    ("QRS duration", {"qrs": 100}, {"qrs": 101}),
    ("QT interval", {"qt": 449}, {"qt": 450}),
    ("QT interval", {"qt": 459, "sex": 1}, {"qt": 460, "sex": 1}),
    ("QT interval", {"qt": 380, "hr": 80}, {"qt": 380, "hr": 90}),
    ("P axis", {"p axis": 0}, {"p axis": -1}),
    ("P axis", {"p axis": 75}, {"p axis": 76}),
    ("left axis", {"axis": -30}, {"axis": -31}),
    ("left axis", {"axis": -91}, {"axis": -90}),
    ("right axis", {"axis": 90}, {"axis": 91}),
    ("right axis", {"axis": 181}, {"axis": 180}),
    ("QRS-T angle", {"t axis": -59}, {"t axis": -60}),
    ("QRS-T angle", {"axis": 170, "t axis": -100}, {"axis": 150, "t axis": -100}),
    ("RBBB", {"qrs": 119, "late V1": 0.2}, {"qrs": 120, "late V1": 0.2}),
    ("RBBB", {"qrs": 140}, {"qrs": 140, "late V1": 0.01}),
    ("LBBB", {"qrs": 119, "late I": 0.2}, {"qrs": 120, "late I": 0.2}),
    ("LBBB", {"qrs": 140, "late I": 0.15}, {"qrs": 140, "late I": 0.16}),
    ("LBBB", {"qrs": 140, "late I": 0.2, "late V1": 0.1}, {"qrs": 140, "late I": 0.2}),
    ("LVH", {"sokolow": 3.4}, {"sokolow": 3.5}),
    ("LVH", {"cornell": 2.8}, {"cornell": 2.9}),
    ("LVH", {"cornell": 2.0, "sex": 1}, {"cornell": 2.1, "sex": 1}),
    ("low voltage", {"limb": 0.5}, {"limb": 0.49}),
    ("low voltage", {"chest": 1.0}, {"chest": 0.99}),
    ("ST-T", {"T_V5": -0.2, "T_V1": -0.2, "T_aVR": -0.2}, {"T_V5": -0.1, "ST_I": -0.05}),
    ("ST-T", {"T_V5": -0.2, "ST_V5": -0.2}, {"T_V5": -0.2, "T_V6": -0.2}),
    ("ID time", {"id": 49}, {"id": 50}),
]


@pytest.mark.parametrize(("name", "within", "beyond"), LIMITS)
def test_each_criterion_turns_at_its_limit(name, within, beyond):
    found = [judged(PLAIN | one, one.get("sex", 0))[name] for one in (within, beyond)]
    assert found == [0, 1]


def test_who_has_no_beat_has_no_biomarkers():
    table = biomarkers([np.zeros((12, 5000)), planted()], 500, sex=[0, 1])
    assert table.isna().all(axis=1).tolist() == [True, False]
    assert table.iloc[1].notna().all()
    assert biomarkers([np.zeros((12, 5000))], 500, sex=[1]).shape == (1, 15)
    assert biomarkers([], 500, sex=[]).shape == (0, 15)


def some(pool, who, n=40):
    return pool.take(np.flatnonzero(who)[:n])


def drawn(form):
    return ecg.draw(form, rng(2, "biomarkers", "signal"))


@pytest.fixture(scope="module")
def people():
    """Simulated hearts with and without each block and hypertrophy, and their biomarkers."""
    pool = hearts(60_000, rng(2, "biomarkers", "heart"))
    plain = ~pool.af & ~pool.low_voltage & (pool.infarct == 0)
    usual = plain & (pool.conduction == NORMAL)
    groups = [some(pool, plain & (pool.conduction == kind)) for kind in (LBBB, RBBB, LAFB)]
    heart = gathered(
        [*groups, some(pool, usual & pool.hypertrophy), some(pool, usual & ~pool.hypertrophy, 80)]
    )
    form = ecg.form(heart, rng(2, "biomarkers", "form"))
    return heart, form, biomarkers(drawn(form), FS, sex=heart.sex)


def test_simulated_blocks_axes_and_masses_are_found(people):
    heart, form, found = people
    usual = heart.conduction == NORMAL
    truths = {  # of whom is asked, who has it, and the least sensitivity and specificity
        "LBBB": (usual | True, heart.conduction == LBBB, 0.8, 0.98),
        "RBBB": (usual | True, heart.conduction == RBBB, 0.9, 0.97),
        "left axis": (usual | (heart.conduction == LAFB), heart.conduction == LAFB, 0.7, 0.9),
        "LVH": (usual, heart.hypertrophy, 0.6, 0.85),
        "QRS duration": (usual | True, form.waves.qrs_ms > 105, 0.85, 0.85),
    }
    for name, (asked, truth, sensitivity, specificity) in truths.items():
        seen, clear = recalls(truth[asked], found[name][asked] == 1)
        assert seen >= sensitivity, name
        assert clear >= specificity, name


def test_a_heart_that_changes_one_time_is_measured_so(people):
    heart, form, _ = people
    sinus = heart.conduction == NORMAL
    form = form.take(np.flatnonzero(sinus)[:40])
    before = [readings(beat_train(one, FS)) for one in drawn(form)]

    def change(name, **times):
        new = replace(
            form, waves=replace(form.waves, **{k: np.float32(v) for k, v in times.items()})
        )
        after = [readings(beat_train(one, FS)) for one in drawn(new)]
        return np.nanmedian([b[name] - a[name] for a, b in zip(before, after, strict=True)])

    waves = form.waves
    assert change("pr", pr=waves.pr + 0.04) == pytest.approx(40, abs=8)
    assert change("qt", t_peak=waves.t_peak + 0.04) == pytest.approx(40, abs=6)
    assert change("qrs", qrs_scale=waves.qrs_scale * 1.4) == pytest.approx(35, abs=7)
    assert change("limb", qrs=waves.qrs * 0.5) == pytest.approx(
        -np.median([m["limb"] for m in before]) / 2, rel=0.15
    )
    assert change("p", p_scale=waves.p_scale * 1.3) > 10


def test_low_voltage_is_seen_when_every_wave_is_halved(people):
    heart, form, found = people
    usual = np.flatnonzero((heart.conduction == NORMAL) & ~heart.hypertrophy)
    part = form.take(usual)
    quiet = {wave: np.float32(0.3) * getattr(part.waves, wave) for wave in ("p", "qrs", "t")}
    low = biomarkers(
        drawn(replace(part, waves=replace(part.waves, **quiet))), FS, sex=heart.sex[usual]
    )
    assert low["low voltage"].mean() > 0.7
    assert found["low voltage"][usual].mean() < 0.05


@pytest.mark.data
def test_real_records_show_what_their_readers_stated(real_data):
    real = list(records(real_data / "ptb-xl-400"))
    found = biomarkers([r.signal for r in real], 500, sex=[r.sex for r in real])
    assert found.notna().all(axis=1).mean() > 0.97
    stated = {  # the code, and what is found of those who have it and of those who have not
        "RBBB": ("CRBBB", 0.9, 0.97),
        "LBBB": ("CLBBB", 0.6, 0.98),
        "LVH": ("LVH", 0.65, 0.88),
        "left axis": ("LAFB", 0.8, 0.9),
        "PR interval": ("1AVB", 0.7, 0.9),
    }
    for name, (code, sensitivity, specificity) in stated.items():
        seen, clear = recalls([code in r.codes for r in real], found[name] == 1)
        assert seen >= sensitivity, name
        assert clear >= specificity, name
    normal = np.array(["NORM" in r.codes for r in real])
    share = found[normal].mean()
    assert share.drop("ventricular rate").max() < 0.1  # of what is abnormal among the normal
    assert (found[~normal].mean() > share).all()
