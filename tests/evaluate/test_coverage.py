"""The simulated truth is the truth, and intervals hold it as often as they say."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from hfgnn.evaluate.coverage import WHAT, Setting, covered
from hfgnn.seeding import rng
from hfgnn.train import covered as record
from hfgnn.train.records import HOW, keep


def test_the_truth_is_the_mean_score_over_studies_that_could_be():
    setting, stream = Setting(spread=0.6), rng(1, "truth")
    label = np.arange(2_000) < 1_000
    scores = []
    for _ in range(300):
        strong = np.array(setting.signal) + setting.spread * stream.normal(size=2)
        noise = stream.normal(size=(2, 2_000))
        told = strong[:, None] * label + noise
        scores.append([roc_auc_score(label, one) for one in told])
    one, other = np.mean(scores, axis=0)
    assert setting.truth == pytest.approx((one, one - other), abs=0.02)


def test_where_the_smaller_class_has_two_hundred_intervals_hold():
    setting, many = Setting(repeats=100), 150
    found = covered(setting, 200, replicates=many, stream=rng(3, "a")).set_index("what")
    for what in WHAT:
        held = round(found.at[what, "covered"] * many)
        assert binom.cdf(held, many, 0.93) > 0.01, what  # no sign of less than 93 %
    assert (found["low"] < found["covered"]).all()


def test_intervals_that_forget_the_studies_are_found_out(monkeypatch):
    monkeypatch.setattr("hfgnn.evaluate.panel.wider", lambda studies: 0.0)
    found = covered(Setting(spread=0.5, repeats=60), 200, replicates=80, stream=rng(3, "a"))
    assert found["covered"].max() < 0.8


TINY = record.CoveredParams(1, Setting(repeats=20), sizes=(10, 20), replicates=20)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    files = {name: tmp_path / name for name in (record.TABLE, HOW)}
    monkeypatch.setattr(record, "FILES", files)
    return files


def test_a_record_is_held_against_today(folder):
    alone = record.coverage(TINY)
    assert not alone.again
    assert list(alone.table["smaller"]) == [10, 10, 20, 20]
    keep(folder, {record.TABLE: alone.table}, record.told(TINY), record.COMMAND)
    beside = record.coverage(TINY)
    assert (beside.again, beside.apart) == (True, 0.0)
    pd.testing.assert_frame_equal(beside.table, alone.table)
    other = alone.table.assign(covered=alone.table["covered"] - 0.05)
    keep(folder, {record.TABLE: other}, record.told(TINY), record.COMMAND)
    with pytest.raises(ValueError, match="hfgnn sweep coverage"):
        record.coverage(TINY)


def test_a_damaged_record_is_refused_and_one_of_others_is_not_read(folder):
    table = record.coverage(TINY).table
    keep(folder, {record.TABLE: table.iloc[:2]}, record.told(TINY), record.COMMAND)
    with pytest.raises(ValueError, match="damaged"):
        record.read(TINY)
    keep(folder, {record.TABLE: table}, {"params": "others"}, record.COMMAND)
    assert record.read(TINY) is None


def test_the_published_table_holds_with_two_hundred_and_more():
    found = record.read(record.CoveredParams(2025))
    if found is None:
        pytest.skip("the record of coverage is not there")
    enough = found[found["smaller"] >= 200]
    assert len(enough) == 4
    assert (enough["covered"] >= 0.93).all()
    assert (enough["replicates"] == 2_000).all()
