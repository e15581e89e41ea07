"""A network learns a risk that was planted, from nothing and from what pre-training has left."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from hfgnn.evaluate.survival import concordance
from hfgnn.models.dual_attention import SOUND, Encoder, Sizes
from hfgnn.seeding import rng
from hfgnn.train import aligned as lesson
from hfgnn.train import risk as course
from hfgnn.train.aligned import TEXTS, AlignedParams, aligned, texts
from hfgnn.train.followed import Followed
from hfgnn.train.risk import RiskParams, learned
from hfgnn.train.steps import Pace, as_read, descend, weights_of

TINY = Sizes(samples=304, channels=(2, 2, 2, 2, 2), heads=1, features=32)
TAUGHT = AlignedParams(4, sizes=TINY, faults=SOUND, pace=Pace(epochs=3, batch=64))
ASKED = RiskParams(4, sizes=TINY, faults=SOUND, pace=Pace(epochs=14, rate=1e-2, batch=64))


def met(people: int, seed: int, *, strength: float = 1.5) -> Followed:
    """Draw people whose beats tell their hazard: a wave in all leads grows with it."""
    dice = rng(seed, "met")
    eta = dice.normal(size=people)
    wave = np.sin(np.linspace(0, 12, 608)) * np.exp(-0.5 * ((np.arange(608) - 300) / 40) ** 2)
    beats = dice.normal(scale=0.3, size=(people, 12, 608)) + np.sin(np.linspace(0, 6, 608))
    beats += strength * eta[:, None, None] * wave
    ill, last = dice.exponential(size=people) * np.exp(-2 * eta), dice.uniform(0.2, 1, people)
    codes = [str({"NORM": 100.0} if e < 0 else {"LVH": 80.0, "IMI": 50.0}) for e in eta]
    codes[0] = str({"SR": 0.0})  # nothing of any likelihood
    table = pd.DataFrame({"time": np.minimum(ill, last), "event": ill <= last, "codes": codes})
    return Followed(table.assign(eta=eta), beats.astype(np.float16), pd.DataFrame(), 0)


@pytest.fixture(scope="module")
def people() -> Followed:
    return met(320, 1)


@pytest.fixture(scope="module")
def taught(people):
    return aligned(TAUGHT, people)


# Steps


def test_the_rate_climbs_to_its_height_and_falls_to_nothing():
    pace = Pace(epochs=1, rate=2.0, climb=0.25)
    assert [pace.at(x) for x in (0.125, 0.25, 0.625, 1)] == pytest.approx([1, 2, 1, 0])
    rates = [pace.at(x) for x in np.linspace(0, 1, 101)]
    assert max(rates) == rates[25] == 2.0
    assert (np.diff(rates[:26]) > 0).all()
    assert (np.diff(rates[25:]) < 0).all()


def test_the_weights_of_the_best_epoch_are_kept():
    net = torch.nn.Linear(1, 1, bias=False)
    scores, seen = iter([0.1, 0.7, 0.3, 0.7]), []

    def score():
        seen.append(net.weight.item())
        return (now := next(scores)), {"held": now}

    def loss(rows):
        return net.weight.sum() * len(rows), {"loss": 1.0}

    batches = [np.array([0]), np.array([0, 1])]
    curve, epoch = descend(net, Pace(4), batches=lambda: batches, loss=loss, score=score)
    assert epoch == 2
    assert net.weight.item() == seen[1]
    assert len(set(seen)) == 4
    assert list(curve["held"]) == [0.1, 0.7, 0.3, 0.7]
    assert not net.training


def test_a_network_of_fewer_samples_reads_every_second_one(people):
    whole = as_read(people.beats, replace(TINY, samples=608))
    assert whole.shape == (320, 12, 608)
    torch.testing.assert_close(as_read(people.beats, TINY), whole[:, :, ::2])


# Pre-training


def test_pre_training_learns_to_make_beats_and_to_lie_near_their_texts(taught):
    first, last = taught.curve.iloc[0], taught.curve.iloc[-1]
    for part in ("reconstruction", "text", "held reconstruction", "held text"):
        assert last[part] < first[part]
    assert taught.epoch == taught.curve["held reconstruction"].idxmin()


def test_pre_training_is_the_same_twice_and_other_under_another_seed(people, taught):
    short = replace(TAUGHT, pace=Pace(epochs=1, batch=64))
    one, same, other = (aligned(replace(short, seed=seed), people) for seed in (4, 4, 5))
    for name, part in one.encoder.items():
        np.testing.assert_array_equal(part, same.encoder[name])
    assert any((part != other.encoder[name]).any() for name, part in one.encoder.items())
    net = Encoder(TINY, faults=SOUND)
    assert {name: part.shape for name, part in taught.encoder.items()} == {
        name: part.shape for name, part in weights_of(net).items()
    }


def test_who_trains_does_not_choose_the_epoch(people, monkeypatch):
    trained, judged = set(), set()

    def spied(net, pace, *, batches, loss, score, until):
        trained.update(np.concatenate(batches()).tolist())
        asked = lesson._Lesson._asked
        monkeypatch.setattr(
            lesson._Lesson, "_asked", lambda s, rows, d: judged.update(rows) or asked(s, rows, d)
        )
        score()
        return pd.DataFrame(), 0

    monkeypatch.setattr(lesson, "descend", spied)
    aligned(TAUGHT, people)
    assert not trained & judged
    assert len(trained | judged) == 320
    assert len(judged) == round(0.15 * 320)


def test_each_kind_of_text_is_what_it_says(people):
    found = {kind: texts(replace(TAUGHT, text=kind), people) for kind in TEXTS}
    told = found["language model"]
    assert found["none"].shape == (320, 0)
    assert told.shape == found["shuffled"].shape == (320, 384)
    assert found["codes"].shape == (320, 71)
    kinds = [len(np.unique(found[kind], axis=0)) for kind in TEXTS[1:4]]
    assert kinds == [3, 3, 3]  # the same people share a text
    assert not np.allclose(found["shuffled"], told)
    apart = found["another's"]
    assert sorted(map(tuple, apart)) == sorted(map(tuple, told))
    assert (apart != told).any(axis=1).mean() > 0.3
    assert not told[0].any()


def test_a_text_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="text 'words' is not known; choose one of none, language"):
        AlignedParams(1, text="words")


def test_who_has_no_statement_is_not_laid_near_any_text(people):
    asked = lesson._Lesson(TAUGHT, as_read(people.beats, TINY), texts(TAUGHT, people))
    asked.net.eval()
    dice = torch.Generator()
    with_, without = (
        asked._asked(rows, dice.manual_seed(1))[1]["text"]
        for rows in (np.array([1, 2, 3, 0]), np.array([1, 2, 3]))
    )
    assert with_ == pytest.approx(without, rel=1e-5)
    assert "text" not in asked._asked(np.array([0, 0]), dice)[1]


@pytest.fixture
def still(monkeypatch):
    """Nobody learns anything: what is left is what there was."""
    monkeypatch.setattr(lesson, "descend", lambda net, pace, **_: (pd.DataFrame(), 0))


def test_a_lesson_goes_on_from_what_an_earlier_one_left(people, taught, still):
    new, led = aligned(TAUGHT, people), aligned(TAUGHT, people, taught)
    for part in ("encoder", "decoder", "text"):
        one, other, left = (getattr(each, part) for each in (new, led, taught))
        assert list(one) == list(other) == list(left)
        for name, weights in left.items():
            np.testing.assert_array_equal(other[name], weights)
        assert any((one[name] != weights).any() for name, weights in left.items())


def test_what_lays_texts_near_is_left_where_there_is_a_text(people, still):
    found = {kind: aligned(replace(TAUGHT, text=kind), people).text for kind in TEXTS}
    assert found["none"] == {}
    widths = {kind: part["text.0.weight"].shape[1] for kind, part in found.items() if part}
    assert widths == {"language model": 384, "shuffled": 384, "codes": 71, "another's": 384}
    assert {part["beat.0.weight"].shape[1] for part in found.values() if part} == {32}


def test_a_branch_that_is_left_out_has_no_weights(people, still):
    def branches(**parts):
        names = aligned(replace(TAUGHT, **parts), people).encoder
        return {name.split(".")[0] for name in names} & {"time", "lead"}

    assert branches() == {"time", "lead"}
    assert branches(time=False) == {"lead"}
    assert branches(lead=False) == {"time"}
    assert branches(time=False, lead=False) == set()


# Risk


@pytest.mark.parametrize(
    ("parts", "least"), [({}, 0.7), ({"whole": True}, 0.7), ({"time": False, "lead": False}, 0.6)]
)
def test_a_planted_risk_is_learned_and_told_of_new_people(people, parts, least):
    longer = replace(ASKED.pace, epochs=30)  # at 14 a seed of five has learned next to nothing
    found, new = learned(replace(ASKED, pace=longer, **parts), people), met(200, 2)
    reached = concordance(new.table["time"], new.table["event"], found.of(new))
    best = concordance(new.table["time"], new.table["event"], new.table["eta"])
    assert least < reached <= best + 0.02
    silent = met(200, 2, strength=0.0)
    blind = concordance(silent.table["time"], silent.table["event"], found.of(silent))
    assert blind == pytest.approx(0.5, abs=0.1)
    assert found.epoch == found.curve["held C"].idxmax()


def test_a_risk_is_the_same_twice_and_starts_from_what_it_is_given(people, taught, monkeypatch):
    short = replace(ASKED, pace=Pace(epochs=1, batch=64))
    one, same, led = (learned(short, people, start) for start in (None, None, taught))
    np.testing.assert_array_equal(one.of(people), same.of(people))
    assert not np.allclose(one.of(people), led.of(people))

    def left_alone(net, pace, **_):
        return pd.DataFrame(), 0

    monkeypatch.setattr(course, "descend", left_alone)
    kept = weights_of(learned(short, people, taught).net["encoder"])
    for name, part in taught.encoder.items():
        np.testing.assert_array_equal(kept[name], part)


def test_every_batch_has_an_event_and_who_trains_does_not_choose_the_epoch(people, monkeypatch):
    drawn = []

    def spied(net, pace, *, batches, loss, score):
        drawn.extend(batches())
        return pd.DataFrame(), 0

    monkeypatch.setattr(course, "descend", spied)
    learned(ASKED, people)
    event = people.table["event"].to_numpy()
    assert all(event[rows].any() for rows in drawn)
    known, held = course._dealt(ASKED, event)
    assert sorted(np.concatenate(drawn)) == sorted(known)
    assert not set(known) & set(held)
    assert len(held) == pytest.approx(0.2 * 320, abs=1)
    assert event[held].mean() == pytest.approx(event.mean(), abs=0.02)


def test_alpha_weighs_the_two_losses_and_the_target_is_what_was_shown_or_the_beat(people):
    rows = np.arange(64)

    def told(**changed):
        asked = course._Course(replace(ASKED, **changed), people, None, "event")
        torch.manual_seed(0)
        for part, other in zip(asked.net.parameters(), reference.net.parameters(), strict=True):
            part.data.copy_(other.data)
        asked.net.eval()
        asked.dice.manual_seed(9)
        whole, parts = asked.loss(rows)
        return whole.item(), parts

    reference = course._Course(ASKED, people, None, "event")
    whole, parts = told()
    assert whole == pytest.approx(0.5 * parts["cox"] + 0.5 * parts["reconstruction"])
    assert told(alpha=1.0)[0] == pytest.approx(parts["cox"])
    assert told(alpha=0.0)[0] == pytest.approx(parts["reconstruction"])
    plain = told(hidden=0.0)[1]["reconstruction"]
    assert told(hidden=0.0, whole=True)[1]["reconstruction"] == pytest.approx(plain)
    assert told(whole=True)[1]["reconstruction"] != pytest.approx(parts["reconstruction"])


def test_people_are_asked_in_parts_without_a_difference(people, monkeypatch):
    found = learned(replace(ASKED, pace=Pace(epochs=1, batch=64)), people)
    whole = found.of(people)
    monkeypatch.setattr(course, "AT_ONCE", 37)
    np.testing.assert_allclose(found.of(people), whole, atol=1e-5)
