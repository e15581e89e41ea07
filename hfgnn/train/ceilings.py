"""What one view of the heart allows at most, estimated: a strong learner's score of the truth.

No score of a view x ranks better than E[p | x]. It is learned here from the chances p themselves,
not from drawn labels, so that no noise of labels has to be fought; and it is judged by the exact
formulas of `hfgnn.world.ceilings`, on other people. What a second learner loses, which has seen
half of the people, tells what more of them would still add. Monte Carlo errors are over people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from hfgnn.world import ceilings as exact
from hfgnn.world import ecg
from hfgnn.world.bedside import bedside
from hfgnn.world.latent import Heart, gathered
from hfgnn.world.population import Population, blocks, population, recruited, streams
from hfgnn.world.survival import HAZARD, STUDIES, log_hazard
from hfgnn.world.tasks import TASKS

Floats = NDArray[np.float64]
POPULATIONS = ("hospital", *(study.name for study in STUDIES))
COLUMNS = ["question", "statistic", "view", "ceiling", "error", "from half", "prevalence"]
LABEL_STATISTICS = {
    "AUROC": exact.auroc,
    "balanced accuracy": exact.balanced_accuracy,
    "accuracy": exact.accuracy,
}


@dataclass(frozen=True)
class CeilingsParams:
    """How many people of each population: half of them learned from, half asked about."""

    seed: int
    people: int = 20_000  # Monte Carlo errors of 0.004


@dataclass(frozen=True)
class Ceilings:
    """What the best possible predictor scores, from the hidden heart and from each view of it."""

    table: pd.DataFrame  # population, and COLUMNS: one row a question, statistic and view


@dataclass(frozen=True)
class Learner:
    """A ridge regression whose score gradient boosting then bends: E[target | view].

    An ECG tells of most causes by many small signs, which a linear score sums better than trees do;
    trees add what is not linear.
    """

    penalty: float = 300.0  # between 100 and 1,000 nothing changes
    trees: int = 120
    pace: float = 0.08
    leaves: int = 15
    smallest: int = 100  # people in a leaf: scores of small leaves are noise

    def scores(self, view: pd.DataFrame, target: Floats, train: int) -> Floats:
        """Return E[target | view] of all after the first `train` people, learned from these."""
        z = view.to_numpy(dtype=float)
        z = (z - z[:train].mean(axis=0)) / (z[:train].std(axis=0) + 1e-9)
        z = np.clip(z, -6, 6)
        sums = self._sums(z, logit(np.clip(target[:train], 1e-6, 1 - 1e-6)))
        shown = np.column_stack([sums, z])
        model = HistGradientBoostingRegressor(
            loss="poisson",  # for what is never negative and mostly small
            max_iter=self.trees,
            learning_rate=self.pace,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.smallest,
            random_state=0,
        )
        unit = target[:train].mean()  # so that rare and common targets are learned alike
        model.fit(shown[:train], target[:train] / unit)
        return np.asarray(model.predict(shown[train:]) * unit)

    def _sums(self, z: Floats, wanted: Floats) -> Floats:
        """Return everybody's linear score, a learner's own people by one that has not seen them."""
        train = len(wanted)
        parts, scores = np.arange(train) % 2 == 0, np.empty(len(z))
        for own in (parts, ~parts):
            part = Ridge(self.penalty).fit(z[:train][~own], wanted[~own])
            scores[:train][own] = part.predict(z[:train][own])
        scores[train:] = Ridge(self.penalty).fit(z[:train], wanted).predict(z[train:])
        return scores


LEARNER = Learner()
Scores = dict[str, tuple[Floats, Floats]]


@dataclass(frozen=True)
class Question:
    """What is asked of n people: `target` teaches a learner, `truth` judges scores [n]."""

    name: str
    truth: Floats  # the chances p; of the time to heart failure, eta
    target: Floats  # the chances p, of heart failure within the study's time
    statistics: Mapping[str, exact.Statistic]


def ceilings(params: CeilingsParams) -> Ceilings:
    """Estimate the ceilings of the hospital and of every survival cohort."""
    found = [
        asked(population(name, people=params.people, seed=params.seed)).assign(population=name)
        for name in POPULATIONS
    ]
    return Ceilings(pd.concat(found, ignore_index=True))


def asked(config: Population) -> pd.DataFrame:
    """Return the ceiling of each question, statistic and view in that population."""
    heart, views = seen(replace(config, name=f"{config.name} ceiling"))  # of fresh people
    rows = [by_view(question, views) for question in questions(config.name, heart)]
    return pd.concat(rows, ignore_index=True)


def questions(population: str, heart: Heart) -> list[Question]:
    """Return what is asked of the people of that population."""
    found = []
    for study in STUDIES:
        if study.name == population:
            eta, c = log_hazard(heart), partial(exact.concordance, study=study)
            target = HAZARD.risk(eta, study.months[1])
            found.append(Question("heart failure", eta, target, {"C": c}))
    for task in TASKS:
        if task.population == population:
            p = task.chance(heart)
            found.append(Question(task.name, p, p, LABEL_STATISTICS))
    return found


def seen(config: Population) -> tuple[Heart, dict[str, pd.DataFrame]]:
    """Return everybody's heart, and what each view tells of it: [n, columns] each."""
    everyone, ecgs, values = list[Heart](), list[pd.DataFrame](), list[pd.DataFrame]()
    for number in blocks(config):
        stream = streams(config, number)
        heart, _ = recruited(config, number, stream)
        everyone.append(heart)
        ecgs.append(ecg.heard(ecg.form(heart, stream("form"))))
        values.append(bedside(heart, stream("bedside")))
    told = pd.concat(ecgs, ignore_index=True).astype(float)
    clinical = pd.concat(values, ignore_index=True).astype(float)
    return gathered(everyone), {"ECG": told, "clinical": clinical, "both": clinical.join(told)}


def scored(question: Question, views: Mapping[str, pd.DataFrame], train: int) -> Scores:
    """Return by view how all after the first `train` people score: by all of these, and by half."""
    truth, half = question.truth[train:], train // 2
    scores = {"hidden heart": (truth, truth)}
    for name, view in views.items():
        full = LEARNER.scores(view, question.target, train)
        fewer = LEARNER.scores(view[half:], question.target[half:], train - half)
        scores[name] = (full, fewer)
    return scores


def by_view(question: Question, views: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return COLUMNS for one question: each view's ceiling, its error, and what half gave."""
    half = len(question.truth) // 2
    return judged(question, scored(question, views, half), half)


def judged(question: Question, scores: Scores, train: int) -> pd.DataFrame:
    """Return COLUMNS for one question, by how all after the first `train` people score."""
    truth, prevalence, rows = question.truth[train:], question.target.mean(), []
    for name, statistic in question.statistics.items():
        for view_name, (full, fewer) in scores.items():
            found, less = exact.estimate(statistic, truth, full), statistic(truth, fewer)
            rows.append(
                (question.name, name, view_name, found.value, found.error, less, prevalence)
            )
    return pd.DataFrame(rows, columns=COLUMNS)
