"""A study of 800 people and some thirty events, read by the published protocol: what luck does.

Chen et al. split theirs in two folds with each of five seeds. We simulate several such studies, all
from one law, and deal each as theirs was dealt; what differs between ours is luck. The network is
smaller than theirs, learns for fewer epochs at one rate, and has its positions mended.
"""

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from hfgnn.evaluate.survival import concordance
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, ArmsParams
from hfgnn.train.aside import aside
from hfgnn.train.cox import cox_model
from hfgnn.train.folds import published_folds
from hfgnn.train.followed import Followed, FollowedParams, followed
from hfgnn.train.prognosis import high_risk, logrank
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted
from hfgnn.train.risk import learned
from hfgnn.train.steps import Pace

SEEDS = (42, 2021, 2022, 2023, 2024)  # published
PUBLISHED = (0.4943, 0.6701, 0.5874, 0.5479, 0.6468, 0.6093, 0.6478, 0.3953, 0.5656, 0.6407)
LOWEST, HIGHEST = min(PUBLISHED), max(PUBLISHED)  # of the ten folds, seed by seed, two of each
TAUGHT = "positions mended"  # published but for positions, as we read which a network is blind
TOP = 0.04  # published: risk is high above the 96th percentile
COMMAND = "hfgnn record folds"
FILES = {name: RECORDED / "folds" / name for name in ("folds.parquet", HOW)}
COLUMNS = ["study", "seed", "fold", "person", "tested", "network", "signs", "time", "event", "eta"]
FARTHEST = 0.15  # of one fold's C, two of its SD: elsewhere another epoch may be the best


@dataclass(frozen=True)
class SmallParams:
    """How many small studies there are, and how long a network learns in each fold."""

    of: ArmsParams
    studies: int = 6
    people: int = 800  # published
    course: Pace = Pace(epochs=30, rate=5e-4)  # published: 100, at a rate searched in each run

    def study(self, number: int) -> FollowedParams:
        """Return whom a study follows."""
        return FollowedParams(self.of.seed + number, "post-infarct", self.people)

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same people and settings."""
        return {"params": repr(self)}


@dataclass(frozen=True)
class Small:
    """What each fold came to, and what a curve of the published kind would show."""

    folds: pd.DataFrame  # study, seed, fold: events, and C by network, signs, hidden heart, leak
    curves: pd.DataFrame  # study, seed, leak: p of the log-rank test, events among the high
    alike: float  # p of Kolmogorov and Smirnov's test of the published folds against these
    again: int | None  # folds trained just now beside a record; None: there is no record
    apart: float  # of their network's C from the recorded one


def trained(
    params: SmallParams, number: int, people: Followed, start: Aligned, *, most: int | None = None
) -> pd.DataFrame:
    """Return COLUMNS of the first folds of a study, or all: who was tested, who is told what."""
    rows = []
    event = people.table["event"].to_numpy(bool)
    course = replace(ArmParams(params.of, TAUGHT).course, pace=params.course)
    dealt = published_folds(event, SEEDS)
    for place in range(dealt[:, :, 0].size if most is None else most):
        seed, fold = divmod(place, dealt.shape[1])
        tested = dealt[seed, fold]
        known = people.take(np.flatnonzero(~tested))
        network = learned(replace(course, seed=SEEDS[seed]), known, start).of(people)
        signs = cox_model(known.signs, known.table).of(people.signs).astype(np.float32)
        told = {"study": number, "seed": SEEDS[seed], "fold": fold, "tested": tested}
        told |= {
            "person": np.arange(len(people)),
            "network": network.astype(np.float32),
            "signs": signs,
        }
        rows.append(people.table[["time", "event", "eta"]].assign(**told)[COLUMNS])
    return pd.concat(rows, ignore_index=True)


def small(params: SmallParams, people: Followed, start: Aligned) -> Small:
    """Tell what the folds of all studies came to, of which one was trained just now."""
    table, again, apart = read(params), None, 0.0
    if table is None:
        table = trained(params, 0, people, start)
    else:
        again = 1
        now, then = by_fold(trained(params, 0, people, start, most=again)), by_fold(table)
        apart = float((now["network"] - then["network"].iloc[:again]).abs().max())
        if not apart <= FARTHEST:
            raise ValueError(
                f"the recorded C of a fold differs from today's by {apart:.3f}, more than "
                f"{FARTHEST}: it is of other code; make it anew with `{COMMAND}`"
            )
    folds = by_fold(table)
    alike = float(ks_2samp(PUBLISHED, folds["network"]).pvalue)
    return Small(folds, by_curve(table), alike, again, apart)


def by_fold(table: pd.DataFrame) -> pd.DataFrame:
    """Return of each fold its events, and C of those tested by each who tells a risk.

    `leak` is the network's C among those whom the first seed tests, as published: for the other
    seeds half of them have trained it.
    """
    rows = []
    for (study, seed, fold), part in table.groupby(["study", "seed", "fold"], sort=False):
        own = part[part["tested"]]
        first = (table["study"] == study) & (table["seed"] == SEEDS[0]) & (table["fold"] == fold)
        asked = part[table.loc[first, "tested"].to_numpy()]
        at = {"network": own["network"], "signs": own["signs"], "hidden heart": own["eta"]}
        told = {name: concordance(own["time"], own["event"], risk) for name, risk in at.items()}
        told["leak"] = concordance(asked["time"], asked["event"], asked["network"])
        whose = {"study": study, "seed": seed, "fold": fold, "events": own["event"].sum()}
        rows.append(whose | told)
    return pd.DataFrame(rows)


def by_curve(table: pd.DataFrame) -> pd.DataFrame:
    """Return of each study and seed what a log-rank test says of those whose risk is high.

    Each fold's model tells the risks of those it is asked about: whom it tests, or, leaking, whom
    the first seed tests. Ranks stand for risks, since models differ in scale.
    """
    rows = []
    for (study, seed), part in table.groupby(["study", "seed"], sort=False):
        firsts = table[(table["study"] == study) & (table["seed"] == SEEDS[0])]
        for leak, tested in ((False, part["tested"]), (True, firsts["tested"])):
            own = part[tested.to_numpy()]
            high = high_risk(own.groupby("fold")["network"].rank(pct=True), TOP)
            p = logrank(own["time"], own["event"], high)
            told = {"people": int(high.sum()), "events": int(own["event"].to_numpy()[high].sum())}
            rows.append({"study": study, "seed": seed, "leak": leak, "p": p} | told)
    return pd.DataFrame(rows)


def read(params: SmallParams) -> pd.DataFrame | None:
    """Return the recorded table if it is of the same people and settings; refuse a damaged one."""
    found = kept(FILES, params.told, COMMAND)
    if found is None:
        return None
    with trusted(FILES["folds.parquet"], COMMAND):
        table = found[0]["folds.parquet"][COLUMNS]
        parts = table.groupby(["study", "seed", "fold"], sort=False)["person"]
        wanted = [(n, s, f) for n in range(params.studies) for s in SEEDS for f in (0, 1)]
        everybody = all(np.array_equal(part, np.arange(len(part))) for _, part in parts)
        sizes = parts.size().groupby("study").nunique()
        tests = table.groupby(["study", "seed", "person"])["tested"].sum()
        keys = [key for key, _ in parts]
        if keys != wanted or not everybody or not (sizes == 1).all() or not (tests == 1).all():
            raise ValueError(
                f"each of {len(wanted)} folds must have everybody; one of a pair tests each"
            )
        if table.isna().any(axis=None):
            raise ValueError("it has gaps")
    return table


def recorded(params: SmallParams, start: Aligned, *, jobs: int) -> Iterator[int]:
    """Make the record anew; yield after each study."""
    tables = {}
    with aside(jobs) as pool:
        waiting = [pool.submit(_studied, params, number, start) for number in range(params.studies)]
        for done, future in enumerate(as_completed(waiting), 1):
            number, tables[number] = future.result()
            yield done
    whole = pd.concat([tables[number] for number in sorted(tables)], ignore_index=True)
    keep(FILES, {"folds.parquet": whole}, params.told, COMMAND)


def _studied(params: SmallParams, number: int, start: Aligned) -> tuple[int, pd.DataFrame]:
    return number, trained(params, number, followed(params.study(number)), start)
