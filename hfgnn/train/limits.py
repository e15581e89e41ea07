"""What each view of the third work allows at most, and how much of the heart an ECG can tell.

The table is what is cheap (`hfgnn.train.seen`); a picture is taken to show its geometry without
error: both volumes, mass, scar by territory, and the septum's lag, so that its ceiling is generous.

A ceiling is an expectation, and a rare disease is few people's luck. So what the best predictor
scores is told of the very newcomers, too, whom every other predictor is asked about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.rare import balanced_accuracy
from hfgnn.train.ceilings import Question, judged, questions, scored, seen
from hfgnn.train.seen import CHEAP, Seen, SeenParams
from hfgnn.world import ceilings as exact
from hfgnn.world.latent import ANTERIOR, INFERIOR, LATERAL, LBBB, Heart, gathered

Floats = NDArray[np.float64]
TASKS = ("infarction", "pump")
VIEWS = {  # each of these parts, side by side
    "ECG": ("ECG",),
    "table": ("table",),
    "ECG and table": ("ECG", "table"),
    "picture": ("picture",),
    "all three": ("ECG", "table", "picture"),
}
CHEAPLY = ("ECG", "table", "ECG and table")  # views without a picture
PENALTIES = np.logspace(0, 5, 11)
HEARTS = {"EF": "ef", "EDV": "edv", "mass": "mass"}


@dataclass(frozen=True)
class LimitsParams:
    """Whom ceilings are learned from, and the newcomers who are asked about."""

    newcomers: SeenParams
    people: int = 10_000


@dataclass(frozen=True)
class Limits:
    """The ceilings of what is called ill, and of what is told of the heart."""

    table: pd.DataFrame  # COLUMNS of `hfgnn.train.ceilings`, and score: of these labels, drawn
    hearts: pd.DataFrame  # heart, view: R2, error, and R2 of a learner who met half as many


def limits(params: LimitsParams, newcomers: Seen) -> Limits:
    """Estimate the ceilings of both tasks, and R2 of the heart's size, by view."""
    asked = params.newcomers
    fresh = f"{asked.cohort} limits"
    teach = seen(replace(asked.population, name=fresh, people=params.people))
    about = seen(asked.population)
    heart, told = gathered([teach[0], about[0]]), {}
    for name in about[1]:
        told[name] = pd.concat([teach[1][name], about[1][name]], ignore_index=True)
    parts = {
        "ECG": told["ECG"],
        "table": cheap_table(heart, told["clinical"]),
        "picture": pictured(heart),
    }
    views = {name: pd.concat([parts[part] for part in own], axis=1) for name, own in VIEWS.items()}
    found = [
        _of_task(one, views, params.people, newcomers.table[one.name].to_numpy(bool))
        for one in questions(asked.cohort, heart)
        if one.name in TASKS
    ]
    rows = [
        _of_heart(name, view, views[view], getattr(heart, column), params.people)
        for name, column in HEARTS.items()
        for view in CHEAPLY
    ]
    hearts = pd.DataFrame(rows).set_index(["heart", "view"])
    return Limits(pd.concat(found, ignore_index=True), hearts)


def _of_task(
    question: Question, views: Mapping[str, pd.DataFrame], train: int, labels: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return a task's ceilings, and what their scores come to by the labels that were drawn."""
    scores = scored(question, views, train)
    table = judged(question, scores, train)
    came = {"AUROC": auroc, "balanced accuracy": _called_right}
    table = table[table["statistic"].isin(came)].copy()
    each = zip(table["statistic"], table["view"], strict=True)
    table["score"] = [came[statistic](labels, scores[view][0]) for statistic, view in each]
    return table


def _called_right(labels: NDArray[np.bool_], chances: Floats) -> float:
    """Return the balanced accuracy where whoever is likelier ill than most is called ill."""
    return balanced_accuracy(labels, chances - chances.mean())


def cheap_table(heart: Heart, bedside: pd.DataFrame) -> pd.DataFrame:
    """Return the columns CHEAP, some of the bedside's and some that everybody is asked."""
    rest = {name: getattr(heart, name).astype(float) for name in CHEAP if name not in bedside}
    return bedside.assign(**rest)[list(CHEAP)]


def pictured(heart: Heart) -> pd.DataFrame:
    """Return what there is to be seen on a picture."""
    territory = {"inferior": INFERIOR, "anterior": ANTERIOR, "lateral": LATERAL}
    scars = {n: (heart.infarct == code) * heart.infarct_size for n, code in territory.items()}
    shown = {name: getattr(heart, name) for name in ("edv", "esv", "ef", "mass")}
    return pd.DataFrame(shown | scars | {"lag": heart.conduction == LBBB}).astype(float)


def _of_heart(
    name: str, view: str, shown: pd.DataFrame, size: Floats, train: int
) -> dict[str, Any]:
    truth, half = size[train:], train // 2
    full = _best(shown, size, train)
    fewer = _best(shown[half:], size[half:], train - half)
    found = exact.estimate(_r2, truth, full)
    told = {"R2": found.value, "error": found.error, "from half": _r2(truth, fewer)}
    return {"heart": name, "view": view, **told}


def _best(shown: pd.DataFrame, size: Floats, train: int) -> Floats:
    """Return what the better of two learners says of all after the first `train` people.

    A ridge regression sums many small signs; trees bend what another one says of whom it has not
    seen. A ceiling is what the better one reaches.
    """
    z = shown.to_numpy(float)
    z = np.clip((z - z[:train].mean(axis=0)) / (z[:train].std(axis=0) + 1e-9), -6, 6)
    sums = cross_val_predict(RidgeCV(PENALTIES), z[:train], size[:train], cv=5)
    ridge = RidgeCV(PENALTIES).fit(z[:train], size[:train])
    linear = ridge.predict(z)
    bent = HistGradientBoostingRegressor(
        max_iter=100, learning_rate=0.04, max_leaf_nodes=8, min_samples_leaf=100, random_state=0
    )
    bent.fit(np.column_stack([sums, z[:train]]), size[:train])
    other = bent.predict(np.column_stack([linear, z])[train:])
    return np.asarray(max(linear[train:], other, key=lambda told: _r2(size[train:], told)))


def _r2(truth: Floats, told: Floats) -> float:
    return float(1 - np.mean((truth - told) ** 2) / np.var(truth))
