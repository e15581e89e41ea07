"""The five clinical values of the same people twice: drawn from the label, and from the heart."""

from dataclasses import dataclass

import pandas as pd
from sklearn.base import clone

from hfgnn.cohort import Cohort
from hfgnn.evaluate.intervals import bootstrap
from hfgnn.evaluate.metrics import auroc
from hfgnn.seeding import rng
from hfgnn.train.controls import BEST, RIVALS
from hfgnn.world.clinical import PUBLISHED
from hfgnn.world.population import heart_of
from hfgnn.world.tasks import sick
from hfgnn.world.truth import log_ratio

FROM_LABEL, FROM_HEART = "from the label", "from the heart"


@dataclass(frozen=True)
class HiddenParams:
    """What draws the people of the bootstrap."""

    seed: int


@dataclass(frozen=True)
class Hidden:
    """How well sick and normal are told apart, by where the five values came from."""

    scores: pd.DataFrame  # drawn, by, AUROC, low, high: on people that no learner has seen
    train: int  # people
    test: int
    sick: float  # the share of sick people in the test


def hidden(params: HiddenParams, people: Cohort) -> Hidden:
    """Train each control on both sets of values; score all on the same people, unseen so far."""
    table, names = people.table, [variable.name for variable in PUBLISHED]
    known, asked = table[table["split"] != "test"], table[table["split"] == "test"]
    values = {
        FROM_LABEL: table[[f"published_{name}" for name in names]].set_axis(names, axis=1),
        FROM_HEART: table[[name if name == "age" else name.lower() for name in names]].set_axis(
            names, axis=1
        ),
    }
    scores = {
        (drawn, name): clone(model)
        .fit(seen.loc[known.index], known["sick"])
        .predict_proba(seen.loc[asked.index])[:, 1]
        for drawn, seen in values.items()
        for name, model in RIVALS.items()
    }
    scores[FROM_LABEL, BEST] = log_ratio(values[FROM_LABEL].loc[asked.index])
    scores[FROM_HEART, "the heart itself"] = sick(heart_of(asked))
    rows = []
    for (drawn, name), score in scores.items():
        stream = rng(params.seed, "clinical.hidden")  # the same people drawn for every score
        low, high = bootstrap(auroc, asked["sick"], score, rng=stream)
        rows.append((drawn, name, auroc(asked["sick"], score), low, high))
    return Hidden(
        scores=pd.DataFrame(rows, columns=["drawn", "by", "AUROC", "low", "high"]),
        train=len(known),
        test=len(asked),
        sick=float(asked["sick"].mean()),
    )
