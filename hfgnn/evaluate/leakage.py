"""Four audits of a finished set-up: does anything of the judged people reach the training?

Each is given what was used (rows, scaling, groups, edges) and who was for training, and says how
many leaks it saw, of how many things. Every part that is not the training's is judged. `leakage`
counts, part by part, what training already held.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

TRAIN = "train"
CLOSE = 1e-4  # standard deviations: rounding stays below, one foreign row in a thousand above
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Finding:
    """What one audit saw."""

    audit: str
    leaked: int  # things that should not be
    of: int  # things looked at
    words: str

    @property
    def clean(self) -> bool:
        """Return whether nothing leaked."""
        return self.leaked == 0


@dataclass(frozen=True)
class Scaling:
    """The mean [d] and the scale [d] by which rows were standardised: (x - mean) / scale."""

    mean: ArrayLike
    scale: ArrayLike


def known(x: ArrayLike, split: ArrayLike, ids: ArrayLike | None = None) -> Bools:
    """Return which judged rows [n] training holds: all of x [n, ...] alike, or the same id."""
    train, values = _training(split), np.asarray(x) + 0  # -0.0 becomes 0.0
    keys = [[row.tobytes() for row in values]]
    if ids is not None:
        keys.append(np.asarray(ids).tolist())
    _fit(train, rows=len(values), ids=len(keys[-1]))
    found = np.zeros(len(train), dtype=bool)
    for key in keys:
        learned = {one for one, used in zip(key, train, strict=True) if used}
        found |= [one in learned for one in key]
    return found & ~train


def rows(x: ArrayLike, split: ArrayLike, ids: ArrayLike | None = None) -> Finding:
    """Audit for judged rows that are training rows, too."""
    leaked, judged = int(known(x, split, ids).sum()), int((~_training(split)).sum())
    words = f"{leaked} of {judged} judged rows are in training, too, by their values or their id"
    return Finding("rows", leaked, judged, words)


def scaler(scaling: Scaling, x: ArrayLike, split: ArrayLike) -> Finding:
    """Audit whether the scaling of x [n, d] is that of the training rows, feature by feature.

    A feature leaks when its mean or scale is off the training rows' by more than rounding; the
    words tell of how many it is that of all rows. A constant feature may be scaled by one.
    """
    train = _training(split)
    values = np.asarray(x, dtype=np.float64)
    _fit(train, rows=len(values))
    ours, everyone = _agrees(scaling, values[train]), _agrees(scaling, values)
    leaked, whole = int((~ours).sum()), int((everyone & ~ours).sum())
    words = f"{leaked} of {values.shape[1]} features are not scaled by the training rows"
    if leaked:
        words += f": {whole} by all rows, {leaked - whole} by neither"
    return Finding("scaler", leaked, values.shape[1], words)


def twins(groups: ArrayLike, split: ArrayLike, besides: Bools | None = None) -> Finding:
    """Audit for judged items whose group (person, copies of a page) is in training as another item.

    `besides` [n] are items that are in training themselves, which `rows` counts.
    """
    train = _training(split)
    group = np.asarray(groups)
    _fit(train, groups=len(group))
    judged = ~train if besides is None else ~train & ~besides
    across = judged & np.isin(group, group[train])
    leaked, shared = int(across.sum()), len(np.unique(group[across]))
    words = f"{leaked} of {judged.sum()} judged items have a twin in training, in {shared} groups"
    return Finding("twins", leaked, int(judged.sum()), words)


def edges(edge_index: ArrayLike, split: ArrayLike) -> Finding:
    """Audit edges [2, E], from row 0 to row 1, for those along which a judged node is heard.

    A judged node may listen to training nodes and to itself, and nobody else may listen to it.
    """
    train, pairs = _training(split), np.asarray(edge_index, dtype=np.intp)
    if pairs.ndim != 2 or len(pairs) != 2 or pairs.size and not _inside(pairs, len(train)):
        raise ValueError(
            f"edges {pairs.shape} among {len(train)} nodes; give [2, E] numbers of nodes, "
            "sources first, from 0"
        )
    source, target = pairs
    heard = ~train[source] & (source != target)
    into = int((heard & train[target]).sum())
    among, every = int(heard.sum()) - into, pairs.shape[1]
    words = f"{into + among} of {every} edges lead from a judged node"
    if into + among:
        words += f": {among} to another judged node, {into} to a training node"
    return Finding("edges", into + among, every, words)


def audit(
    x: ArrayLike,
    split: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    scaling: Scaling | None = None,
    groups: ArrayLike | None = None,
    edge_index: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return a row for each audit that could be made of what is given: leaked, of, clean, words.

    x [n, d] as it was before scaling; split [n]; ids [n]; groups [n]; edge_index [2, E].
    """
    found = [rows(x, split, ids)]
    if scaling is not None:
        found.append(scaler(scaling, x, split))
    if groups is not None:
        found.append(twins(groups, split, known(x, split, ids)))
    if edge_index is not None:
        found.append(edges(edge_index, split))
    table = pd.DataFrame([asdict(one) | {"clean": one.clean} for one in found])
    return table.set_index("audit")[["leaked", "of", "clean", "words"]]


@dataclass(frozen=True)
class Leak:
    """How much of one part the training already held."""

    items: int  # judged
    known: int  # of these, items whose group is in training
    groups: int  # that lie in both

    @property
    def share(self) -> float:
        """The share of judged items that training had seen."""
        return self.known / self.items


def leakage(groups: ArrayLike, parts: ArrayLike, *, train: str = TRAIN) -> dict[str, Leak]:
    """Return for each part but `train` what of it was seen; groups [n], parts [n] of each item."""
    group, part = np.asarray(groups), np.asarray(parts)
    if group.shape != part.shape or train not in part:
        raise ValueError(
            f"{group.size} groups, and {part.size} parts with {np.sum(part == train)} {train!r}; "
            "each item needs a group and a part, and some item has to be for training"
        )
    learned = group[part == train]
    judged = {str(name): group[part == name] for name in np.unique(part) if name != train}
    seen = {name: held[np.isin(held, learned)] for name, held in judged.items()}
    return {
        name: Leak(len(held), len(seen[name]), len(np.unique(seen[name])))
        for name, held in judged.items()
    }


def _training(split: ArrayLike) -> Bools:
    part = np.asarray(split)
    train: Bools = part == TRAIN
    if part.ndim != 1 or not train.any() or train.all():
        raise ValueError(
            f"of {part.size} items {train.sum()} are for {TRAIN!r}; an audit needs one part a "
            "row, with some rows for training and some judged"
        )
    return train


def _fit(train: Bools, **lengths: int) -> None:
    for name, length in lengths.items():
        if length != len(train):
            raise ValueError(f"{length} {name} and {len(train)} parts; each item has one of each")


def _inside(pairs: NDArray[np.intp], nodes: int) -> bool:
    return bool(pairs.min() >= 0 and pairs.max() < nodes)


def _agrees(scaling: Scaling, x: NDArray[np.float64]) -> Bools:
    """Return which features [d] have these rows' mean and standard deviation."""
    spread = x.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    off = np.abs(np.asarray(scaling.mean) - x.mean(axis=0)) / unit
    off = np.maximum(off, np.abs(np.asarray(scaling.scale) - unit) / unit)
    agrees: Bools = off < CLOSE
    return agrees
