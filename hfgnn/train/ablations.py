"""Every part of the three works, asked the same of the same newcomers.

A task is a label, or the time to heart failure. An arm is what is seen of a person, and what weighs
it: logistic regression or Cox's model, one of the thesis's networks with a graph or without, or a
whole encoder that learns on. In each study all arms learn from the same people; what encoders had
learned before is the same in all studies.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.models.dual_attention import SOUND
from hfgnn.train import schooled
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, ArmsParams
from hfgnn.train.clinic import ALONE, NETWORKS
from hfgnn.train.followed import Followed
from hfgnn.train.gauged import BEATS, PICTURE, SIGNED, TEN, Gauged
from hfgnn.train.heads import Two, flat, on_graph
from hfgnn.train.risk import FAILURE, learned

Floats = NDArray[np.float64]
Codes = NDArray[np.uint16]
TASKS = {"sick": "sick", "infarction": "infarction", "pump": "pump", "heart failure": FAILURE}
DUAL, FILLED, MATCHED, BOTH = BEATS[schooled.TOLD], TEN["filled"], TEN["matched"], TEN["both"]
VALUES = "clinical"
FUSED = ("page", VALUES)  # what the thesis's networks read
REACH = 16.0  # log odds, or log risks about their mean, beyond which none is kept
FINEST = 65_535  # steps between the least and the most that is kept


@dataclass(frozen=True)
class Arm:
    """One way to answer."""

    views: tuple[str, ...]
    net: str | None = None  # of the thesis's; None: what is seen is weighed as it is
    heard: bool = False  # whether the network hears others
    start: str | None = (
        None  # where a whole encoder of beats learns on: from "nothing", or a lesson
    )

    @property
    def part(self) -> str:
        """Return which of PARTS it is of."""
        return "whole" if self.start else "graph" if self.net else "flat"


def _arms() -> dict[str, Arm]:
    said: dict[str, tuple[str, ...]]
    said = {"clinical values": (VALUES,), "page": ("page",), SIGNED: (SIGNED,)}
    said |= {"picture": (PICTURE,), "page and values": FUSED}
    said |= {name: (name,) for name in (*BEATS.values(), *TEN.values())}
    said |= {"contrast and cheap table": (BOTH, "cheap table")}
    said |= {"dual attention and values": (DUAL, VALUES)}
    said |= {"autoencoder and values": (FILLED, VALUES)}
    every = ("page", SIGNED, DUAL, FILLED, VALUES, "cheap table")
    said |= {"all but the picture": every, "all": (*every, PICTURE)}
    arms = {name: Arm(views) for name, views in said.items()}
    seen = {"": FUSED, " of values": (VALUES,)}
    seen |= {" of dual attention": (DUAL, VALUES), " of autoencoder": (FILLED, VALUES)}
    for of, views in seen.items():
        for net in NETWORKS if not of else ("GCN",):
            for label, heard in (("", True), (ALONE, False)):
                arms[net + of + label] = Arm(views, net, heard)
    arms["dual attention, from nothing"] = Arm((DUAL,), start="nothing")
    arms["dual attention, learning on"] = Arm((DUAL,), start=schooled.TOLD)
    return arms


ARMS = _arms()
PARTS = ("flat", "graph", "whole")
WITH_GRAPH = {name: name + ALONE for name, arm in ARMS.items() if arm.heard}  # and its twin


@dataclass(frozen=True)
class AblationParams:
    """Which arms of which study answer."""

    study: int
    arms: ArmsParams  # how whole encoders learn
    part: str  # of PARTS
    only: tuple[str, ...] = ()  # some of its arms; empty: all

    @property
    def names(self) -> list[str]:
        """Return the arms that answer."""
        every = [name for name, arm in ARMS.items() if arm.part == self.part]
        return [name for name in every if not self.only or name in self.only]


@dataclass(frozen=True)
class Answered:
    """What arms say of the newcomers, as whole numbers of which `decoded` makes scores."""

    codes: pd.DataFrame  # [m], a column for each task and arm


def answered(params: AblationParams, study: Gauged, newcomers: Gauged) -> Answered:
    """Let arms that need no whole encoder learn from a study's people and tell of newcomers."""
    seed, found = params.arms.seed + params.study, dict[str, Codes]()
    for name in params.names:
        arm = ARMS[name]
        both = zip(study.of(*arm.views), newcomers.of(*arm.views), strict=True)
        parts = [Two(own, new) for own, new in both]
        for task, label in TASKS.items():
            if arm.net is None:
                told = flat(parts, study.table, label, seed=seed)
            else:
                told = on_graph(parts, study.table, label, net=arm.net, heard=arm.heard, seed=seed)
            found[column(task, name)] = coded(told, label)
    return Answered(pd.DataFrame(found))


def wholly(
    params: AblationParams, study: Followed, newcomers: Followed, lesson: Aligned
) -> Answered:
    """Let whole encoders of beats learn from a study's people and tell of newcomers."""
    found = dict[str, Codes]()
    for name in params.names:
        start = ARMS[name].start
        how = ArmParams(params.arms, "language model", params.study).course
        how = replace(how, faults=SOUND)
        begun = None if start == "nothing" else lesson
        for task, label in TASKS.items():
            told = learned(how, study, begun, label=label).of(newcomers)
            found[column(task, name)] = coded(told, label)
    return Answered(pd.DataFrame(found))


def column(task: str, arm: str) -> str:
    """Return how the scores of an arm are named."""
    return f"{task}: {arm}"


def coded(told: Floats, label: str) -> Codes:
    """Return scores as whole numbers, even steps from -REACH to REACH; log risks about their mean.

    A label's log odds keep their place, so that chances can be read from them.
    """
    if not np.isfinite(told).all():
        raise ValueError("a score is not finite: a training has diverged")
    middle = told.mean() if label == FAILURE else 0.0
    shifted = np.clip(told - middle, -REACH, REACH) + REACH
    return np.round(shifted / (2 * REACH) * FINEST).astype(np.uint16)


def decoded(codes: NDArray[np.unsignedinteger]) -> Floats:
    """Return the scores that whole numbers stand for."""
    return np.asarray(codes, float) / FINEST * 2 * REACH - REACH
