"""Maps of attention of several trainings: do they say the same? A record, and how it is made.

A network is trained anew with other dice on the same people. What its maps say of the disease is
then told of each training, and how alike the maps of two trainings are. The maps that are drawn are
the first training's, of the record: another processor would draw others.
"""

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.cohort import LEADS
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import Told, lesson, told
from hfgnn.train.aside import aside
from hfgnn.train.followed import Followed
from hfgnn.train.maps import LEARNED, TERRITORY, WITHOUT, Maps, MapsParams, maps
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted

COMMAND = "hfgnn record maps"
NAMES = ("territory.parquet", "hidden.parquet", "shares.parquet")
DRAWN = "drawn.parquet"
KINDS = ("leads", "moments", "own", "own_leads")  # of Maps: in groups, and in one person of each
FILES = {name: RECORDED / "maps" / name for name in (*NAMES, DRAWN, HOW)}
Tables = dict[str, pd.DataFrame]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AtlasParams:
    """Whose maps, and of how many trainings."""

    of: MapsParams
    trainings: int = 5

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same networks."""
        return {"params": repr(self)}


@dataclass(frozen=True)
class Atlas:
    """What the maps of all trainings came to."""

    territory: pd.DataFrame  # training, network, disease: as in Maps, and the untrained as good
    hidden: pd.DataFrame  # training, network: correlation, above
    alike: pd.DataFrame  # network: correlation of two trainings' maps, mean, low, high
    drawn: dict[str, Floats]  # "kind network": [groups, 12, 12 or 19], the first training's maps
    random: int  # networks that have learned nothing, beside which they stand
    again: int | None  # trainings done just now beside a record; None: there is no record
    apart: float  # the largest difference of their AUROCs from the recorded ones


def looked(
    params: AtlasParams, study: Followed, newcomers: Followed, start: Aligned, tuned: Told
) -> Maps:
    """Look at the first training's maps; at those of networks that learned nothing if need be."""
    alone = replace(params.of, random=0, weighed=0)
    of = params.of if read(params) is None else alone
    return maps(of, study, newcomers, start, tuned)


def atlas(params: AtlasParams, own: Maps) -> Atlas:
    """Tell what all trainings came to, of which the first was done just now."""
    tables, again, apart = read(params), None, 0.0
    today = _tables(0, own) | {DRAWN: _flat(own)}
    if tables is None:
        tables = today
    else:
        again = 1
        keys = ["training", "disease", "network"]
        both = (part["territory.parquet"].set_index(keys)["AUROC"] for part in (today, tables))
        now, then = both
        apart = float((now - then.reindex(now.index)).abs().max())
    whole = tables["territory.parquet"]
    chance = whole[~whole["network"].isin(LEARNED)]
    parts = {
        number: told_apart(pd.concat([part[part["network"].isin(LEARNED)], chance]))
        for number, part in whole.groupby("training")
    }
    territory = pd.concat(parts, names=["training"])
    hidden = tables["hidden.parquet"].set_index(["training", "network"])
    near, drawn = alike(tables["shares.parquet"]), _maps(tables[DRAWN], len(own.groups))
    return Atlas(territory, hidden, near, drawn, chance["network"].nunique(), again, apart)


def told_apart(territory: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the networks that learned, and the share of the others as good as each."""
    rows = territory.drop(columns="training").set_index(["network", "disease"])
    others = rows.drop(index=list(LEARNED), level="network")
    parts = list[pd.DataFrame]()
    for name in LEARNED:
        own = rows.loc[name]
        good = {
            "AUROC": others["AUROC"] >= own["AUROC"].reindex(others.index, level="disease"),
            "place": others["place"] <= own["place"].reindex(others.index, level="disease"),
        }
        by = {f"untrained, {n} as good": g.groupby(level="disease").mean() for n, g in good.items()}
        parts.append(own.assign(**by))
    return pd.concat(parts, keys=LEARNED, names=["network"])


def alike(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the correlation between two trainings of how much each lead is listened to."""
    rows = {}
    for name, part in shares.groupby("network"):
        each = part.pivot(index="training", columns="lead", values="share").to_numpy()
        pairs = [np.corrcoef(one, other)[0, 1] for one, other in combinations(each, 2)]
        if pairs:
            rows[name] = {"mean": np.mean(pairs), "low": min(pairs), "high": max(pairs)}
    columns = ["mean", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("network")


def _flat(own: Maps) -> pd.DataFrame:
    """Return the maps that are drawn, one below the other: kind, network, share."""
    each = {(kind, name): getattr(own, kind)[name].ravel() for kind in KINDS for name in LEARNED}
    rows = [pd.DataFrame({"kind": k, "network": n, "share": part}) for (k, n), part in each.items()]
    return pd.concat(rows, ignore_index=True)


def _maps(flat: pd.DataFrame, groups: int) -> dict[str, Floats]:
    """Return the maps by "kind network", [groups, 12, 12 or 19]."""
    parts = flat.groupby(["kind", "network"], sort=False)["share"]
    shape = groups, len(LEADS), -1
    return {f"{kind} {name}": part.to_numpy().reshape(shape) for (kind, name), part in parts}


def _tables(training: int, own: Maps) -> Tables:
    """Return what is recorded of one training."""
    well = own.groups.index(WITHOUT)
    shares = [
        {"network": name, "lead": lead, "share": share}
        for name in LEARNED
        for lead, share in zip(LEADS, own.leads[name][well].mean(axis=0), strict=True)
    ]
    found = (own.territory, own.hidden.reset_index(), pd.DataFrame(shares))
    tables = zip(NAMES, (part.assign(training=training) for part in found), strict=True)
    return dict(tables)


def read(params: AtlasParams) -> Tables | None:
    """Return the recorded tables if they are of these networks; refuse damaged ones."""
    found = kept(FILES, params.told, COMMAND)
    if found is None:
        return None
    tables, each = found[0], list(range(params.trainings))
    sizes = {
        "territory.parquet": len(LEARNED) * len(TERRITORY),
        "hidden.parquet": len(LEARNED),
        "shares.parquet": len(LEARNED) * len(LEADS),
    }
    for name, size in sizes.items():
        with trusted(FILES[name], COMMAND):
            own = tables[name][tables[name]["network"].isin(LEARNED)]
            if own.groupby("training").size().to_dict() != dict.fromkeys(each, size):
                raise ValueError(
                    f"it must have {size} rows of each of {params.trainings} trainings"
                )
            if tables[name].isna().any(axis=None):
                raise ValueError("it has gaps")
    with trusted(FILES[DRAWN], COMMAND):
        rows = tables[DRAWN].groupby(["kind", "network"])["share"]
        square = (len(TERRITORY) + 1) * len(LEADS)  # groups, and a row of each for each lead
        if len(rows) != len(KINDS) * len(LEARNED) or (rows.size() % square).any():
            raise ValueError(f"it must have {len(KINDS)} maps of each of {len(LEARNED)} networks")
        if not tables[DRAWN]["share"].between(0, 1).all():
            raise ValueError("shares must be from 0 to 1")
    return tables


def recorded(
    params: AtlasParams,
    hospital: Followed,
    study: Followed,
    newcomers: Followed,
    start: Aligned,
    tuned: Told,
    *,
    jobs: int,
) -> Iterator[int]:
    """Make the record anew, first of it the build's training; yield after each of the others."""
    own = maps(params.of, study, newcomers, start, tuned)
    parts = {0: _tables(0, own)}
    with aside(jobs) as pool:
        waiting = [
            pool.submit(_trained, params, number, hospital, study, newcomers)
            for number in range(1, params.trainings)
        ]
        for done, future in enumerate(as_completed(waiting), 1):
            number, parts[number] = future.result()
            yield done
    tables = {name: pd.concat([parts[n][name] for n in sorted(parts)]) for name in NAMES}
    keep(FILES, tables | {DRAWN: _flat(own)}, params.told, COMMAND)


def _trained(
    params: AtlasParams, number: int, hospital: Followed, study: Followed, newcomers: Followed
) -> tuple[int, Tables]:
    """Train both networks anew on the same people, and look at what they listen to."""
    of, tuned = (replace(one, study=number) for one in (params.of.of, params.of.tuned))
    few = replace(params.of, of=of, tuned=tuned, random=0, weighed=0)
    end = told(tuned, study, newcomers, lesson(tuned, hospital))
    return number, _tables(number, maps(few, study, newcomers, lesson(of, hospital), end))
