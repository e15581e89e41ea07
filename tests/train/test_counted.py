"""Probes: weighted logistic regression, and how far its weights are held back."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from hfgnn.evaluate.metrics import auroc
from hfgnn.seeding import rng
from hfgnn.train.counted import (
    FOLDS,
    NEVER,
    ONCE,
    PENALTIES,
    PUBLISHED,
    Balance,
    ProbeParams,
    few,
    probe,
)

PARAMS = ProbeParams(1, ONCE, penalties=(0.01,))
PEOPLE = 500


def features(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is seen of people, on scales of its own, and who of them is ill: one in five."""
    dice = rng(seed, "probes")
    z = dice.normal(size=(n, 5))
    ill = 1.5 * z[:, 0] - z[:, 1] + dice.logistic(size=n) > 2.2
    return 3 + z * [1, 2, 5, 0.1, 1], ill


@pytest.fixture(scope="module")
def known():
    return features(PEOPLE, 1)


@pytest.fixture(scope="module")
def asked():
    return features(300, 2)


@pytest.mark.parametrize("balance", [NEVER, ONCE, PUBLISHED])
def test_a_probe_is_weighted_logistic_regression(known, asked, balance):
    (seen, labels), (other, _) = known, asked
    given = replace(PARAMS, balance=balance)
    told, called = probe(given, seen, labels, np.arange(500), other)
    share, teach = labels.mean(), np.arange(500)
    if balance.sampled:
        well = rng(1, "sampled").permutation(np.flatnonzero(~labels))[: labels.sum()]
        teach = np.concatenate([np.flatnonzero(labels), well])
    z, own = ((seen - seen.mean(axis=0)) / seen.std(axis=0))[teach], labels[teach]
    weights = np.where(own, 1 / share, 1 / (1 - share)) if balance.weights else np.ones(len(own))

    def loss(w: np.ndarray) -> float:
        odds = np.where(own, 1, -1) * (z @ w[1:] + w[0])
        mean = weights @ np.logaddexp(0, -odds) / weights.sum()
        return float(mean + 0.5 * PARAMS.penalties[0] * w[1:] @ w[1:])

    best = minimize(loss, np.zeros(6), tol=1e-10).x
    wanted = (other - seen.mean(axis=0)) / seen.std(axis=0) @ best[1:] + best[0]
    np.testing.assert_allclose(told, wanted, atol=2e-4)
    np.testing.assert_array_equal(told, called)


def test_a_disease_counts_once_or_twice(known, asked):
    (seen, labels), (other, truth) = known, asked
    shares, order = {}, {}
    balances = {"never": NEVER, "weights": ONCE, "twice": PUBLISHED}
    balances |= {"sampled": Balance(sampled=True), "moved": Balance(moved=True)}
    for name, balance in balances.items():
        given = replace(PARAMS, balance=balance)
        told, called = probe(given, seen, labels, np.arange(500), other)
        shares[name], order[name] = (called > 0).mean(), auroc(truth, told)
    assert shares["never"] < 0.2
    assert shares["twice"] > max(shares["weights"], shares["sampled"], shares["moved"])
    assert shares["never"] < min(shares["weights"], shares["sampled"], shares["moved"])
    assert min(order.values()) > 0.8


def test_the_penalty_is_the_one_that_scikit_learn_finds_likeliest(known):
    """Of fifty columns of noise beside a few that tell, for few who teach."""
    seen, labels = known
    rows = np.arange(60)
    noisy = np.hstack([seen, rng(1, "noise").normal(size=(PEOPLE, 50))])
    z = ((noisy - noisy.mean(axis=0)) / noisy.std(axis=0))[rows]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    likely = {}
    for penalty in PENALTIES:
        kept = LogisticRegression(C=1 / (penalty * 0.75 * len(rows)), max_iter=2_000, tol=1e-6)
        told = cross_val_score(kept, z, labels[rows], cv=folds, scoring="neg_log_loss")
        likely[penalty] = told.mean()
    best = max(likely, key=likely.__getitem__)
    assert PENALTIES[0] < best
    free, fixed = ProbeParams(1, NEVER), ProbeParams(1, NEVER, penalties=(best,))
    both = [probe(params, noisy, labels, rows, noisy)[0] for params in (free, fixed)]
    np.testing.assert_array_equal(*both)


def test_with_a_chosen_penalty_newcomers_are_likelier_where_much_is_seen_of_few(known, asked):
    dice = rng(1, "noise")
    seen, other = (np.hstack([x, dice.normal(size=(len(x), 200))]) for x, _ in (known, asked))
    rows = few(known[1], 20, rng(1, "few"))
    lost = {}
    for name, penalties in {"chosen": PENALTIES, "fixed": PENALTIES[:1]}.items():
        told = probe(ProbeParams(1, NEVER, penalties), seen, known[1], rows, other)[0]
        lost[name] = np.logaddexp(0, np.where(asked[1], -told, told)).mean()
    assert lost["chosen"] < 0.8 * lost["fixed"], lost


@pytest.mark.parametrize("positives", [8, 40])
def test_few_are_drawn_with_their_share_of_the_others(known, positives):
    labels = known[1]
    rows = few(labels, positives, rng(1, "few"))
    assert labels[rows].sum() == positives
    assert labels[rows].mean() == pytest.approx(labels.mean(), rel=0.03)
    assert len(np.unique(rows)) == len(rows)
    other = few(labels, positives, rng(2, "few"))
    assert not np.array_equal(rows, other)


def test_all_teach_where_no_number_is_given_or_more_than_there_are(known):
    for positives in (None, int(known[1].sum()), 10_000):
        np.testing.assert_array_equal(few(known[1], positives, rng(1, "few")), np.arange(500))


@pytest.mark.parametrize(("ill", "positives"), [(100, 1), (1, None), (0, None)])
def test_too_few_ill_are_refused(ill, positives):
    labels = np.arange(PEOPLE) < ill
    with pytest.raises(ValueError, match="take two at least"):
        few(labels, positives, rng(1, "few"))
