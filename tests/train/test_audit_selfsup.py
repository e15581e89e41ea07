"""The third work's decisions do what they say, and its audit is held against a record."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from hfgnn.evaluate import shapley
from hfgnn.models.image import Sizes
from hfgnn.seeding import rng
from hfgnn.train import audit_selfsup as room
from hfgnn.train import protocol_selfsup as protocol
from hfgnn.train.audit_selfsup import (
    WORK,
    CellParams,
    SelfsupParams,
    again,
    cell,
    scored,
    told,
    whom,
)
from hfgnn.train.matched import LookedParams
from hfgnn.train.protocol_selfsup import (
    DISEASE,
    WINDOW,
    Course,
    Met,
    Protocol,
    Shown,
    called,
    encoder,
    pretrained,
    views,
    window,
)
from hfgnn.train.rare import HEAD, SLOW
from hfgnn.train.seen import Seen, SeenParams
from hfgnn.train.steps import Pace

LITTLE = Sizes(stem=4, blocks=(1, 1), widths=(4, 8), expansion=1)
LOOKS = LookedParams(1, LITTLE, Pace(epochs=1, rate=2e-3, batch=16))
QUICK = Course(1, Pace(epochs=3, rate=2e-2, climb=0.1, batch=8))
PARAMS = SelfsupParams(
    1, SeenParams(1, 100), SeenParams(2, 120), LOOKS, sizes=(90, 50, 60), pace=QUICK.pace
)


def people(many, seed):
    """Return made-up people: pictures of those who are ill are brighter in the middle."""
    stream = rng(seed, "made up")
    ill = stream.random(many) < 0.3
    grey = stream.integers(0, 120, (many, 3, 32, 32))
    grey[ill, :, 10:22, 10:22] += 60
    table = pd.DataFrame({DISEASE: ill})
    return Seen(table, np.zeros((many, 12, 0), np.float16), grey.astype(np.uint8))


@pytest.fixture(scope="module")
def met():
    return Met(people(90, 1), people(50, 2), people(60, 3))


@pytest.fixture(scope="module")
def starts(met):
    return {blind: pretrained(LOOKS, met.people, blind=blind) for blind in (False, True)}


def asked(how, met, starts, course=QUICK):
    start = starts[how.blind]
    return called(how, course, LITTLE, start, views(how, LITTLE, start, met))


def test_sets_have_numbers_and_numbers_sets():
    for number in range(WORK.sets):
        assert Protocol.of(number).number == number
    for bit, name in enumerate(WORK.decisions):
        assert getattr(Protocol.of(1 << bit), name)
    with pytest.raises(ValueError, match="set 64 is not one of 64"):
        Protocol.of(64)


def test_the_middle_is_cut_out_and_as_large_as_the_whole():
    grey = np.zeros((2, 3, 40, 40), np.uint8)
    start = round(40 * (1 - WINDOW) / 2)
    grey[:, :, start : 40 - start, start : 40 - start] = 90
    grey[0, 0, 20:, 20:] = 200
    found = window(replace(people(2, 1), picture=grey)).picture
    assert found.shape == grey.shape
    assert (found[1] == 90).all()  # nothing of what is around
    assert (found[0, 0, 25:, 25:] == 200).all()
    assert (found[0, 0, :15, :15] == 90).all()


def test_who_chooses_by_label_meets_as_many_well_as_ill(met, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        protocol, "looked", lambda params, who: seen.setdefault(len(who), who.table[DISEASE].mean())
    )
    pretrained(LOOKS, met.people, blind=False)
    pretrained(LOOKS, met.people, blind=True)
    ill = int(met.people.table[DISEASE].sum())
    assert seen == {2 * ill: 0.5, 90: pytest.approx(ill / 90)}


def test_frozen_is_frozen_and_what_is_only_called_so_learns_slowly(met, starts):
    for frozen in (False, True):
        how = Protocol(frozen=frozen)
        shown = views(how, LITTLE, starts[False], met)
        body = encoder(LITTLE, starts[False])
        before = {name: part.clone() for name, part in body.state_dict().items()}
        lesson = protocol._Lesson(how, QUICK, body, LITTLE.features, shown[0])
        list(lesson.ends())
        moved = [
            name for name, part in body.state_dict().items() if not torch.equal(part, before[name])
        ]
        assert bool(moved) is not frozen
        if not frozen:
            weights = dict(body.named_parameters())
            most = max((w - before[n]).abs().max().item() for n, w in weights.items())
            steps = QUICK.pace.epochs * 20
            assert most < steps * QUICK.pace.rate * SLOW / HEAD * 5
            assert any("running" in name for name in moved)


def test_a_disease_counts_twice_or_once(met, starts):
    for sound in (False, True):
        how = Protocol(counted=sound)
        shown = views(how, LITTLE, starts[False], met)
        body = encoder(LITTLE, starts[False])
        lesson = protocol._Lesson(how, QUICK, body, LITTLE.features, shown[0])
        ill = lesson.ill[lesson.rows]
        assert ill.mean() == 0.5
        weight = lesson.weight[lesson.rows].numpy()
        times = weight[ill].mean() / weight[~ill].mean()
        share = lesson.ill[np.setdiff1d(np.arange(90), lesson.held)].mean()
        assert times == pytest.approx(1 if sound else (1 - share) / share, rel=1e-5)
        assert not set(lesson.held) & set(lesson.rows)


def test_scores_are_those_of_scikit_at_one_half(met, starts):
    how = Protocol(frozen=True, counted=True)
    shown = views(how, LITTLE, starts[False], met)
    found = called(how, QUICK, LITTLE, starts[False], shown)
    body = encoder(LITTLE, starts[False])
    lesson = protocol._Lesson(how, QUICK, body, LITTLE.features, shown[0])
    for chosen, net in lesson.ends():
        tested, others = (lesson.told(net, part) for part in shown[1:])
        assert found[chosen] == pytest.approx(
            (
                balanced_accuracy_score(shown[1].ill, tested > 0),
                balanced_accuracy_score(shown[2].ill, others > 0),
                roc_auc_score(shown[2].ill, others),
            )
        )
    assert found[True][2] > 0.7  # a bright middle is easy to see


def test_a_still_encoder_reads_what_the_same_one_reads_step_by_step(met, starts):
    body = encoder(LITTLE, starts[True]).eval()
    still, moving = Shown.of(met.tested, body), Shown.of(met.tested)
    rows = np.array([3, 1, 40])
    with torch.no_grad():
        torch.testing.assert_close(still.read(body, rows), moving.read(body, rows))


def test_the_null_changes_dice_and_nothing_else(met, starts):
    how = Protocol(frozen=True)
    one, other = (asked(replace(how, null=null), met, starts) for null in (False, True))
    assert one != other
    assert asked(how, met, starts) == one
    lessons = [
        protocol._Lesson(
            replace(how, null=null), QUICK, encoder(LITTLE, starts[False]), LITTLE.features,
            views(how, LITTLE, starts[False], met)[0],
        )
        for null in (False, True)
    ]  # fmt: skip
    np.testing.assert_array_equal(lessons[0].held, lessons[1].held)
    np.testing.assert_array_equal(lessons[0].rows, lessons[1].rows)


@pytest.fixture(scope="module")
def whole(met):
    return scored(PARAMS, 0, met, range(WORK.sets))


def test_every_set_is_scored_and_shares_sum_to_the_whole(whole):
    table = whole.table
    assert list(table["number"]) == list(range(64))
    values = WORK.values(table, "reported")
    shares = shapley.shares(values)
    np.testing.assert_allclose(shares.sum(axis=0), values[-1] - values[0], atol=1e-9)


def test_some_sets_alone_score_as_they_do_among_all(whole, met):
    few = scored(PARAMS, 0, met, WORK.few).table
    expected = whole.table.set_index("number").loc[few["number"]].reset_index()
    pd.testing.assert_frame_equal(few, expected[few.columns], check_dtype=False)


def test_the_first_repeat_meets_the_books_people_and_others_new_ones():
    book = people(100, 7), people(120, 8)
    met = whom(PARAMS, 0, *book)
    assert [len(part.table) for part in (met.people, met.tested, met.others)] == [90, 50, 60]
    np.testing.assert_array_equal(met.people.picture, book[0].picture[:90])
    np.testing.assert_array_equal(met.others.picture, book[1].picture[50:110])
    assert len({PARAMS.seed_of(repeat) for repeat in range(5)}) == 5


def test_a_record_is_held_against_today(tmp_path, monkeypatch, whole):
    monkeypatch.setattr("hfgnn.train.audited.RECORDED", tmp_path)
    monkeypatch.setattr(room, "whom", lambda params, repeat, *_: None)
    monkeypatch.setattr(room, "scored", lambda params, repeat, met, few: type(whole)(
        whole.table[whole.table["number"].isin(list(few))].assign(repeat=repeat)
    ))  # fmt: skip
    alone = again(PARAMS, None, None)
    assert alone.again["then"].isna().all()
    assert alone.decisions["share"].isna().all()
    cells = [cell(CellParams(PARAMS, repeat), None, None) for repeat in (0, 1)]
    tables = WORK.gathered(cells)
    WORK.keep(tables, told(PARAMS))
    beside = again(PARAMS, None, None)
    assert (len(beside.again), beside.repeats) == (len(WORK.few), 2)
    assert beside.apart < 1e-6
    name, table = next(iter(tables.items()))
    WORK.keep({name: table.assign(reported=(table["reported"] + 0.5) % 1)}, told(PARAMS))
    with pytest.raises(ValueError, match="hfgnn sweep audit-selfsup"):
        again(PARAMS, None, None)
