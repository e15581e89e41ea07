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
picture's side, without labels but for who is met (`blind`). A head then learns from pictures to call ill, and calls above a chance of one
half, as published; what is reported is the balanced accuracy of that on a test of a few hundred. The
same model tells of many more people: that is true of it. One pre-training serves all sets of one
`blind`, and one training of the head both `epoch`s.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import astuple, dataclass, fields, replace

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
class Protocol:
    """Which decisions are mended; False, as published."""

    counted: bool = False
    frozen: bool = False
    blind: bool = False
    crop: bool = False
    epoch: bool = False
    null: bool = False

    @classmethod
    def of(cls, number: int) -> "Protocol":
        """Return the set of this number."""
        if not 0 <= number < 2 ** len(NAMES):
            raise ValueError(
                f"set {number} is not one of {2 ** len(NAMES)}; bit i says that decision i is sound"
            )
        return cls(*(bool(number >> i & 1) for i in range(len(NAMES))))

    @property
    def number(self) -> int:
        """Return this set's number."""
        return sum(1 << i for i, sound in enumerate(astuple(self)) if sound)

    @property
    def balance(self) -> Balance:
        """Return how a rare disease counts."""
        return Balance(sampled=True) if self.counted else PUBLISHED


NAMES = tuple(field.name for field in fields(Protocol))


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


def called(
    how: Protocol, course: Course, sizes: Sizes, start: Matched, met: Met
) -> dict[bool, tuple[float, float, float]]:
    """Return by `epoch`: balanced accuracy of the test, of all others, and the others' AUROC.

    Whether the epoch is chosen changes nothing in training, so one training has both.
    """
    views = [window(part) if how.crop else part for part in (met.people, met.tested, met.others)]
    lesson = _Lesson(how, course, sizes, start, views[0])
    found = {}
    for chosen, net in lesson.ends():
        tested, others = (lesson.told(net, part) for part in views[1:])
        ill, true = (part.table[DISEASE].to_numpy(bool) for part in views[1:])
        found[chosen] = balanced_accuracy(ill, tested), balanced_accuracy(true, others), auroc(true, others)  # fmt: skip
    return found


class _Lesson:
    """An encoder of pictures and a head, as they learn."""

    def __init__(
        self, how: Protocol, course: Course, sizes: Sizes, start: Matched, people: Seen
    ) -> None:
        self.how, self.course, self.people = how, course, people
        dice = "second" if how.null else "first"
        self.stream = rng(course.seed, "audit", "called", dice)
        with torch.random.fork_rng(devices=[]):
            seed_torch(course.seed, f"head {dice}")
            body, wide = Picture(sizes), sizes.features
            head = nn.Sequential(nn.BatchNorm1d(wide, affine=False), nn.Linear(wide, 1))
        restore(body, start.nets["picture"])
        self.net = nn.ModuleDict({"body": body, "head": head})
        self.ill = people.table[DISEASE].to_numpy(bool)
        many = max(1, round(1 / course.held))
        parts = stratified(self.ill, len(self.ill) // many, rng(course.seed, "audit", "held"))
        self.held, known = np.sort(parts[0]), np.sort(np.concatenate(parts[1:]))
        self.rows, weights = counted(how.balance, course.seed, self.ill, known)
        self.weight = torch.zeros(len(self.ill))
        self.weight[self.rows] = torch.from_numpy(weights).float()
        self.still = self._read(self.net, people) if how.frozen else None

    def ends(self) -> Iterator[tuple[bool, nn.ModuleDict]]:
        """Train; yield the last network (False), and that of the best epoch (True)."""
        pace, best, kept = self.course.pace, -np.inf, self.net
        groups = [
            {"params": list(self.net[name].parameters()), "weight_decay": decay}
            for name, decay in DECAY.items()
            if not (name == "body" and self.how.frozen)
        ]
        shares = {"body": SLOW / HEAD, "head": 1.0}
        names = [name for name in DECAY if not (name == "body" and self.how.frozen)]
        adam = torch.optim.AdamW(groups, pace.rate, pace.betas)
        for epoch in range(pace.epochs):
            batches = dealt(self.rows, pace.batch, self.stream)
            self.net.train()
            for step, rows in enumerate(batches, 1):
                for name, group in zip(names, adam.param_groups, strict=True):
                    done = (epoch + step / len(batches)) / pace.epochs
                    group["lr"] = shares[name] * pace.at(done)
                adam.zero_grad()
                self._loss(rows).backward()
                adam.step()
            reached = auroc(self.ill[self.held], self._held())
            if reached > best:
                best, kept = reached, deepcopy(self.net)
        yield False, self.net.eval()
        yield True, kept.eval()

    def _loss(self, rows: Rows) -> Tensor:
        if self.still is None:
            seen = self.net["body"](self.people.pictures(rows))
        else:
            seen = self.still[rows]
        logits, ill = self.net["head"](seen)[:, 0], torch.from_numpy(self.ill[rows]).float()
        weight = self.weight[rows]
        loss = binary_cross_entropy_with_logits(logits, ill, weight=weight, reduction="sum")
        return loss / weight.sum()

    def _held(self) -> Floats:
        return self.told(self.net.eval(), self.people.take(self.held))

    def told(self, net: nn.ModuleDict, people: Seen) -> Floats:
        """Return people's log odds."""
        with torch.inference_mode():
            said = net["head"](self._read(net, people))[:, 0]
        return np.asarray(said.double().numpy())

    def _read(self, net: nn.ModuleDict, people: Seen) -> Tensor:
        net.eval()
        parts = np.split(np.arange(len(people)), range(AT_ONCE, len(people), AT_ONCE))
        with torch.no_grad():
            return torch.cat([net["body"](people.pictures(rows)) for rows in parts])
