"""How far remembering alone gets: each page is called what the nearest page in training is."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 2**26  # distances that are held at once: 256 MB


def nearest(
    pixels: ArrayLike, known: NDArray[np.intp], asked: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return for each asked row the known row, not itself, whose pixels [n, ...] are nearest.

    By Euclid: |a - b|^2 = |a|^2 - 2 a.b + |b|^2, of which |a|^2 changes no order.
    """
    if not len(known):
        raise ValueError("no known row to be near to; give one or more for training")
    flat = np.asarray(pixels).reshape(len(np.asarray(pixels)), -1)
    there = flat[known].astype(np.float32)
    middle = there.mean(axis=0)
    there -= middle  # small numbers keep float32 exact enough
    length = np.einsum("nd,nd->n", there, there)
    found = [
        _closest(flat[some].astype(np.float32) - middle, there, length, some[:, None] == known)
        for some in np.array_split(asked, max(1, -(-len(asked) * len(known) // BLOCK)))
    ]
    return known[np.concatenate(found)]


def _closest(
    here: NDArray[np.float32],
    there: NDArray[np.float32],
    length: NDArray[np.float32],
    itself: NDArray[np.bool_],
) -> NDArray[np.intp]:
    far = length - 2 * (here @ there.T)
    far[itself] = np.inf
    first: NDArray[np.intp] = far.argmin(axis=1)
    return first


def neighbour_accuracy(
    pixels: ArrayLike, classes: ArrayLike, *, known: NDArray[np.intp], asked: NDArray[np.intp]
) -> float:
    """Return the share of asked rows whose class is that of their nearest known row.

    It learns nothing: what it scores beyond the largest class is resemblance, or memory.
    """
    kind = np.asarray(classes)
    return float((kind[nearest(pixels, known, asked)] == kind[asked]).mean())
