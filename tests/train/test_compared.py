"""The comparison on made-up answers: scores, families, ceilings, twins, each counted otherwise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines.utils import concordance_index
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

from hfgnn.evaluate.multiple import alike
from hfgnn.evaluate.panel import Told
from hfgnn.pipeline.answers import newcomers
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import SMOKE
from hfgnn.seeding import rng
from hfgnn.train import compared as room
from hfgnn.train.ablations import ARMS, REACH, TASKS, WITH_GRAPH, coded, decoded
from hfgnn.train.asked import Asked
from hfgnn.train.compared import REFERENCE, ComparedParams, ceiling, compared, plain, truth
from hfgnn.train.followed import Followed
from hfgnn.train.gauged import PICTURE
from hfgnn.train.tops import VIEWS, Tops

N, STUDIES = 160, 2
PARAMS = ComparedParams(now(newcomers(SMOKE, 5)), repeats=60)


@pytest.fixture(scope="module")
def people():
    stream = rng(1, "people")
    table = pd.DataFrame({name: stream.random(N) < 0.4 for name in TASKS.values()})
    table["time"] = np.round(stream.exponential(20, N)) + 1
    return Followed(table, np.zeros((N, 0)), pd.DataFrame(index=table.index), 0)


@pytest.fixture(scope="module")
def answers(people):
    """Answers of all arms, stronger from arm to arm, and ceilings above them."""
    stream, codes = rng(2, "answers"), {}
    for task, label in TASKS.items():
        ill = people.table[label].to_numpy(float)
        strong = np.linspace(0.2, 1.5, len(ARMS))[:, None, None]
        told = strong * ill + stream.normal(size=(len(ARMS), STUDIES, N))
        codes[task] = np.stack([[coded(one, "sick") for one in arm] for arm in told])
    best = {
        f"{task}: {view}": 3 * people.table[label].to_numpy(float) + stream.normal(size=N)
        for task, label in TASKS.items()
        for view in VIEWS
    }
    table = pd.DataFrame(
        [{"question": task, "view": view, "ceiling": 0.9} for task in TASKS for view in VIEWS]
    )
    return Asked(list(ARMS), codes, {}, 0, 0.0), Tops(best, table)


@pytest.fixture(scope="module")
def found(people, answers):
    return compared(PARAMS, *answers, people)


def _score(people, task, told):
    if task == "heart failure":
        table = people.table
        return concordance_index(table["time"], -told, table["event"])
    return roc_auc_score(people.table[TASKS[task]], told)


def test_scores_and_differences_are_those_of_other_libraries(people, answers, found):
    asked, tops = answers
    scores = found.scores.set_index(["task", "arm"])
    for task in TASKS:
        every = {
            arm: np.mean([_score(people, task, decoded(one)) for one in codes])
            for arm, codes in zip(asked.arms, asked.codes[task], strict=True)
        }
        for arm, expected in every.items():
            row = scores.loc[(task, arm)]
            best = _score(people, task, tops.scores[f"{task}: {row['best']}"])
            assert row["score"] == pytest.approx(expected)
            assert row["more"] == pytest.approx(expected - every[REFERENCE])
            assert row["over"] == pytest.approx(expected - best)
            assert row["share"] == pytest.approx((expected - 0.5) / (best - 0.5))
    for name in ("score", "more", "share", "over"):
        low, high = scores[f"{name}, low"], scores[f"{name}, high"]
        assert ((low <= scores[name]) & (scores[name] <= high)).all()


def test_an_arm_and_a_ceiling_of_one_name_are_two(found):
    for name in {*ARMS} & {*VIEWS}:  # "picture" is what is seen, and who sees it
        arm = found.scores.query("arm == @name")["score"].to_numpy()
        top = found.ceilings.query("view == @name")["score"].to_numpy()
        assert (arm < top).all(), name


def test_a_family_leaves_out_what_is_held_against_itself(found):
    scores = found.scores
    others = scores["arm"] != REFERENCE
    expected = multipletests(scores.loc[others, "p"], method="holm")[1]
    np.testing.assert_allclose(scores.loc[others, "holm"], expected)
    assert scores.loc[~others, "holm"].isna().all()
    graphs = found.graphs
    np.testing.assert_allclose(graphs["holm"], multipletests(graphs["p"], method="holm")[1])
    alone = [
        alike(Told(row["gain"], row["gain, low"], row["gain, high"], row["p"]), room.MARGIN)
        for row in graphs.to_dict("records")
    ]
    np.testing.assert_allclose(graphs["alike"], multipletests(alone, method="holm")[1], rtol=1e-6)


def test_twins_and_regressions_are_of_the_same_views(found):
    scores, graphs = found.scores.set_index(["task", "arm"])["score"], found.graphs
    assert len(graphs) == len(WITH_GRAPH) * len(TASKS)
    for row in graphs.itertuples(index=False):
        task, arm, twin = row[0], row[1], WITH_GRAPH[row[1]]
        assert ARMS[arm].views == ARMS[twin].views == ARMS[plain(arm)].views
        assert ARMS[arm].net == ARMS[twin].net
        assert (ARMS[arm].heard, ARMS[twin].heard) == (True, False)
        assert (ARMS[plain(arm)].net, ARMS[plain(arm)].start) == (None, None)
        one = graphs[(graphs["task"] == task) & (graphs["arm"] == arm)].iloc[0]
        assert one["gain"] == pytest.approx(scores[task, arm] - scores[task, twin])
        assert one["beyond"] == pytest.approx(scores[task, arm] - scores[task, plain(arm)])


def test_a_ceiling_holds_all_that_is_seen_and_no_more():
    for arm, how in ARMS.items():
        parts = set(VIEWS[ceiling(arm)])
        assert ("values" in parts) is ("clinical" in how.views)
        assert ("table" in parts) is ("cheap table" in how.views)
        assert ("picture" in parts) is (PICTURE in how.views)
        ecg = bool(set(how.views) - {"clinical", "cheap table", PICTURE})
        assert ("ECG" in parts) is ecg


def test_who_knows_more_than_can_be_known_is_seen(people, answers):
    asked, tops = answers
    ill = people.table["sick"].to_numpy(float)
    cheat = {**asked.codes, "sick": asked.codes["sick"].copy()}
    at = asked.arms.index("page")
    cheat["sick"][at] = coded(4 * ill + 0.01 * np.arange(N) / N, "sick")
    weak = {**tops.scores, "sick: ECG": rng(3, "weak").normal(size=N) + 0.5 * ill}
    found = compared(PARAMS, replace(asked, codes=cheat), replace(tops, scores=weak), people)
    row = found.scores.query("task == 'sick' and arm == 'page'").iloc[0]
    assert row["over, low"] > 0
    assert np.abs(4 * ill).max() < REACH


def test_pairs_that_are_torn_apart_have_wider_intervals(people, answers):
    asked, tops = answers
    codes = {task: one.copy() for task, one in asked.codes.items()}
    arm, twin = asked.arms.index("GCN"), asked.arms.index(WITH_GRAPH["GCN"])
    stream = rng(4, "torn")
    codes["sick"][twin] = coded(
        decoded(codes["sick"][arm]) + 0.1 * stream.normal(size=(2, N)), "sick"
    )
    together = compared(PARAMS, replace(asked, codes=codes), tops, people).graphs
    ill, order = people.table["sick"].to_numpy(bool), np.arange(N)
    for side in (ill, ~ill):
        order[side] = stream.permutation(np.flatnonzero(side))
    codes["sick"][twin] = codes["sick"][twin][:, order]
    torn = compared(PARAMS, replace(asked, codes=codes), tops, people).graphs
    first, second = together.iloc[0], torn.iloc[0]
    assert first["gain"] == pytest.approx(second["gain"])
    assert second["gain, high"] - second["gain, low"] > 2 * (
        first["gain, high"] - first["gain, low"]
    )


def test_equal_seeds_give_equal_tables(people, answers, found):
    again = compared(PARAMS, *answers, people)
    for name in ("scores", "graphs", "ceilings"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))


def test_a_label_is_scored_by_auroc_and_a_time_by_c(people):
    assert {type(truth(task, people.table)).__name__ for task in TASKS} == {"Labels", "Times"}
    assert room.MARGIN == 0.01
