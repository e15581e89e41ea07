"""Scores of predicted time to an event: times [n], events [n] (False: censored), risks [n]."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hfgnn.evaluate.paired import Difference

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Curve = Callable[[ArrayLike], Floats]  # of months


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
    _some(pairs, ill)
    return (pairs + _beyond(step, score, ill) - _beyond(step, -score, ill)) / (2 * pairs)


def _beyond(step: NDArray[np.intp], score: Floats, ill: Bools) -> int:
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


def _some(pairs: float | np.floating, ill: Bools) -> None:
    if not pairs:
        raise ValueError(
            f"concordance of {int(ill.sum())} events among {len(ill)} people compares no pair; "
            "it needs an event during which somebody else is still followed"
        )


def _pairs(when: Floats, ill: Bools, risks: Sequence[ArrayLike]) -> list[NDArray[np.float32]]:
    """Return who is compared [events, n], and by each score who wins: 1, or 1/2 of equal scores."""
    at = when[ill][:, None]
    after = np.asarray((at < when) | ((at == when) & ~ill), np.float32)
    _some(after.sum(), ill)
    scores = (np.asarray(risk, dtype=float) for risk in risks)
    won = [after * (1 + np.sign(s[ill][:, None] - s, dtype=np.float32)) / 2 for s in scores]
    return [after, *won]


def redrawn(
    time: ArrayLike,
    event: ArrayLike,
    risks: Sequence[ArrayLike],
    *,
    rng: np.random.Generator,
    repeats: int = 1000,
) -> Floats:
    """Return Harrell's C [repeats, models] of several models' risks, each [n], on the same draws.

    People are drawn anew, with and without event apart. A draw is how often each came, w [n], and
    C = sum of w_i w_j won_ij / sum of w_i w_j over the pairs compared; NaN where a draw has none.
    """
    when, ill = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    came = np.empty((repeats, len(ill)), np.float32)
    for part in (ill, ~ill):
        n = int(part.sum())
        came[:, part] = rng.multinomial(n, np.full(n, 1 / max(n, 1)), repeats)
    tables = _pairs(when, ill, risks)
    sums = [np.einsum("rn,rn->r", came[:, ill] @ table, came, dtype=float) for table in tables]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.column_stack(sums[1:]) / sums[0][:, None])


def gain(
    time: ArrayLike,
    event: ArrayLike,
    risks: tuple[ArrayLike, ArrayLike],
    *,
    rng: np.random.Generator,
    repeats: int = 1000,
) -> Difference:
    """Return how much higher Harrell's C is by the first of two models' risks, each [n].

    The mean is that of the people as they are; the interval holds 95 % of the draws of `redrawn`.
    """
    one, other = (concordance(time, event, risk) for risk in risks)
    first, second = redrawn(time, event, risks, rng=rng, repeats=repeats).T
    low, high = np.quantile(first - second, [0.025, 0.975])
    return Difference(one - other, float(low), float(high), repeats)


def made_up(stay: Curve, months: ArrayLike) -> Floats:
    """Return 1 / G(t) of each time: for how many a person seen then stands."""
    if not np.all((found := stay(months)) > 0):
        raise ValueError(
            f"of the training part nobody is followed beyond {np.max(months):g} months, and so "
            "nobody can stand for those who were lost before; ask for fewer months"
        )
    return np.asarray(1 / found)


def uno(
    time: ArrayLike, event: ArrayLike, risk: ArrayLike, *, stay: Curve, until: float = np.inf
) -> float:
    """Return Uno's C: Harrell's, but a pair counts 1 / G(t)^2, t < until when its first fell ill.

    `stay` is G, the chance to be followed beyond t: `hfgnn.train.prognosis.staying`, of the
    training part.
    """
    when, ill = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    after, won = (m[when[ill] < until].sum(axis=1) for m in _pairs(when, ill, [risk]))
    _some(after.sum(), ill & (when < until))
    weight = made_up(stay, when[ill & (when < until)]) ** 2
    return float(weight @ won / (weight @ after))
