"""Where the thesis lies on the map of regimes: as published, and as it should be.

Both are read from what chapters 05 and 06 have found. Homophily counts from chance: h of people of
two unequal labels is as much as (1 + s) / 2 of the map's equal ones, s = (h - h0) / (1 - h0) being
the share of ties that know the label where all others are dealt by chance.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from hfgnn.evaluate.paired import over_resplits
from hfgnn.features.fuse import CLINICAL
from hfgnn.train.clinic import Clinic
from hfgnn.train.graphs import Anatomy
from hfgnn.train.published import Published

CONTROL = "logistic regression"
WAYS = {  # in which it is read: nodes, values, distance
    "as it should be": ("people", "from the heart", "equal say"),
    "as published": ("test files", "from the label", "as they come"),
}


@dataclass(frozen=True)
class MarkedParams:
    """Whose pages: those that the thesis's own steps are gone through with."""

    backbone: str = "ecg"


@dataclass(frozen=True)
class Marked:
    """The thesis's place on each axis."""

    table: pd.DataFrame  # way: people (files), labelled, own (AUROC without ties), tells (its d'),
    # k, homophily, chance, same (homophily among equal labels), other, inputs; gain, low, high


def marked(params: MarkedParams, anatomy: Anatomy, both: Clinic, published: Published) -> Marked:
    """Return where the thesis lies, and what its ties add to the GCN's AUROC there.

    Its ties are found in what its network reads, so that `other` is nought. As published a tested
    file hears tested files only, of whom nobody's label is known.
    """
    rows = {
        "as it should be": _sound(both),
        "as published": _published(published),
    }
    for way, row in rows.items():
        row |= _ties(params, anatomy, way)
        row["tells"] = float(np.sqrt(2) * norm.ppf(row["own"]))
    return Marked(pd.DataFrame.from_dict(rows, orient="index").rename_axis("way"))


def _sound(both: Clinic) -> dict[str, Any]:
    people, everybody = both.people, sum(both.people.values())
    own = both.scores.groupby("model")["AUROC"].mean()[CONTROL]
    gain = both.added.loc["GCN", ["mean", "low", "high"]].to_numpy(float)
    labelled = 1 - people["test"] / everybody
    return {"people": everybody, "labelled": labelled, "own": own} | _gain(*gain)


def _published(published: Published) -> dict[str, Any]:
    sizes, everybody = published.sizes, sum(published.sizes.values())
    runs = published.scores.query("run == 'as published'")
    heard, alone = (runs[runs["heard"] == way]["AUROC"].to_numpy(float) for way in (True, False))
    known = sizes["train"] + sizes["val"]
    more = over_resplits(heard, alone, train=known, test=sizes["test"])
    labelled = known / everybody
    row = {"people": everybody, "labelled": labelled, "own": float(alone.mean())}
    return row | _gain(more.mean, more.low, more.high)


def _gain(mean: float, low: float, high: float) -> dict[str, Any]:
    return {"gain": float(mean), "low": float(low), "high": float(high)}


def _ties(params: MarkedParams, anatomy: Anatomy, way: str) -> dict[str, Any]:
    parts = anatomy.parts[anatomy.parts["backbone"] == params.backbone]
    keys = parts[["who", "values", "distance"]].apply(tuple, axis=1)
    found = parts[keys == WAYS[way]]
    h, chance = float(found["homophily"].mean()), float(found["by_chance"].mean())
    own = found.iloc[0]
    k, knows = round(own["edges"] / own["nodes"]), (h - chance) / (1 - chance)
    inputs = 512 + len(CLINICAL)
    ties = {"k": k, "homophily": h, "chance": chance, "same": (1 + knows) / 2}
    return ties | {"other": 0.0, "inputs": inputs}
