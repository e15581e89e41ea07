"""Who hears whom: edges [2, E] from near [n, k], each from row 0, who speaks, to row 1, who hears.

That is PyTorch Geometric's default flow, "source_to_target". An edge i -> j from each patient i to
a neighbour j looks right and is the reverse of what was meant: with it, j hears those who chose j,
and a patient whom nobody chose hears nobody.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]


def hears_choosers(near: ArrayLike) -> Ints:
    """Return edges i -> j for each neighbour j of i: a patient hears those who chose it.

    As the thesis published it. How many a patient hears is how often it was chosen: from 0 up.
    """
    return hears_neighbours(near)[::-1].copy()


def hears_neighbours(near: ArrayLike) -> Ints:
    """Return edges j -> i for each neighbour j of i: a patient hears its own k neighbours.

    As it should be. Edges come by hearer and nearest first: row 0 in shape [n, k] is `near` again.
    """
    chosen = _whole(near)
    return np.stack([chosen.ravel(), np.arange(len(chosen)).repeat(chosen.shape[1])])


def hears_both(near: ArrayLike) -> Ints:
    """Return both directions of every edge once: a patient hears whom it chose and who chose it.

    The symmetric graph, with k to n - 1 edges to each patient, ordered by row 0, then by row 1.
    """
    edges = hears_neighbours(near)
    return np.ascontiguousarray(np.unique(np.hstack([edges, edges[::-1]]), axis=1))


def _whole(near: ArrayLike) -> Ints:
    chosen = np.asarray(near)
    if chosen.ndim != 2 or chosen.dtype.kind not in "iu":
        raise ValueError(
            f"neighbours of shape {chosen.shape} and type {chosen.dtype}; "
            "give row numbers [n, k], as neighbours() returns them"
        )
    if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(chosen):
        raise ValueError(
            f"neighbours from {chosen.min()} to {chosen.max()} of {len(chosen)} patients; "
            "these are rows of another table: use attach() for new patients"
        )
    return chosen.astype(np.int64)
