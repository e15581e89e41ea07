"""What each decision of a protocol is worth: Shapley's shares of a whole difference.

A protocol is a set of decisions, each as published or sound. Going from all published to all sound,
a decision's share is what it changes, averaged over every order in which they could be mended
(Shapley 1953): share_i = mean over orders of v(those before i, and i) - v(those before i). The
shares sum to the whole difference; a decision that changes nothing has none of it.
"""

from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def shares(values: ArrayLike) -> Floats:
    """Return each decision's share [d, ...], of the values [2^d, ...] of every set of decisions.

    Bit i of a row's number tells whether decision i is sound in it. Whatever else the values have
    as axes, draws of a bootstrap or scores, each is shared out by itself.
    """
    v = np.asarray(values, dtype=float)
    d = len(v).bit_length() - 1
    if len(v) != 2**d or not d:
        raise ValueError(
            f"{len(v)} values are not of every set of decisions; "
            "give as many as a power of two, in order"
        )
    sets = np.arange(len(v))
    many = np.array([number.bit_count() for number in range(len(v))])
    found = []
    for i in range(d):
        without = sets[(sets >> i) & 1 == 0]
        weight = np.array([1 / (d * comb(d - 1, k)) for k in many[without]])
        found.append(np.tensordot(weight, v[without | (1 << i)] - v[without], axes=1))
    return np.stack(found)


def alone(values: ArrayLike) -> Floats:
    """Return what each decision changes by itself [d, ...], all others as published."""
    v = np.asarray(values, dtype=float)
    return np.stack([v[1 << i] - v[0] for i in range(len(v).bit_length() - 1)])


def last(values: ArrayLike) -> Floats:
    """Return what each decision changes at the end [d, ...], all others sound."""
    v = np.asarray(values, dtype=float)
    every = len(v) - 1
    return np.stack([v[every] - v[every ^ (1 << i)] for i in range(every.bit_length())])
