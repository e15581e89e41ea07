"""Folds as they should be: more of them, dealt again and again, and an interval that knows it.

Everybody is tested once in each repeat, by a model that never met them. The scores of all folds
have a mean; its interval allows for folds that share their people (Nadeau and Bengio 2003).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hfgnn.evaluate.paired import Difference, over_resplits
from hfgnn.evaluate.survival import concordance
from hfgnn.seeding import rng
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, encoder, features
from hfgnn.train.cox import COMPONENTS, clinical, cox_model
from hfgnn.train.folds import repeated_folds
from hfgnn.train.followed import Followed

STUDIES = ("many events", "few events")
RIVAL = "fifteen signs"


@dataclass(frozen=True)
class RepeatedParams:
    """How often two studies are dealt, and whose encoder is asked, left as it is."""

    of: ArmParams
    folds: int = 5
    repeats: int = 10


@dataclass(frozen=True)
class Repeated:
    """What the folds of both studies came to."""

    folds: pd.DataFrame  # study, repeat, fold, events, and C by model
    scores: pd.DataFrame  # study, model: C, low, high, over (SD of folds), dealt (SD of repeats)
    gains: pd.DataFrame  # study: mean, low, high of the network's C less that of the signs
    events: dict[str, int]  # of a study


def repeated(params: RepeatedParams, study: Followed, few: Followed, start: Aligned) -> Repeated:
    """Deal a study with many events and one with few, and learn and ask in every fold."""
    people = dict(zip(STUDIES, (study, few), strict=True))
    parts = [_dealt(params, one, start).assign(study=name) for name, one in people.items()]
    folds = pd.concat(parts, ignore_index=True)
    scores, gains = {}, {}
    for name, part in folds.groupby("study", sort=False):
        for model in (params.of.name, RIVAL, "clinical values", "hidden heart"):
            c = over(params, part[model], np.zeros(len(part)), people[str(name)])
            told = {"C": c.mean, "low": c.low, "high": c.high, "over": part[model].std()}
            dealt = part.groupby("repeat")[model].mean().std()
            scores[name, model] = told | {"dealt": dealt}
        apart = over(params, part[params.of.name], part[RIVAL], people[str(name)])
        gains[name] = {"mean": apart.mean, "low": apart.low, "high": apart.high}
    table = pd.DataFrame(scores).T.rename_axis(["study", "model"])
    events = {name: int(one.table["event"].sum()) for name, one in people.items()}
    return Repeated(folds, table, pd.DataFrame(gains).T.rename_axis("study"), events)


def over(params: RepeatedParams, one: pd.Series, other: object, people: Followed) -> Difference:
    """Return the mean difference of scores over all folds, and its interval."""
    test = len(people) // params.folds
    return over_resplits(one, np.asarray(other), train=len(people) - test, test=test)


def _dealt(params: RepeatedParams, people: Followed, start: Aligned) -> pd.DataFrame:
    """Return what each fold of each repeat came to, everybody asked by who never met them."""
    table, name = people.table, params.of.name
    net = encoder(params.of, start.encoder)
    seen = features(net, people, params.of.of.sizes)
    views = {name: seen, RIVAL: people.signs.to_numpy(), "clinical values": clinical(table)}
    stream = rng(params.of.of.seed, "repeated", str(len(people)))
    dealt = repeated_folds(table["event"], stream, folds=params.folds, repeats=params.repeats)
    rows = []
    for repeat, tests in enumerate(dealt):
        for fold, tested in enumerate(tests):
            known, asked = table[~tested], table[tested]
            told = {"hidden heart": asked["eta"].to_numpy()}
            for model, x in views.items():
                few = COMPONENTS if model == name else None
                told[model] = cox_model(x[~tested], known, components=few).of(x[tested])
            c = {m: concordance(asked["time"], asked["event"], r) for m, r in told.items()}
            where = {"repeat": repeat, "fold": fold, "events": int(asked["event"].sum())}
            rows.append(where | c)
    return pd.DataFrame(rows)
