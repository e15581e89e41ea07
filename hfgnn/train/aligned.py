"""Pre-training of the dual attention network: leads are hidden, and what was stated is laid near.

An encoder sees a beat of which half of the leads are gone; a decoder makes the whole beat of its
512 numbers. Beside that these numbers are held next to the numbers of the reader's statements, as
published without counterexamples, or, as it should be, nearer to one's own than to others'.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hfgnn.data.batches import dealt
from hfgnn.features.statements import one_hot, shuffled, statements
from hfgnn.losses import alignment, contrastive, reconstruction
from hfgnn.models.dual_attention import CODED, SMALL, Decoder, Encoder, Faults, Sizes, masked
from hfgnn.models.text_align import TextAlignment
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.followed import Followed
from hfgnn.train.steps import Pace, Parts, Rows, Weights, as_read, descend, restore, weights_of

TEXTS = ("none", "language model", "shuffled", "codes", "another's")


@dataclass(frozen=True)
class AlignedParams:
    """What an encoder is taught before it has heard of any event."""

    seed: int
    text: str = "language model"  # published; the others are controls, from none to another's
    contrast: bool = False  # published: no counterexamples; True: others' texts are some
    time: bool = True  # whether a lead's moments attend to one another
    lead: bool = True  # whether the leads do
    sizes: Sizes = SMALL
    faults: Faults = CODED  # what the published code does otherwise than it means to
    pace: Pace = Pace(epochs=10)  # published: 300
    hidden: float = 0.5  # share of the leads, as published
    held: float = 0.15  # share of the people who choose the epoch; PTB-XL's tenth fold and more

    def __post_init__(self) -> None:
        if self.text not in TEXTS:
            raise ValueError(f"text {self.text!r} is not known; choose one of {', '.join(TEXTS)}")


@dataclass(frozen=True)
class Aligned:
    """What pre-training leaves: its networks, and how it went."""

    encoder: Weights
    decoder: Weights
    text: Weights  # both projectors; empty where no text was read
    curve: pd.DataFrame  # epoch: reconstruction, text; held reconstruction, held text
    epoch: int  # whose weights these are


def texts(params: AlignedParams, people: Followed) -> NDArray[np.float32]:
    """Return what each person's text is [n, width] under this lesson; no column without text."""
    if params.text == "none":
        return np.empty((len(people), 0), np.float32)
    table, stream = statements(), rng(params.seed, "aligned", params.text)
    if params.text == "codes":
        table = one_hot(table)
    elif params.text == "shuffled":
        table = shuffled(table, stream)
    found = people.texts(table)
    return found[stream.permutation(len(found))] if params.text == "another's" else found


def aligned(
    params: AlignedParams,
    people: Followed,
    start: Aligned | None = None,
    *,
    until: int | None = None,
) -> Aligned:
    """Teach an encoder on these people, from what an earlier lesson left or from nothing.

    Those held back choose the epoch, by reconstruction; `until` ends it after so many epochs.
    """
    order = rng(params.seed, "aligned", "held").permutation(len(people))
    held, known = np.split(order, [round(params.held * len(people))])
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.seed, "aligned")
        lesson = _Lesson(params, as_read(people.beats, params.sizes), texts(params, people))
        for name, part in lesson.net.items() if start else ():
            restore(part, getattr(start, name))
        stream = rng(params.seed, "aligned", "batches")
        curve, epoch = descend(
            lesson.net,
            params.pace,
            batches=lambda: dealt(known, params.pace.batch, stream),
            loss=lesson.loss,
            score=lambda: lesson.score(held),
            until=until,
        )
    left = {name: weights_of(part) for name, part in lesson.net.items()}
    return Aligned(**{"text": {}} | left, curve=curve, epoch=epoch)


class _Lesson:
    """The networks of a pre-training, and what they are asked."""

    def __init__(self, params: AlignedParams, x: Tensor, text: NDArray[np.float32]) -> None:
        self.params, self.x, self.text = params, x, torch.from_numpy(text)
        words = np.unique(text, axis=0, return_inverse=True)[1] if text.size else np.zeros(len(x))
        self.words = torch.from_numpy(words.astype(np.int64).ravel())
        branches = {"time": params.time, "lead": params.lead}
        encoder = Encoder(params.sizes, **branches, faults=params.faults)
        self.net = nn.ModuleDict({"encoder": encoder, "decoder": Decoder(params.sizes)})
        if text.size:
            self.net["text"] = TextAlignment(text.shape[1], features=params.sizes.features)
        self.dice = torch.Generator().manual_seed(params.seed)

    def loss(self, rows: Rows) -> tuple[Tensor, Parts]:
        """Return the sum of both losses on a batch, and each."""
        return self._asked(rows, self.dice)

    def score(self, rows: Rows) -> tuple[float, Parts]:
        """Return how well beats of those held back are made, always with the same leads gone."""
        _, parts = self._asked(rows, torch.Generator().manual_seed(self.params.seed))
        return -parts["reconstruction"], {f"held {name}": part for name, part in parts.items()}

    def _asked(self, rows: Rows, dice: torch.Generator) -> tuple[Tensor, Parts]:
        beats = self.x[rows]
        seen = self.net["encoder"](masked(beats, dice, share=self.params.hidden))
        whole = reconstruction(self.net["decoder"](seen), beats)
        parts = {"reconstruction": whole.item()}
        there = self.text[rows].any(dim=1)  # who has a statement
        if there.sum() > 1:
            pair = self.net["text"](seen[there], self.text[rows][there])
            words = self.words[rows][there]
            near = contrastive(*pair, words=words) if self.params.contrast else alignment(*pair)
            parts["text"], whole = near.item(), whole + near
        return whole, parts
