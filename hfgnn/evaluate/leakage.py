"""What a judged page had already shown in training, and how far remembering alone gets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 2**26  # distances that are held at once: 256 MB


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


def leakage(groups: ArrayLike, parts: ArrayLike, *, train: str = "train") -> dict[str, Leak]:
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
