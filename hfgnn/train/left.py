"""What the trainings of chapter 08 left that all else there waits for: recorded, and begun again.

One arm is taught with a language model and stays as it is; maps are drawn of it. The other is
taught the published way with its positions mended, which small studies go on from, and then tuned.
A build teaches the first arm for its first epochs anew and holds them against the recorded curve.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from hfgnn.models.dual_attention import Decoder, RiskHead
from hfgnn.train import arms
from hfgnn.train.aligned import Aligned, aligned
from hfgnn.train.arms import ArmParams, Told
from hfgnn.train.followed import Followed
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted
from hfgnn.train.risk import Risk
from hfgnn.train.steps import Weights, restore

COMMAND = "hfgnn record weights"
FILES = {name: RECORDED / "weights" / name for name in ("weights.parquet", "curves.parquet", HOW)}
COURSES = ("taught", "placed", "tuned")  # the lesson of either arm, and how one learned the risk
PARTS = {  # of which network each is
    "taught": "encoder",
    "placed": "encoder",
    "placed decoder": "decoder",
    "tuned": "encoder",
    "head": "head",
}
FARTHEST = 0.3  # between a recorded loss of people held back and today's: another processor


@dataclass(frozen=True)
class LeftParams:
    """Which arms, and for how many epochs a build teaches the first of them anew."""

    stays: ArmParams
    tuned: ArmParams
    again: int = 3

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same arms and people."""
        both = {"stays": self.stays, "tuned": self.tuned}
        return {name: f"{params!r} {params.arm!r}" for name, params in both.items()}


@dataclass(frozen=True)
class Left:
    """The weights of PARTS, and how each of COURSES went."""

    weights: dict[str, Weights]
    curves: dict[str, pd.DataFrame]
    epochs: dict[str, int]  # whose weights these are


@dataclass(frozen=True)
class Again:
    """The first epochs of a lesson, beside the recorded ones."""

    curve: pd.DataFrame
    epochs: int | None  # None: there is no record, and all were taught
    apart: float  # the largest difference of a loss of people held back


def taught(params: LeftParams, hospital: Followed) -> Aligned:
    """Return what the lesson of the arm that stays leaves; of a record, the encoder alone."""
    if (left := read(params)) is None:
        return arms.lesson(params.stays, hospital)
    return Aligned(left.weights["taught"], {}, {}, left.curves["taught"], left.epochs["taught"])


def placed(params: LeftParams, hospital: Followed) -> Aligned:
    """Return what the other's lesson leaves; of a record, all but who reads texts."""
    if (left := read(params)) is None:
        return arms.lesson(params.tuned, hospital)
    encoder, decoder = left.weights["placed"], left.weights["placed decoder"]
    return Aligned(encoder, decoder, {}, left.curves["placed"], left.epochs["placed"])


def mended(params: LeftParams, study: Followed, newcomers: Followed, start: Aligned) -> Told:
    """Return what that arm says, by the weights of the record or by those of a training."""
    if (left := read(params)) is None:
        return arms.told(params.tuned, study, newcomers, start)
    encoder, head = left.weights["tuned"], left.weights["head"]
    net = _nets(params)
    restore(net["encoder"], encoder)
    restore(net["head"], head)
    risk = Risk(net.eval(), params.tuned.of.sizes, left.curves["tuned"], left.epochs["tuned"])
    return Told(risk.of(newcomers), risk.curve, risk.epoch, risk.of(study), encoder, head)


def again(params: LeftParams, hospital: Followed, start: Aligned) -> Again:
    """Teach the arm that stays for its first epochs anew, if what is left of it is of a record."""
    if read(params) is None:
        return Again(start.curve, None, 0.0)
    now = aligned(params.stays.lesson, hospital, until=params.again).curve
    pairs = (curve.filter(like="held").loc[now.index] for curve in (now, start.curve))
    apart = float(np.abs(np.subtract(*(part.to_numpy(float) for part in pairs))).max())
    if not apart <= FARTHEST:
        raise ValueError(
            f"a recorded loss differs from today's by {apart:.3f}, more than {FARTHEST}: it is of "
            f"other code; make it anew with `{COMMAND}`"
        )
    return Again(now, len(now), apart)


def read(params: LeftParams) -> Left | None:
    """Return what is recorded, if it is of these arms and people; refuse what is damaged."""
    if (found := kept(FILES, params.told, COMMAND)) is None:
        return None
    with trusted(FILES["weights.parquet"], COMMAND):
        weights = _shaped(found[0]["weights.parquet"], _nets(params))
    curves, epochs = dict[str, pd.DataFrame](), dict[str, int]()
    with trusted(FILES["curves.parquet"], COMMAND):
        whole = found[0]["curves.parquet"].set_index("epoch")
        for course in COURSES:
            own = whole[whole["course"] == course]
            curves[course] = own.drop(columns=["course", "used"]).dropna(axis=1)
            (epochs[course],) = (int(epoch) for epoch in own.index[own["used"]])
    return Left(weights, curves, epochs)


def recorded(
    params: LeftParams, hospital: Followed, study: Followed, newcomers: Followed
) -> Iterator[tuple[int, int]]:
    """Train both arms and write what is left of them; yield how many trainings are done."""
    stays = arms.lesson(params.stays, hospital)
    yield 1, len(COURSES)
    start = arms.lesson(params.tuned, hospital)
    yield 2, len(COURSES)
    end = arms.told(params.tuned, study, newcomers, start)
    parts = stays.encoder, start.encoder, start.decoder, end.encoder, end.head
    weights = [
        pd.DataFrame({"part": name, "value": _flat(part)})
        for name, part in zip(PARTS, parts, strict=True)
    ]
    went = (stays.curve, stays.epoch), (start.curve, start.epoch), (end.curve, end.epoch)
    curves = [
        curve.assign(course=course, used=curve.index == epoch).reset_index()
        for course, (curve, epoch) in zip(COURSES, went, strict=True)
    ]
    tables = {"weights.parquet": weights, "curves.parquet": curves}
    whole = {name: pd.concat(rows, ignore_index=True) for name, rows in tables.items()}
    keep(FILES, whole, params.told, COMMAND)
    yield 3, len(COURSES)


def _nets(params: LeftParams) -> nn.ModuleDict:
    """Return networks of the arms' shape, none of which has learned."""
    sizes = params.tuned.of.sizes
    own = {"encoder": arms.encoder(params.tuned, None), "decoder": Decoder(sizes)}
    return nn.ModuleDict(own | {"head": RiskHead(sizes)})


def _flat(weights: Weights) -> NDArray[np.float32]:
    return np.concatenate([part.ravel().astype(np.float32) for part in weights.values()])


def _shaped(table: pd.DataFrame, nets: nn.ModuleDict) -> dict[str, Weights]:
    """Return the weights of each part as its network has them."""
    shapes = {name: nets[net].state_dict() for name, net in PARTS.items()}
    sizes = {name: sum(w.numel() for w in shape.values()) for name, shape in shapes.items()}
    if table.groupby("part").size().to_dict() != sizes:
        raise ValueError(f"it must have so many weights of each part: {sizes}")
    if not np.isfinite(table["value"]).all():
        raise ValueError("weights must be finite")
    found = dict[str, Weights]()
    for name, shape in shapes.items():
        values = table.loc[table["part"] == name, "value"].to_numpy()
        cuts = np.cumsum([weight.numel() for weight in shape.values()])[:-1]
        pieces = zip(shape.items(), np.split(values, cuts), strict=True)
        found[name] = {
            key: part.reshape(like.shape).astype(like.numpy().dtype) for (key, like), part in pieces
        }
    return found
