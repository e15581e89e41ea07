"""The tables of an audit: shares that sum, intervals that cover, records that are refused."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from hfgnn.seeding import rng
from hfgnn.train import audited
from hfgnn.train.audited import Scores, Work, intervals

NAMES = ("pages", "values", "null")
WORK = Work("audit-test", NAMES, farthest=0.02)
TOLD = {"people": 100}


def some(seed: int, *, repeats: int = 4, decisions: int = 3) -> pd.DataFrame:
    stream = rng(seed, "some sets")
    keys = [(repeat, number) for repeat in range(repeats) for number in range(2**decisions)]
    table = pd.DataFrame(keys, columns=["repeat", "number"])
    return table.assign(
        reported=stream.uniform(size=len(table)), true=stream.uniform(size=len(table))
    )


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setattr(audited, "RECORDED", tmp_path)
    return tmp_path


def of(table: pd.DataFrame, numbers: list[int], *, repeat: int = 0, by: float = 0.0) -> Scores:
    here = table[(table["repeat"] == repeat) & table["number"].isin(numbers)]
    return Scores(here.assign(reported=here["reported"] + by).reset_index(drop=True))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_shares_sum_to_the_whole_difference_of_what_is_reported_and_of_the_truth(seed, repeats):
    decisions, whole = WORK.tables(some(seed, repeats=repeats))
    whole = whole.set_index("of")
    for part, total in (("share", "reported"), ("true", "true")):
        assert decisions[part].sum() == pytest.approx(whole.at["difference", total], abs=1e-12)
    gap = whole["reported"] - whole["true"]
    np.testing.assert_allclose(whole["gap"], gap, atol=1e-12)


def test_a_share_is_the_mean_over_all_orders_and_its_interval_is_students():
    table = some(3, repeats=5)
    found = WORK.tables(table)[0].set_index("decision")
    for bit, name in enumerate(NAMES):
        by_repeat = []
        for _, own in table.groupby("repeat"):
            v = own.set_index("number")["reported"]
            steps = []
            for order in permutations(range(3)):
                before = sum(1 << i for i in order[: order.index(bit)])
                steps.append(v[before + (1 << bit)] - v[before])
            by_repeat.append(np.mean(steps))
        low, high = ttest_1samp(by_repeat, 0).confidence_interval(0.95)
        row = found.loc[name]
        np.testing.assert_allclose(row[["share", "low", "high"]], [np.mean(by_repeat), low, high])
        v = table.pivot(index="number", columns="repeat", values="reported").mean(axis=1)
        assert row["alone"] == pytest.approx(v[1 << bit] - v[0])
        assert row["last"] == pytest.approx(v[7] - v[7 - (1 << bit)])
        v = table.pivot(index="number", columns="repeat", values="reported")
        for part, steps in (
            ("alone", v.loc[1 << bit] - v.loc[0]),
            ("last", v.loc[7] - v.loc[7 - (1 << bit)]),
        ):
            ends = ttest_1samp(steps, 0).confidence_interval(0.95)
            np.testing.assert_allclose(row[[f"{part} low", f"{part} high"]], [*ends])


@pytest.mark.parametrize("repeats", [6, 10])
@pytest.mark.parametrize("law", ["normal", "skewed"])
def test_an_interval_covers_what_it_promises(repeats, law):
    """Shares of simulated audits: each repeat's people move all sets, each set has luck too."""
    stream, worlds, truth = rng(5, "coverage", law, str(repeats)), 1_000, np.array([-0.3, -0.05, 0])
    sets = np.array([[number >> i & 1 for i in range(3)] for number in range(8)])
    size = (8, worlds, repeats)
    luck = stream.normal(size=size) if law == "normal" else 3 - stream.gamma(3, 1, size)
    own = stream.normal(0, 0.05, (3, worlds, repeats))  # people for whom a decision matters more
    values = np.tensordot(sets, truth[:, None, None] + own, axes=1) + 0.03 * luck
    shares = audited.shapley.shares(values).reshape(3 * worlds, repeats)
    found = intervals(shares, "share")
    inside = found["low"].le(truth.repeat(worlds)) & found["high"].ge(truth.repeat(worlds))
    assert 0.93 < inside.mean() < 0.97


def test_one_repeat_has_no_interval_and_few_sets_have_no_share(home):
    found = WORK.audited(TOLD, lambda numbers: of(some(1), numbers))
    assert found.again["then"].isna().all()
    assert found.again["of"].tolist() == ["published", *NAMES, "sound"]
    assert found.repeats == 1
    assert found.apart == 0
    assert found.decisions[["share", "low", "high", "last", "true"]].isna().all(axis=None)
    assert found.decisions["alone"].notna().all()
    assert found.whole["reported"].notna().all()
    assert found.whole[["low", "high"]].isna().all(axis=None)


def test_a_work_without_a_truth_has_tables_without_it():
    work = Work("audit-test", WORK.decisions, 0.02, ("reported",))
    decisions, whole = work.tables(some(1))
    assert "true" not in decisions
    assert "gap" not in whole


def test_a_record_gives_what_its_repeats_gave_and_is_held_against_some_of_them(home):
    table, asked = some(1), []

    def made(numbers: list[int]) -> Scores:
        asked.extend(numbers)
        return of(table, numbers, by=0.01)

    cells = [Scores(part) for _, part in table.sample(frac=1, random_state=1).groupby("repeat")]
    WORK.keep(WORK.gathered(cells), TOLD)
    found = WORK.audited(TOLD, made)
    assert asked == [0, 1, 2, 4, 7]
    first = table[table["repeat"] == 0].set_index("number")["reported"]
    np.testing.assert_allclose(found.again["then"], first.loc[asked], atol=1e-6)
    np.testing.assert_allclose(found.again["now"], found.again["then"] + 0.01, atol=1e-6)
    assert found.apart == pytest.approx(0.01, abs=1e-6)
    assert found.repeats == 4
    pd.testing.assert_frame_equal(found.decisions, WORK.tables(table)[0], atol=1e-6)
    other = WORK.audited(TOLD | {"people": 99}, made)
    assert other.again["then"].isna().all(), "a record of others is not read"


def test_a_record_that_today_does_not_give_is_refused(home):
    table = some(1)
    WORK.keep(WORK.gathered([Scores(table)]), TOLD)
    with pytest.raises(ValueError, match=r"0\.030, more than 0\.02.*hfgnn sweep audit-test"):
        WORK.audited(TOLD, lambda numbers: of(table, numbers, by=0.03))
    lost = Scores(of(table, WORK.few).table.assign(true=np.nan))
    with pytest.raises(ValueError, match="differ from today's by nan"):
        WORK.audited(TOLD, lambda numbers: lost)


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (lambda t: t.iloc[1:], "each of 8 sets once"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "each of 8 sets once"),
        (lambda t: t.assign(true=np.nan), "a score is missing"),
        (lambda t: t.assign(reported=1.5), "not from 0 to 1"),
    ],
)
def test_a_damaged_record_is_refused(home, spoiled, why):
    table = some(1)
    WORK.keep(WORK.gathered([Scores(spoiled(table))]), TOLD)
    with pytest.raises(ValueError, match=f"sets.parquet is damaged .*{why}"):
        WORK.audited(TOLD, lambda numbers: of(table, numbers))
