"""New patients in a known graph: nodes are numbered as training [0, n), then new ones [n, n + m).

`attach` leaves the graph of the training patients as it is and lets each new one hear its nearest
among them; `chosen` does the same in the published direction. `rebuilt` is what the thesis does
instead: it builds the whole graph again.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hfgnn.graph.direction import hears_choosers
from hfgnn.graph.knn import neighbours

Ints = NDArray[np.int64]
SLACK = 1e-12  # rounding of squared distances, relative to squared lengths


def attach(train_x: ArrayLike, new_x: ArrayLike, k: int = 5) -> Ints:
    """Return edges [2, m * k] from training patients [n, d] to new ones [m, d], nearest first.

    New patients hear training patients only, and nobody hears a new one: whatever else arrives,
    each answer stays as it was. Put these edges beside those of the training graph; row 0 in shape
    [m, k] is the neighbours of each new patient.
    """
    near = neighbours(new_x, k, among=train_x)
    new = len(np.asarray(train_x)) + np.arange(len(near))
    return np.stack([near.ravel(), new.repeat(k)])


def chosen(train_x: ArrayLike, new_x: ArrayLike, k: int = 5) -> Ints:
    """Return edges [2, E] to new patients [m, d] from the training ones [n, d] who choose them.

    A training patient chooses whoever comes nearer than its k-th nearest so far, |new - it| < r_k.
    Each new one is met as if it came alone: these are the edges to it of `rebuilt`, row by row.
    Distances are |a|^2 + |b|^2 - 2 a b; what is as near as r_k but for rounding is not nearer.
    """
    known, new = np.asarray(train_x, np.float64), np.asarray(new_x, np.float64)
    middle = known.mean(axis=0)
    last = known[neighbours(known, k)[:, -1]]
    reach = ((known - last) ** 2).sum(axis=1)
    known, new = known - middle, new - middle
    long, wide = (known**2).sum(axis=1), (new**2).sum(axis=1)
    far = long[:, None] + wide - 2 * known @ new.T
    slack = SLACK * (long[:, None] + wide)
    who, whom = np.nonzero((far < reach[:, None] - slack).T)[::-1]
    return np.stack([who, len(known) + whom]).astype(np.int64)


def rebuilt(train_x: ArrayLike, new_x: ArrayLike, k: int = 5) -> Ints:
    """Return edges [2, (n + m) * k] of a new graph of all patients, in the published direction.

    As the thesis published it, one patient at a time: new ones speak to their neighbours and hear
    those who chose them, often nobody; and they push themselves between training patients.
    """
    return hears_choosers(neighbours(np.vstack([train_x, new_x]), k))
