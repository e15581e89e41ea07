"""The audit of the third work: what each of its decisions does to the balanced accuracy.

A repeat draws people of its own, some hundreds of the general population, of whom about one in ten
has a weak pump, and pre-trains small encoders for a quarter of a minute; the published ones met
tens of thousands, a rarer disease, and learned for days. What is kept is the protocol.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hfgnn.seeding import rng
from hfgnn.train.audited import Audit, Scores, Work
from hfgnn.train.matched import LookedParams, Matched
from hfgnn.train.protocol_selfsup import (
    NAMES,
    Course,
    Met,
    Protocol,
    Shown,
    called,
    pretrained,
    views,
)
from hfgnn.train.seen import Seen, SeenParams, seen
from hfgnn.train.steps import Pace

READINGS = ("reported", "true", "AUROC")
WORK = Work("audit-selfsup", NAMES, farthest=0.08, scores=READINGS)
EPOCH = Protocol(epoch=True).number


@dataclass(frozen=True)
class SelfsupParams:
    """Whom the repeats meet, and how they learn."""

    seed: int
    people: SeenParams  # of the book: the first of them are the first repeat's
    newcomers: SeenParams
    looked: LookedParams
    sizes: tuple[int, int, int] = (700, 300, 700)  # who teach, are tested, and are met besides
    pace: Pace = Pace(epochs=8, rate=1e-2, climb=0.1, batch=16)

    def seed_of(self, repeat: int) -> int:
        """Return a repeat's seed."""
        return int(rng(self.seed, "audit", "selfsup", str(repeat)).integers(2**31))


@dataclass(frozen=True)
class CellParams:
    """One repeat of an audit."""

    of: SelfsupParams
    repeat: int


def cell(params: CellParams, people: Seen, newcomers: Seen) -> Scores:
    """Return what all sets of decisions score in one repeat."""
    met = whom(params.of, params.repeat, people, newcomers)
    return scored(params.of, params.repeat, met, range(WORK.sets))


def again(params: SelfsupParams, people: Seen, newcomers: Seen) -> Audit:
    """Return the recorded audit, held against some sets of the first repeat, scored just now."""
    met = whom(params, 0, people, newcomers)
    return WORK.audited(told(params), lambda few: scored(params, 0, met, few))


def told(params: SelfsupParams) -> dict[str, Any]:
    """Return what a record must agree with, to be of the same audit."""
    return {"params": repr(params), "decisions": list(NAMES)}


def whom(params: SelfsupParams, repeat: int, people: Seen, newcomers: Seen) -> Met:
    """Return whom a repeat meets: in the first the book's own people, in others new ones."""
    teach, tested, others = params.sizes
    if repeat == 0:
        own, new = people.take(np.arange(teach)), newcomers.take(np.arange(tested + others))
    else:
        every = replace(params.people, seed=params.seed_of(repeat), people=sum(params.sizes))
        drawn = seen(every)
        own, new = drawn.take(np.arange(teach)), drawn.take(np.arange(teach, len(drawn)))
    return Met(own, new.take(np.arange(tested)), new.take(np.arange(tested, len(new))))


def scored(params: SelfsupParams, repeat: int, met: Met, numbers: Iterable[int]) -> Scores:
    """Return what these sets score in a repeat; one training has both of its epochs."""
    seed, sets = params.seed_of(repeat), [Protocol.of(number) for number in numbers]
    looks = replace(params.looked, seed=seed)
    starts: Mapping[bool, Matched] = {
        blind: pretrained(looks, met.people, blind=blind) for blind in {how.blind for how in sets}
    }
    said = dict[int, dict[bool, tuple[float, float, float]]]()
    shown = dict[Protocol, tuple[Shown, Shown, Shown]]()
    sizes, course = params.looked.sizes, Course(seed, params.pace)
    for how in sets:
        if (of := how.number & ~EPOCH) not in said:
            start, alike = starts[how.blind], replace(how, counted=False, epoch=False, null=False)
            if alike not in shown:
                shown[alike] = views(alike, sizes, start, met)
            said[of] = called(how, course, sizes, start, shown[alike])
    rows = [
        {"repeat": repeat, "number": how.number}
        | dict(zip(READINGS, said[how.number & ~EPOCH][how.epoch], strict=True))
        for how in sets
    ]
    return Scores(pd.DataFrame(rows).sort_values("number", ignore_index=True))
