"""The dual attention network learns who falls ill first: Cox's likelihood beside reconstruction.

It can be asked for a label instead: then cross entropy takes the place of Cox's likelihood, and
those held back choose by AUROC.

Batches hold events by construction. A part of the training people trains nothing and says which
epoch is used, by its C-index, as published.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from hfgnn.data.batches import stratified
from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.survival import concordance
from hfgnn.losses import Ties, cox, reconstruction, risk_and_reconstruction
from hfgnn.models.dual_attention import (
    CODED,
    SMALL,
    Decoder,
    Encoder,
    Faults,
    RiskHead,
    Sizes,
    masked,
)
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.aligned import Aligned
from hfgnn.train.followed import Followed
from hfgnn.train.steps import Pace, Parts, Rows, as_read, descend, restore

Floats = NDArray[np.float64]
FAILURE = "event"  # the column of who falls ill, at a time
AT_ONCE = 250  # people whose risk is asked in one go: more do not fit the cache


@dataclass(frozen=True)
class RiskParams:
    """How a network learns a risk."""

    seed: int
    time: bool = True  # whether a lead's moments attend to one another
    lead: bool = True  # whether the leads do
    sizes: Sizes = SMALL
    faults: Faults = CODED  # what the published code does otherwise than it means to
    pace: Pace = Pace(epochs=12, rate=5e-4)  # published: 100 after pre-training, 400 without, at a
    # rate that is searched anew in each run and that came out between 3.5e-7 and 4e-3
    alpha: float = 0.5  # of Cox's loss; the rest is reconstruction
    hidden: float = 0.5  # share of the leads in training
    whole: bool = False  # published: the decoder is held to what the encoder saw; True: to the beat
    ties: Ties = "breslow"  # published
    held: float = 0.2  # share of the training people who choose the epoch, as published


@dataclass(frozen=True)
class Risk:
    """A network that tells risks, and how it came to."""

    net: nn.ModuleDict  # encoder, decoder, head
    sizes: Sizes
    curve: pd.DataFrame  # epoch: cox, reconstruction; held C
    epoch: int

    def of(self, people: Followed) -> Floats:
        """Return log risks [n], up to a constant."""
        x = as_read(people.beats, self.sizes)
        with torch.inference_mode():
            asked = [self.net["head"](self.net["encoder"](part)) for part in x.split(AT_ONCE)]
        return np.asarray(torch.cat(asked).double().numpy())


def learned(
    params: RiskParams, people: Followed, start: Aligned | None = None, *, label: str = FAILURE
) -> Risk:
    """Train on these people, from what pre-training has left or from nothing."""
    event = people.table[label].to_numpy(bool)
    known, held = _dealt(params, event)
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.seed, "risk")
        course = _Course(params, people, start, label)
        stream = rng(params.seed, "risk", "batches")
        curve, epoch = descend(
            course.net,
            params.pace,
            batches=lambda: [
                known[rows] for rows in stratified(event[known], params.pace.batch, stream)
            ],
            loss=course.loss,
            score=lambda: course.score(held),
        )
    return Risk(course.net, params.sizes, curve, epoch)


def _dealt(params: RiskParams, event: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Return who trains and who chooses the epoch, each with its share of the events."""
    parts = round(1 / params.held)
    dealt = stratified(event, len(event) // parts, rng(params.seed, "risk", "held"))
    return np.concatenate(dealt[1:]), dealt[0]


class _Course:
    """The networks of a training, and what they are asked."""

    def __init__(
        self, params: RiskParams, people: Followed, start: Aligned | None, label: str
    ) -> None:
        self.params, self.x, self.label = params, as_read(people.beats, params.sizes), label
        self.months = torch.from_numpy(people.table["time"].to_numpy(float))
        self.event = torch.from_numpy(people.table[label].to_numpy(bool))
        encoder = Encoder(params.sizes, time=params.time, lead=params.lead, faults=params.faults)
        decoder, head = Decoder(params.sizes), RiskHead(params.sizes)
        if start is not None:
            restore(encoder, {k: v for k, v in start.encoder.items() if k in encoder.state_dict()})
            if start.decoder:  # a lesson that came with the book has kept none
                restore(decoder, start.decoder)
        self.net = nn.ModuleDict({"encoder": encoder, "decoder": decoder, "head": head})
        self.dice = torch.Generator().manual_seed(params.seed)

    def loss(self, rows: Rows) -> tuple[Tensor, Parts]:
        """Return the published sum of both losses on a batch, and each."""
        beats, p = self.x[rows], self.params
        shown = masked(beats, self.dice, share=p.hidden)
        seen = self.net["encoder"](shown)
        ill, risk = self.event[rows], self.net["head"](seen)
        if self.label == FAILURE:
            name, first = "cox", cox(risk, time=self.months[rows], event=ill, ties=p.ties)
        else:
            name, first = "label", binary_cross_entropy_with_logits(risk, ill.to(risk.dtype))
        second = reconstruction(self.net["decoder"](seen), beats if p.whole else shown)
        parts = {name: first.item(), "reconstruction": second.item()}
        return risk_and_reconstruction(first, second, alpha=p.alpha), parts

    def score(self, rows: Rows) -> tuple[float, Parts]:
        """Return the C-index of those held back, or the AUROC of their label."""
        parts = [self.net["head"](self.net["encoder"](x)) for x in self.x[rows].split(AT_ONCE)]
        if self.label != FAILURE:
            found = auroc(self.event[rows], torch.cat(parts))
            return found, {"held AUROC": found}
        told = concordance(self.months[rows], self.event[rows], torch.cat(parts))
        return told, {"held C": told}
