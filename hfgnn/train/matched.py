"""Pre-training by pictures of the heart: two looks at one, or one and what is cheap to have of it.

A picture's encoder first learns that two looks are of one heart (Chen et al. 2020). Then pictures
and ECGs, with a table beside them, are brought into one space in which each finds its own
(Girlanda et al. 2024). What is cheap learns from what is dear: afterwards no picture is needed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from hfgnn.data.batches import dealt
from hfgnn.features.pictures import changed
from hfgnn.losses import contrastive, views
from hfgnn.models.contrast import Pooled, Projector, Table, corrupted
from hfgnn.models.image import SMALL as SMALL_PICTURE
from hfgnn.models.image import Picture
from hfgnn.models.image import Sizes as PictureSizes
from hfgnn.models.masked import SMALL, Masked, Sizes
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.filled import AT_ONCE, Filled
from hfgnn.train.seen import CHEAP, Seen
from hfgnn.train.steps import Pace, Parts, Rows, Weights, descend, restore, weights_of

Floats = NDArray[np.float64]
AMONG, FIRST = 64, 5  # so many pictures are looked through, and so many of them shown
TEMPERATURE = 0.1  # as published, of both losses
Nets = dict[str, Weights]


@dataclass(frozen=True)
class LookedParams:
    """How a picture's encoder learns from two looks."""

    seed: int
    sizes: PictureSizes = SMALL_PICTURE
    pace: Pace = Pace(epochs=6, rate=2e-3, decay=1e-4, climb=0.1, batch=64)
    held: float = 0.1


@dataclass(frozen=True)
class MatchedParams:
    """How pictures and what is cheap find each other."""

    seed: int
    sizes: Sizes = SMALL
    picture: PictureSizes = SMALL_PICTURE
    pace: Pace = Pace(epochs=6, rate=1e-3, decay=1e-4, climb=0.05, batch=64)  # published: 400
    # epochs at 1e-5, of a batch of 64, with this decay and climb
    table: bool = True  # whether a table stands beside the ECG
    corrupted: float = 0.3  # share of the table's columns that are another's, as published
    cut: bool = True  # whether pieces of pictures are shown, as large as the whole, as published
    by_lead: bool = True  # one mean of each lead's patches; published, as we read it: of all
    shuffled: bool = False  # a control: pictures are another's
    held: float = 0.1


@dataclass(frozen=True)
class Matched:
    """What pre-training leaves, and how it went."""

    nets: Nets  # picture; and masked, pool, table, and both projectors, where these were matched
    curve: pd.DataFrame  # epoch: loss; held loss
    epoch: int


def looked(params: LookedParams, people: Seen) -> Matched:
    """Teach a picture's encoder that two looks at a heart are of one."""
    return _taught(params, people, _Looks(params, people))


def matched(
    params: MatchedParams, people: Seen, picture: Matched | None, ecg: Filled | None
) -> Matched:
    """Teach both sides to find each other, from what was learned before or from nothing."""
    return _taught(params, people, _Pairs(params, people, picture, ecg))


def _taught(
    params: LookedParams | MatchedParams, people: Seen, lesson: "_Looks | _Pairs"
) -> Matched:
    order = rng(params.seed, "matched", "held").permutation(len(people))
    held, known = np.split(order, [round(params.held * len(people))])
    stream = rng(params.seed, "matched", "batches")
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.seed, "matched")
        curve, epoch = descend(
            lesson.net,
            params.pace,
            batches=lambda: dealt(known, params.pace.batch, stream),
            loss=lesson.loss,
            score=lambda: lesson.score(held),
        )
    return Matched({n: weights_of(net) for n, net in lesson.net.named_children()}, curve, epoch)


class _Looks:
    """The network that compares looks, and what it is asked."""

    def __init__(self, params: LookedParams, people: Seen) -> None:
        self.people, self.seed = people, params.seed
        self.dice = torch.Generator().manual_seed(params.seed)
        with torch.random.fork_rng(devices=[]):
            seed_torch(params.seed, "looks")
            self.picture, self.look = Picture(params.sizes), Projector(params.sizes.features)
        self.net = nn.ModuleDict({"picture": self.picture, "look": self.look})

    def _asked(self, rows: Rows, dice: torch.Generator) -> Tensor:
        x = self.people.pictures(rows)
        both = torch.cat([changed(x, dice), changed(x, dice)])
        one, other = self.look(self.picture(both)).chunk(2)
        return views(one, other, temperature=TEMPERATURE)

    def loss(self, rows: Rows) -> tuple[Tensor, Parts]:
        """Return how badly two looks at the hearts of a batch find each other."""
        loss = self._asked(rows, self.dice)
        return loss, {"loss": loss.item()}

    def score(self, rows: Rows) -> tuple[float, Parts]:
        """Return the same of those held back, always by the same looks."""
        dice = torch.Generator().manual_seed(self.seed)
        found = float(np.mean([self._asked(part, dice).item() for part in _groups(rows)]))
        return -found, {"held loss": found}


class Sides(nn.Module):
    """Both sides: a picture's encoder, those of what is cheap, and a projector of either."""

    def __init__(self, params: MatchedParams) -> None:
        super().__init__()
        width, groups = params.sizes.width, params.sizes.leads if params.by_lead else 1
        self.picture, self.dear = Picture(params.picture), Projector(params.picture.features)
        self.masked, self.pool = Masked(params.sizes), Pooled(width, groups)
        self.table = Table(len(CHEAP), width) if params.table else None
        self.cheap = Projector(width * (groups + params.table))

    def features(self, signals: Tensor, table: Tensor) -> Tensor:
        """Return what is cheap as numbers: the ECG's, and beside them the table's."""
        ecg: Tensor = self.pool(self.masked.encode(signals))
        return torch.cat([ecg, self.table(table)], dim=1) if self.table else ecg

    def forward(self, pictures: Tensor, signals: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
        """Return pictures and what is cheap as points [n, 128] of one space."""
        return self.dear(self.picture(pictures)), self.cheap(self.features(signals, table))


class _Pairs:
    """Both sides, and what they are asked."""

    def __init__(
        self, params: MatchedParams, people: Seen, picture: Matched | None, ecg: Filled | None
    ) -> None:
        self.params, self.people = params, people
        self.dice = torch.Generator().manual_seed(params.seed)
        self.table = scaled(people, people)
        whose = np.arange(len(people))
        if params.shuffled:
            whose = rng(params.seed, "matched", "shuffled").permutation(whose)
        self.whose = whose
        with torch.random.fork_rng(devices=[]):
            seed_torch(params.seed, "sides")
            self.net = Sides(params)
        if picture is not None:
            restore(self.net.picture, picture.nets["picture"])
        if ecg is not None:
            restore(self.net.masked, ecg.net)

    def loss(self, rows: Rows) -> tuple[Tensor, Parts]:
        """Return how badly pictures and what is cheap find each other in a batch."""
        table, p = self.table[rows], self.params
        table = corrupted(table, self.table, self.dice, share=p.corrupted)
        pictures = changed(self.people.pictures(self.whose[rows]), self.dice, cut=p.cut)
        loss = _near(self.net, pictures, self.people.signals(rows), table)
        return loss, {"loss": loss.item()}

    def score(self, rows: Rows) -> tuple[float, Parts]:
        """Return the same of those held back, of whole records and pictures as they are."""
        found = [
            _near(
                self.net,
                self.people.pictures(self.whose[part]),
                self.people.signals(part),
                self.table[part],
            ).item()
            for part in _groups(rows)
        ]
        return -float(np.mean(found)), {"held loss": float(np.mean(found))}


def _near(net: Sides, pictures: Tensor, signals: Tensor, table: Tensor) -> Tensor:
    dear, cheap = net(pictures, signals, table)
    return contrastive(cheap, dear, words=torch.arange(len(dear)), temperature=TEMPERATURE)


def _groups(rows: Rows, size: int = AMONG) -> list[Rows]:
    return np.array_split(rows, max(1, len(rows) // size))


def scaled(people: Seen, known: Seen) -> Tensor:
    """Return people's tables as z-scores by the means and spreads of those who are known."""
    mean, spread = known.cheap.mean(axis=0), known.cheap.std(axis=0)
    return torch.from_numpy((people.cheap - mean) / np.maximum(spread, 1e-9)).float()


def sides(params: MatchedParams, found: Matched) -> Sides:
    """Return both sides with the weights that they have learned."""
    net = Sides(params)
    for name, weights in found.nets.items():
        restore(net.get_submodule(name), weights)
    return net.eval()


def points(
    params: MatchedParams, found: Matched, people: Seen, known: Seen
) -> tuple[Floats, Floats]:
    """Return where pictures and what is cheap lie in their space, [n, 128] each, of length one."""
    net, table, parts = sides(params, found), scaled(people, known), []
    with torch.inference_mode():
        for rows in np.split(np.arange(len(people)), range(AT_ONCE, len(people), AT_ONCE)):
            both = net(people.pictures(rows), people.signals(rows), table[rows])
            parts.append([normalize(side).double().numpy() for side in both])
    dear, cheap = (np.concatenate(side) for side in zip(*parts, strict=True))
    return dear, cheap


def retrieved(dear: Floats, cheap: Floats, *, among: int = AMONG, first: int = FIRST) -> Floats:
    """Return who [n'] finds the own picture among the first of so many, people in groups of these.

    Chance is first / among; a tie counts one half; who is left over at the end is not asked.
    """
    groups, lost = len(dear) // among, int((~np.isfinite(dear + cheap)).any(axis=1).sum())
    if not groups:
        raise ValueError(f"{len(dear)} people cannot be found among {among}; give as many or more")
    if lost:
        raise ValueError(f"{lost} of {len(dear)} people are no points: a training has diverged")
    one, other = (side[: groups * among].reshape(groups, among, -1) for side in (cheap, dear))
    scores = np.einsum("gid,gjd->gij", one, other)
    own = np.diagonal(scores, axis1=1, axis2=2)[..., None]
    before = (scores > own).sum(axis=2) + ((scores == own).sum(axis=2) - 1) / 2
    return np.asarray((before < first).ravel(), float)
