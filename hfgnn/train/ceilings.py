"""What one view of the heart allows at most, estimated: a strong learner's score of the truth.

No score of a view x ranks better than E[p | x]. It is learned here from the chances p themselves,
not from drawn labels, so that no noise of labels has to be fought; and it is judged by the exact
formulas of `hfgnn.world.ceilings`, on other people. What a second learner loses, which has seen
half of the people, tells what more of them would still add. Monte Carlo errors are over people.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from hfgnn.seeding import rng
from hfgnn.world import ceilings as exact
from hfgnn.world import ecg
from hfgnn.world.bedside import bedside
from hfgnn.world.latent import Heart, hearts
from hfgnn.world.population import HOSPITAL
from hfgnn.world.survival import HAZARD, STUDIES, log_hazard
from hfgnn.world.tasks import TASKS

Floats = NDArray[np.float64]
Door = Callable[[Heart, np.random.Generator], NDArray[np.bool_]]
POOL = 20_000  # people at a time
TIMES = ("rr", "pr", "p_scale", "qrs_scale", "t_peak", "t_scale")
COLUMNS = ["question", "statistic", "view", "ceiling", "error", "from half", "people"]
LABEL_STATISTICS = {
    "AUROC": exact.auroc,
    "balanced accuracy": exact.balanced_accuracy,
    "accuracy": exact.accuracy,
}


@dataclass(frozen=True)
class Learner:
    """A ridge regression whose score gradient boosting then bends: E[target | view].

    An ECG tells of most causes by many small signs, which a linear score sums better than trees do;
    trees add what is not linear. The first columns of a view are those that trees are shown.
    """

    penalty: float = 300.0  # between 100 and 1,000 nothing changes
    columns: int = 40  # for the trees; a clinical view has five in all
    trees: int = 120
    pace: float = 0.08
    leaves: int = 15
    smallest: int = 100  # people in a leaf: scores of small leaves are noise

    def scores(self, view: pd.DataFrame, target: Floats, train: int) -> Floats:
        """Return E[target | view] of all after the first `train` people, learned from these."""
        z = view.to_numpy(dtype=float)
        z = (z - z[:train].mean(axis=0)) / (z[:train].std(axis=0) + 1e-9)
        z = np.clip(z, -6, 6)
        shown = np.column_stack(
            [self._sums(z, logit(np.clip(target[:train], 1e-6, 1 - 1e-6))), z[:, : self.columns]]
        )
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


@dataclass(frozen=True)
class CeilingsParams:
    """Sizes of the estimate for one population: a study's name, or the hospital."""

    seed: int
    population: str
    people: int = 40_000  # half of them learned from, half asked about: errors of 0.003


@dataclass(frozen=True)
class Ceilings:
    """The best scores in one population."""

    table: pd.DataFrame  # one row a question, statistic and view: COLUMNS


@dataclass(frozen=True)
class Question:
    """What is asked of n people: `target` teaches a learner, `truth` judges scores [n]."""

    name: str
    truth: Floats  # the chances p; of the time to heart failure, eta
    target: Floats  # the chances p, of heart failure within the study's time
    statistics: Mapping[str, exact.Statistic]


def ceilings(params: CeilingsParams) -> Ceilings:
    """Return the ceiling of each question, statistic and view, with its Monte Carlo error."""
    stream = partial(rng, params.seed, "ceilings", params.population)
    heart = recruited(params.population, params.people, stream("hearts"))
    views = seen(heart, stream)
    rows = [by_view(question, views) for question in questions(params.population, heart)]
    return Ceilings(pd.concat(rows, ignore_index=True))


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


def seen(heart: Heart, stream: Callable[[str], np.random.Generator]) -> dict[str, pd.DataFrame]:
    """Return what each view tells of everybody: [n, columns] each."""
    rhythms, shapes = zip(*drawn(heart, stream("form")), strict=True)
    pressed = PCA(random_state=0).fit_transform(StandardScaler().fit_transform(np.vstack(shapes)))
    names = [f"shape {k}" for k in range(pressed.shape[1])]
    heard = pd.concat(rhythms, ignore_index=True).join(pd.DataFrame(pressed, columns=names))
    clinical = bedside(heart, stream("bedside")).astype(float)
    return {"ECG": heard, "clinical": clinical, "both": clinical.join(heard)}


def drawn(heart: Heart, stream: np.random.Generator) -> Iterator[tuple[pd.DataFrame, Floats]]:
    """Yield, some people at a time, what their ECG is drawn from: rhythm and times, and shapes.

    It is all but the noise of the recording, so a little more than what the samples tell.
    """
    for first in range(0, len(heart), POOL):
        form = ecg.form(heart.take(np.arange(first, min(first + POOL, len(heart)))), stream)
        own, kind = form.waves, np.where(np.isfinite(form.beats.times), form.beats.kind, -1)
        told = {name: getattr(own, name) for name in TIMES}
        told["rr spread"] = np.log(np.nanstd(form.beats.rr_before, axis=1) + 1e-3)
        told["P"] = form.beats.p_wave
        told["ventricular"], told["atrial"] = ((kind == k).sum(axis=1) for k in (1, 2))
        shapes = [wave.reshape(len(own), -1) for wave in (own.p, own.qrs, own.t)]
        yield pd.DataFrame(told, dtype=float), np.hstack(shapes).astype(float)


def by_view(question: Question, views: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return question, statistic, view, ceiling, its error, and what half of the people gave."""
    half = len(question.truth) // 2
    truth, rows = question.truth[half:], []
    scores = {"hidden heart": (truth, truth)}
    for name, view in views.items():
        full = LEARNER.scores(view, question.target, half)
        fewer = LEARNER.scores(view[half // 2 :], question.target[half // 2 :], half - half // 2)
        scores[name] = (full, fewer)
    for name, statistic in question.statistics.items():
        for view_name, (full, fewer) in scores.items():
            found, less = exact.estimate(statistic, truth, full), statistic(truth, fewer)
            rows.append((question.name, name, view_name, found.value, found.error, less, half))
    return pd.DataFrame(rows, columns=COLUMNS)


def recruited(population: str, people: int, stream: np.random.Generator) -> Heart:
    """Return that many people of the community whom a study, or the hospital, lets in."""
    door, parts = _door(population), list[Heart]()
    while sum(map(len, parts)) < people:
        pool = hearts(POOL, stream)
        parts.append(pool.take(door(pool, stream)))
    names = [field.name for field in fields(Heart)]
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    return Heart(**columns).take(np.arange(people))


def _door(population: str) -> Door:
    studies = {study.name: study for study in STUDIES}
    if population in studies:
        return lambda heart, _: studies[population].eligible(heart)
    if population == "hospital":
        return _hospital
    known = ", ".join(["hospital", *studies])
    raise ValueError(f"population {population!r} is not known; choose one of {known}")


def _hospital(heart: Heart, stream: np.random.Generator) -> NDArray[np.bool_]:
    """Let everybody in with a chance that makes the groups' shares those of a hospital."""
    group = pd.Series(heart.group)
    need = pd.Series(HOSPITAL) / group.value_counts(normalize=True)
    return np.asarray(stream.random(len(heart)) < group.map(need / need.max()))
