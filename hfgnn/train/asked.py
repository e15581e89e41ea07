"""What all arms say of the newcomers: from a record, of which some is made again in each build.

The record comes of the cells of `hfgnn.pipeline.answers`, hours of one core. What is made again
needs no encoder but that of beats, which stands still: arms that read clinical values, signs or
the dual attention's numbers, one with a graph, in the first study.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.survival import concordance
from hfgnn.train import arms, schooled
from hfgnn.train.ablations import (
    ARMS,
    DUAL,
    TASKS,
    AblationParams,
    Answered,
    Codes,
    answered,
    column,
)
from hfgnn.train.aligned import Aligned
from hfgnn.train.clinic import ALONE
from hfgnn.train.followed import Followed
from hfgnn.train.gauged import SIGNED, Gauged, GaugedParams
from hfgnn.train.records import HOW, RECORDED, kept, trusted
from hfgnn.train.risk import AT_ONCE, FAILURE
from hfgnn.train.steps import as_read

COMMAND = "hfgnn sweep ablations"
SCORES, SPOILED = "scores.parquet", "spoiled.parquet"
FILES = {name: RECORDED / "ablations" / name for name in (SCORES, SPOILED, HOW)}
AGAIN = {  # arms that each build makes again, by part
    "flat": ("clinical values", SIGNED, DUAL),
    "graph": ("GCN of values", "GCN of values" + ALONE),
}
FARTHEST = 0.02  # between a recorded score and today's: another processor trains otherwise
Spoiled = Mapping[str, tuple[str, ...]]  # by change: arms that are asked


@dataclass(frozen=True)
class AskedParams:
    """Whom arms learn from, and whom they are asked about."""

    newcomers: GaugedParams
    arms: "arms.ArmsParams"
    studies: int
    spoiled: tuple[tuple[str, tuple[str, ...]], ...] = ()  # changes, and arms asked of each
    some: int = 1_000  # newcomers whose records are spoiled, the first of all


@dataclass(frozen=True)
class Asked:
    """What arms say, as whole numbers (`hfgnn.train.ablations.decoded`)."""

    arms: list[str]
    codes: dict[str, Codes]  # by task: [arms, studies, m]
    spoiled: dict[str, Codes]  # by `change: task: arm`: [some], of the first study
    again: int  # columns that were made just now
    apart: float  # the largest difference of their scores from recorded ones; 0 without a record


def asked(params: AskedParams, study: Followed, newcomers: Followed, lesson: Aligned) -> Asked:
    """Return what the record holds, and hold what is made again against it.

    Without a record there is no more than what is made again, in the first study.
    """
    now = again(params, study, newcomers, lesson)
    found = read(params, len(newcomers))
    if found is None:
        named = [name for part in AGAIN.values() for name in part]
        codes = _beside({0: now}, named)
        return Asked(named, codes, {}, now.shape[1], 0.0)
    scores, spoiled = found
    apart = distance(now, scores, newcomers.table)
    if apart > FARTHEST:
        raise ValueError(
            f"recorded scores differ from today's by {apart:.3f}, more than {FARTHEST}: they are "
            f"of other code; make them anew with `{COMMAND}`"
        )
    by_study = {
        s: scores.filter(regex=rf"^{s}: ").rename(columns=_plain) for s in range(params.studies)
    }
    codes = _beside(by_study, list(ARMS))
    others = {name: spoiled[name].to_numpy(np.uint16) for name in _spoiled(params)}
    return Asked(list(ARMS), codes, others, now.shape[1], apart)


def again(
    params: AskedParams, study: Followed, newcomers: Followed, lesson: Aligned
) -> pd.DataFrame:
    """Let arms of AGAIN learn from the first study and tell of newcomers: [m], a column each."""
    own, new = (_gauged(params, people, lesson) for people in (study, newcomers))
    parts = [
        answered(AblationParams(0, params.arms, part, only), own, new).codes
        for part, only in AGAIN.items()
    ]
    return pd.concat(parts, axis=1)


def _gauged(params: AskedParams, people: Followed, lesson: Aligned) -> Gauged:
    """Return what of `hfgnn.train.gauged` needs no signal but beats."""
    if people.unread:
        raise ValueError(
            f"no beat could be read of {people.unread} people: they are missing here and not in "
            "the record; take another seed"
        )
    net = arms.encoder(arms.ArmParams(params.arms, schooled.TOLD), lesson.encoder)
    x = as_read(people.beats, params.arms.sizes)
    with torch.inference_mode():
        said = torch.cat([net(part) for part in x.split(AT_ONCE)]).numpy()
    views = {DUAL: said, SIGNED: people.signs.to_numpy(float)}
    halves = {name: view.astype(np.float16) for name, view in views.items()}
    return Gauged(people.table, halves, people.unread)


def distance(now: pd.DataFrame, then: pd.DataFrame, table: pd.DataFrame) -> float:
    """Return the largest difference of scores of the same columns, in the first study."""
    pairs = [
        (score(now[name], name, table), score(then[f"0: {name}"], name, table))
        for name in map(str, now)
    ]
    return max(abs(first - second) for first, second in pairs)


def score(told: pd.Series, name: str, table: pd.DataFrame) -> float:
    """Return the AUROC of a column `task: arm`, or its C."""
    label, risk = TASKS[name.partition(": ")[0]], told.to_numpy(float)
    if label == FAILURE:
        return concordance(table["time"].to_numpy(float), table[label].to_numpy(bool), risk)
    return auroc(table[label].to_numpy(bool), risk)


def told(params: AskedParams) -> dict[str, Any]:
    """Return what a record must agree with, to be of the same people and arms."""
    return {"params": repr(params), "arms": repr(ARMS), "tasks": repr(TASKS)}


def gathered(
    params: AskedParams,
    answers: Mapping[int, list[Answered]],
    spoiled: Mapping[str, list[Answered]],
) -> dict[str, pd.DataFrame]:
    """Return the record's tables of what each study's parts have said, and of spoiled records."""
    scores = pd.concat(_named(answers), axis=1)
    others = pd.concat(_named(spoiled), axis=1) if spoiled else pd.DataFrame()
    return {SCORES: scores[_columns(params)], SPOILED: others[_spoiled(params)]}


def _named(answers: Mapping[Any, list[Answered]]) -> list[pd.DataFrame]:
    return [part.codes.add_prefix(f"{of}: ") for of, parts in answers.items() for part in parts]


def _columns(params: AskedParams) -> list[str]:
    studies = range(params.studies)
    return [f"{s}: {column(task, arm)}" for s in studies for arm in ARMS for task in TASKS]


def _spoiled(params: AskedParams) -> list[str]:
    return [
        f"{change}: {column(task, arm)}"
        for change, names in params.spoiled
        for arm in names
        for task in TASKS
    ]


def read(params: AskedParams, people: int) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return the recorded codes if they are of this; refuse damaged ones."""
    if (found := kept(FILES, told(params), COMMAND)) is None:
        return None
    tables, wanted = found[0], {SCORES: _columns(params), SPOILED: _spoiled(params)}
    rows = {SCORES: people, SPOILED: min(params.some, people)}
    for name, columns in wanted.items():
        with trusted(FILES[name], COMMAND):
            table = tables[name][columns]
            if len(table) != rows[name] or any(kind != np.uint16 for kind in table.dtypes):
                raise ValueError(f"it must have {rows[name]} whole numbers of two bytes a column")
    return tables[SCORES], tables[SPOILED]


def _plain(name: str) -> str:
    return name.partition(": ")[2]


def _beside(by_study: Mapping[int, pd.DataFrame], named: list[str]) -> dict[str, Codes]:
    """Return by task [arms, studies, m]."""
    every: dict[str, NDArray[np.uint16]] = {}
    for task in TASKS:
        wanted = [column(task, arm) for arm in named]
        each = [table[wanted].to_numpy(np.uint16).T for table in by_study.values()]
        every[task] = np.stack(each, axis=1)
    return every
