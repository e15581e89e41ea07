"""Controls that see the five clinical variables and no ECG at all, held against the ceiling."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from hfgnn.evaluate.intervals import bootstrap
from hfgnn.evaluate.metrics import auroc, recalls
from hfgnn.seeding import rng
from hfgnn.world.clinical import REPORTED, Bools, Floats, draw
from hfgnn.world.truth import log_ratio


def people(sick: int, normal: int, stream: np.random.Generator) -> tuple[pd.DataFrame, Bools]:
    """Draw that many sick and normal people: their five variables and their labels."""
    labels = np.repeat([True, False], [sick, normal])
    return draw(labels, stream), labels


@dataclass(frozen=True)
class SampledParams:
    """Sizes of the Monte Carlo check of the ceiling."""

    seed: int
    draws: int = 400_000  # people per class
    batches: int = 40  # their spread gives the interval
    sick: int = REPORTED.sick  # the thesis's test folder
    normal: int = REPORTED.normal


@dataclass(frozen=True)
class Sampled:
    """The best possible classifier, measured on drawn people."""

    many: pd.DataFrame  # by quantity: estimate, low, high over all draws
    one_auroc: float  # of a single test of the thesis's size
    one_interval: tuple[float, float]  # its bootstrap


def sampled(params: SampledParams) -> Sampled:
    """Score drawn people by the exact likelihood ratio: a path that shares no convolution."""
    each = params.draws // params.batches
    weights = np.array([params.sick, params.normal]) / (params.sick + params.normal)
    rows = []
    for batch in range(params.batches):
        table, labels = people(each, each, rng(params.seed, "clinical.sampled", str(batch)))
        score = log_ratio(table)
        told = weights @ recalls(labels, score > np.log(params.normal / params.sick))
        rows.append([auroc(labels, score), told, np.mean(recalls(labels, score > 0))])
    found = pd.DataFrame(rows, columns=["AUROC", "accuracy, test", "accuracy, equal"])
    reach = 1.96 * found.std() / np.sqrt(params.batches)
    ends = {"low": found.mean() - reach, "high": found.mean() + reach}
    stream = rng(params.seed, "clinical.sampled", "one test")
    table, labels = people(params.sick, params.normal, stream)
    score = log_ratio(table)
    interval = bootstrap(auroc, labels, score, rng=stream)
    return Sampled(pd.DataFrame({"estimate": found.mean(), **ends}), auroc(labels, score), interval)


@dataclass(frozen=True)
class RivalsParams:
    """Sizes of the trained controls: the thesis's own, drawn anew many times, and one large."""

    seed: int
    repeats: int = 100
    train: int = REPORTED.train  # people per class
    sick: int = REPORTED.sick  # the thesis's test folder
    normal: int = REPORTED.normal
    large: int = 100_000  # people per class, in training and again in the test


@dataclass(frozen=True)
class Rivals:
    """Scores of each control, trained and tested on fresh draws."""

    runs: pd.DataFrame  # one row a repeat and rival: rival, AUROC, accuracy, repeat
    large: pd.DataFrame  # by rival: AUROC, accuracy of the one large sample


def _log_bnp(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(BNP=np.log(table["BNP"]))


def _with_squares(scaled: Floats) -> Floats:
    return np.hstack([scaled, scaled**2])


BEST = "best possible"
RIVALS: dict[str, Any] = {
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "logistic, log and squares": make_pipeline(
        FunctionTransformer(_log_bnp),
        StandardScaler(),
        FunctionTransformer(_with_squares),
        LogisticRegression(max_iter=1000),
    ),
    # small trees, which a thousand people can fill: larger ones score less and take twice the time
    "gradient boosting": HistGradientBoostingClassifier(max_leaf_nodes=6, random_state=0),
}


def rivals(params: RivalsParams) -> Rivals:
    """Train each control on draws of the thesis's sizes, and once on a large sample."""
    sizes = (params.train, params.sick, params.normal)
    runs = [
        _contest(*sizes, rng(params.seed, "clinical.rivals", str(repeat))).assign(repeat=repeat)
        for repeat in range(params.repeats)
    ]
    stream = rng(params.seed, "clinical.rivals", "large")
    large = _contest(params.large, params.large, params.large, stream)
    return Rivals(pd.concat(runs).reset_index(names="rival"), large)


def _contest(train: int, sick: int, normal: int, stream: np.random.Generator) -> pd.DataFrame:
    """Train on equal classes, as the thesis did, and call people by the test's proportions.

    Every rival is told these proportions (the threshold), so that none loses for not knowing them.
    """
    known, truth = people(train, train, stream)
    tested, labels = people(sick, normal, stream)
    scores = {BEST: log_ratio(tested)}
    for name, model in RIVALS.items():
        chances = clone(model).fit(known, truth).predict_proba(tested)
        scores[name] = np.diff(np.log(chances.clip(1e-15)))[:, 0]
    found = {}
    for name, score in scores.items():
        right = np.mean(labels == (score > np.log(normal / sick)))
        found[name] = (auroc(labels, score), float(right))
    return pd.DataFrame.from_dict(found, orient="index", columns=["AUROC", "accuracy"])
