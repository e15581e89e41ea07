"""Balancing: the thesis's own counts, who lies on which side, and what a flip does to an ECG."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfgnn.cohort import LEADS
from hfgnn.evaluate.leakage import leakage, twins
from hfgnn.evaluate.morphology import measure
from hfgnn.features.augment import Change, Gentle
from hfgnn.train.balance import (
    Plan,
    as_published_alone,
    as_published_bug,
    as_published_intended,
    augment_then_split,
    none,
    realised,
    reversed_features,
    sampling,
    split_then_augment,
    weights,
)

THESIS = np.repeat(["MI", "Normal", "Abnormal", "History_MI"], [791, 791, 791, 785]) == "Normal"
NORMAL = np.flatnonzero(THESIS)
NEW = [as_published_bug, as_published_intended]
WAYS = [none, weights, sampling, *NEW, as_published_alone]
ORDERS = [augment_then_split, split_then_augment]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def counts(plan: Plan, side: str) -> tuple[int, int]:
    """Sick and normal rows of a side."""
    normal = plan.labels[plan.split == side]
    return int((~normal).sum()), int(normal.sum())


@pytest.mark.parametrize("way", NEW)
def test_the_counts_are_the_thesiss(way):
    plan = augment_then_split(THESIS, way, rng())
    assert (THESIS.sum(), (~THESIS).sum()) == (791, 2367)
    assert plan.augmented.sum() == 1576
    assert len(plan) == 4734
    assert (plan.labels.sum(), (~plan.labels).sum()) == (2367, 2367)
    assert counts(plan, "train") == (1988, 1988)
    assert counts(plan, "val") == (379, 379)
    assert (THESIS[plan.source] == plan.labels).all()
    assert plan.labels[plan.augmented].all()
    assert np.array_equal(np.sort(plan.source[~plan.augmented]), np.arange(len(THESIS)))


def test_by_the_bug_every_new_page_is_the_first_normal_one():
    plan = augment_then_split(THESIS, as_published_bug, rng())
    assert set(plan.source[plan.augmented].tolist()) == {791}
    assert len(set(augment_then_split(THESIS, as_published_intended, rng()).source)) == len(THESIS)
    drawn = augment_then_split(THESIS, as_published_intended, rng())
    times = Counter(drawn.source[drawn.augmented].tolist())
    assert len(times) > 600  # 791 (1 - exp(-1576 / 791)) = 683 are expected
    assert set(times) <= set(NORMAL.tolist())


def test_without_its_originals_the_class_is_one_page():
    plan = augment_then_split(THESIS, as_published_alone, rng())
    assert (plan.labels.sum(), (~plan.labels).sum()) == (1576, 2367)
    assert set(plan.source[plan.labels].tolist()) == {791}
    assert plan.augmented[plan.labels].all()


def test_augmenting_first_shows_the_validation_to_the_training():
    """All new pages come from one page: whoever validates on them has seen it."""
    first = augment_then_split(THESIS, as_published_bug, rng())
    seen = leakage(first.source, first.split)["val"]
    assert seen.known == np.sum((first.split == "val") & (first.source == 791))
    assert 0.25 < seen.share < 0.42  # 1576 of 4734 rows are a third
    last = split_then_augment(THESIS, as_published_bug, rng())
    assert leakage(last.source, last.split)["val"].known == 0
    assert twins(first.source, first.split).leaked == seen.known


@st.composite
def people(draw):
    """Draw labels of two or three classes, and persons who may have several pages."""
    sizes = draw(st.lists(st.integers(8, 40), min_size=2, max_size=3))
    labels = np.repeat(np.arange(len(sizes)), sizes)
    seed = draw(st.integers(0, 2**32 - 1))
    labels = np.random.default_rng(seed).permutation(labels)
    persons = np.random.default_rng(seed + 1).integers(0, len(labels), len(labels))
    return labels, persons, seed


@given(people(), st.sampled_from(WAYS))
@settings(max_examples=60, deadline=None)
def test_split_first_and_no_page_or_person_is_on_both_sides(people, way):
    labels, persons, seed = people
    plan = split_then_augment(labels, way, rng(seed))
    sides = {side: set(plan.source[plan.split == side].tolist()) for side in ("train", "val")}
    assert not sides["train"] & sides["val"]
    assert not plan.augmented[plan.split == "val"].any()
    plan = split_then_augment(labels, way, rng(seed), groups=persons)
    known = {side: set(persons[plan.source[plan.split == side]]) for side in ("train", "val")}
    assert not known["train"] & known["val"]


@given(people(), st.sampled_from([as_published_bug, as_published_intended, sampling]))
@settings(max_examples=60, deadline=None)
def test_the_training_is_balanced_in_either_order(people, way):
    labels, _, seed = people
    whole = augment_then_split(labels, way, rng(seed))
    assert len(set(Counter(whole.labels.tolist()).values())) == 1
    part = split_then_augment(labels, way, rng(seed))
    train = part.split == "train"
    assert len(set(Counter(part.labels[train].tolist()).values())) == 1
    for plan in (whole, part):
        assert (labels[plan.source] == plan.labels).all()
        if way is as_published_bug:
            new = plan.augmented
            sources = {
                (label, s) for label, s in zip(plan.labels[new], plan.source[new], strict=True)
            }
            assert len(sources) == len(set(plan.labels[new].tolist()))
        if way is sampling:
            assert not plan.augmented.any()


@pytest.mark.parametrize("order", ORDERS)
def test_every_page_is_used_once_where_nothing_is_added(order):
    for way in (none, weights):
        plan = order(THESIS, way, rng())
        assert np.array_equal(np.sort(plan.source), np.arange(len(THESIS)))
        assert not plan.augmented.any()
        share = np.mean(plan.split == "val")
        assert share == pytest.approx(0.16, abs=1e-3)
    assert (order(THESIS, none, rng()).weight == 1).all()


def test_weights_make_the_classes_weigh_the_same():
    plan = split_then_augment(THESIS, weights, rng())
    train = plan.split == "train"
    sick = plan.weight[train & ~plan.labels].sum()
    assert sick == pytest.approx(plan.weight[train & plan.labels].sum())
    assert plan.weight[train].mean() == pytest.approx(1)
    one = plan.weight[train & plan.labels][0]
    assert one == pytest.approx(train.sum() / (2 * (train & plan.labels).sum()))
    assert (plan.weight[~train] == 1).all()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("way", WAYS)
def test_the_generator_decides_alone(order, way):
    one, same, other = (order(THESIS, way, rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.source, same.source)
    assert np.array_equal(one.split, same.split)
    assert not np.array_equal(one.split, other.split) or not np.array_equal(
        one.source, other.source
    )


@pytest.mark.parametrize("order", ORDERS)
def test_one_class_cannot_be_balanced(order):
    with pytest.raises(ValueError, match="two classes or more"):
        order(np.ones(9), none, rng())


def test_a_plan_becomes_pages():
    labels = np.repeat([False, True], [12, 4])
    pages = rng(1).integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)
    plan = augment_then_split(labels, as_published_bug, rng())
    made = list(realised(plan, pages, rng(2)))
    assert len(made) == len(plan) == 24
    for page, source, new in zip(made, plan.source, plan.augmented, strict=True):
        assert np.array_equal(page, pages[source]) != new
        assert (page.dtype, page.shape) == (np.uint8, (32, 32, 3))
    assert len({page.tobytes() for page in made}) == 24  # nor are two new ones alike
    again = list(realised(plan, pages, rng(2)))
    assert all(np.array_equal(a, b) for a, b in zip(made, again, strict=True))
    gentle = next(realised(plan, pages, rng(2), way=Gentle()))
    assert gentle.shape == (32, 32, 3)


def test_another_way_makes_other_pages():
    class Still:
        def draw(self, rng: np.random.Generator) -> Change:
            return Change(flip=True)

    pages = rng(1).integers(0, 256, (16, 8, 8, 3), dtype=np.uint8)
    plan = augment_then_split(np.repeat([False, True], [12, 4]), as_published_bug, rng())
    for page, source, new in zip(
        realised(plan, pages, rng(2), way=Still()), plan.source, plan.augmented, strict=True
    ):
        assert np.array_equal(page, pages[source][:, ::-1] if new else pages[source])


def beats(heights: dict[str, dict[float, float]], people: int = 6, fs: int = 250) -> np.ndarray:
    """Ten seconds of Gaussian waves around each R, by lead and second, a person 10 % higher each.

    A beat stands in the middle of the record, so that symmetrical beats give symmetrical records.
    """
    time, ecg = (np.arange(10 * fs) - (10 * fs - 1) / 2) / fs, np.zeros((people, 12, 10 * fs))
    for person in range(people):
        for lead, waves in heights.items():
            for beat in np.arange(-4, 5) * 0.9:
                for at, height in waves.items():
                    width = 0.012 if abs(at) < 0.06 else 0.03
                    wave = np.exp(-(((time - beat - at) / width) ** 2) / 2)
                    ecg[person, LEADS.index(lead)] += (1 + 0.1 * person) * height * wave
    return ecg


EVEN = {"I": {0: 0.8}, "aVF": {0: 0.5}, "V1": {0: -0.7}, "V4": {0: 1.6}, "V5": {0: 1.2}}


def test_an_even_trace_is_the_same_backwards_but_not_on_another_place():
    ecg = beats(EVEN)
    found = reversed_features(ecg)
    assert found["reversed"].abs().max() < 1e-6
    assert found.loc["R_I", "mean"] == pytest.approx(1.0, abs=0.15)
    # what stands on the place of lead I is V4, twice as high
    by_hand = (found.loc["R_V4", "mean"] - found.loc["R_I", "mean"]) / found.loc["R_I", "sd"]
    assert found.loc["R_I", "mirrored"] == pytest.approx(by_hand, rel=1e-6)
    assert by_hand > 2


def test_a_q_becomes_an_s_and_t_stands_where_p_stood():
    ecg = beats(EVEN | {"V5": {-0.036: -0.4, 0: 1.4, 0.036: -0.1, -0.17: 0.1, 0.17: 0.35}})
    found = reversed_features(ecg)
    before = [measure(one, 250) for one in ecg]
    after = [measure(one[:, ::-1], 250) for one in ecg]
    for name in ("Q_V5", "S_V5", "P_V5", "T_V5", "R_V5"):
        old, new = (np.array([row[name] for row in rows]) for rows in (before, after))
        assert found.loc[name, "reversed"] == pytest.approx(np.mean(new - old) / old.std(ddof=1))
    assert found.loc["Q_V5", "reversed"] < -2
    assert found.loc["S_V5", "reversed"] > 2
    assert found.loc["P_V5", "reversed"] > 2
    assert np.isnan(found.loc["hr", "reversed"])  # all hearts here beat as fast: there is no SD


def test_the_places_are_the_pages_from_right_to_left():
    """With two columns V1 stands where lead I stood; with one, every lead stays."""
    heights = {lead: {0: 0.3 + 0.1 * k} for k, lead in enumerate(LEADS)}
    ecg = beats(heights)
    for layout, other in {"3x4+1": "V4", "6x2": "V1", "12x1": "I"}.items():
        found = reversed_features(ecg, layout=layout)
        gap = found.loc[f"R_{other}", "mean"] - found.loc["R_I", "mean"]
        assert found.loc["R_I", "mirrored"] * found.loc["R_I", "sd"] == pytest.approx(gap, abs=1e-6)
