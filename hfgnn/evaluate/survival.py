"""Scores of predicted time to an event: times [n], events [n] (False: censored), risks [n]."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def concordance(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> float:
    """Return Harrell's C = P(risk_i > risk_j | i seen to fall ill before j), equal risks one half.

    A pair counts if i has the event and j is then still followed: time_i < time_j, or j is
    censored at that very time. O(n log^2 n).
    """
    when, ill = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    score = np.asarray(risk, dtype=float)
    _, step = np.unique(np.column_stack([when, ~ill]), axis=0, return_inverse=True)
    after = len(step) - np.cumsum(np.bincount(step))  # people beyond each step
    pairs = int(after[step[ill]].sum())
    if not pairs:
        raise ValueError(
            f"concordance of {int(ill.sum())} events among {len(ill)} people compares no pair; "
            "it needs an event during which somebody else is still followed"
        )
    return (pairs + _beyond(step, score, ill) - _beyond(step, -score, ill)) / (2 * pairs)


def _beyond(step: NDArray[np.intp], score: NDArray[np.float64], ill: NDArray[np.bool_]) -> int:
    """Count pairs: i ill, step_i < step_j, score_i > score_j; by the first bit that tells steps."""
    walk = np.lexsort((step, score))  # upwards; of equals the early step first, so they never count
    steps, cases, count = step[walk], ill[walk], 0
    for bit in range(int(step.max()).bit_length()):
        block, late = steps >> (bit + 1), (steps >> bit) & 1
        order = np.argsort(block, kind="stable")
        before = np.concatenate([[0], np.cumsum(np.bincount(block, late))])[block[order]]
        passed = np.cumsum(late[order]) - before  # late ones of this block, lower in score
        count += int(passed[(late[order] == 0) & cases[order]].sum())
    return count
