"""The comparisons of the chapter on the network: all from a record, some of them made again.

With every split and deal they take minutes. They are made once (`recorded`); a build makes the
first of them anew and holds them against the record. Without a record of the same people and
settings a build makes them all.
"""

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hfgnn.train.aside import aside
from hfgnn.train.augmentation import Pools
from hfgnn.train.clinic import VIEWS, Clinic, ClinicParams, added, clinic
from hfgnn.train.pages import Pages, PagesParams
from hfgnn.train.published import Published, PublishedParams, published
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted

COMMAND = "hfgnn record gnn"
FILES = {name: RECORDED / "gnn" / name for name in ("clinic.parquet", "published.parquet", HOW)}
KEYS = {
    "clinic.parquet": ["view", "split", "model"],
    "published.parquet": ["run", "repeat", "heard"],
}
PARTS = ("both", "published", "page", "clinical")  # the longest first
FARTHEST = 0.05  # between a recorded score and today's, as in the ledger: processors differ


@dataclass(frozen=True)
class AgainParams:
    """The comparisons, and how many of each are made anew where all are recorded."""

    pages: PagesParams
    clinic: ClinicParams  # in each view
    published: PublishedParams
    asked: str  # which of them: a view, or "published"
    splits: int = 2  # enough to see that the seeds lead the same way; a fifth of the time
    deals: int = 1

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same comparisons."""
        whole = self.pages, self.clinic, self.published
        return {type(one).__name__: repr(one) for one in whole}


def clinic_again(params: AgainParams, pages: Pages) -> Clinic:
    """Return a clinic with every split's scores, of which some were made just now."""
    held = read(params, "clinic.parquet")
    whole = replace(params.clinic, view=params.asked)
    if held is None:
        return clinic(whole, pages)
    few = clinic(replace(whole, splits=params.splits), pages)
    every = held[held["view"] == params.asked].drop(columns="view").reset_index(drop=True)
    apart = distance(few.scores, every, ["split", "model"])
    gains = added(every, few.people)
    return replace(few, scores=every, added=gains, again=params.splits, apart=apart)


def published_again(params: AgainParams, pages: Pages, pools: Pools) -> Published:
    """Return the published run and its mends in every deal, of which some were made just now."""
    held = read(params, "published.parquet")
    if held is None:
        return published(params.published, pages, pools)
    few = published(replace(params.published, repeats=params.deals), pages, pools)
    apart = distance(few.scores, held, ["run", "repeat", "heard"])
    return replace(few, scores=held, again=params.deals, apart=apart)


def distance(few: pd.DataFrame, whole: pd.DataFrame, keys: list[str]) -> float:
    """Return how far scores made again are from the recorded ones; refuse those of other code."""
    now = few.set_index(keys)
    then = whole.set_index(keys).reindex(now.index)
    both = (now.notna() & then.notna()).to_numpy()
    apart = float((now - then).abs().to_numpy().max(initial=0, where=both))
    apart = apart if (both | (now.isna() & then.isna())).all(axis=None) else np.inf
    if not apart <= FARTHEST:
        raise ValueError(
            f"recorded scores differ from today's by {apart:.3f}, more than {FARTHEST}: they are "
            f"of other code; make them anew with `{COMMAND}`"
        )
    return apart


def read(params: AgainParams, name: str) -> pd.DataFrame | None:
    """Return a recorded table if it is of the same people and settings; refuse a damaged one."""
    found = kept(FILES, params.told, COMMAND)
    if found is None:
        return None
    with trusted(FILES[name], COMMAND):
        table = found[0][name]
        if table.duplicated(KEYS[name]).any():
            raise ValueError("it has the same comparison twice")
    return table


def recorded(params: AgainParams, pages: Pages, pools: Pools, *, jobs: int) -> Iterator[int]:
    """Make the record anew; yield after each of its parts."""
    parts = [(replace(params, asked=part), pages, pools) for part in PARTS]
    scores = {}
    with aside(jobs) as pool:
        waiting = [pool.submit(_scored, *part) for part in parts]
        for done, future in enumerate(as_completed(waiting), 1):
            part, scores[part] = future.result()
            yield done
    views = pd.concat([scores[view].assign(view=view) for view in VIEWS])
    tables = {"clinic.parquet": views, "published.parquet": scores["published"]}
    keep(FILES, tables, params.told, COMMAND)


def _scored(params: AgainParams, pages: Pages, pools: Pools) -> tuple[str, pd.DataFrame]:
    if params.asked == "published":
        return params.asked, published(params.published, pages, pools).scores
    return params.asked, clinic(replace(params.clinic, view=params.asked), pages).scores
