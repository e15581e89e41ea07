"""Promises: plain formulas find the same line, sets and luck; luck is drawn by its seed."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from hfgnn.seeding import rng
from hfgnn.train.promises import covered, line, luck


def likeliest(target: np.ndarray, chance: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept by scikit-learn: each counts in part as sick, in part not."""
    odds = odds_of(chance)[:, None]
    labels, weights = np.repeat([1, 0], len(odds)), np.r_[target, 1 - target]
    fit = LogisticRegression(C=1e12, solver="newton-cholesky", tol=1e-10, max_iter=500)
    fit.fit(np.vstack([odds, odds]), labels, sample_weight=weights)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def odds_of(chance: np.ndarray) -> np.ndarray:
    inside = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.log(inside) - np.log1p(-inside)


def mended(sick: np.ndarray, chance: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return chances by Platt's line, with his softened labels."""
    target = np.where(sick, (sick.sum() + 1) / (sick.sum() + 2), 1 / ((~sick).sum() + 2))
    slope, intercept = likeliest(target, chance)
    return 1 / (1 + np.exp(-intercept - slope * odds_of(said)))


def held(sick: np.ndarray, chance: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return sets [n, 2] of the answers whose p-value is above a tenth."""
    inside = []
    for label in (False, True):
        own = np.abs(label - chance[sick == label])
        as_strange = (own >= np.abs(label - said)[:, None]).sum(axis=1)
        inside.append((as_strange + 1) / (len(own) + 1) > 0.1 + 1e-12)
    return np.stack(inside, axis=1)


def scores(truth: np.ndarray, chance: np.ndarray) -> dict[str, float]:
    slope, intercept = likeliest(truth.astype(float), chance)
    bins = pd.DataFrame({"said": chance, "truth": truth}).groupby(pd.qcut(chance, 10).codes)
    gap = (bins["said"].mean() - bins["truth"].mean()).abs() @ bins.size() / len(truth)
    told = {"slope": slope, "intercept": intercept, "ECE": gap}
    return told | {"Brier": brier_score_loss(truth, chance), "AUROC": roc_auc_score(truth, chance)}


def asked(n: int = 900) -> tuple[np.ndarray, np.ndarray]:
    """Return who is sick, and chances that rank well and say too much."""
    stream = rng(n, "promises")
    sick = stream.random(n) < 0.6
    odds = 2.5 * stream.normal(1.2 * sick - 0.4, 1)
    return sick, 1 / (1 + np.exp(-odds))


def test_a_line_is_scored_as_plain_formulas_score_it():
    sick, raw = asked()
    found = line(sick, raw)
    assert found == pytest.approx(scores(sick, raw), rel=1e-5, abs=1e-6)
    assert found["slope"] < 0.7


def test_covered_is_counted_by_group_with_exact_intervals():
    sick = np.array([True] * 6 + [False] * 4)
    normal_in = np.array([1, 0, 0, 0, 0, 1, 1, 1, 0, 1], bool)
    sick_in = np.array([1, 1, 1, 1, 0, 0, 0, 1, 0, 0], bool)
    found = covered(sick, np.stack([normal_in, sick_in], axis=1)).set_index("group")
    wanted = {"all": (7, 10), "normal": (3, 4), "sick": (4, 6)}  # right, of how many
    for group, (k, n) in wanted.items():
        row = found.loc[group]
        assert (row["covered"], row["n"]) == (pytest.approx(k / n), n)
        ends = beta.ppf([0.025, 0.975], [k, k + 1], [n - k + 1, n - k])
        assert row[["low", "high"]].to_list() == pytest.approx(ends, abs=1e-9)
    assert found.loc["all", ["none", "both"]].to_list() == pytest.approx([0.2, 0.2])


def test_luck_is_what_plain_formulas_find_each_time_that_others_calibrate():
    sick, raw = asked()
    found = luck(sick, raw, 300, 0.1, draws=3, rng=rng(5, "luck"))
    stream = rng(5, "luck")
    for told in found.itertuples():
        order = stream.permutation(len(sick))
        own, new = order[:300], order[300:]
        said = mended(sick[own], raw[own], raw[new])
        assert told.slope == pytest.approx(likeliest(sick[new].astype(float), said)[0], rel=1e-5)
        sets = held(sick[own], raw[own], raw[new])
        assert told.covered == pytest.approx(sets[np.arange(600), sick[new].astype(int)].mean())
    assert found["slope"].nunique() == 3


def test_luck_is_drawn_by_its_seed():
    sick, raw = asked(200)

    def drawn(seed: int) -> pd.DataFrame:
        return luck(sick, raw, 80, 0.1, draws=6, rng=rng(seed, "luck"))

    first = drawn(1)
    assert list(first.columns) == ["slope", "covered"]
    assert len(first) == 6
    pd.testing.assert_frame_equal(first, drawn(1))
    assert not first.equals(drawn(2))


def test_luck_brackets_the_promise_and_means_less_where_more_calibrate():
    sick, raw = asked()
    many, few = (luck(sick, raw, n, 0.1, draws=60, rng=rng(3, "luck")) for n in (450, 45))
    for name, promise in (("slope", 1), ("covered", 0.9)):
        low, high = few[name].quantile([0.025, 0.975])
        assert low < promise < high
        assert few[name].std() > 1.5 * many[name].std()
    assert many["slope"].mean() == pytest.approx(1, abs=0.1)
    assert many["covered"].mean() == pytest.approx(0.9, abs=0.015)
