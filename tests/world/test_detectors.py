"""Other people's detectors, of neurokit2 and wfdb, find simulated beats as they find real ones."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, filtfilt

from hfgnn.seeding import rng
from hfgnn.world.ecg import draw, form
from hfgnn.world.latent import hearts

pytestmark = [pytest.mark.data, pytest.mark.slow]
II, MARGIN, NEAR = 1, 0.5, 0.075  # the lead; s left out at each end; s of a hit
WANTED = {"NORM": 200, "other": 67, "AMI": 27, "IMI": 18, "LVH": 16, "LAFB": 13, "AFIB": 8}
WANTED |= {"CLBBB": 7, "CRBBB": 4}  # the real records' own numbers
Finder = Callable[[np.ndarray, int], np.ndarray]


def neurokit(lead: np.ndarray, fs: int) -> np.ndarray:
    import neurokit2 as nk

    clean = nk.ecg_clean(lead, sampling_rate=fs)
    return np.asarray(nk.ecg_peaks(clean, sampling_rate=fs)[1]["ECG_R_Peaks"]) / fs


def xqrs(lead: np.ndarray, fs: int) -> np.ndarray:
    from wfdb import processing

    finder = processing.XQRS(sig=lead.astype(float), fs=fs)
    finder.detect(verbose=False)
    return np.asarray(finder.qrs_inds) / fs


def hits(found: np.ndarray, known: np.ndarray, seconds: float) -> tuple[int, int, int, int]:
    """Beats found, beats there, detections right, detections made: in the inner seconds."""

    def right(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
        inner = a[(a > MARGIN) & (a < seconds - MARGIN)]
        return int((np.abs(inner[:, None] - b).min(axis=1, initial=9) <= NEAR).sum()), len(inner)

    return *right(known, found), *right(found, known)


def scores(ecg, times, groups, fs: int, finder: Finder) -> pd.DataFrame:
    """Sensitivity and precision for normal and for all other records."""
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for lead, known in zip(ecg, times, strict=True):
            rows.append(hits(np.atleast_1d(finder(lead, fs)), known, len(lead) / fs))
    table = pd.DataFrame(rows, columns=["found", "there", "right", "made"])
    sums = table.groupby(np.where(np.asarray(groups) == "NORM", "NORM", "others")).sum()
    return pd.DataFrame(
        {"sensitivity": sums["found"] / sums["there"], "precision": sums["right"] / sums["made"]}
    )


@pytest.fixture(scope="module")
def simulated():
    pool = hearts(40_000, rng(31, "hearts"))
    chosen = [np.flatnonzero(pool.group == group)[:n] for group, n in WANTED.items()]
    heart = pool.take(np.concatenate(chosen))
    drawn = form(heart, rng(31, "form"))
    times = [t[np.isfinite(t)] for t in drawn.beats.times]
    return draw(drawn, rng(31, "signal"))[:, II], times, heart.group


@pytest.fixture(scope="module")
def real(real_data, measuring_tool):
    """Real records with the beats that the measuring program sees in all leads together."""
    import ast

    import wfdb

    rows = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv")
    rows = rows.drop_duplicates("patient_id")
    groups = [measuring_tool.group_of(ast.literal_eval(codes)) for codes in rows["scp_codes"]]
    ecg, times = [], []
    for file in rows["filename_hr"]:
        signal = wfdb.rdsamp(str(real_data / "ptb-xl-400" / file))[0]
        smooth = filtfilt(*butter(2, [0.5 / 250, 40 / 250], "band"), signal, axis=0)
        ecg.append(signal[:, II])
        times.append(measuring_tool.beats(smooth) / 500)
    return ecg, times, groups


@pytest.mark.parametrize("finder", [neurokit, xqrs], ids=["neurokit2", "wfdb"])
def test_detectors_find_beats_as_well_as_in_real_records(simulated, real, finder):
    drawn, recorded = scores(*simulated, 250, finder), scores(*real, 500, finder)
    assert drawn.loc["NORM"].min() >= 0.99, drawn
    assert recorded.loc["NORM"].min() >= 0.99, recorded  # else the comparison would say nothing
    gap = (recorded - drawn).loc["others"]
    assert gap.max() <= 0.03, (drawn, recorded)


def test_the_score_itself_counts_misses_and_false_alarms():
    known = np.arange(0.7, 10, 0.8)
    assert hits(known + 0.02, known, 10) == (11, 11, 11, 11)
    assert hits(known[::2], known, 10)[:2] == (6, 11)
    assert hits(np.sort(np.r_[known, known + 0.3]), known, 10)[2:] == (11, 22)
    assert hits(np.empty(0), known, 10) == (0, 11, 0, 0)
