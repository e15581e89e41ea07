"""Batches to train a risk on: the partial likelihood of a batch without an event says nothing."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def stratified(event: ArrayLike, size: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Deal everyone [n] once to batches of about `size` people, each with its share of the events.

    Batches differ by one event and one person at most. There are n // size of them, as published,
    but never more than events, so that each has one.
    """
    ill = np.asarray(event, dtype=bool)
    if size < 1 or not ill.any():
        raise ValueError(
            f"batches of {size} from {len(ill)} people with {ill.sum()} events; each batch needs "
            "one person and one event at least: take more people, or a longer follow-up"
        )
    batches = max(1, min(len(ill) // size, int(ill.sum())))
    first, then = (
        np.array_split(rng.permutation(np.flatnonzero(part)), batches) for part in (ill, ~ill)
    )
    return [np.concatenate(both) for both in zip(first, then[::-1], strict=True)]


def dealt(rows: NDArray[np.intp], size: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Deal these people once to batches of `size` or, as they do not divide, a little more."""
    return np.array_split(rng.permutation(rows), max(1, len(rows) // size))
