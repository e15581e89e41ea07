"""Pre-training of the masked autoencoder: most patches of a record are hidden, and filled in.

Those held back choose the epoch by their correlation; how well records of newcomers are filled in
is told of the whole signal, as published, and of what was hidden alone. To copy what is seen and
say nothing of the rest already has a whole correlation of about the root of the share seen.
"""

from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hfgnn.data.batches import dealt
from hfgnn.features.signals import changed
from hfgnn.losses import foretold, ncc, restored
from hfgnn.models.contrast import Projector
from hfgnn.models.masked import SMALL, Masked, Sizes, kept
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.seen import Seen
from hfgnn.train.steps import Pace, Parts, Rows, Weights, descend, restore, weights_of

Floats = NDArray[np.float64]
AT_ONCE = 100  # records that are read in one go: more do not fit the cache


@dataclass(frozen=True)
class FilledParams:
    """How an autoencoder learns."""

    seed: int
    sizes: Sizes = SMALL
    pace: Pace = Pace(epochs=6, rate=4e-3, decay=0.05, climb=0.1, batch=16, clip=1.0)  # published:
    # 400 epochs at 1e-3 for each 256 of a batch, decay and climb as here
    hidden: float = 0.75  # the published code's default; the paper before it has 0.8
    shape: float = 0.1  # of the loss is the correlation's, as published
    cosine: float = 0.0  # weight of `foretold`, which a later version has: 0.1
    changed: float = 0.95  # chance that a batch is changed; published, of each record perhaps
    held: float = 0.1  # share of the people who choose the epoch
    rounds: int = 1  # epochs in which everybody else is met once; published: one


@dataclass(frozen=True)
class Filled:
    """What pre-training leaves, and how it went."""

    net: Weights
    curve: pd.DataFrame  # epoch: loss; held whole, held hidden
    epoch: int  # whose weights these are


def filled(params: FilledParams, people: Seen, start: Filled | None = None) -> Filled:
    """Teach an autoencoder on these people, from what an earlier one learned or from nothing."""
    order = rng(params.seed, "filled", "held").permutation(len(people))
    held, known = np.split(order, [round(params.held * len(people))])
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.seed, "filled")
        lesson = _Lesson(params, people)
        if start is not None:
            restore(lesson.net["masked"], start.net)
        stream = rng(params.seed, "filled", "batches")
        met = cycle(np.array_split(known, params.rounds))
        curve, epoch = descend(
            lesson.net,
            params.pace,
            batches=lambda: dealt(next(met), params.pace.batch, stream),
            loss=lesson.loss,
            score=lambda: lesson.score(held),
        )
    return Filled(weights_of(lesson.net["masked"]), curve, epoch)


class _Lesson:
    """The network of a pre-training, and what it is asked."""

    def __init__(self, params: FilledParams, people: Seen) -> None:
        self.params, self.people = params, people
        self.masked, width = Masked(params.sizes), params.sizes.width
        self.foretell = Projector(width, width)
        parts = {"masked": self.masked} | ({"foretell": self.foretell} if params.cosine else {})
        self.net = nn.ModuleDict(parts)
        self.dice = torch.Generator().manual_seed(params.seed)

    def _left(self, n: int) -> Tensor:
        return kept(n, self.params.sizes, hidden=self.params.hidden, generator=self.dice)

    def loss(self, rows: Rows) -> tuple[Tensor, Parts]:
        """Return the published loss of a batch; with `cosine`, also of two views of each record."""
        x, masked = self.people.signals(rows), self.masked
        if torch.rand(1, generator=self.dice) < self.params.changed:
            x = changed(x, self.dice)
        left = self._left(len(x))
        z = masked.encode(x, left)
        loss = restored(masked.decode(z, left), x, shape=self.params.shape)
        parts = {"loss": loss.item()}
        if self.params.cosine:
            one, other = z.mean(dim=1), masked.encode(x, self._left(len(x))).mean(dim=1)
            pairs = ((one, other), (other, one))
            near = sum((foretold(self.foretell(a), b) for a, b in pairs), torch.zeros(()))
            parts["cosine"], loss = near.item() / 2, loss + self.params.cosine * near / 2
        return loss, parts

    def score(self, rows: Rows) -> tuple[float, Parts]:
        """Return how well records of those held back are filled in."""
        told = _told(self.masked, self.people.take(rows), self.params)
        return told["whole"].mean(), {f"held {name}": told[name].mean() for name in told}


def network(params: FilledParams, weights: Weights | None) -> Masked:
    """Return an autoencoder with the weights that it has learned, or with those of chance."""
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.seed, "untrained")
        net = Masked(params.sizes)
    if weights is not None:
        restore(net, weights)
    return net.eval()


def told(params: FilledParams, found: Filled, people: Seen) -> pd.DataFrame:
    """Return how well each person's record is filled in: whole, hidden; always the same hidden."""
    with torch.inference_mode():
        return _told(network(params, found.net), people, params)


def shown(
    params: FilledParams, found: Filled, people: Seen
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return records as they are told [n, 12, samples], and which samples were hidden."""
    net, dice = network(params, found.net), torch.Generator().manual_seed(params.seed)
    with torch.inference_mode():
        x = people.signals(np.arange(len(people)))
        left = kept(len(x), params.sizes, hidden=params.hidden, generator=dice)
        spread = hidden_patches(left, params.sizes)[:, :, None].expand(-1, -1, params.sizes.patch)
        return net(x, left).numpy(), net.whole(spread).numpy()


def _told(net: Masked, people: Seen, params: FilledParams) -> pd.DataFrame:
    dice, parts = torch.Generator().manual_seed(params.seed), []
    for rows in np.split(np.arange(len(people)), range(AT_ONCE, len(people), AT_ONCE)):
        x = people.signals(rows)
        left = kept(len(x), params.sizes, hidden=params.hidden, generator=dice)
        made, hidden = net(x, left), hidden_patches(left, params.sizes)
        out, true = (net.patches(part)[hidden].view(len(x), 1, -1) for part in (made, x))
        parts.append(torch.stack([ncc(made, x), ncc(out, true)], dim=1))
    return pd.DataFrame(torch.cat(parts).double().numpy(), columns=["whole", "hidden"])


def hidden_patches(left: Tensor, sizes: Sizes) -> Tensor:
    """Return which patches are hidden [n, tokens]."""
    return torch.ones(len(left), sizes.tokens, dtype=torch.bool).scatter(1, left, False)
