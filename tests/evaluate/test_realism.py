"""The judging of realism: against the independent tool, and on sets whose difference is known."""

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate.realism import judged, perfect, quantiles, shares

RNG = np.random.default_rng(3)


def features(n: int, *, shift: float = 0.0, stretch: float = 1.0) -> pd.DataFrame:
    centre, spread = np.array([70.0, 90.0, 30.0, 1.0]), np.array([10.0, 8.0, 30.0, 0.3])
    values = centre + shift * spread + stretch * spread * RNG.standard_normal((n, 4))
    return pd.DataFrame(values, columns=["hr", "qrs", "axis", "R_V5"])


def verdicts(real: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    tables = [quantiles(f, pd.Series("NORM", index=f.index)) for f in (real, simulated)]
    return judged(*tables)


def test_the_same_law_is_in_range_and_a_shifted_or_stretched_one_is_not():
    real = features(4000)
    assert verdicts(real, features(4000))["in range"].all()
    assert not verdicts(real, features(4000, shift=0.7))["in range"].any()
    assert not verdicts(real, features(4000, stretch=2.6))["in range"].any()
    assert not verdicts(real, features(4000, stretch=0.3))["in range"].any()


def test_gap_and_ratio_are_those_that_were_planted():
    found = verdicts(features(40_000), features(40_000, shift=0.4, stretch=1.5))
    assert found["gap"].to_numpy() == pytest.approx(0.4, abs=0.07)  # the floor takes a little
    assert found["ratio"].to_numpy() == pytest.approx(1.5, abs=0.1)


def test_a_group_or_feature_that_one_side_lacks_is_left_out():
    real, other = features(50), features(50).drop(columns="axis")
    groups = pd.Series(["NORM", "LVH"] * 25)
    found = judged(quantiles(real, groups), quantiles(other, groups.replace("LVH", "IMI")))
    assert set(found.index) == {("NORM", "hr"), ("NORM", "qrs"), ("NORM", "R_V5")}


def test_a_perfect_simulator_scores_less_where_the_real_are_few():
    real = features(1000)
    groups = pd.Series(np.where(np.arange(1000) < 6, "few", "many"))
    scores = perfect(real, groups, np.random.default_rng(1))
    assert scores["many"] == 1
    assert 0.2 < scores["few"] < 0.95


@pytest.mark.data
def test_it_agrees_with_the_tool_on_every_feature(real_data, measuring_tool, tmp_path):
    real = measuring_tool.from_ptbxl(real_data / "ptb-xl-400")
    names = measuring_tool.features(real)
    half = real["ecg_id"] % 2 == 0
    a, b = real[half], real[~half]
    found = judged(quantiles(a[names], a["group"]), quantiles(b[names], b["group"]))
    assert len(found) > 700
    for (group, name), row in found.iterrows():
        theirs = measuring_tool.judge(a[a.group == group], b[b.group == group], name)
        assert (row["gap"], row["ratio"]) == pytest.approx(theirs[:2], abs=1e-9)
        assert row["in range"] == theirs[2]
    assert shares(found)["NORM"] > 0.9
