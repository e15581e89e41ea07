"""The fitting of noise: what was planted is found; the shipped table is what the records give."""

import ast

import numpy as np
import pandas as pd
import pytest

from hfgnn.train import noise as fit
from hfgnn.world.noise import EDGES, LEADS, shipped

FS = 250


def record(power: np.ndarray, *, seed: int = 0, jitter: float = 0.0) -> np.ndarray:
    """Twelve leads of regular beats and white noise of that power at each electrode, mV2/Hz."""
    rng, time = np.random.default_rng(seed), np.arange(2500) / FS
    beats = np.cumsum(0.8 * (1 + jitter * rng.standard_normal(12)))
    shape = sum(np.exp(-0.5 * ((time - beat) / 0.015) ** 2) for beat in beats)
    shape = shape + 0.2 * sum(np.exp(-0.5 * ((time - beat - 0.3) / 0.04) ** 2) for beat in beats)
    noise = rng.standard_normal((9, 2500)) * np.sqrt(power * FS / 2)[:, None]
    leads = LEADS @ noise + np.linspace(-1, 1.5, 8)[:, None] * shape
    return np.insert(leads, 2, np.zeros((4, 2500)), axis=0)


def test_the_power_of_each_electrode_is_found_under_the_beats():
    planted = 10 ** np.array([-6.0, -6.5, -7, -6.2, -6.4, -6.6, -6.8, -7.0, -6.3])
    found = [fit.spectrum(record(planted, seed=seed)) for seed in range(40)]
    power = np.mean([f[0] for f in found if f is not None], axis=0)
    middle = EDGES[:-1] > 20
    assert np.log10(power[:, middle].mean(axis=1)) == pytest.approx(np.log10(planted), abs=0.1)


def test_mains_are_found():
    planted, time = np.full(9, 1e-9), np.arange(2500) / FS
    ecg = record(planted, jitter=0.03)  # else mains keep step with the beats
    ecg[[0, 1, *range(6, 12)]] += 0.01 * np.sqrt(2) * np.sin(2 * np.pi * 50 * time)
    found = fit.spectrum(ecg)
    assert found is not None
    assert found[1] == pytest.approx(0.01 * np.sqrt(8 / 9), rel=0.05)  # III has none
    assert fit.spectrum(record(planted, jitter=0.03))[1] < 1e-3


def test_electrodes_give_back_the_power_of_leads():
    powers = np.random.default_rng(1).uniform(1, 3, (9, 4))
    right, left, foot = powers[:3]
    leads = np.vstack([[right + left, right + foot, left + foot], powers[3:]])
    assert fit.electrodes(leads) == pytest.approx(powers)
    leads[2] = 9 * leads[:2].sum(
        axis=0
    )  # no three electrodes give this; none has less than nothing
    assert (fit.electrodes(leads) > 0).all()


def test_irregular_records_are_left_out():
    assert fit.spectrum(record(np.full(9, 1e-7), jitter=0.3, seed=2)) is None


def test_fiducials_lie_on_the_beats():
    ecg = record(np.full(9, 1e-8))[fit.EIGHT]
    found = fit.fiducials(ecg, FS) / FS
    inner = np.arange(0.8, 10, 0.8)
    assert np.abs(found[:, None] - inner).min(axis=1).max() < 0.02
    assert len(np.unique(np.round(np.diff(found) * FS))) <= 3


@pytest.mark.data
@pytest.mark.slow
def test_the_shipped_levels_are_those_of_the_records(real_data, measuring_tool):
    import wfdb

    rows = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv")
    rows = rows.drop_duplicates("patient_id")
    group = [measuring_tool.group_of(ast.literal_eval(codes)) for codes in rows["scp_codes"]]
    rows = rows[rows["pacemaker"].isna() & (np.array(group) != "AFIB")]
    ecg = [wfdb.rdsamp(str(real_data / "ptb-xl-400" / f))[0].T for f in rows["filename_hr"]]
    found = fit.noise(np.array(ecg), rows["age"].to_numpy())
    known = shipped()
    assert found["quantiles"] == pytest.approx(known.quantiles, abs=1e-3)
    assert found["factors"].T @ found["factors"] == pytest.approx(
        known.factors.T @ known.factors, abs=1e-3
    )
    assert found["mains"] == pytest.approx(known.mains, abs=1e-3)
