"""For whom the arms are good, on what records, and for what decision.

Groups are judged apart, each by its own people; two groups share nobody, so their difference is not
paired. Spoiled records are those of the first newcomers, told by arms of the first study, beside
what the same arms say of them as usual.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.decision import benefit, called, moved, told_too_many
from hfgnn.evaluate.panel import Told, difference, draws, interval
from hfgnn.seeding import rng
from hfgnn.train.ablations import TASKS, decoded
from hfgnn.train.asked import Asked
from hfgnn.train.compared import truth
from hfgnn.train.followed import Followed

Floats = NDArray[np.float64]
FEW: tuple[str, ...] = ("clinical values", "page and values", "GCN", "dual attention and values")
FEW += ("autoencoder and values", "all but the picture", "GCN of values", "dual attention")
FEWEST = 10  # who are ill, or well, in a group that is judged
AGES = (65, 75)  # years that part three bands
GROUPS = ("women", "men", "below 65", "65 to 74", "75 and older")
THRESHOLDS = tuple(np.round(np.arange(0.05, 1.0, 0.05), 2).tolist())
RARER = (0.5, 0.25, 0.1, 0.05)  # prevalences elsewhere
DECIDED = "sick"


@dataclass(frozen=True)
class FairParams:
    """How often people are drawn anew."""

    seed: int
    repeats: int = 1_000


@dataclass(frozen=True)
class Fair:
    """Each number with its low and high."""

    groups: pd.DataFrame  # task, arm, group: people, ill, score
    apart: pd.DataFrame  # task, arm: women's score less men's, old people's less young ones'
    spoiled: pd.DataFrame  # change, task, arm: usual, spoiled, lost (the difference)
    curves: pd.DataFrame  # threshold, arm: benefit; arm "everybody": who acts on all
    elsewhere: pd.DataFrame  # prevalence, arm: PPV, NPV at one half; too_many, and once moved


def fair(params: FairParams, asked: Asked, newcomers: Followed) -> Fair:
    """Return all tables."""
    table = newcomers.table
    arms = [name for name in FEW if name in asked.arms]
    scores = {
        task: decoded(codes[[asked.arms.index(name) for name in arms]])
        for task, codes in asked.codes.items()
    }
    groups = pd.DataFrame(_groups(params, scores, arms, table))
    spoiled = pd.DataFrame(_spoiled(params, asked, table), columns=SPOILED)
    ill = table[DECIDED].to_numpy(bool)
    odds = dict(zip(arms, scores[DECIDED], strict=True))
    curves, rarer = pd.DataFrame(_curves(ill, odds)), pd.DataFrame(_elsewhere(ill, odds))
    return Fair(groups, apart(groups), spoiled, curves, rarer)


SPOILED = ["change", "task", "arm", *(f"{name}{end}" for name in ("usual", "spoiled", "lost")
                                      for end in ("", ", low", ", high"))]  # fmt: skip


def members(table: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Return who is of which of GROUPS."""
    woman, age = table["heart_sex"].to_numpy(bool), table["age"].to_numpy(float)
    low, high = AGES
    bands = (age < low, (age >= low) & (age < high), age >= high)
    return dict(zip(GROUPS, (woman, ~woman, *bands), strict=True))


def _groups(
    params: FairParams, scores: dict[str, Floats], arms: list[str], table: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    for task, told in scores.items():
        for group, own in members(table).items():
            some, luck = table[own], rng(params.seed, "fair", task, group)
            ill = int(some[TASKS[task]].sum())
            if min(ill, len(some) - ill) < FEWEST:
                continue
            who = truth(task, some)
            drawn = draws(who, told[:, :, own], rng=luck, repeats=params.repeats)
            row = {"task": task, "group": group, "people": len(some)}
            row |= {"ill": ill}
            for at, arm in enumerate(arms):
                yield row | {"arm": arm} | _ends("score", interval(drawn, at))


def apart(groups: pd.DataFrame) -> pd.DataFrame:
    """Return women's scores less men's, and old people's less young ones', with intervals."""
    by = groups.set_index(["task", "arm", "group"])[["score", "score, high"]]
    names, rows = list(GROUPS), list[dict[str, Any]]()
    pairs = {"women less men": names[:2], "oldest less youngest": [names[-1], names[2]]}
    for task, arm in dict.fromkeys(zip(groups["task"], groups["arm"], strict=True)):
        row: dict[str, Any] = {"task": task, "arm": arm}
        for name, two in pairs.items():
            (one, high), (other, top) = (
                by.reindex([(task, arm, group)]).to_numpy(float)[0] for group in two
            )
            value, wide = float(one - other), float(np.hypot(high - one, top - other))
            row |= {name: value, f"{name}, low": value - wide, f"{name}, high": value + wide}
        rows.append(row)
    return pd.DataFrame(rows)


def _spoiled(params: FairParams, asked: Asked, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    changed: dict[tuple[str, str], list[str]] = {}
    for name in asked.spoiled:
        change, task, arm = name.split(": ", 2)
        changed.setdefault((change, task), []).append(arm)
    for (change, task), arms in changed.items():
        at = [asked.arms.index(arm) for arm in arms]
        other = np.stack([asked.spoiled[f"{change}: {task}: {arm}"] for arm in arms])
        some = other.shape[1]
        both = decoded(np.concatenate([asked.codes[task][at, 0, :some], other]))[:, None]
        who, luck = truth(task, table.iloc[:some]), rng(params.seed, "spoiled", change, task)
        drawn = draws(who, both, rng=luck, repeats=params.repeats)
        for row, arm in enumerate(arms):
            told: dict[str, Any] = {"change": change, "task": task, "arm": arm}
            told |= _ends("usual", interval(drawn, row))
            told |= _ends("spoiled", interval(drawn, row + len(arms)))
            yield told | _ends("lost", difference(drawn, row + len(arms), row))


def _curves(ill: NDArray[np.bool_], odds: dict[str, Floats]) -> Iterator[dict[str, Any]]:
    everybody = {"everybody": np.full((1, len(ill)), np.inf)}
    for arm, told in (everybody | odds).items():
        for threshold in THRESHOLDS:
            found = benefit(ill, told, threshold)
            yield {"threshold": threshold, "arm": arm} | _ends("benefit", found)


def _elsewhere(ill: NDArray[np.bool_], odds: dict[str, Floats]) -> Iterator[dict[str, Any]]:
    here = float(ill.mean())
    for arm, told in odds.items():
        for prevalence in (here, *RARER):
            right = moved(told, taught=here, here=prevalence)
            worth = called(ill, told, prevalence=prevalence)
            row: dict[str, Any] = {"prevalence": prevalence, "arm": arm}
            row |= _ends("PPV", worth.ill) | _ends("NPV", worth.well)
            for name, one in (("too many", told), ("moved", right)):
                row |= _ends(name, told_too_many(ill, one, prevalence=prevalence))
            yield row


def _ends(name: str, told: Told) -> dict[str, float]:
    return {name: told.value, f"{name}, low": told.low, f"{name}, high": told.high}
