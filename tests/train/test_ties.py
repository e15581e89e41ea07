"""The world without hearts: its laws, and what could be known, against what knows nothing of it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from scipy.stats import chisquare, norm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch_geometric.utils import homophily as told_by_pyg

from hfgnn.evaluate.metrics import auroc
from hfgnn.seeding import rng
from hfgnn.train.ties import Regime, World, drawn, posterior, world

MANY = Regime(people=20_000, wide=4, homophily=0.7)


def learned(sick: np.ndarray, x: np.ndarray) -> float:
    """Return the AUROC of a linear discriminant on the half that it has not seen."""
    half = len(x) // 2
    fitted = LinearDiscriminantAnalysis().fit(x[:half], sick[:half])
    return auroc(sick[half:], fitted.decision_function(x[half:]))


@pytest.mark.parametrize("tells", [0.7, 1.4, 2.8])
def test_nobody_does_better_on_own_numbers_than_the_law_says(tells):
    people = world(replace(MANY, tells=tells), rng(1, "people"))
    half, top = MANY.people // 2, norm.cdf(tells / 2**0.5)
    own = auroc(people.sick[half:], people.alone()[half:])
    error = (top * (1 - top) / (half / 2)) ** 0.5  # more than that of any AUROC of so many
    assert own == pytest.approx(top, abs=3 * error)
    assert learned(people.sick, people.x) == pytest.approx(own, abs=0.002)


@pytest.mark.parametrize("other", [0.0, 0.4, 1.0])
def test_found_ties_bring_no_more_than_the_look_that_they_are_made_of(other):
    regime = Regime(people=6_000, wide=4, other=other)
    people = world(regime, rng(2, "people"))
    looks = np.hstack([people.x, people.z]) if other else people.x
    half = regime.people // 2
    best = auroc(people.sick[half:], people.heard(np.zeros(regime.people))[half:])
    assert learned(people.sick, looks) == pytest.approx(best, abs=0.004)
    assert best == pytest.approx(norm.cdf(1.4 / 2**0.5 * (1 + (other > 0)) ** 0.5), abs=0.02)


def test_where_numbers_tell_nothing_nobody_is_above_another():
    people = world(replace(MANY, people=100, tells=0.0), rng(1, "people"))
    assert not people.alone().any()


@pytest.mark.parametrize("asked", [0.5, 0.62, 0.9, 0.97])
def test_drawn_ties_are_as_homophilous_as_was_asked(asked):
    people = world(replace(MANY, people=4_000, homophily=asked), rng(3, "people"))
    edges, label = torch.from_numpy(people.edges), torch.from_numpy(people.sick.astype(int))
    found = told_by_pyg(edges, label, method="edge")
    counted = np.mean([people.sick[i] == people.sick[j] for i, j in people.edges.T])
    assert found == pytest.approx(counted, abs=1e-6)
    assert found == pytest.approx(asked, abs=4 * (asked * (1 - asked) / edges.shape[1]) ** 0.5)


def test_everybody_hears_k_others_and_who_they_are_is_chance_within_a_label():
    sick, k, h = np.arange(12) % 3 < 1, 6_000, 0.8
    speaks, hears = drawn(sick, k, h, rng(4, "ties"))
    assert (np.bincount(hears) == k).all()
    assert not (speaks == hears).any()
    for i in range(len(sick)):
        others = np.flatnonzero(np.arange(len(sick)) != i)
        own = sick[others] == sick[i]
        law = np.where(own, h / own.sum(), (1 - h) / (~own).sum())
        times = np.bincount(speaks[hears == i], minlength=len(sick))[others]
        assert chisquare(times, k * law).pvalue > 1e-4


def test_ties_found_in_either_look_are_as_homophilous():
    """So that what they bring differs, and not how often they join two of a label."""
    shares = np.zeros((2, 12))
    for row, other in zip(shares, (0.0, 1.0), strict=True):
        for seed in range(12):
            people = world(Regime(people=400, other=other), rng(seed, "people"))
            row[seed] = (people.sick[people.edges[0]] == people.sick[people.edges[1]]).mean()
    apart = shares[0] - shares[1]
    assert abs(apart.mean()) < 3 * apart.std(ddof=1) / 12**0.5
    assert (shares > 0.52).all()


def test_one_stream_gives_the_same_people_whatever_their_ties():
    first, other, tied = (
        world(r, rng(5, "people"))
        for r in (Regime(people=80), Regime(people=80, other=1.0), Regime(people=80, homophily=0.9))
    )
    for people in (other, tied):
        np.testing.assert_array_equal(people.sick, first.sick)
        np.testing.assert_array_equal(people.x, first.x)
        assert not np.array_equal(people.edges, first.edges)
    np.testing.assert_array_equal(world(Regime(people=80), rng(5, "people")).edges, first.edges)


def counted(own: np.ndarray, edges: np.ndarray, agree: float) -> np.ndarray:
    """Return log odds of everybody by adding up the chances of all labels that there can be."""
    labels = np.array(list(product([-1, 1], repeat=len(own))))
    law = np.exp(labels @ own / 2)
    for i, j in edges.T:
        law *= 1 + agree * labels[:, i] * labels[:, j]
    return np.log([law[column > 0].sum() / law[column < 0].sum() for column in labels.T])


@pytest.mark.parametrize("agree", [-0.5, 0.0, 0.3, 0.94])
def test_the_posterior_is_exact_where_ties_make_no_circles(agree):
    stream = rng(6, "tree")
    edges = np.array([[stream.integers(i), i] for i in range(1, 11)]).T
    own = stream.normal(size=11)
    found = posterior(own, edges, agree, halves=False)
    np.testing.assert_allclose(found, counted(own, edges, agree), atol=1e-5)


def test_with_everybody_else_known_it_counts_votes():
    """The dense formula: own log odds, and log(h / (1 - h)) for each tie, which way it may run."""
    people = world(Regime(people=60, homophily=0.8), rng(7, "people"))
    y = np.where(people.sick, 1, -1)
    for i in range(5):
        sure = np.where(np.arange(60) == i, people.alone(), 50.0 * y)
        speaks, hears = people.edges
        votes = y[speaks[hears == i]].sum() + y[hears[speaks == i]].sum()
        found = posterior(sure, people.edges, 0.6, halves=False)[i]
        assert found == pytest.approx(people.alone()[i] + np.log(0.8 / 0.2) * votes)


def swapped(people: World, known: np.ndarray, sweeps: int) -> np.ndarray:
    """Return E[y] of everybody by Markov chain: labels of two change places, half stay sick."""
    n, h = people.regime.people, people.regime.homophily
    pull = np.log(h / (n / 2 - 1) / ((1 - h) / (n / 2))) / 2
    ties = np.zeros((n, n))
    np.add.at(ties, tuple(people.edges), 1.0)
    ties += ties.T
    stream, free, own = rng(8, "chain"), np.flatnonzero(~known), people.alone()
    y = np.where(people.sick, 1, -1)
    y[free] = stream.permutation(y[free])
    total = np.zeros(n)
    for sweep in range(sweeps):
        for i, j in stream.choice(free, (40, 2)):
            if y[i] != y[j]:
                gain = -y[i] * own[i] - y[j] * own[j] - 4 * pull * ties[i, j]
                gain -= 2 * pull * (y[i] * (ties[i] @ y) + y[j] * (ties[j] @ y))
                if np.log(stream.random()) < gain:
                    y[i], y[j] = y[j], y[i]
        total += y * (sweep >= sweeps // 10)
    return total / (sweeps - sweeps // 10)


def test_the_posterior_is_that_of_a_markov_chain_of_all_labels():
    """Circles are there, and half are sick; the chain knows of no messages."""
    people = world(Regime(people=200, k=4, homophily=0.65, tells=1.0), rng(5, "people"))
    known = rng(9, "known").random(200) < 0.1
    free, odds = ~known, people.heard(known)
    exact = swapped(people, known, 5_000)[free]
    assert np.corrcoef(np.tanh(odds[free] / 2), exact)[0, 1] > 0.99
    best, told = (auroc(people.sick[free], score) for score in (exact, odds[free]))
    assert told == pytest.approx(best, abs=0.015)
    assert told > auroc(people.sick[free], people.alone()[free]) + 0.03


def test_half_of_the_people_are_sick_and_the_posterior_knows():
    """Without that, weak ties in numbers would call everybody the same."""
    regime = Regime(homophily=0.62)
    people = world(regime, rng(2, "people"))
    free = rng(9, "known").random(regime.people) > 0.02
    odds = people.heard(~free)
    assert np.tanh(odds / 2).sum() == pytest.approx(0, abs=1e-3)
    alone = auroc(people.sick[free], people.alone()[free])
    assert auroc(people.sick[free], odds[free]) > alone + 0.02


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"people": 101}, "101 people .* give an even number, 12 or more"),
        ({"people": 10, "k": 5}, "10 people .* 12 or more"),
        ({"homophily": 1.0}, "homophily 1.0"),
        ({"homophily": 0.0}, "between 0 and 1"),
        ({"other": 1.5}, "a share of 1.5"),
    ],
)
def test_a_regime_that_cannot_be_is_told(wrong, told):
    with pytest.raises(ValueError, match=told):
        Regime(**wrong)
