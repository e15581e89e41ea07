"""Every view of the same people: as each work's own room reads them, in order, spoiled as said."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from hfgnn.cohort import LEADS
from hfgnn.pipeline.answers import school
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import SMOKE
from hfgnn.seeding import rng
from hfgnn.train import arms, schooled
from hfgnn.train.ablations import ARMS
from hfgnn.train.arms import ArmParams
from hfgnn.train.filled import filled
from hfgnn.train.followed import FollowedParams, followed
from hfgnn.train.gauged import BEATS, PICTURE, SIGNED, TEN, USUAL, Change, GaugedParams, gauged
from hfgnn.train.how_large import sized, weights
from hfgnn.train.seen import SeenParams, seen
from hfgnn.train.steps import as_read

SEED, MANY = 5, 24


@pytest.fixture(scope="module")
def taught():
    """All encoders, after the shortest of lessons."""
    how = now(school(SMOKE, SEED))
    how = replace(how, arms=replace(how.arms, taught=60))
    hospital = followed(FollowedParams(SEED, "hospital", 60, signs=False))
    people = seen(SeenParams(SEED, 150, how.begun.matched.sizes))
    filling = filled(how.begun.filled, people)
    lesson = arms.lesson(ArmParams(how.arms, "language model"), hospital)
    lessons = schooled.beats_read(how, hospital)
    paired = schooled.pictures_read(how, people, filling)
    return how, (lesson, lessons, filling, paired)


@pytest.fixture(scope="module")
def read(taught):
    """The same people, as usual and spoiled."""
    how, encoders = taught
    ways = {"usual": USUAL, "lost": Change(lost=("V1", "V2")), "layout": Change(layout="12x1")}
    return {
        name: gauged(GaugedParams(SEED, MANY, how, change=change), *encoders)
        for name, change in ways.items()
    }


def test_beats_and_signs_are_those_of_the_second_works_own_room(taught, read):
    how, (lesson, lessons, *_) = taught
    people, found = followed(FollowedParams(SEED, "book", MANY)), read["usual"]
    assert (people.unread, found.unread) == (0, 0)
    assert list(found.table["id"]) == list(people.table["id"])
    signs = people.signs.to_numpy(float)
    np.testing.assert_allclose(found.of(SIGNED)[0], signs, rtol=1e-3, atol=1e-3)
    x = as_read(people.beats, how.arms.sizes)
    for name in ("untrained", schooled.TOLD, *schooled.LESSONS):
        left = {"untrained": None, schooled.TOLD: lesson.encoder}
        left |= {one: lessons.of(one)["encoder"] for one in schooled.LESSONS}
        net = arms.encoder(ArmParams(how.arms, name), left[name])
        with torch.inference_mode():
            expected = net(x).numpy()
        np.testing.assert_allclose(found.of(BEATS[name])[0], expected, rtol=2e-3, atol=2e-3)


def test_values_are_the_tables_and_every_view_has_the_numbers_that_are_counted(taught, read):
    how, _ = taught
    found = read["usual"]
    columns = ["ef", "bnp", "nyha", "sbp", "age"]
    told = found.of("clinical")[0]
    assert told.shape == (MANY, len(columns))
    assert np.isfinite(told).all()
    for view, size in sized(GaugedParams(SEED, MANY, how)).items():
        assert found.of(view)[0].shape == (MANY, size.numbers), view
    with pytest.raises(ValueError, match="view 'colour' is not known; choose one of clinical"):
        found.of("colour")


def test_encoders_differ_by_what_they_have_learned(read):
    found = read["usual"]
    for family in (BEATS, TEN):
        views = {name: found.of(view)[0] for name, view in family.items()}
        pairs = itertools.combinations(views, 2)
        assert not [two for two in pairs if np.allclose(views[two[0]], views[two[1]])]


def test_a_lost_lead_and_another_layout_change_what_reads_them_and_nothing_else(read):
    usual, lost, layout = (read[name] for name in ("usual", "lost", "layout"))
    ecg = ["page", SIGNED, *BEATS.values(), *TEN.values()]
    for view in ecg:
        assert not np.allclose(usual.of(view), lost.of(view)), view
        same = view != "page"
        assert np.array_equal(usual.of(view), layout.of(view)) is same, view
    for view in (PICTURE, "clinical", "cheap table"):
        np.testing.assert_array_equal(usual.of(view), lost.of(view))


@pytest.fixture(scope="module")
def ecg():
    """Records that obey Einthoven and Goldberger, as electrodes make them."""
    left, right, leg, *chest = rng(1, "electrodes").normal(size=(9, 4, 500))
    middle = (left + right + leg) / 3
    limbs = [left - right, leg - right, leg - left]
    limbs += [1.5 * (one - middle) for one in (right, left, leg)]
    return np.stack([*limbs, *(one - middle for one in chest)], axis=1).astype(np.float32)


def _lead(ecg, name):
    return ecg[:, LEADS.index(name)]


def test_swapped_arms_are_what_electrodes_on_the_wrong_arms_record(ecg):
    found = Change(swapped=True).of(ecg, rng(1, "a"))
    left, right, leg, *_ = rng(1, "electrodes").normal(size=(9, 4, 500))
    left, right = right, left
    middle = (left + right + leg) / 3
    expected = {"I": left - right, "II": leg - right, "III": leg - left}
    expected |= {"aVR": 1.5 * (right - middle), "aVL": 1.5 * (left - middle)}
    expected |= {"aVF": 1.5 * (leg - middle)}
    for name, lead in expected.items():
        np.testing.assert_allclose(_lead(found, name), lead, atol=1e-5, err_msg=name)
    np.testing.assert_array_equal(found[:, 6:], ecg[:, 6:])
    np.testing.assert_allclose(Change(swapped=True).of(found, rng(1, "a")), ecg, atol=1e-6)


def test_noise_is_in_electrodes_and_as_large_as_said(ecg):
    noise = Change(noise=0.3).of(ecg, rng(2, "a")) - ecg
    np.testing.assert_allclose(
        _lead(noise, "I") + _lead(noise, "III"), _lead(noise, "II"), atol=1e-5
    )
    augmented = sum(_lead(noise, name) for name in ("aVR", "aVL", "aVF"))
    np.testing.assert_allclose(augmented, 0, atol=1e-5)
    assert _lead(noise, "I").std() == pytest.approx(0.3 * 2**0.5, rel=0.1)  # two electrodes
    assert _lead(noise, "V3").std() == pytest.approx(0.3 * (4 / 3) ** 0.5, rel=0.1)


def test_what_is_lost_is_silent_and_no_change_is_none(ecg):
    found = Change(lost=("V1", "II")).of(ecg, rng(1, "a"))
    assert not _lead(found, "V1").any()
    assert not _lead(found, "II").any()
    np.testing.assert_array_equal(_lead(found, "V2"), _lead(ecg, "V2"))
    np.testing.assert_array_equal(USUAL.of(ecg, rng(1, "a")), ecg)


def test_weights_of_encoders_are_those_that_an_answer_depends_on(taught):
    how, (lesson, *_) = taught
    of = GaugedParams(SEED, MANY, how)
    table = weights(of)
    assert list(table.index) == list(ARMS)
    net = arms.encoder(ArmParams(how.arms, schooled.TOLD), lesson.encoder).train()
    net.requires_grad_(True)
    net(torch.randn(4, 12, how.arms.sizes.samples)).sum().backward()
    used = sum(p.numel() for p in net.parameters() if p.grad is not None)
    assert table.at["dual attention", "encoders"] == used
    assert table.at["dual attention", "head"] == how.arms.sizes.features + 1
    assert table.at["clinical values", "weights"] == 6
    assert table.at["GCN", "head"] == 517 * 128 + 128 + 128 * 128 + 128 + 128 * 2 + 2
    both = table["encoders"] + table["head"]
    assert (table["weights"] == both).all()


def test_what_was_not_taught_is_named(taught):
    _, (_, lessons, *_) = taught
    with pytest.raises(ValueError, match="'no nose' was not taught here; choose one of no"):
        lessons.of("no nose")


def test_attentions_that_are_left_out_are_no_part_of_an_encoder(taught):
    _, (_, lessons, *_) = taught
    names = {one: " ".join(lessons.of(one)["encoder"]) for one in schooled.LESSONS}
    assert "time." not in names["no time"]
    assert "time." in names["no lead"]
    assert "lead." not in names["no lead"]
