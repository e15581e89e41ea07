"""Who is near to whom: the k nearest patients by Euclid's distance, near [n, k], exactly.

Nearest first, and of equally near ones the one with the smaller number. Exact copies of a patient
share one row in the search, so that a thousand of them cost no more than one.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from hfgnn.graph.search import Search

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.floating]
FEW = 2**15  # pairs: below, the dense formula takes a few milliseconds and needs no search
HUGE = 1e37  # from where float32 could overflow


def neighbours(x: ArrayLike, k: int = 5, *, among: ArrayLike | None = None) -> Ints:
    """Return the k nearest of each patient: near [n, k] for x [n, d], numbers of rows, in order.

    Near are rows of `among` [m, d]; without it the other rows of x, never oneself, even where
    copies of a patient are as near as the patient is. Features are taken as they are: what is on
    the larger scale decides (see `mix`).
    """
    asked = _finite(x, "x")
    there = asked if among is None else _finite(among, "among")
    _possible(asked, there, k, alone=among is None)
    if len(asked) * len(there) <= FEW:
        far = cdist(asked, there, "sqeuclidean")
        if among is None:
            np.fill_diagonal(far, np.inf)
        return far.argsort(axis=1, kind="stable")[:, :k].astype(np.int64)
    kind, members = _kinds(there, k + 1)
    known = there[members[:, 0]]
    if among is not None:
        far, near = Search.of(asked, known).nearest(k)
        return _patients(far, members[near], k, alone=False)
    far, near = Search.of(known, known).nearest(k + 1)
    return _patients(far[kind], members[near[kind]], k, alone=True)


def _finite(x: ArrayLike, name: str) -> Rows:
    rows = np.asarray(x)
    rows = np.ascontiguousarray(rows, None if rows.dtype == np.float32 else np.float64)
    if rows.ndim != 2 or not rows.shape[1]:
        raise ValueError(f"{name} has shape {rows.shape}; give one row of features per patient")
    if not np.abs(rows).max(initial=0) < HUGE:
        bad = np.flatnonzero(~(np.abs(rows) < HUGE).all(axis=1))
        raise ValueError(
            f"{len(bad)} rows of {name}, the first is row {bad[0]}, hold what is not a number or "
            f"beyond {HUGE:g}: no distance can be told; mend or leave out these patients"
        )
    return rows


def _possible(asked: Rows, there: Rows, k: int, *, alone: bool) -> None:
    if asked.shape[1] != there.shape[1]:
        raise ValueError(
            f"x has {asked.shape[1]} columns, among has {there.shape[1]}; "
            "give both the same features in the same order"
        )
    others = len(there) - alone
    if not 1 <= k <= others:
        raise ValueError(
            f"k={k} neighbours of {others} other patients; "
            f"choose k from 1 to {others}, or give more patients"
        )


def _kinds(rows: Rows, most: int) -> tuple[Ints, Ints]:
    """Number the kinds of rows in order of appearance, copies alike: the kind [n] of each row.

    And of each kind its first patients [u, up to `most`], which rise; -1 where there are fewer.
    """
    texts = np.array([row.tobytes() for row in rows + rows.dtype.type(0)], dtype=object)
    code = pd.factorize(texts)[0]
    order = code.argsort(kind="stable")
    start = np.flatnonzero(np.diff(code[order], prepend=-1))
    place = np.arange(len(rows)) - start[code[order]]  # of each patient among its copies
    listed = place < most
    members = np.full((len(start), place[listed].max() + 1), -1)
    members[code[order][listed], place[listed]] = order[listed]
    return code, members


def _patients(far: Floats, near: Ints, k: int, *, alone: bool) -> Ints:
    """Return the k nearest patients from the nearest kinds: far [n, c], members near [n, c, m]."""
    listed = near.reshape(len(near), -1)
    away = np.repeat(far, near.shape[2], axis=1)
    away[listed < 0] = np.inf
    if alone:
        away[listed == np.arange(len(near))[:, None]] = np.inf
    order = np.lexsort((listed, away))[:, :k]
    return np.take_along_axis(listed, order, axis=1)
