"""The audit of the second work: what each of its decisions does to the C that it would report.

A repeat draws a small study of its own, 800 people after an infarction as published, and many more
of the same kind to tell what is true. The encoder has learned once and stands still; heads learn
from it. The published network learned on as a whole, for more epochs. What is kept is the protocol.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from hfgnn.models.dual_attention import SOUND, Encoder
from hfgnn.seeding import rng
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, ArmsParams
from hfgnn.train.audited import Audit, Scores, Work
from hfgnn.train.followed import Followed, FollowedParams, followed
from hfgnn.train.protocol_dual import NAMES, Dealt, Protocol, scores
from hfgnn.train.risk import AT_ONCE
from hfgnn.train.risk_heads import learned, shown
from hfgnn.train.small_study import TAUGHT
from hfgnn.train.steps import Pace, as_read, restore

READINGS = ("reported", "true", "SD", "parted")
WORK = Work("audit-dual", NAMES, farthest=0.1, scores=READINGS)
READ = Protocol(leak=True, spread=True).number  # what changes nothing in training


@dataclass(frozen=True)
class DualParams:
    """Whom the repeats meet, and how heads learn."""

    arms: ArmsParams
    study: FollowedParams  # of the book: the first repeat's
    others: int = 1_500  # of the same kind, who tell what is true
    views: int = 6  # of each person, with leads and masks drawn anew
    pace: Pace = Pace(epochs=20, rate=5e-3)

    def seed_of(self, repeat: int, who: str = "study") -> int:
        """Return a repeat's seed."""
        stream = rng(self.arms.seed, "audit", "dual", who, str(repeat))
        return int(stream.integers(2**31))


@dataclass(frozen=True)
class CellParams:
    """One repeat of an audit."""

    of: DualParams
    repeat: int


@dataclass(frozen=True)
class Met:
    """Whom a repeat meets."""

    study: Followed
    others: Followed


def cell(params: CellParams, study: Followed, lesson: Aligned) -> Scores:
    """Return what all sets of decisions score in one repeat."""
    met = whom(params.of, params.repeat, study)
    return scored(params.of, params.repeat, met, lesson, range(WORK.sets))


def again(params: DualParams, study: Followed, lesson: Aligned) -> Audit:
    """Return the recorded audit, held against some sets of the first repeat, scored just now."""
    met = whom(params, 0, study)
    return WORK.audited(told(params), lambda few: scored(params, 0, met, lesson, few))


def told(params: DualParams) -> dict[str, Any]:
    """Return what a record must agree with, to be of the same audit."""
    return {"params": repr(params), "decisions": list(NAMES)}


def whom(params: DualParams, repeat: int, study: Followed) -> Met:
    """Return a study, in the first repeat the book's own, and others whom nobody learns from."""
    same = replace(params.study, signs=False)
    if repeat:
        study = followed(replace(same, seed=params.seed_of(repeat)))
    who = replace(same, seed=params.seed_of(repeat, "others"), people=params.others)
    return Met(study, followed(who))


def scored(
    params: DualParams, repeat: int, met: Met, lesson: Aligned, numbers: Iterable[int]
) -> Scores:
    """Return what these sets score in a repeat, each training done once for all that read it."""
    sets, rows = [Protocol.of(number) for number in numbers], list[dict[str, float]]()
    seed, table = params.seed_of(repeat), met.study.table
    taught = {
        shared: shown(_encoder(params, lesson, shared), met.study, views=params.views, hidden=0.5,
                      seed=seed)
        for shared in {how.shared for how in sets}
    }  # fmt: skip
    everybody, risks = _asked(params, lesson, met), dict[int, Any]()
    event = table["event"].to_numpy(bool)
    for how in sets:
        dealt, trained = Dealt.of(how, event, seed), how.number & ~READ
        if trained not in risks:
            views = taught[how.shared]
            risks[trained] = learned(dealt.lessons, views, everybody, table, params.pace).risk
        found = scores(how, dealt, risks[trained], table, met.others.table)
        key = {"repeat": repeat, "number": how.number}
        rows.append(key | dict(zip(READINGS, found, strict=True)))
    return Scores(pd.DataFrame(rows).sort_values("number", ignore_index=True))


def _encoder(params: DualParams, lesson: Aligned, shared: bool) -> Encoder:
    """Return the encoder, its masks shared as they should be, or as published."""
    faults = SOUND if shared else ArmParams(params.arms, TAUGHT).course.faults
    net = Encoder(params.arms.sizes, faults=faults)
    restore(net, lesson.encoder)
    return net.eval()


def _asked(params: DualParams, lesson: Aligned, met: Met) -> Tensor:
    """Return what the encoder, at rest, says of the study's people and then of the others."""
    net, sizes = _encoder(params, lesson, shared=True), params.arms.sizes
    with torch.inference_mode():
        parts = [
            net(part)
            for people in (met.study, met.others)
            for part in as_read(people.beats, sizes).split(AT_ONCE)
        ]
    return torch.cat(parts).clone()
