"""Stage 2 on simulated pages: new pages from old ones, and what a flip does to an ECG.

Only pages of the smaller class, the normal, are made anew, as in the thesis. What the backbone sees
on a new page is asked once and kept in a pool, one for each way of making pages; a way to equal
classes takes its new rows from its pool. A pool holds one new page of each normal page, so that a
page which is drawn twice gives the same new page twice. The pool of the thesis's bug holds as many
new pages of the first normal page as equal classes need.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hfgnn.features.augment import Gentle, Published, Way, changed
from hfgnn.features.resnet import backbone, features
from hfgnn.seeding import rng
from hfgnn.train.balance import reversed_features
from hfgnn.train.pages import Pages, PagesParams, reprinted
from hfgnn.world.population import block

Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]
Seen = NDArray[np.float32]


@dataclass(frozen=True)
class PoolsParams:
    """Whose pages are printed again, and what draws the changes."""

    seed: int
    pages: PagesParams
    askew: int = 100  # people of each class whose page is turned: a share is known to 0.1


@dataclass(frozen=True)
class Pools:
    """New pages by the way they were made: of whom, what `ecg` sees on them, what was done."""

    sources: dict[str, Rows]  # rows of pages.table, [k] each
    seen: dict[str, Seen]  # [k, 512] each
    changes: pd.DataFrame  # a row a new page: its `pool`, then a Change; pools in order


def pools(params: PoolsParams, pages: Pages) -> Pools:
    """Make new pages of the collection's normal people: "bug", "published" and "gentle".

    The bug makes all of them from the first normal page, the others one from each.
    """
    normal = pages.collected[~sick_of(pages)[pages.collected]]
    short = len(pages.collected) - 2 * len(normal)
    made: dict[str, tuple[Rows, Way]] = {
        "bug": (np.repeat(normal[:1], short), Published()),
        "published": (normal, Published()),
        "gentle": (normal, Gentle()),
    }
    return _pools(params, made)


def askew(params: PoolsParams, pages: Pages) -> Pools:
    """Change pages of people outside the collection the published way: "normal" and "sick"."""
    rows = others(pages)
    sick = sick_of(pages)[rows]
    sides = {"normal": rows[~sick][: params.askew], "sick": rows[sick][: params.askew]}
    return _pools(params, {name: (own, Published()) for name, own in sides.items()})


def of_one(params: PoolsParams, row: int, many: int) -> Seen:
    """Return what `ecg` sees on so many new pages of one person's, made the published way."""
    return _pools(params, {"bug": (np.full(many, row), Published())}).seen["bug"]


def _pools(params: PoolsParams, made: Mapping[str, tuple[Rows, Way]]) -> Pools:
    sources = {name: own for name, (own, _) in made.items()}
    rows = np.unique(np.concatenate(list(sources.values())))
    printed, reader = reprinted(params.pages, rows), backbone(params.pages.backbone)
    seen, changes = {}, []
    for name, (own, way) in made.items():
        stream = rng(params.seed, "augmentation", name)
        drawn = [way.draw(stream) for _ in own]
        places = rows.searchsorted(own)
        new = [changed(printed[at], how) for at, how in zip(places, drawn, strict=True)]
        seen[name] = features(np.stack(new), reader)
        changes.append(pd.DataFrame([{"pool": name, **asdict(how)} for how in drawn]))
    return Pools(sources, seen, pd.concat(changes, ignore_index=True))


def sick_of(pages: Pages) -> Bools:
    """Return who is sick, [n]."""
    return pages.table["sick"].to_numpy(dtype=bool)


def others(pages: Pages) -> Rows:
    """Return the rows of the people outside the collection, in order."""
    return np.setdiff1d(np.arange(len(pages.table)), pages.collected)


@dataclass(frozen=True)
class FlipsParams:
    """Whose signals are turned around."""

    pages: PagesParams
    people: int = 250  # one block: a mean's standard error is then 0.06 SDs


@dataclass(frozen=True)
class Flips:
    """What a flip does to an ECG, and what the backbone reads of pages that were changed."""

    moved: pd.DataFrame  # by feature: mean, sd, and by how many SDs `reversed`, `mirrored` move it
    read: pd.DataFrame  # a row a page: pool, row, rate and axis as read and true, and its Change
    people: int  # whose signals were turned around


def flips(params: FlipsParams, pages: Pages, new: Pools) -> Flips:
    """Turn signals around and measure them; read rate and axis of every new page and its source.

    The reading is linear, learned from plain pages of everybody but the people of the pools.
    """
    signals = block(params.pages.population, 0).ecg
    assert signals is not None
    signals = signals[: params.people]
    seen, normal = pages.seen["ecg"], new.sources["gentle"]
    shown = pages.shown[["rate", "axis_cos", "axis_sin"]]
    learned = shown.drop(index=normal.tolist()).dropna()
    reader = make_pipeline(StandardScaler(), RidgeCV(np.geomspace(1, 1e4, 9)))
    reader.fit(seen[learned.index], learned)
    frames = [_reading(reader.predict(seen[normal])).assign(pool="as they were", row=normal)]
    for name, rows in new.sources.items():
        changes = new.changes[new.changes["pool"] == name].reset_index(drop=True)
        frames.append(_reading(reader.predict(new.seen[name])).join(changes).assign(row=rows))
    read = pd.concat(frames, ignore_index=True)
    true = _reading(shown.to_numpy()[read["row"]]).add_prefix("true ")
    return Flips(reversed_features(signals), read.join(true), len(signals))


def _reading(told: NDArray[np.floating]) -> pd.DataFrame:
    """Return beats a minute and degrees from log rate, cosine and sine [n, 3]."""
    axis = np.degrees(np.arctan2(told[:, 2], told[:, 1]))
    return pd.DataFrame({"rate": np.exp(told[:, 0]), "axis": axis})
