"""The second work's decisions do what they say; heads side by side are as many single ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from lifelines.statistics import logrank_test
from lifelines.utils import concordance_index
from scipy.stats import rankdata

from hfgnn.evaluate import shapley
from hfgnn.losses import cox
from hfgnn.models.attention import BatchwiseDropout
from hfgnn.models.dual_attention import RiskHead, Sizes
from hfgnn.models.risk_heads import RiskHeads
from hfgnn.seeding import rng
from hfgnn.train import audit_dual as room
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, encoder
from hfgnn.train.audit_dual import WORK, CellParams, DualParams, Met, again, cell, scored, told
from hfgnn.train.followed import Followed, FollowedParams
from hfgnn.train.protocol_dual import FOLDS, HELD, NAMES, Dealt, Protocol, scores
from hfgnn.train.risk_heads import Lesson, learned, shown, side_by_side
from hfgnn.train.small_study import SEEDS, TOP
from hfgnn.train.steps import Pace, weights_of
from tests.train.test_arms import FEW

SIZES = Sizes(features=16)
PARAMS = DualParams(
    FEW, FollowedParams(5, "post-infarct", 120), others=80, views=2, pace=Pace(2, rate=5e-3)
)


def people(many, seed, share=0.35):
    """Return made-up people: those at risk have a larger wave, and fall ill sooner."""
    stream = rng(seed, "made up")
    risk = stream.normal(size=many)
    beats = stream.normal(size=(many, 12, 608)) + risk[:, None, None]
    table = pd.DataFrame({"time": np.round(stream.exponential(40 * np.exp(-risk)), 1) + 1})
    table["event"] = stream.random(many) < share
    return Followed(table, beats.astype(np.float16), pd.DataFrame(index=table.index), 0)


@pytest.fixture(scope="module")
def met():
    return Met(people(120, 1), people(80, 2))


@pytest.fixture(scope="module")
def lesson():
    weights = weights_of(encoder(ArmParams(FEW, room.TAUGHT), None))
    return Aligned(weights, {}, {}, pd.DataFrame(), 1)


def _same(heads, singles):
    """Give each single head the weights of its place among the others."""
    many, wide = len(singles), SIZES.features
    state = heads.state_dict()
    for i, one in enumerate(singles):
        norm, linear, inner, last = one[0], one[2], one[4], one[5]
        for name, own in (("weight", norm.weight), ("bias", norm.bias)):
            own.data = state[f"norm.{name}"].view(many, wide)[i].clone()
        for name, own in (("weight", inner.weight), ("bias", inner.bias)):
            own.data = state[f"inner.{name}"].view(many, -1)[i].clone()
        for name, part in (("first", linear), ("last", last)):
            part.weight.data = state[f"{name}.weight"][i].T.clone()
            part.bias.data = state[f"{name}.bias"][i].reshape(-1).clone()


@pytest.fixture
def both():
    torch.manual_seed(1)
    heads, singles = RiskHeads(3, SIZES), [RiskHead(SIZES) for _ in range(3)]
    _same(heads, singles)
    return heads, singles


def test_heads_side_by_side_are_as_many_single_ones(both):
    heads, singles = both
    for net in (heads, *singles):
        for part in net.modules():
            if isinstance(part, BatchwiseDropout):
                part.p = 0.0
    x, time = torch.randn(3, 20, 16), torch.rand(3, 20).round(decimals=1)
    event = torch.rand(3, 20) < 0.5
    found = heads(x)
    expected = torch.stack([one(part) for one, part in zip(singles, x, strict=True)])
    torch.testing.assert_close(found, expected)
    loss = side_by_side(found, time=time, event=event)
    alone = sum(cox(r, time=t, event=e) for r, t, e in zip(expected, time, event, strict=True))
    torch.testing.assert_close(loss, alone)
    loss.backward()
    alone.backward()
    grads = torch.stack([one[2].weight.grad.T for one in singles])
    torch.testing.assert_close(heads.first.weight.grad, grads)
    new = torch.randn(7, 16)
    for net in (heads, *singles):
        net.eval()
    asked = torch.stack([one(new) for one in singles])
    torch.testing.assert_close(heads.of(new), asked, atol=1e-5, rtol=1e-4)


def test_a_head_learns_the_same_whoever_learns_beside_it():
    stream, known = rng(3, "x"), np.arange(60)
    table = pd.DataFrame({"time": stream.exponential(size=80), "event": stream.random(80) < 0.5})
    views = torch.from_numpy(stream.normal(size=(1, 80, 16)).astype(np.float32))

    def lessons():
        held = np.arange(60, 80)
        return [Lesson(known, held, rng(i, "dice")) for i in range(2)]

    found = learned(lessons(), views, views[0], table, Pace(2, rate=1e-2, batch=20))
    again_ = learned(lessons(), views, views[0], table, Pace(2, rate=1e-2, batch=20))
    np.testing.assert_array_equal(found.risk, again_.risk)
    assert found.risk.shape == (2, 80)
    assert not np.allclose(found.risk[0], found.risk[1])
    risk, who = found.risk[0], np.arange(60, 80)
    expected = concordance_index(table["time"][who], -risk[who], table["event"][who])
    assert found.held[0] == pytest.approx(expected)


def test_a_mask_for_all_is_one_mask_and_others_are_not(lesson, met):
    same = replace(met.study, beats=np.repeat(met.study.beats[:1], 30, axis=0))
    for shared in (False, True):
        net = room._encoder(PARAMS, lesson, shared)
        view = shown(net, replace(same, table=met.study.table[:30]), views=1, hidden=0.0, seed=1)[0]
        assert torch.allclose(view, view[:1].expand_as(view), atol=1e-5) is shared


@pytest.mark.parametrize("number", range(64))
def test_nobody_teaches_whom_he_tests_and_who_chooses_is_as_said(met, number):
    how, event = Protocol.of(number), met.study.table["event"].to_numpy(bool)
    assert how.number == number
    dealt = Dealt.of(how, event, 7)
    assert dealt.tested.shape == (len(SEEDS), FOLDS[how.folds], 120)
    assert (dealt.tested.sum(axis=1) == 1).all()
    for mask, lesson in zip(dealt.tested.reshape(-1, 120), dealt.lessons, strict=True):
        assert not set(lesson.known) & set(np.flatnonzero(mask))
        assert set(lesson.held) <= set(np.flatnonzero(mask == (not how.chosen)))
        assert not set(lesson.known) & set(lesson.held)
        assert len(lesson.known) == pytest.approx((1 - HELD) * (~mask).sum(), abs=8)
    drawn = dealt.drawn(how)
    met_before = [
        (drawn[die, fold] & ~dealt.tested[die, fold]).any()
        for die in range(1, 5)
        for fold in range(FOLDS[how.folds])
    ]
    assert all(met_before) is not how.leak


def test_the_null_deals_all_alike_but_the_dice(met):
    event = met.study.table["event"].to_numpy(bool)
    one, other = (Dealt.of(Protocol(null=null), event, 7) for null in (False, True))
    np.testing.assert_array_equal(one.tested, other.tested)
    for first, second in zip(one.lessons, other.lessons, strict=True):
        np.testing.assert_array_equal(first.known, second.known)
        np.testing.assert_array_equal(first.held, second.held)
        assert first.dice.random() != second.dice.random()


def curves(drawn: np.ndarray, risk: np.ndarray, table: pd.DataFrame) -> bool:
    """Tell by lifelines whether those of the highest ranks within their folds fall ill sooner."""
    rank = np.zeros(len(table))
    for who, one in zip(drawn, risk, strict=True):
        rank[who] = rankdata(one[who]) / who.sum()
    high = rank > np.quantile(rank, 1 - TOP)
    event = table["event"]
    time = table["time"]
    found = logrank_test(time[high], time[~high], event[high], event[~high])
    return bool(found.p_value < 0.05)


def test_what_is_reported_is_counted_by_hand(met):
    stream, table, others = rng(5, "risk"), met.study.table, met.others.table
    event = table["event"].to_numpy(bool)
    for how in (Protocol(), Protocol(leak=True, spread=True)):
        dealt = Dealt.of(how, event, 7)
        risk = stream.normal(size=(10, 200)) - 0.02 * np.r_[table["time"], others["time"]]
        reported, true, error, parted = scores(how, dealt, risk, table, others)
        each: list[float] = []
        for who, one in zip(dealt.tested.reshape(10, 120), risk[:, :120], strict=True):
            each.append(concordance_index(table["time"][who], -one[who], table["event"][who]))
        assert reported == pytest.approx(np.mean(each))
        pairs = np.reshape(each, (5, 2))
        expected = np.std(each, ddof=1) if how.spread else pairs.std(axis=1).mean()
        assert error == pytest.approx(expected)
        many = [concordance_index(others["time"], -one[120:], others["event"]) for one in risk]
        assert true == pytest.approx(np.mean(many))
        dice = zip(dealt.drawn(how), risk[:, :120].reshape(5, 2, 120), strict=True)
        assert parted == pytest.approx(np.mean([curves(*die, table) for die in dice]))


def test_every_set_is_scored_shares_sum_and_some_score_alone_as_among_all(met, lesson):
    whole = scored(PARAMS, 0, met, lesson, range(WORK.sets)).table
    assert list(whole["number"]) == list(range(64))
    for score in WORK.scores:
        values = WORK.values(whole, score)
        shares = shapley.shares(values)
        np.testing.assert_allclose(shares.sum(axis=0), values[-1] - values[0], atol=1e-9)
    bits = {name: 1 << i for i, name in enumerate(NAMES)}
    by = whole.set_index("number")
    spread = by.loc[[0, bits["spread"]]]
    assert spread["reported"].nunique() == spread["true"].nunique() == 1
    assert spread["SD"].nunique() == 2
    leak = by.loc[[0, bits["leak"]]]
    assert leak["reported"].nunique() == leak["true"].nunique() == leak["SD"].nunique() == 1
    few = scored(PARAMS, 0, met, lesson, WORK.few).table
    expected = by.loc[few["number"]].reset_index()[few.columns]
    pd.testing.assert_frame_equal(few, expected, check_dtype=False)


def test_a_record_is_held_against_today(tmp_path, monkeypatch, met):
    drawn = rng(9, "sets").random((64, len(WORK.scores)))

    def made(params, repeat, met, lesson, numbers):
        rows = [[repeat, number, *drawn[number]] for number in numbers]
        return room.Scores(pd.DataFrame(rows, columns=["repeat", "number", *WORK.scores]))

    monkeypatch.setattr("hfgnn.train.audited.RECORDED", tmp_path)
    monkeypatch.setattr(room, "whom", lambda *_: met)
    monkeypatch.setattr(room, "scored", made)
    alone = again(PARAMS, met.study, None)
    assert alone.again["then"].isna().all()
    assert alone.decisions["share"].isna().all()
    tables = WORK.gathered(cell(CellParams(PARAMS, r), met.study, None) for r in (0, 1))
    WORK.keep(tables, told(PARAMS))
    beside = again(PARAMS, met.study, None)
    assert (len(beside.again), beside.repeats) == (len(WORK.few), 2)
    assert beside.apart < 1e-6
    name, table = next(iter(tables.items()))
    WORK.keep({name: table.assign(reported=(table["reported"] + 0.5) % 1)}, told(PARAMS))
    with pytest.raises(ValueError, match="hfgnn sweep audit-dual"):
        again(PARAMS, met.study, None)


def test_repeats_meet_people_of_their_own(monkeypatch, met):
    asked = []
    monkeypatch.setattr(room, "followed", lambda params: asked.append(params) or met.others)
    assert room.whom(PARAMS, 0, met.study).study is met.study
    room.whom(PARAMS, 1, met.study)
    assert [one.people for one in asked] == [80, 120, 80]
    assert len({one.seed for one in asked} | {PARAMS.study.seed}) == 4
    assert {one.cohort for one in asked} == {"post-infarct"}
