"""The third work's protocol with any set of its decisions mended: pictures find a weak pump.

Six decisions, each as published or sound; bit i of a set's number is decision i, in this order.

| decision | as published                               | sound                          |
|----------|--------------------------------------------|--------------------------------|
| counted  | a balanced file, and weights as of all     | a balanced file                |
| frozen   | encoders learn, at a rate of 1e-6          | they stand still               |
| blind    | pre-training meets as many well as ill     | it meets everybody             |
| crop     | it met the heart cut out, the test has all | both have the heart cut out    |
| epoch    | the last weights are tested                | those of the best validation   |
| null     | one stream of dice for the head            | another                        |

Each set is a protocol. An encoder compares looks at pictures, as published the first step of the
picture's side, without labels but for who is met (`blind`). A head then learns from pictures to
call ill, and calls above a chance of one half, as published; what is reported is the balanced
accuracy of that on a test of a few hundred. The same model tells of many more people: that is true
of it. One pre-training serves all sets of one `blind`, and one training of the head both `epoch`s.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, interpolate

from hfgnn.data.batches import dealt, stratified
from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.rare import balanced_accuracy
from hfgnn.models.image import Picture, Sizes
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.audited import Decisions
from hfgnn.train.counted import PUBLISHED, Balance, counted
from hfgnn.train.matched import LookedParams, Matched, looked
from hfgnn.train.rare import HEAD, SLOW
from hfgnn.train.seen import Seen
from hfgnn.train.steps import Pace, Rows, restore

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
DISEASE = "pump"  # the rarer infarction would need ten times as many people
WINDOW = 0.6  # of a side of the picture is cut out, about the heart
DECAY = {"body": 0.1, "head": 1e-4}  # as published
AT_ONCE = 256


@dataclass(frozen=True)
class Protocol(Decisions):
    """Which decisions are mended; False, as published."""

    counted: bool = False
    frozen: bool = False
    blind: bool = False
    crop: bool = False
    epoch: bool = False
    null: bool = False

    @property
    def balance(self) -> Balance:
        """Return how a rare disease counts."""
        return Balance(sampled=True) if self.counted else PUBLISHED


NAMES = Protocol.names()


@dataclass(frozen=True)
class Met:
    """Whom a repeat meets: who teaches, who is tested, and many others."""

    people: Seen
    tested: Seen
    others: Seen


@dataclass(frozen=True)
class Course:
    """How a head learns."""

    seed: int
    pace: Pace
    held: float = 0.2  # of those who teach choose the epoch


@dataclass(frozen=True)
class Shown:
    """People as a head gets them: by pictures that an encoder reads, or by what it has read."""

    ill: Labels
    people: Seen
    still: Tensor | None = None  # [n, features], where the encoder stands still

    @classmethod
    def of(cls, people: Seen, body: nn.Module | None = None) -> "Shown":
        """Return these people, read by an encoder that stands still, if there is one."""
        shown = cls(people.table[DISEASE].to_numpy(bool), people)
        if body is None:
            return shown
        parts = np.split(np.arange(len(people)), range(AT_ONCE, len(people), AT_ONCE))
        with torch.no_grad():
            body.eval()
            return replace(shown, still=torch.cat([shown.read(body, rows) for rows in parts]))

    def read(self, body: nn.Module, rows: Rows) -> Tensor:
        """Return features of some of them."""
        if self.still is not None:
            return self.still[rows]
        found: Tensor = body(self.people.pictures(rows))
        return found


def window(people: Seen) -> Seen:
    """Return the same people, the middle of each picture as large as the whole."""
    side = people.picture.shape[-1]
    start = round(side * (1 - WINDOW) / 2)
    middle = people.picture[:, :, start : side - start, start : side - start]
    grey = torch.from_numpy(middle.astype(np.float32))
    large = interpolate(grey, size=(side, side), mode="bilinear", align_corners=False)
    return replace(people, picture=large.round().clamp(0, 255).byte().numpy())


def pretrained(params: LookedParams, people: Seen, *, blind: bool) -> Matched:
    """Compare looks at pictures, cut out: of everybody, or of as many well as ill."""
    rows = np.arange(len(people))
    if not blind:
        ill = people.table[DISEASE].to_numpy(bool)
        well = rng(params.seed, "blind").permutation(np.flatnonzero(~ill))[: ill.sum()]
        rows = np.sort(np.concatenate([np.flatnonzero(ill), well]))
    return looked(params, window(people.take(rows)))


def encoder(sizes: Sizes, start: Matched) -> Picture:
    """Return the encoder of pictures that pre-training has left."""
    body = Picture(sizes)
    restore(body, start.nets["picture"])
    return body


def views(how: Protocol, sizes: Sizes, start: Matched, met: Met) -> tuple[Shown, Shown, Shown]:
    """Return who teaches, who is tested, and all others, as a head gets them."""
    body = encoder(sizes, start) if how.frozen else None
    people, tested, others = (
        Shown.of(window(part) if how.crop else part, body)
        for part in (met.people, met.tested, met.others)
    )
    return people, tested, others


def called(
    how: Protocol, course: Course, sizes: Sizes, start: Matched, shown: tuple[Shown, Shown, Shown]
) -> dict[bool, tuple[float, float, float]]:
    """Return by `epoch`: balanced accuracy of the test, of all others, and the others' AUROC.

    Whether the epoch is chosen changes nothing in training, so one training has both.
    """
    people, tested, others = shown
    lesson, found = _Lesson(how, course, encoder(sizes, start), sizes.features, people), {}
    for chosen, net in lesson.ends():
        first, second = lesson.told(net, tested), lesson.told(net, others)
        reported, true = balanced_accuracy(tested.ill, first), balanced_accuracy(others.ill, second)
        found[chosen] = reported, true, auroc(others.ill, second)
    return found


class _Lesson:
    """An encoder of pictures and a head, as they learn."""

    def __init__(
        self, how: Protocol, course: Course, body: Picture, wide: int, people: Shown
    ) -> None:
        self.how, self.course, self.people, self.ill = how, course, people, people.ill
        dice = "second" if how.null else "first"
        self.stream = rng(course.seed, "audit", "called", dice)
        wide = [part.num_features for part in body.modules() if isinstance(part, nn.BatchNorm2d)][
            -1
        ]
        with torch.random.fork_rng(devices=[]):
            seed_torch(course.seed, f"head {dice}")
            head = nn.Sequential(nn.BatchNorm1d(wide, affine=False), nn.Linear(wide, 1))
        self.net = nn.ModuleDict({"body": body, "head": head})
        many = max(1, round(1 / course.held))
        parts = stratified(self.ill, len(self.ill) // many, rng(course.seed, "audit", "held"))
        self.held, known = np.sort(parts[0]), np.sort(np.concatenate(parts[1:]))
        self.rows, weights = counted(how.balance, course.seed, self.ill, known)
        self.weight = torch.zeros(len(self.ill))
        self.weight[self.rows] = torch.from_numpy(weights).float()

    def ends(self) -> Iterator[tuple[bool, nn.ModuleDict]]:
        """Train; yield the last network (False), and that of the best epoch (True)."""
        pace, best, kept = self.course.pace, -np.inf, self.net
        shares = {"body": SLOW / HEAD, "head": 1.0}
        learn = [name for name in shares if not (name == "body" and self.how.frozen)]
        groups = [
            {"params": list(self.net[name].parameters()), "weight_decay": DECAY[name]}
            for name in learn
        ]
        adam = torch.optim.AdamW(groups, pace.rate, pace.betas)
        for epoch in range(pace.epochs):
            batches = dealt(self.rows, pace.batch, self.stream)
            self.net.train()
            for step, rows in enumerate(batches, 1):
                for name, group in zip(learn, adam.param_groups, strict=True):
                    group["lr"] = shares[name] * pace.at(
                        (epoch + step / len(batches)) / pace.epochs
                    )
                adam.zero_grad()
                self._loss(rows).backward()
                adam.step()
            reached = auroc(self.ill[self.held], self.told(self.net, self.people, self.held))
            if reached > best:
                best, kept = reached, deepcopy(self.net)
        yield False, self.net
        yield True, kept

    def _loss(self, rows: Rows) -> Tensor:
        seen = self.people.read(self.net["body"], rows)
        logits, ill = self.net["head"](seen)[:, 0], torch.from_numpy(self.ill[rows]).float()
        weight = self.weight[rows]
        loss = binary_cross_entropy_with_logits(logits, ill, weight=weight, reduction="sum")
        return loss / weight.sum()

    def told(self, net: nn.ModuleDict, shown: Shown, rows: Rows | None = None) -> Floats:
        """Return people's log odds, all or some."""
        whose = np.arange(len(shown.ill)) if rows is None else rows
        net.eval()
        with torch.inference_mode():
            parts = [
                net["head"](shown.read(net["body"], some))[:, 0]
                for some in np.split(whose, range(AT_ONCE, len(whose), AT_ONCE))
            ]
        return np.asarray(torch.cat(parts).double().numpy())
