"""Fine-tuning for a rare disease: what was learned without labels meets a few of them.

Either the encoders stay as they are and a probe reads what they say (`hfgnn.train.counted`), or all
weights learn, those of the encoders at a share of the rate. The published configuration says frozen
and its code freezes nothing: its encoders learn at a rate of 1e-6.

A training with few people takes few steps. The running means of batch norms lag behind in it, and a
network that ranks well can call everybody alike. So before anybody is asked, batch norms take their
means from those who teach, and those held back, who choose the epoch, also place the threshold.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from hfgnn.data.batches import dealt
from hfgnn.evaluate.metrics import auroc
from hfgnn.models.contrast import Table
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.counted import PUBLISHED, Balance, Labels, counted, limit
from hfgnn.train.filled import AT_ONCE, Filled
from hfgnn.train.matched import Matched, MatchedParams, Sides, scaled
from hfgnn.train.seen import CHEAP, Seen
from hfgnn.train.steps import Pace, Parts, Rows, descend, restore

Floats = NDArray[np.float64]
VIEWS = ("ecg", "table", "picture")
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
SETTLED = 256  # of those who teach, at most, give batch norms their means


@dataclass(frozen=True)
class TunedParams:
    """What is seen, and how it learns."""

    seed: int
    sides: MatchedParams
    body: float  # of the rate is the encoders': published 1e-6 of 3e-4, with a decay of 0.1
    views: tuple[str, ...] = ("ecg", "table")
    balance: Balance = PUBLISHED
    pace: Pace = Pace(epochs=6, rate=1e-3, decay=1e-4, climb=0.1, batch=64, clip=1.0)
    last: bool = False  # published code: the last epoch is asked; else the best of those held back
    held: float = 0.2  # share of those who teach that choose the epoch
    judges: int = 10  # of those who do, so many at most are well for each who is ill
    half: bool = False  # published code: called ill is whose chance is above a half

    def __post_init__(self) -> None:
        if not self.views or not set(self.views) <= set(VIEWS):
            raise ValueError(f"views {self.views!r}; choose some of {', '.join(VIEWS)}")


@dataclass(frozen=True)
class Start:
    """What was learned without labels; where there is nothing, chance."""

    ecg: Filled | None = None
    sides: Matched | None = None
    picture: Matched | None = None


class Body(nn.Module):
    """The encoders of some views, side by side: people -> features [n, d].

    A table that nobody has taught an encoder to read is read as it is, unless the `whole` learns.
    """

    def __init__(self, params: TunedParams, start: Start, *, whole: bool = False) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            seed_torch(params.seed, "body")
            net, table = Sides(params.sides), Table(len(CHEAP), params.sides.sizes.width)
        if start.picture is not None:
            restore(net.picture, start.picture.nets["picture"])
        if start.ecg is not None:
            restore(net.masked, start.ecg.net)
        for name, weights in start.sides.nets.items() if start.sides else ():
            restore(net.get_submodule(name), weights)
        views, taught = params.views, start.sides is not None and net.table is not None
        self.masked = net.masked if "ecg" in views else None
        self.pool = net.pool if "ecg" in views else None
        self.table = (net.table or table) if "table" in views and (taught or whole) else None
        self.raw = "table" in views and self.table is None
        self.picture = net.picture if "picture" in views else None

    def forward(self, people: Seen, table: Tensor, rows: Rows) -> Tensor:
        """Return what is seen of some people as numbers."""
        parts = list[Tensor]()
        if self.masked is not None and self.pool is not None:
            parts.append(self.pool(self.masked.encode(people.signals(rows))))
        if self.table is not None or self.raw:
            parts.append(self.table(table[rows]) if self.table else table[rows])
        if self.picture is not None:
            parts.append(self.picture(people.pictures(rows)))
        return torch.cat(parts, dim=1)


def features(net: Body, people: Seen, known: Seen) -> Floats:
    """Return what the encoders say of everybody, [n, d]; nothing in them changes."""
    net.eval().requires_grad_(False)
    table, parts = scaled(people, known), []
    with torch.inference_mode():
        for rows in np.split(np.arange(len(people)), range(AT_ONCE, len(people), AT_ONCE)):
            parts.append(net(people, table, rows))
    return np.asarray(torch.cat(parts).double().numpy())


@dataclass(frozen=True)
class Tuned:
    """What a whole training came to."""

    told: Floats  # log odds of those asked
    called: Floats  # above zero: called ill
    curve: pd.DataFrame
    epoch: int


def tuned(
    params: TunedParams, people: Seen, labels: Labels, teach: Rows, asked: Seen, start: Start
) -> Tuned:
    """Let all weights learn from those who teach, and tell of those asked."""
    lesson = _Lesson(params, people, labels, start)
    stream = rng(params.seed, "tuned")
    ill, well = (stream.permutation(teach[labels[teach] == sick]) for sick in (True, False))
    judges = max(1, round(params.held * len(ill)))
    others = max(1, min(round(params.held * len(well)), params.judges * judges))
    held = np.concatenate([ill[:judges], well[:others]])
    known = np.concatenate([ill[judges:], well[others:]])
    rows, weights = counted(params.balance, params.seed, labels, known)
    lesson.weight[rows] = torch.from_numpy(weights).float()
    lesson.settling = stream.permutation(rows)[:SETTLED]
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.seed, "tuned")
        curve, epoch = descend(
            lesson.net,
            params.pace,
            batches=lambda: dealt(rows, params.pace.batch, stream),
            loss=lesson.loss,
            score=lambda: lesson.score(held),
            slow={"body": params.body},
        )
    told = lesson.told(asked)
    middle = even(lesson.told(people.take(held)), labels[held])
    middle = limit(params.balance, labels[rows]) if params.half else middle
    return Tuned(told, told - middle, curve, epoch)


def even(told: Floats, ill: Labels) -> float:
    """Return b such that the chances 1 / (1 + exp(b - told)) of ill and of well are a half in mean.

    The mean is of both classes' means: where classes count alike, nobody is favoured.
    """

    def over(b: float) -> float:
        return float(expit(told[ill] - b).mean() + expit(told[~ill] - b).mean() - 1)

    return float(brentq(over, told.min() - 1, told.max() + 1))


class _Lesson:
    """A body and a head, and what they are asked."""

    def __init__(self, params: TunedParams, people: Seen, labels: Labels, start: Start) -> None:
        self.params, self.people, self.table = params, people, scaled(people, people)
        self.ill, self.weight = torch.from_numpy(labels), torch.ones(len(labels))
        self.body, self.epoch = Body(params, start, whole=True), 0
        self.settling = np.arange(0)
        with torch.random.fork_rng(devices=[]):
            seed_torch(params.seed, "head")
            width = features(self.body, people.take(np.arange(1)), people).shape[1]
            self.head = nn.Linear(width, 1)
        self.body.requires_grad_(True)
        self.net = nn.ModuleDict({"body": self.body, "head": self.head})

    def loss(self, rows: Rows) -> tuple[Tensor, Parts]:
        """Return the cross entropy of a batch, each as heavy as it counts."""
        logits = self.head(self.body(self.people, self.table, rows))[:, 0]
        ill, weight = self.ill[rows].float(), self.weight[rows]
        summed = binary_cross_entropy_with_logits(logits, ill, weight=weight, reduction="sum")
        loss = summed / weight.sum()
        return loss, {"loss": loss.item()}

    def score(self, rows: Rows) -> tuple[float, Parts]:
        """Return the AUROC of those held back; of the last epoch, always, the highest."""
        self.epoch += 1
        told = auroc(self.ill[rows].numpy(), self.told(self.people.take(rows)))
        return float(self.epoch) if self.params.last else told, {"held AUROC": told}

    def told(self, people: Seen) -> Floats:
        """Return people's log odds, batch norms settled."""
        self._settle()
        table, parts = scaled(people, self.people), []
        with torch.inference_mode():
            self.net.eval()
            for rows in np.split(np.arange(len(people)), range(AT_ONCE, len(people), AT_ONCE)):
                parts.append(self.head(self.body(people, table, rows))[:, 0])
        return np.asarray(torch.cat(parts).double().numpy())

    def _settle(self) -> None:
        """Give batch norms the means of some who teach."""
        norms = [part for part in self.net.modules() if isinstance(part, NORMS)]
        usual = [part.momentum for part in norms]
        for part in norms:
            part.momentum = 1.0
        if norms:
            with torch.no_grad():
                self.net.train()
                self.body(self.people, self.table, self.settling)
        for part, momentum in zip(norms, usual, strict=True):
            part.momentum = momentum
