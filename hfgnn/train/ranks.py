"""How every arm ranks the newcomers, in several studies: a record, and how it is made.

What is recorded is an order, so that whatever compares orders can be computed from it.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import wait
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from hfgnn.train.arms import ARMS, ArmParams, ArmsParams, lesson, people_of, rivals, told
from hfgnn.train.aside import aside
from hfgnn.train.followed import Followed
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted

Floats = NDArray[np.float64]
COMMAND = "hfgnn record dual"
FILES = {name: RECORDED / "dual" / name for name in ("ranks.parquet", HOW)}
RIVALS = ("hidden heart", "clinical values", "fifteen signs")
ORDER = (*RIVALS, *ARMS)


@dataclass(frozen=True)
class GridParams:
    """How many studies all arms are in."""

    of: ArmsParams
    studies: int = 4
    draws: int = 1_000  # of newcomers and studies, for intervals

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same people and arms."""
        arms = {name: repr(arm) for name, arm in ARMS.items()}
        return {"params": repr(self.of), "studies": self.studies, "arms": arms}


def parted(name: str) -> tuple[int, str]:
    """Return the study and the arm of a column."""
    study, _, arm = name.partition(" ")
    return int(study), arm


def in_order(told: Mapping[int, Mapping[str, Floats]]) -> pd.DataFrame:
    """Return the newcomers' ranks, a column for each study and arm; equal risks share the least."""
    columns = {
        f"{study} {arm}": rankdata(told[study][arm], method="min").astype(np.uint16)
        for study in sorted(told)
        for arm in ORDER
    }
    return pd.DataFrame(columns)


def read(params: GridParams, newcomers: int) -> pd.DataFrame | None:
    """Return recorded ranks if they are of the same people and arms; refuse damaged ones."""
    found = kept(FILES, params.told, COMMAND)
    if found is None:
        return None
    ranks = found[0]["ranks.parquet"]
    with trusted(FILES["ranks.parquet"], COMMAND):
        if list(ranks) != [f"{study} {arm}" for study in range(params.studies) for arm in ORDER]:
            raise ValueError(
                f"it must have {len(ORDER)} orders of each of {params.studies} studies"
            )
        if len(ranks) != newcomers or not (ranks.dtypes == np.uint16).all():
            raise ValueError(f"it must rank {newcomers} newcomers in whole numbers")
        if ranks.min().ne(1).any() or ranks.max().gt(newcomers).any():
            raise ValueError(f"ranks must begin at 1 and end at {newcomers} or before")
    return ranks


def arms_of(
    params: ArmsParams,
    study: int,
    hospital: Followed,
    people: Followed,
    newcomers: Followed,
    *,
    known: Collection[str],
) -> Iterator[tuple[str, Floats]]:
    """Yield the arms that are not `known`, and what they say of the newcomers."""
    lessons: dict[Any, Any] = {}
    for name in ARMS:
        arm = ArmParams(params, name, study)
        if name not in known:
            if arm.arm.text and arm.lesson not in lessons:
                lessons[arm.lesson] = lesson(arm, hospital)
            start = lessons[arm.lesson] if arm.arm.text else None
            yield name, told(arm, people, newcomers, start).risk


def recorded(
    params: GridParams, newcomers: Followed, work: Path, *, jobs: int
) -> Iterator[tuple[int, int]]:
    """Make the record anew; yield how many of how many arms are there.

    What each arm says is kept in `work`: called again, it goes on where it was cut off.
    """
    of = hashlib.sha256(f"{params.of!r} {ARMS!r}".encode()).hexdigest()[:16]
    places = [work / f"{of}-{study}" for study in range(params.studies)]
    tasks = [(params.of, study, newcomers, place) for study, place in enumerate(places)]
    whole = params.studies * len(ORDER)
    with aside(jobs) as pool:
        waiting = [pool.submit(_studied, *task) for task in tasks]
        left = set(waiting)
        while left:
            done, left = wait(left, timeout=5)
            for one in done:
                one.result()  # what failed is told at once
            yield sum(len(list(place.glob("*.npy"))) for place in places), whole
        told = {study: one.result() for study, one in enumerate(waiting)}
    keep(FILES, {"ranks.parquet": in_order(told)}, params.told, COMMAND)
    yield whole, whole


def _studied(params: ArmsParams, study: int, newcomers: Followed, place: Path) -> dict[str, Floats]:
    """Return what all arms and rivals of a study say, as far as it is not there already."""
    place.mkdir(parents=True, exist_ok=True)
    there = {name: place / f"{number:02d}.npy" for number, name in enumerate(ORDER)}
    known = [name for name, path in there.items() if path.is_file()]
    if len(known) < len(ORDER):
        hospital, people = people_of(params, study)
        met = {name: risk for name, (risk, _) in rivals(people, newcomers).items()}
        arms = arms_of(params, study, hospital, people, newcomers, known=known)
        for name, risk in chain(met.items(), arms):
            draft = there[name].with_suffix(".draft")
            with draft.open("wb") as file:
                np.save(file, risk)
            draft.replace(there[name])
    return {name: np.load(path) for name, path in there.items()}
