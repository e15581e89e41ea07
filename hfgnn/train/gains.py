"""What each part of the third work is worth, and which comparison can come to a published gain.

An interval holds 95 % of draws, and a draw takes both other newcomers and other studies, the same
for both arms of a difference.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.seeding import rng
from hfgnn.train.calls import COMMAND, FINEST, arm, made, read
from hfgnn.train.filled import Filled
from hfgnn.train.rare import ARMS, BUDGETS, SCORES, TASKS, RareParams, Study
from hfgnn.train.seen import Seen
from hfgnn.train.tuned import Start

Floats = NDArray[np.float64]
Drawn = dict[tuple[Any, ...], tuple[Floats, float]]  # key and score: draws, and SD over studies
CLAIMED = 7.6  # points of balanced accuracy: Girlanda et al. 2024, over "the supervised approach"
AGAIN = ("table", "ECG, untrained", "ECG, filled in", "ECG and table, filled in")  # by each build
FARTHEST = 0.05  # between a recorded AUROC and today's: another processor fills in otherwise
OLDER = {"": "over nothing", "filled": "over filling in"}  # what an ECG had learned before
GAINS = {  # what: the first with it, the second without
    "filling in": ("ECG, filled in", "ECG, untrained"),
    "pictures": ("ECG, matched", "ECG, untrained"),
    "both": ("ECG, both", "ECG, untrained"),
    "pictures after filling in": ("ECG, both", "ECG, filled in"),
    "table beside the ECG": ("ECG and table, both", "ECG, both"),
    "ECG beside the table": ("ECG and table, both", "table"),
    "picture instead": ("picture, both", "ECG and table, both"),
    "all three over the picture": ("all three, both", "picture, both"),
    "pictures and ECGs over two looks": ("picture, both", "picture, looked"),
    "tuning": ("ECG and table, both, tuned", "ECG and table, both"),
    "over supervised, ECG": ("ECG, both, tuned", "ECG, supervised"),
    "over supervised, ECG filled in": ("ECG, filled in, tuned", "ECG, supervised"),
    "over supervised, ECG and table": ("ECG and table, both, tuned", "ECG and table, supervised"),
    "over supervised, picture": ("picture, both, tuned", "picture, supervised"),
    "over supervised twice": ("ECG and table, both, tuned", "supervised, counted twice"),
    "over the table": ("ECG and table, both, tuned", "table"),
    "supervised twice": ("supervised, counted twice", "ECG and table, supervised"),
    "counted once": ("counted by weights", "counted never"),
    "counted twice": ("counted twice", "counted by weights"),
    "best epoch": ("as published, best epoch", "as published"),
    "frozen": ("counted twice", "as published, best epoch"),
}


@dataclass(frozen=True)
class Gains:
    """Every arm's scores, what each part is worth, and what could be claimed."""

    arms: pd.DataFrame  # arm, task, budget, score: mean, low, high, between (SD over studies)
    gains: pd.DataFrame  # what, task, budget, score: mean, low, high
    claims: pd.DataFrame  # what is seen, over what, arms, task, budget: mean, low, high, and the
    # same of the AUROC, for which no threshold is needed
    finds: pd.DataFrame  # by what was matched: share of newcomers; SD and ends over studies
    hearts: pd.DataFrame  # start, heart: mean, low, high of R2, and of what it gains over OLDER
    curves: pd.DataFrame  # study, lesson, epoch: loss, held loss
    studies: int
    again: int | None  # arms made just now beside a record; None: there is no record
    apart: float  # the largest difference of their AUROC from the recorded one


def gains(params: RareParams, people: Seen, newcomers: Seen, own: Filled) -> Gains:
    """Compare what is recorded; some arms of the first study are made now, and held against it."""
    tables, again, apart = read(params), None, 0.0
    if tables is None:
        tables = made(params, people, newcomers)
    else:
        starts = {"": Start(), "filled": Start(ecg=own)}
        study = Study(params, 0, people, newcomers, starts.__getitem__)
        again, apart = len(AGAIN), _apart(study, tables["calls.parquet"])
        if apart > FARTHEST:
            raise ValueError(
                f"recorded AUROCs differ from today's by {apart:.3f}, more than {FARTHEST}: they "
                f"are of other code; make them anew with `{COMMAND}`"
            )
    calls = _drawn(params, tables["calls.parquet"], ["arm", "task", "budget"], list(SCORES))
    hearts = _drawn(params, tables["hearts.parquet"], ["start", "heart"], ["R2"])
    found = tables["finds.parquet"].set_index("study").drop(columns="people")
    return Gains(
        _told(calls),
        _gained(calls),
        _claimed(calls),
        found.agg(["mean", "std", "min", "max"]).T.fillna(0),
        _hearts(hearts),
        tables["curves.parquet"],
        len(found),
        again,
        apart,
    )


def _apart(study: Study, recorded: pd.DataFrame) -> float:
    """Return the largest difference of today's AUROCs from the recorded ones."""
    now = pd.concat([arm(study, name) for name in AGAIN])
    keys = ["arm", "task", "budget"]
    first = recorded[(recorded["study"] == 0) & recorded["arm"].isin(AGAIN)]
    today, then = (part.groupby(keys)["AUROC"].first().sort_index() for part in (now, first))
    return float((today / FINEST - then / FINEST).abs().max())


def _drawn(params: RareParams, table: pd.DataFrame, keys: list[str], scores: list[str]) -> Drawn:
    """Return of each score and key the mean over studies, of everybody and of each draw."""
    studies, found = int(table["study"].nunique()), Drawn()
    taken = rng(params.people.seed, "rare", "studies").integers(
        studies, size=(params.draws, studies)
    )
    whole = np.vstack([np.arange(studies), taken])  # first, every study once
    for key, part in table.groupby(keys, sort=False):
        for score in scores:
            each = part[score].to_numpy(float).reshape(studies, -1)
            each = each / FINEST if part[score].dtype == np.uint16 else each
            mean = np.take_along_axis(each.T, whole, axis=1).mean(axis=1)
            found[(*key, score)] = mean, float(each[:, 0].std(ddof=1)) if studies > 1 else 0.0
    return found


def _ends(draws: Floats) -> dict[str, float]:
    """Return the first as it is, and what 95 % of the others lie between."""
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    return {"mean": float(draws[0]), "low": float(low), "high": float(high)}


def _told(calls: Drawn) -> pd.DataFrame:
    rows = [
        dict(zip(("arm", "task", "budget", "score"), key, strict=True))
        | _ends(draws)
        | {"between": between}
        for key, (draws, between) in calls.items()
    ]
    return pd.DataFrame(rows).set_index(["arm", "task", "budget", "score"])


def _gained(calls: Drawn) -> pd.DataFrame:
    rows = [
        {"what": what, "task": task, "budget": budget, "score": score}
        | _ends(calls[one, task, budget, score][0] - calls[other, task, budget, score][0])
        for what, (one, other) in GAINS.items()
        for task, budget, score in product(TASKS, BUDGETS, SCORES)
    ]
    return pd.DataFrame(rows).set_index(["what", "task", "budget", "score"])


def _claimed(calls: Drawn) -> pd.DataFrame:
    """Return every gain in balanced accuracy, and in AUROC, of pre-trained over not."""
    rows = list[dict[str, Any]]()
    plain = [name for name, arm in ARMS.items() if arm.whole and not arm.start]
    rivals = [name for name, arm in ARMS.items() if arm.start]
    for one, other, task, budget in product(rivals, plain, TASKS, BUDGETS):
        right, ranked = (
            _ends(calls[one, task, budget, score][0] - calls[other, task, budget, score][0])
            for score in ("balanced accuracy", "AUROC")
        )
        seen = {"view": ARMS[one].seen, "over": ARMS[other].seen}
        whose = {"rival": one, "supervised": other, "task": task, "budget": budget}
        rows.append(seen | whose | right | {f"AUROC {name}": end for name, end in ranked.items()})
    return pd.DataFrame(rows)


def _hearts(drawn: Drawn) -> pd.DataFrame:
    """Return what an ECG tells of the heart by lesson, and how much more than with less."""
    rows = []
    for (start, heart, score), (draws, _) in drawn.items():
        row = {"start": start or "untrained", "heart": heart} | _ends(draws)
        for before, name in OLDER.items():
            more = draws - drawn[before, heart, score][0]
            row |= {f"{name}, {end}": value for end, value in _ends(more).items()}
        rows.append(row)
    return pd.DataFrame(rows).set_index(["start", "heart"])
