"""All arms in several studies, and what each part of an arm is worth.

An interval of a difference holds 95 % of 1,000 draws, and a draw takes both other newcomers and
other studies: luck lies in who is asked, and in who has taught.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.survival import concordance, redrawn
from hfgnn.seeding import rng
from hfgnn.train.arms import Told, people_of, rivals
from hfgnn.train.followed import Followed
from hfgnn.train.ranks import COMMAND, GridParams, arms_of, in_order, parted, read

Floats = NDArray[np.float64]
SHOWN = ("language model", "positions mended")  # by recorded weights, in the first study
FARTHEST = 0.05  # between a recorded C and today's: another processor trains another network
GAINS = {  # what: the first with it, the second without
    "pre-training": ("no text", "untrained"),
    "text": ("language model", "no text"),
    "language": ("language model", "codes"),
    "meaning": ("language model", "shuffled"),
    "counterexamples": ("language model", "no counterexamples"),
    "attention": ("language model", "no attention"),
    "attention in time": ("language model", "no time"),
    "attention over leads": ("language model", "no lead"),
    "pre-training, tuned": ("tuned, no text", "tuned, from nothing"),
    "text, tuned": ("tuned, language model", "tuned, no text"),
    "attention, tuned": ("tuned, from nothing", "tuned, from nothing, no attention"),
    "leaving it as it is": ("language model", "tuned, language model"),
    "positions mended": ("positions mended", "as published"),
    "moments mended": ("moments mended", "as published"),
    "leads mended": ("leads mended", "as published"),
    "target mended": ("target mended", "as published"),
    "network over signs": ("language model", "fifteen signs"),
    "untrained over signs": ("untrained", "fifteen signs"),
    "mended over signs": ("positions mended", "fifteen signs"),
    "values over network": ("clinical values", "language model"),
}


@dataclass(frozen=True)
class Grid:
    """Every arm's C, and what each part of it is worth."""

    scores: pd.DataFrame  # study, arm, C: of the newcomers
    arms: pd.DataFrame  # arm: C, low, high, between (SD from study to study)
    gains: pd.DataFrame  # what: first, second, mean, low, high
    events: int  # among the newcomers
    again: int | None  # arms made just now beside a record; None: there is no record
    apart: float  # the largest difference of their C from the recorded one


def grid(
    params: GridParams,
    study: Followed,
    newcomers: Followed,
    language: Told,
    mended: Told,
) -> Grid:
    """Compare all arms; two of the first study, `SHOWN`, are held against their recorded ranks."""
    now = {n: one.risk for n, one in zip(SHOWN, (language, mended), strict=True)}
    now |= {name: risk for name, (risk, _) in rivals(study, newcomers).items()}
    time, event = (newcomers.table[name].to_numpy() for name in ("time", "event"))
    ranks, again, apart = read(params, len(newcomers)), None, 0.0
    if ranks is None:
        hospital, _ = people_of(params.of, 0)
        arms = arms_of(params.of, 0, hospital, study, newcomers, known=now)
        ranks = in_order({0: now | dict(arms)})
    else:
        again = len(SHOWN)
        apart = max(
            abs(concordance(time, event, risk) - concordance(time, event, ranks[f"0 {name}"]))
            for name, risk in now.items()
        )
        if apart > FARTHEST:
            raise ValueError(
                f"recorded C differ from today's by {apart:.3f}, more than {FARTHEST}: they are "
                f"of other code; make them anew with `{COMMAND}`"
            )
    scores, arms_c, gains = compared(params, ranks, time, event)
    return Grid(scores, arms_c, gains, int(event.sum()), again, float(apart))


def compared(
    params: GridParams, ranks: pd.DataFrame, time: Floats, event: NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return every C, those of each arm over studies, and the gains, with their intervals."""
    names = [str(name) for name in ranks]
    who = pd.DataFrame([parted(name) for name in names], columns=["study", "arm"])
    scores = who.assign(C=[concordance(time, event, ranks[name]) for name in names])
    studies = int(scores["study"].nunique())
    drawn: dict[tuple[int, str], Floats] = {}
    for study in range(studies):
        own = np.flatnonzero(scores["study"] == study)
        stream = rng(params.of.seed, "grid", "newcomers")  # the same newcomers in every study
        risks = [ranks[names[column]].to_numpy() for column in own]
        found = redrawn(time, event, risks, rng=stream, repeats=params.draws)
        drawn |= {(study, who["arm"].iloc[c]): found[:, i] for i, c in enumerate(own)}
    luck = rng(params.of.seed, "grid", "studies")
    taken = luck.integers(studies, size=(params.draws, studies))
    by = scores.groupby("arm", sort=False)["C"]
    mean: dict[str, Floats] = {}
    for arm in scores["arm"].unique():
        each = np.column_stack([drawn[study, arm] for study in range(studies)])
        mean[arm] = np.take_along_axis(each, taken, axis=1).mean(axis=1)
    arms = by.agg(["mean", "std"]).fillna(0).set_axis(["C", "between"], axis=1)
    arms[["low", "high"]] = [_ends(mean[arm]) for arm in arms.index]
    c = arms["C"].to_dict()
    gains = {
        what: (one, other, c[one] - c[other], *_ends(mean[one] - mean[other]))
        for what, (one, other) in GAINS.items()
    }
    columns = ["first", "second", "mean", "low", "high"]
    table = pd.DataFrame.from_dict(gains, orient="index", columns=columns)
    return scores, arms, table.rename_axis("what")


def _ends(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)
