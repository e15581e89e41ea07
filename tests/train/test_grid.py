"""Gains of arms: sums that a hand can do, draws that are paired, a record of other code refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate.survival import concordance, gain, redrawn
from hfgnn.pipeline.later import now
from hfgnn.pipeline.places import places
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.seeding import rng
from hfgnn.train import grid as room
from hfgnn.train import ranks as order
from hfgnn.train.arms import ARMS, Told, rivals
from hfgnn.train.grid import FARTHEST, GAINS, SHOWN, Grid, compared, grid
from hfgnn.train.ranks import FILES, ORDER, RIVALS, GridParams, in_order, parted
from hfgnn.train.records import keep
from tests.train.test_arms import FEW, apart, met

PARAMS = GridParams(FEW, studies=3, draws=60)
STUDY, NEW = met(80, 2), met(120, 3)
TIME, EVENT = NEW.table["time"].to_numpy(), NEW.table["event"].to_numpy()
ETA = NEW.table["eta"].to_numpy()


def said(study: int) -> dict[str, np.ndarray]:
    """Return what everybody says in a study: eta under ever more noise, rivals as they are."""
    met_ = {name: risk for name, (risk, _) in rivals(STUDY, NEW).items()}
    noise = rng(study, "said").normal(size=(len(ARMS), len(NEW)))
    return met_ | {
        name: ETA + 0.1 * (number + 3) * noise[number] for number, name in enumerate(ARMS)
    }


@pytest.fixture(scope="module")
def ranks() -> pd.DataFrame:
    return in_order({study: said(study) for study in range(3)})


@pytest.fixture
def few(monkeypatch):
    """Two arms, and what the first has over the second."""
    monkeypatch.setattr(room, "GAINS", {"planted": ("one", "other")})


def two(one: np.ndarray, other: np.ndarray, *more: np.ndarray) -> pd.DataFrame:
    """Return the ranks of two arms in as many studies as there are pairs."""
    parts = [one, other, *more]
    names = [f"{i // 2} {('one', 'other')[i % 2]}" for i in range(len(parts))]
    return pd.DataFrame(dict(zip(names, parts, strict=True))).rank(method="min").astype(np.uint16)


# What is compared


def test_gains_name_arms_that_differ_in_what_they_say():
    assert set(sum(GAINS.values(), ())) <= set(ORDER)
    assert len(set(GAINS.values())) == len(GAINS)
    switches = {
        "text": {"text"},
        "language": {"text"},
        "meaning": {"text"},
        "pre-training": {"text"},
        "counterexamples": {"contrast"},
        "attention": {"time", "lead"},
        "attention in time": {"time"},
        "attention over leads": {"lead"},
        "pre-training, tuned": {"text"},
        "text, tuned": {"text"},
        "attention, tuned": {"time", "lead"},
        "leaving it as it is": {"tuned"},
        "positions mended": {"positions"},
        "moments mended": {"moments"},
        "leads mended": {"leads"},
        "target mended": {"whole"},
    }
    between = {what: pair for what, pair in GAINS.items() if not set(pair) & set(RIVALS)}
    assert {
        what: set(apart(ARMS[one], ARMS[other])) for what, (one, other) in between.items()
    } == switches
    for what, (one, other) in between.items():
        told = apart(ARMS[one], ARMS[other])
        if what in ("attention", "attention in time", "attention over leads", "attention, tuned"):
            assert all(told.values())
        if what.endswith("mended"):
            assert (other, *told.values()) == ("as published", what == "target mended")
    assert set(SHOWN) <= set(ARMS)


def test_every_score_is_the_concordance_of_that_order(ranks):
    scores, arms, gains = compared(PARAMS, ranks, TIME, EVENT)
    assert list(zip(scores["study"], scores["arm"], strict=True)) == [parted(n) for n in ranks]
    for study in range(3):
        own = scores[scores["study"] == study].set_index("arm")["C"]
        wanted = {name: concordance(TIME, EVENT, risk) for name, risk in said(study).items()}
        assert own.to_dict() == pytest.approx(wanted)
    by = {arm: scores.loc[scores["arm"] == arm, "C"].to_numpy() for arm in ORDER}
    assert list(arms.index) == list(ORDER)
    for arm, c in by.items():
        assert arms.loc[arm, "C"] == pytest.approx(sum(c) / 3)
        assert arms.loc[arm, "between"] == pytest.approx(np.std(c, ddof=1), abs=1e-12)
        assert arms.loc[arm, "low"] < arms.loc[arm, "C"] < arms.loc[arm, "high"]
    assert arms.loc["hidden heart", "between"] == pytest.approx(0, abs=1e-12)
    assert list(gains.index) == list(GAINS)
    for what, (one, other) in GAINS.items():
        row = gains.loc[what]
        assert (row["first"], row["second"]) == (one, other)
        assert row["mean"] == pytest.approx(arms.loc[one, "C"] - arms.loc[other, "C"])
        assert row["mean"] == pytest.approx(np.mean(by[one] - by[other]))
        assert row["low"] < row["mean"] < row["high"]


def test_one_study_has_no_spread_between_and_the_interval_of_a_paired_gain(ranks):
    one = ranks[[name for name in ranks if parted(name)[0] == 0]]
    params = replace(PARAMS, studies=1)
    _, arms, gains = compared(params, one, TIME, EVENT)
    assert arms["between"].eq(0).all()
    both = (said(0)["language model"], said(0)["no text"])
    stream = rng(params.of.seed, "grid", "newcomers")
    wanted = gain(TIME, EVENT, both, rng=stream, repeats=params.draws)
    found = gains.loc["text"]
    assert found["mean"] == pytest.approx(wanted.mean)
    assert (found["low"], found["high"]) == pytest.approx((wanted.low, wanted.high), abs=1e-6)


# Intervals


@pytest.mark.parametrize("studies", [1, 2])
def test_arms_that_say_the_same_differ_by_nothing_at_all(few, studies):
    same = ETA + rng(1, "same").normal(size=(studies, len(ETA)))
    parts = [part for row in same for part in (row, np.exp(row))]  # the same order
    _, arms, gains = compared(PARAMS, two(*parts), TIME, EVENT)
    row = gains.loc["planted"]
    assert (row["mean"], row["low"], row["high"]) == (0, 0, 0)
    assert arms.loc["one", "low"] < arms.loc["one", "high"]


def test_the_same_newcomers_are_drawn_in_every_study(few):
    """Two studies that say the same are as sure as one: they are asked about the same people."""
    noise = rng(2, "noise").normal(size=(2, len(ETA)))
    one = two(ETA + noise[0], ETA + 2 * noise[1])
    again = two(*[ETA + noise[0], ETA + 2 * noise[1]] * 3)
    wide, same = (compared(PARAMS, ranks, TIME, EVENT) for ranks in (one, again))
    ends = ["C", "low", "high"]
    pd.testing.assert_frame_equal(wide[1][ends], same[1][ends])
    assert wide[2][["low", "high"]].to_numpy() == pytest.approx(same[2][["low", "high"]].to_numpy())


def test_who_has_taught_is_drawn_too(few):
    """Of two studies that differ, a draw may take the first twice, or the second."""
    noise = rng(3, "noise").normal(size=(4, len(ETA)))
    parts = ETA + 0.3 * noise[0], ETA + 0.3 * noise[1], ETA + 0.3 * noise[2], 4 * noise[3]
    _, arms, gains = compared(replace(PARAMS, draws=400), two(*parts), TIME, EVENT)
    each = [
        concordance(TIME, EVENT, parts[i]) - concordance(TIME, EVENT, parts[i + 1]) for i in (0, 2)
    ]
    assert abs(each[0]) < 0.05 < 0.2 < each[1]
    row = gains.loc["planted"]
    assert row["low"] < each[0] + 0.03
    assert row["high"] > each[1] - 0.03
    assert arms.loc["other", "between"] > 0.15


def test_intervals_are_those_of_draws_done_by_hand(few):
    noise = rng(4, "noise").normal(size=(4, len(ETA)))
    ranks = two(*(ETA + noise))
    _, arms, gains = compared(PARAMS, ranks, TIME, EVENT)
    stream = (rng(FEW.seed, "grid", "newcomers") for _ in range(2))
    drawn = [
        redrawn(TIME, EVENT, list(pair), rng=dice, repeats=60)
        for pair, dice in zip((ranks.to_numpy().T[:2], ranks.to_numpy().T[2:]), stream, strict=True)
    ]
    taken = rng(FEW.seed, "grid", "studies").integers(2, size=(60, 2))
    means = np.array(
        [[np.mean([drawn[s][d, arm] for s in taken[d]]) for arm in (0, 1)] for d in range(60)]
    )
    for arm, name in enumerate(("one", "other")):
        ends = np.quantile(means[:, arm], [0.025, 0.975])
        assert arms.loc[name, ["low", "high"]].tolist() == pytest.approx(ends.tolist())
    ends = np.quantile(means[:, 0] - means[:, 1], [0.025, 0.975])
    assert gains.loc["planted", ["low", "high"]].tolist() == pytest.approx(ends.tolist())


def test_intervals_of_a_planted_gain_hold_it(few):
    """Thirty times other newcomers: 28 or 29 intervals of 95 % should; fewer than 24, never."""

    def asked(people: int, seed: int) -> tuple:
        crowd = rng(seed, "crowd")
        eta = crowd.normal(size=people)
        months = crowd.exponential(size=people) * np.exp(-eta)
        last = crowd.uniform(0.2, 1, people)
        risks = eta + np.array([[0.5], [1.5]]) * crowd.normal(size=(2, people))
        return np.minimum(months, last), months <= last, risks

    time, event, risks = asked(100_000, 0)
    truth = concordance(time, event, risks[0]) - concordance(time, event, risks[1])
    assert truth > 0.08
    held, above = 0, 0
    for seed in range(1, 31):
        time, event, risks = asked(250, seed)
        row = compared(replace(PARAMS, draws=200), two(*risks), time, event)[2].loc["planted"]
        held += row["low"] <= truth <= row["high"]
        above += row["low"] > 0
    assert held >= 24
    assert above >= 15


# With a record and without


def told(name: str) -> Told:
    """Return what an arm says in the first study."""
    risk = said(0)[name]
    return Told(risk, pd.DataFrame(), 0, np.zeros(len(STUDY)))


def asked(params: GridParams = PARAMS) -> Grid:
    """Return the comparison, some arms made just now."""
    return grid(params, STUDY, NEW, *(told(name) for name in SHOWN))


@pytest.fixture
def here(tmp_path, monkeypatch, ranks) -> Path:
    """Return a folder with a record."""
    files = {name: tmp_path / name for name in FILES}
    monkeypatch.setattr(order, "FILES", files)
    keep(files, {"ranks.parquet": ranks}, PARAMS.told, "made up")
    return tmp_path


def test_with_a_record_all_studies_are_compared_and_nothing_is_trained(here, ranks, monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("arms are trained beside a record")

    monkeypatch.setattr(room, "arms_of", never)
    monkeypatch.setattr(room, "people_of", never)
    found = asked()
    wanted = compared(PARAMS, ranks, TIME, EVENT)
    for one, other in zip((found.scores, found.arms, found.gains), wanted, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert (found.events, found.again) == (EVENT.sum(), len(SHOWN))
    assert found.apart == pytest.approx(0, abs=1e-12)


def test_without_a_record_the_other_arms_of_the_first_study_are_made_now(tmp_path, monkeypatch):
    monkeypatch.setattr(order, "FILES", {name: tmp_path / name for name in FILES})
    monkeypatch.setattr(room, "people_of", lambda of, study: (f"hospital {study}", None))
    given_ = []

    def rest(*arguments: object, known: object):
        given_.append((*arguments, set(known)))
        yield from ((name, risk) for name, risk in said(0).items() if name not in set(known))

    monkeypatch.setattr(room, "arms_of", rest)
    found = asked()
    assert given_ == [(FEW, 0, "hospital 0", STUDY, NEW, {*SHOWN, *RIVALS})]
    assert (found.again, found.apart) == (None, 0)
    assert found.scores["study"].eq(0).all()
    assert list(found.scores["arm"]) == list(ORDER)
    wanted = compared(PARAMS, in_order({0: said(0)}), TIME, EVENT)
    pd.testing.assert_frame_equal(found.gains, wanted[2])


@pytest.mark.parametrize("name", [*SHOWN, "clinical values"])
def test_a_record_of_other_code_is_refused_and_of_another_processor_is_not(here, ranks, name):
    files = {file: here / file for file in FILES}
    mixed = rng(5, "mixed").permutation(len(NEW))
    risk, steps = said(0)[name], []
    for share in (0.01, 0.3):
        other = risk.copy()
        few_ = mixed[: round(share * len(NEW))]
        other[few_] = -10 * ETA[few_]
        moved = ranks.assign(**{f"0 {name}": in_order({0: said(0) | {name: other}})[f"0 {name}"]})
        keep(files, {"ranks.parquet": moved}, PARAMS.told, "made up")
        steps.append(abs(concordance(TIME, EVENT, other) - concordance(TIME, EVENT, risk)))
        if share == 0.01:
            assert asked().apart == pytest.approx(steps[0])
        else:
            with pytest.raises(ValueError, match=r"by 0\.\d+, more than 0\.05") as heard:
                asked()
            assert "`hfgnn record dual`" in str(heard.value)
    assert 0 < steps[0] < FARTHEST < steps[1]


def test_a_damaged_record_is_refused_before_anything_is_compared(here):
    (here / "ranks.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=r"ranks\.parquet is damaged.*hfgnn record dual"):
        asked()


# What was recorded for the book


@pytest.mark.skipif(
    not FILES["ranks.parquet"].is_file(), reason="no record of arms yet: `hfgnn record dual`"
)
def test_the_books_record_has_every_gain_and_its_arms_rank_as_they_should():
    params = now(workshop("book", SEED, places()).stage("dual.arms").params)
    ranks = pd.read_parquet(FILES["ranks.parquet"])
    hidden = ranks["0 hidden heart"].to_numpy(float)
    dice = rng(1, "months")  # of people as ill as these: who fell ill is not in the record
    eta = (hidden - hidden.mean()) / hidden.std()
    months, last = dice.exponential(size=len(eta)) * np.exp(-eta), dice.uniform(0.02, 0.1, len(eta))
    fewer = replace(params, draws=5)
    scores, arms, gains = compared(fewer, ranks, np.minimum(months, last), months <= last)
    assert scores.groupby("arm")["study"].nunique().eq(params.studies).all()
    assert list(gains.index) == list(GAINS)
    assert gains.notna().all(axis=None)
    assert arms["C"].idxmax() == "hidden heart"
    assert arms["C"].drop("hidden heart").idxmax() == "clinical values"
    assert arms.loc["language model", "C"] > 0.53
