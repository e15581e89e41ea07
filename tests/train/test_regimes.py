"""The map: one axis at a time, twins that know no ties, and gains where there is something new."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.paired import Difference, over_seeds
from hfgnn.seeding import rng
from hfgnn.train.nodes import Recipe
from hfgnn.train.regimes import (
    BEST,
    BEST_HEARD,
    FINEST,
    FLAT,
    MODELS,
    NETWORKS,
    SMOOTHED,
    TIES,
    TWINS,
    VOTED,
    Axes,
    RegimesParams,
    cell,
    middle,
    places,
    plain,
    regimes,
    split,
    told,
)
from hfgnn.train.ties import Regime, world

PARAMS = RegimesParams(3, people=120, recipe=Recipe(epochs=4, patience=2), draws=6)
BOOK = RegimesParams(2025)


def test_one_axis_at_a_time_leaves_the_middle():
    every, found = regimes(BOOK), places(BOOK)
    assert len(set(every)) == len(every) == found["regime"].max() + 1
    centre = {name: vars(regime) for name, regime in middle(BOOK).items()}
    centre["found"] = centre["own look"]
    for place in found[found["axis"] != "plane"].itertuples():
        regime, from_here = vars(every[place.regime]), centre[place.ties]
        assert regime[place.axis] == place.value
        assert {name for name in regime if regime[name] != from_here[name]} <= {place.axis}
    for axis, own in found.groupby("axis"):
        assert set(own["regime"]) & {every.index(Regime(**part)) for part in centre.values()}, axis
    plane = found[found["axis"] == "plane"]
    met = {(every[n].homophily, every[n].tells) for n in plane["regime"]}
    assert len(met) == len(plane) == len(BOOK.axes.plane) * len(BOOK.axes.tells)


def test_few_people_make_for_more_worlds_of_them():
    often = {n: BOOK.repeated(Regime(people=n)) for n in (200, 400, 800, 1_600, 3_200)}
    assert often == {200: 20, 400: 20, 800: 10, 1_600: 5, 3_200: 5}


@pytest.mark.parametrize("labelled", [0.02, 0.25, 0.8])
def test_people_are_dealt_once_and_as_many_of_either_label(labelled):
    sick = rng(1, "sick").permutation(np.arange(400) % 2 == 0)
    parts = split(sick, labelled, rng(1, "split"))
    every = np.concatenate([parts.train, parts.val, parts.test])
    np.testing.assert_array_equal(np.sort(every), np.arange(400))
    for part in (parts.train, parts.val, parts.test):
        assert sick[part].sum() * 2 == len(part) > 0
    assert len(parts.train) + len(parts.val) == round(labelled * 400)
    assert len(parts.val) == pytest.approx(0.1 * labelled * 1_000, abs=2)


def test_somebody_of_either_label_trains_and_validates_however_few_are_known():
    parts = split(np.arange(60) % 2 == 0, 0.001, rng(1, "split"))
    assert (len(parts.train), len(parts.val)) == (2, 2)


def test_a_cell_has_every_model_of_the_same_people_and_equal_seeds_give_equal_bits():
    regime = middle(PARAMS)["drawn"]
    found, again, other = (cell(PARAMS, regime, seed) for seed in (1, 1, 2))
    assert list(found) == [*MODELS, "seed", "homophily"]
    assert len(found) == 1 + PARAMS.draws
    assert found.equals(again)
    assert not found[list(MODELS)].equals(other[list(MODELS)])
    assert (found[list(MODELS)] <= FINEST).all(axis=None)


def test_twins_are_the_same_whatever_the_ties():
    """The same people, labels, splits and starts: a twin cannot tell who is tied to whom."""
    cells = [cell(PARAMS, regime, 0) for regime in middle(PARAMS).values()]
    twins = [*TWINS.values()]
    for one in cells[1:]:
        assert one[twins].equals(cells[0][twins])
        assert not one[list(NETWORKS)].equals(cells[0][list(NETWORKS)])


def test_scores_are_of_everybody_and_labels_of_those_tested_are_never_read():
    regime = middle(PARAMS)["drawn"]
    people = world(regime, rng(1, "world"))
    dealt = split(people.sick, regime.labelled, rng(1, "split"))
    lied = people.sick.copy()
    lied[dealt.test] = ~lied[dealt.test]
    found, blind = (told(PARAMS, p, dealt, 0) for p in (people, replace(people, sick=lied)))
    assert set(found) == set(MODELS)
    for name in MODELS:
        assert found[name].shape == people.sick.shape
        np.testing.assert_array_equal(found[name], blind[name])


def test_plain_ways_are_what_they_say():
    """Means by counting, and scikit-learn's regression beside them."""
    regime = Regime(people=200, homophily=0.8)
    people = world(regime, rng(1, "world"))
    dealt = split(people.sick, 0.5, rng(1, "split"))

    def fitted(x):
        scale = StandardScaler().fit(x[dealt.train])
        model = LogisticRegression(max_iter=1000).fit(
            scale.transform(x[dealt.train]), people.sick[dealt.train]
        )
        return model.predict_proba(scale.transform(x))[:, 1]

    heard = [people.edges[0][people.edges[1] == i] for i in range(200)]
    once = np.array([people.x[who].mean(axis=0) for who in heard])
    twice = np.array([once[who].mean(axis=0) for who in heard])
    flat = fitted(people.x)
    know = {i: 1.0 if people.sick[i] else -1.0 for i in dealt.train}
    votes = [np.mean([know.get(j, 2 * flat[j] - 1) for j in who]) for who in heard]
    found = plain(people, dealt)
    np.testing.assert_allclose(found[FLAT], flat, atol=1e-6)
    np.testing.assert_allclose(
        found[SMOOTHED], fitted(np.hstack([people.x, once, twice])), atol=1e-4
    )
    np.testing.assert_allclose(found[VOTED], fitted(np.column_stack([people.x, votes])), atol=1e-4)


def gained(regime: Regime, name: str, worlds: int) -> tuple[Difference, Difference]:
    """Return what ties add to a plain way, and to the best there is, over worlds."""
    scores = np.empty((4, worlds))
    for seed in range(worlds):
        people = world(regime, rng(seed, "gain", "world"))
        dealt = split(people.sick, regime.labelled, rng(seed, "gain", "split"))
        known = np.ones(len(people.sick), dtype=bool)
        known[dealt.test] = False
        found = plain(people, dealt) | {BEST: people.alone(), BEST_HEARD: people.heard(known)}
        for row, one in zip(scores, (name, FLAT, BEST_HEARD, BEST), strict=True):
            row[seed] = auroc(people.sick[dealt.test], found[one][dealt.test])
    return over_seeds(*scores[:2]), over_seeds(*scores[2:])


@pytest.mark.parametrize("name", [SMOOTHED, VOTED])
def test_ties_by_chance_add_nothing(name):
    found, most = gained(Regime(homophily=0.5), name, 12)
    assert found.low <= 0
    assert found.high < 0.01
    assert abs(most.mean) < 0.002


@pytest.mark.parametrize("name", [SMOOTHED, VOTED])
def test_ties_found_in_what_is_read_anyway_add_nothing(name):
    found, most = gained(Regime(), name, 12)
    assert found.low <= 0
    assert found.high < 0.01
    assert (most.mean, most.low, most.high) == (0, 0, 0)


def test_ties_found_in_another_look_add_and_are_as_homophilous():
    found, most = gained(Regime(other=1.0), VOTED, 12)
    assert found.low > 0.01
    assert found.mean < most.mean


def test_with_strong_ties_of_their_own_the_gain_comes_near_the_ceilings():
    found, most = gained(Regime(homophily=0.9, tells=0.7), VOTED, 6)
    assert found.low > 0.2
    assert found.mean > 0.9 * most.mean


def test_the_middle_of_the_map_is_what_a_regime_is_where_nothing_is_said():
    for axis in ("labelled", "tells", "people", "k", "wide", "other"):
        assert getattr(Regime(), axis) in getattr(Axes(), axis)
    assert TIES["drawn"].homophily in Axes().homophily
    assert TIES["drawn"].homophily in Axes().plane
