"""The measuring of ECGs: against beats whose every wave is known, and on real records."""

import numpy as np
import pandas as pd
import pytest

from hfgnn.cohort import LEADS
from hfgnn.evaluate.morphology import measure, measured, median_beat

FS = 500


def train(waves: dict[str, dict[float, float]], *, rate: float = 60, widths: float = 0.012):
    """Ten seconds of Gaussian waves: for each lead, height in mV by time in s around R."""
    time, ecg = np.arange(0, 10, 1 / FS), np.zeros((12, 10 * FS))
    for lead, heights in waves.items():
        for beat in np.arange(0.5, 10.5, 60 / rate):
            for at, height in heights.items():
                width = widths if abs(at) < 0.06 else 0.03
                ecg[LEADS.index(lead)] += height * np.exp(-(((time - beat - at) / width) ** 2) / 2)
    return ecg


BEAT = {
    "I": {0.0: 0.8, -0.16: 0.1, 0.26: 0.25},
    "aVF": {0.0: 0.8, 0.26: 0.2},
    "aVL": {0.0: 0.3},
    "V1": {0.0: 0.2, 0.03: -0.9},
    "V3": {0.0: 0.5, 0.03: -0.6},
    "V5": {-0.036: -0.4, 0.0: 1.4},
    "V6": {0.0: 1.1},
}


def test_planted_waves_are_read_back():
    found = measure(train(BEAT, rate=75), FS)
    assert found["hr"] == pytest.approx(75, abs=0.3)
    assert found["rr_cv"] < 0.005
    for name, planted in {"R_V6": 1.1, "N_V1": 0.9, "T_I": 0.25, "P_I": 0.1, "Q_V5": 0.4}.items():
        assert found[name] == pytest.approx(planted, rel=0.2, abs=0.02), name  # the band takes some
    assert found["axis"] == pytest.approx(np.degrees(np.arctan2(2 / np.sqrt(3), 1)), abs=2)
    assert found["sokolow"] == found["N_V1"] + found["R_V5"]
    assert found["cornell"] == found["R_aVL"] + found["N_V3"]


def test_a_qrs_without_r_is_all_q():
    found = measure(train(BEAT | {"V2": {0.0: -1.0}}), FS)
    assert found["R_V2"] < 0.05
    assert found["Q_V2"] == found["N_V2"] > 0.8
    assert found["S_V2"] == 0


@pytest.mark.parametrize("width", [0.008, 0.012, 0.02, 0.03])
def test_a_wider_qrs_is_measured_wider(width):
    beat = median_beat(train(BEAT, widths=width), FS)
    assert beat is not None
    known = (0.06 + 2 * 2.5 * width) * 1000  # from -30 to +30 ms, and both tails
    assert (beat.last - beat.first) / FS * 1000 == pytest.approx(known, abs=25)


def test_time_of_recording_and_scale_change_nothing_but_scale():
    ecg = train(BEAT, rate=71)
    once, twice = measure(ecg, FS), measure(2 * ecg, FS)
    assert twice["R_V6"] == pytest.approx(2 * once["R_V6"], rel=1e-9)
    assert twice["qrs"] == once["qrs"]
    at_250 = measure(ecg[:, ::2], 250)
    assert at_250["R_V6"] == pytest.approx(once["R_V6"], abs=0.02)


def test_an_empty_record_gives_an_empty_row():
    table = measured([np.zeros((12, 5000)), train(BEAT)], FS)
    assert table["hr"].isna().to_list() == [True, False]


@pytest.mark.data
def test_it_agrees_with_the_measuring_tool_to_the_last_bit(real_data, measuring_tool):
    import wfdb

    rows = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv").iloc[::20]
    for file in rows["filename_hr"]:
        ecg = wfdb.rdsamp(str(real_data / "ptb-xl-400" / file))[0].T
        theirs = measuring_tool.measure(ecg, FS)
        theirs.pop("einthoven")
        assert measure(ecg, FS) == theirs
