"""The best that anybody could say of the newcomers, from what each view of them tells.

For each task and view a strong learner is taught the chances themselves, of other people of the
same kind (`hfgnn.train.ceilings`), and tells of the very newcomers whom every arm is asked about.
So a ceiling is one more predictor, and what an arm lacks of it is a difference in pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.train.ceilings import Question, judged, scored, seen
from hfgnn.train.gauged import GaugedParams
from hfgnn.train.limits import cheap_table, pictured
from hfgnn.world import ceilings as exact
from hfgnn.world.latent import Heart, gathered
from hfgnn.world.survival import BOOK, HAZARD, log_hazard
from hfgnn.world.tasks import TASKS

Floats = NDArray[np.float64]
HEART = "hidden heart"
VIEWS = {  # of these parts, side by side
    "values": ("values",),
    "ECG": ("ECG",),
    "picture": ("picture",),
    "ECG and values": ("ECG", "values"),
    "ECG and table": ("ECG", "table"),
    "all but the picture": ("ECG", "values", "table"),
    "all": ("ECG", "values", "table", "picture"),
}
FAILS = "heart failure"


@dataclass(frozen=True)
class TopsParams:
    """Who is asked about, and how many others the learner meets."""

    newcomers: GaugedParams
    people: int = 10_000


@dataclass(frozen=True)
class Tops:
    """What the best predictors say of the newcomers, and what that comes to in expectation."""

    scores: dict[str, Floats]  # by `task: view`: [n], which rise with the risk
    table: pd.DataFrame  # COLUMNS of `hfgnn.train.ceilings`: AUROC, or C


def tops(params: TopsParams) -> Tops:
    """Teach the learner each task from each view, and let it tell of the newcomers."""
    asked = params.newcomers.population
    fresh = replace(asked, name=f"{asked.name} tops", people=params.people)
    teach, about = seen(fresh), seen(asked)
    heart, told = gathered([teach[0], about[0]]), dict[str, pd.DataFrame]()
    for name in about[1]:
        told[name] = pd.concat([teach[1][name], about[1][name]], ignore_index=True)
    parts = {"ECG": told["ECG"], "values": told["clinical"], "picture": pictured(heart)}
    parts["table"] = cheap_table(heart, told["clinical"])
    views = {name: _beside([parts[part] for part in own]) for name, own in VIEWS.items()}
    scores, tables = dict[str, Floats](), list[pd.DataFrame]()
    for question in _questions(heart):
        best = scored(question, views, params.people)
        scores |= {f"{question.name}: {view}": full for view, (full, _) in best.items()}
        tables.append(judged(question, best, params.people))
    return Tops(scores, pd.concat(tables, ignore_index=True))


def _beside(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return parts side by side, each column once."""
    whole = pd.concat(parts, axis=1)
    return whole.loc[:, ~whole.columns.duplicated()]


def _questions(heart: Heart) -> list[Question]:
    """Return the four tasks, all asked of the same people."""
    eta = log_hazard(heart)
    found = [Question(task.name, p, p, {"AUROC": exact.auroc}) for task, p in _chances(heart)]
    risk = HAZARD.risk(eta, BOOK.months[1])
    judge: Mapping[str, Any] = {
        "C": lambda truth, score: exact.concordance(truth, score, study=BOOK)
    }
    return [*found, Question(FAILS, eta, risk, judge)]


def _chances(heart: Heart) -> list[tuple[Any, Floats]]:
    return [(task, task.chance(heart)) for task in TASKS]
