"""Groups, spoiled records and decisions on made-up answers, each counted otherwise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from hfgnn.seeding import rng
from hfgnn.train.ablations import TASKS, coded, decoded
from hfgnn.train.asked import Asked
from hfgnn.train.fair import GROUPS, RARER, THRESHOLDS, FairParams, fair, members
from hfgnn.train.followed import Followed

N, SOME, STUDIES = 400, 150, 2
ARMS = ["clinical values", "page and values", "an arm of no table"]
PARAMS = FairParams(3, repeats=40)


@pytest.fixture(scope="module")
def people():
    stream = rng(1, "people")
    table = pd.DataFrame({name: stream.random(N) < 0.45 for name in TASKS.values()})
    table["time"] = np.round(stream.exponential(20, N)) + 1
    table["heart_sex"], table["age"] = stream.random(N) < 0.5, stream.integers(55, 85, N)
    table.loc[table["age"] >= 75, "infarction"] = False  # nobody to be found there
    return Followed(table, np.zeros((N, 0)), pd.DataFrame(index=table.index), 0)


@pytest.fixture(scope="module")
def asked(people):
    stream, codes, spoiled = rng(2, "answers"), {}, {}
    for task, label in TASKS.items():
        ill = people.table[label].to_numpy(float)
        told = np.array([0.8, 1.6, 1.2])[:, None, None] * (2 * ill - 1)
        told = told + stream.normal(size=(len(ARMS), STUDIES, N))
        codes[task] = np.stack([[coded(one, "sick") for one in arm] for arm in told])
        for row, arm in enumerate(ARMS[:2]):
            worse = decoded(codes[task][row, 0, :SOME]) + (1 - row) * stream.normal(size=SOME)
            spoiled[f"noise: {task}: {arm}"] = coded(worse, "sick")
    return Asked(ARMS, codes, spoiled, 0, 0.0)


@pytest.fixture(scope="module")
def found(people, asked):
    return fair(PARAMS, asked, people)


def test_groups_are_who_they_should_be_and_part_everybody(people):
    own, table = members(people.table), people.table
    assert tuple(own) == GROUPS
    assert (own["women"] == table["heart_sex"]).all()
    bands = np.stack([own[name] for name in GROUPS[2:]])
    assert (bands.sum(axis=0) == 1).all()
    assert table["age"][own["below 65"]].max() == 64
    assert table["age"][own["75 and older"]].min() == 75


def test_scores_within_groups_are_scikits(people, asked, found):
    groups, table = found.groups, people.table
    for row in groups[groups["task"] == "sick"].to_dict("records"):
        own = members(table)[row["group"]]
        told = decoded(asked.codes["sick"][ARMS.index(row["arm"])])
        expected = np.mean([roc_auc_score(table["sick"][own], one[own]) for one in told])
        assert row["score"] == pytest.approx(expected)
        assert (row["people"], row["ill"]) == (own.sum(), table["sick"][own].sum())
    assert set(groups["arm"]) == {"clinical values", "page and values"}  # of FEW
    lone = groups[(groups["task"] == "infarction") & (groups["group"] == "75 and older")]
    assert lone.empty


def test_two_groups_that_share_nobody_have_independent_luck(found):
    by = found.groups.set_index(["task", "arm", "group"])
    row = found.apart.set_index(["task", "arm"]).loc[("sick", "page and values")]
    women, men = (by.loc[("sick", "page and values", who)] for who in ("women", "men"))
    assert row["women less men"] == pytest.approx(women["score"] - men["score"])
    wide = [one["score, high"] - one["score, low"] for one in (women, men)]
    both = row["women less men, high"] - row["women less men, low"]
    assert both == pytest.approx(np.hypot(*wide))
    none = found.apart.set_index(["task", "arm"]).loc[("infarction", "page and values")]
    assert np.isnan(none["oldest less youngest"])


def test_spoiled_records_are_held_against_the_same_people_as_usual(people, asked, found):
    ill = people.table["sick"].to_numpy(bool)[:SOME]
    rows = found.spoiled.query("task == 'sick'").set_index("arm")
    for at, arm in enumerate(ARMS[:2]):
        usual = roc_auc_score(ill, asked.codes["sick"][at, 0, :SOME])
        other = roc_auc_score(ill, asked.spoiled[f"noise: sick: {arm}"])
        assert rows.at[arm, "usual"] == pytest.approx(usual)
        assert rows.at[arm, "lost"] == pytest.approx(other - usual)
    assert rows.at["clinical values", "lost"] < 0
    untouched = rows.loc["page and values", ["lost", "lost, low", "lost, high"]]
    np.testing.assert_allclose(untouched.to_numpy(float), 0, atol=1e-12)  # codes were told twice


def test_without_a_record_there_are_no_spoiled_ones(people, asked):
    empty = fair(PARAMS, replace(asked, spoiled={}), people).spoiled
    assert empty.empty
    assert {"change", "task", "arm", "lost", "lost, low"} <= set(empty)


def test_curves_are_counted_and_everybody_is_who_acts_on_all(people, asked, found):
    ill = people.table["sick"].to_numpy(bool)
    curves = found.curves.set_index(["arm", "threshold"])["benefit"]
    for threshold in THRESHOLDS:
        price = threshold / (1 - threshold)
        assert curves["everybody", threshold] == pytest.approx(
            ill.mean() - (1 - ill.mean()) * price
        )
        chance = expit(decoded(asked.codes["sick"][1]))
        acted = chance >= threshold
        each = [(a & ill).mean() - (a & ~ill).mean() * price for a in acted]
        assert curves["page and values", threshold] == pytest.approx(np.mean(each))


def test_where_fewer_are_ill_calls_are_worth_less_until_odds_are_moved(people, found):
    here = people.table["sick"].mean()
    rows = found.elsewhere.set_index(["arm", "prevalence"]).loc["page and values"]
    assert list(rows.index) == pytest.approx([here, *RARER])
    assert rows["PPV"].iloc[1:].is_monotonic_decreasing
    assert rows["NPV"].iloc[1:].is_monotonic_increasing
    assert rows["too many"].iloc[-1] > 2
    assert rows["moved"].iloc[-1] < rows["too many"].iloc[-1] / 2


def test_equal_seeds_give_equal_tables(people, asked, found):
    again = fair(PARAMS, asked, people)
    for name in ("groups", "apart", "spoiled", "curves", "elsewhere"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))
