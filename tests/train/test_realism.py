"""The stage that holds the population against real ECGs, and the table it is held against."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate.realism import apart_by_sex
from hfgnn.train.realism import RealismParams, realism
from hfgnn.train.reference import reference, save
from hfgnn.world.population import population, simulate
from hfgnn.world.reference import reference as shipped


@pytest.fixture(scope="module")
def found():
    everyone = simulate(replace(population("hospital", people=1_500, seed=3), signals=False))
    return realism(RealismParams(seed=3, people=400), everyone)


def test_every_person_is_measured_once(found):
    assert len(found.features) == 400
    assert found.facts["unmeasurable"] < 0.02
    assert found.facts["einthoven"] <= 1e-6


def test_every_group_of_the_real_records_is_compared(found):
    groups = set(shipped().index.get_level_values("group"))
    assert set(found.shares.index) == groups
    assert found.shares[["in range", "perfect"]].apply(lambda s: s.between(0, 1).all()).all()
    counted = found.features["group"].value_counts()
    for group in groups - {"NORM men", "NORM women"}:
        assert found.shares.loc[group, "simulated"] == counted[group]


def test_facts_are_those_of_the_features(found):
    wide = found.features["qrs"] >= 120
    assert 0.01 < wide.mean() < 0.2
    assert 50 < found.facts["weak"] < 200
    assert wide.mean() < found.facts["wide_among_weak"] < 0.5
    assert -1 < found.facts["bnp_ef"] < 0 < found.facts["mass_sokolow"] < 1


@pytest.mark.data
def test_the_shipped_table_is_remade_from_the_records(real_data, measuring_tool, tmp_path):
    real = measuring_tool.from_ptbxl(real_data / "ptb-xl-400")
    features = real[measuring_tool.features(real)]
    table = reference(*apart_by_sex(features, real["group"], real["sex"]))
    again = pd.read_csv(save(table, tmp_path), index_col=["group", "feature"])
    known = shipped()
    assert set(again.index) == set(known.index)
    assert np.allclose(again.loc[known.index], known, rtol=2e-4, atol=1e-4)
