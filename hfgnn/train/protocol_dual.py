"""The second work's protocol with any set of its decisions mended: few events, and what is said.

Six decisions, each as published or sound; bit i of a set's number is decision i, in this order.

| decision | as published                                 | sound                               |
|----------|----------------------------------------------|-------------------------------------|
| folds    | two                                          | ten                                 |
| chosen   | the epoch is the best of those tested        | the best of some who are held back  |
| leak     | all curves are of the first dice's folds     | each of those it tests              |
| shared   | masks inside the encoder are each person's   | one mask for a batch                |
| spread   | the SD of a pair of folds, mean over dice    | the SD of all                       |
| null     | one stream of dice for heads                 | another                             |

The encoder stands still, and heads learn from what it says of people in several views, half of the
leads hidden; so all folds and dice of a set are one training (`hfgnn.train.risk_heads`). With each
of the five published dice people are dealt to folds, and a head learns from those a fold does not
test. Reported are C of those tested, mean over folds and dice; beside it the SD, and the share of
dice for which a log-rank test parts the curves of those called high from those of the others. What
is true of heads is their C of many newcomers.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.data.batches import stratified
from hfgnn.evaluate.survival import concordance
from hfgnn.seeding import rng
from hfgnn.train.audited import Decisions
from hfgnn.train.folds import published_folds
from hfgnn.train.prognosis import high_risk, logrank
from hfgnn.train.risk_heads import Lesson
from hfgnn.train.small_study import SEEDS, TOP

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FOLDS = {False: 2, True: 10}
HELD = 0.2  # of those who are not tested choose the epoch
LEVEL = 0.05  # below which a log-rank test is said to part


@dataclass(frozen=True)
class Protocol(Decisions):
    """Which decisions are mended; False, as published."""

    folds: bool = False
    chosen: bool = False
    leak: bool = False
    shared: bool = False
    spread: bool = False
    null: bool = False


NAMES = Protocol.names()


@dataclass(frozen=True)
class Dealt:
    """Whom each head of a set learns from, and whom it tests: a row a head, dice by dice."""

    tested: Bools  # [dice, folds, n]
    lessons: list[Lesson]

    @classmethod
    def of(cls, how: Protocol, event: Bools, seed: int) -> "Dealt":
        """Deal people of a study as a set does; equal seeds give sets what they have in common."""
        tested = published_folds(event, SEEDS, folds=FOLDS[how.folds])
        lessons, dice = [], "second" if how.null else "first"
        for number, mask in enumerate(tested.reshape(-1, len(event))):
            others = np.flatnonzero(~mask)
            held = rng(seed, "audit", "dual", "held", str(number))
            parts = stratified(event[others], round(HELD * len(others)), held)
            back, known = others[parts[0]], others[np.concatenate(parts[1:])]
            stream = rng(seed, "audit", "dual", dice, str(number))
            judges = back if how.chosen else np.flatnonzero(mask)
            lessons.append(Lesson(np.sort(known), np.sort(judges), stream))
        return cls(tested, lessons)

    def drawn(self, how: Protocol) -> Bools:
        """Return whom each head draws curves of [dice, folds, n]."""
        return self.tested if how.leak else np.broadcast_to(self.tested[:1], self.tested.shape)


def scores(
    how: Protocol, dealt: Dealt, risk: Floats, table: pd.DataFrame, others: pd.DataFrame
) -> tuple[float, float, float, float]:
    """Return what is reported, what is true, the SD that is reported, and how often curves part.

    `risk` [heads, n + m] is of the study's people and then of the others.
    """
    tested, n = dealt.tested, len(table)
    own = risk[:, :n].reshape(tested.shape)
    time, event = table["time"].to_numpy(float), table["event"].to_numpy(bool)
    found = np.array(
        [
            [concordance(time[who], event[who], one[who]) for who, one in zip(*both, strict=True)]
            for both in zip(tested, own, strict=True)
        ]
    )
    when, ill = others["time"].to_numpy(float), others["event"].to_numpy(bool)
    true = float(np.mean([concordance(when, ill, one[n:]) for one in risk]))
    error = float(found.std(ddof=1)) if how.spread else float(found.std(axis=1).mean())
    parted = [_parts(who, one, table) for who, one in zip(dealt.drawn(how), own, strict=True)]
    return float(found.mean()), true, error, float(np.mean(parted))


def _parts(drawn: Bools, risk: Floats, table: pd.DataFrame) -> bool:
    """Tell whether those called high fall ill sooner, by ranks within the folds of one die."""
    rank = np.zeros(len(table))
    for who, one in zip(drawn, risk, strict=True):
        rank[who] = pd.Series(one[who]).rank(pct=True)
    return logrank(table["time"], table["event"], high_risk(rank, TOP)) < LEVEL
