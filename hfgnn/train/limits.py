"""What each view of the third work allows at most, and how much of the heart an ECG can tell.

The table is what is cheap (`hfgnn.train.seen`); a picture is taken to show its geometry without
error: both volumes, mass, scar by territory, and the septum's lag, so that its ceiling is generous.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict

from hfgnn.train.ceilings import COLUMNS, by_view, questions, seen
from hfgnn.train.seen import CHEAP
from hfgnn.world import ceilings as exact
from hfgnn.world.latent import ANTERIOR, INFERIOR, LATERAL, LBBB, Heart
from hfgnn.world.population import population

Floats = NDArray[np.float64]
TASKS = ("infarction", "pump")
VIEWS = {  # each of these parts, side by side
    "ECG": ("ECG",),
    "table": ("table",),
    "ECG and table": ("ECG", "table"),
    "picture": ("picture",),
    "all three": ("ECG", "table", "picture"),
}
PENALTIES = np.logspace(0, 5, 11)
HEARTS = {"EF": "ef", "EDV": "edv", "mass": "mass"}


@dataclass(frozen=True)
class LimitsParams:
    """How many people: half of them learned from, half asked about."""

    seed: int
    people: int = 20_000
    cohort: str = "general"


@dataclass(frozen=True)
class Limits:
    """The ceilings of what is called ill, and of what is told of the heart."""

    table: pd.DataFrame  # COLUMNS of `hfgnn.train.ceilings`
    hearts: pd.DataFrame  # heart, view: R2, error, and R2 of a learner who met half as many


def limits(params: LimitsParams) -> Limits:
    """Estimate the ceilings of both tasks, and R2 of the heart's size, by view."""
    config = population(params.cohort, people=params.people, seed=params.seed)
    heart, told = seen(replace(config, name=f"{config.name} limits"))  # of fresh people
    parts = {"ECG": told["ECG"], "table": _table(heart, told["clinical"]), "picture": _drawn(heart)}
    views = {name: pd.concat([parts[part] for part in own], axis=1) for name, own in VIEWS.items()}
    asked = [one for one in questions(params.cohort, heart) if one.name in TASKS]
    found = pd.concat([by_view(one, views) for one in asked], ignore_index=True)
    rows = [
        _of_heart(name, view, parts[view], getattr(heart, column))
        for name, column in HEARTS.items()
        for view in ("ECG", "table")
    ]
    return Limits(found[COLUMNS], pd.DataFrame(rows).set_index(["heart", "view"]))


def _table(heart: Heart, bedside: pd.DataFrame) -> pd.DataFrame:
    """Return the columns CHEAP, some of the bedside's and some that everybody is asked."""
    rest = {name: getattr(heart, name).astype(float) for name in CHEAP if name not in bedside}
    return bedside.assign(**rest)[list(CHEAP)]


def _drawn(heart: Heart) -> pd.DataFrame:
    """Return what there is to be seen on a picture."""
    territory = {"inferior": INFERIOR, "anterior": ANTERIOR, "lateral": LATERAL}
    scars = {n: (heart.infarct == code) * heart.infarct_size for n, code in territory.items()}
    shown = {name: getattr(heart, name) for name in ("edv", "esv", "ef", "mass")}
    return pd.DataFrame(shown | scars | {"lag": heart.conduction == LBBB}).astype(float)


def _of_heart(name: str, view: str, shown: pd.DataFrame, size: Floats) -> dict[str, Any]:
    half = len(size) // 2
    truth = size[half:]
    full = _best(shown, size, half)
    fewer = _best(shown[half // 2 :], size[half // 2 :], half - half // 2)
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
