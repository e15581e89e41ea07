"""Who trains and who tests: parts that no person and no copied page crosses, and the naive way.

Unite persons and pages by `hfgnn.data.duplicates.numbered(person, group)` before splitting.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHARES = {"train": 0.8, "test": 0.2}


def _sizes(shares: Mapping[str, float]) -> NDArray[np.float64]:
    sizes = np.array(list(shares.values()), dtype=float)
    if not len(sizes) or not (sizes > 0).all() or abs(sizes.sum() - 1) > 1e-9:
        raise ValueError(
            f"shares {dict(shares)} are not positive numbers that sum to 1; name each part and "
            "its share, such as train=0.8, test=0.2"
        )
    return sizes


def by_group(
    groups: ArrayLike,
    classes: ArrayLike,
    rng: np.random.Generator,
    *,
    shares: Mapping[str, float] = SHARES,
) -> NDArray[np.str_]:
    """Return the part [n] of each item: groups [n] stay whole, and each class [n] gets its shares.

    Groups are dealt large before small, otherwise in random order, each to the part that lacks
    most of what it holds. Where groups hold one class each, no part is further from its share of
    a class than the largest group times the other parts.
    """
    sizes = _sizes(shares)
    group = np.unique(np.asarray(groups), return_inverse=True)[1]
    kind = np.unique(np.asarray(classes), return_inverse=True)[1]
    if len(group) != len(kind) or not len(group):
        raise ValueError(f"{len(group)} groups and {len(kind)} classes; each item has one of each")
    holds = np.zeros((group.max() + 1, kind.max() + 1), dtype=np.int64)
    np.add.at(holds, (group, kind), 1)
    order = rng.permutation(len(holds))
    order = order[np.argsort(-holds[order].sum(axis=1), kind="stable")]
    lack = np.outer(sizes, holds.sum(axis=0))  # [parts, classes]
    part = np.empty(len(holds), dtype=np.intp)
    for one in order:
        part[one] = np.argmax(lack @ holds[one])
        lack[part[one]] -= holds[one]
    names: NDArray[np.str_] = np.array(list(shares))
    dealt: NDArray[np.str_] = names[part[group]]
    return dealt


def by_file(
    n: int, rng: np.random.Generator, *, shares: Mapping[str, float] = SHARES
) -> NDArray[np.str_]:
    """Return the part [n] of each file as most people deal them: at random, blind to copies."""
    ends = np.rint(np.cumsum(_sizes(shares)) * n).astype(int)
    part = np.searchsorted(ends, np.arange(n), side="right")
    names: NDArray[np.str_] = np.array(list(shares))
    dealt: NDArray[np.str_] = names[rng.permutation(part)]
    return dealt
