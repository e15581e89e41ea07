"""The dual attention network: a median beat x [n, 12, 608] in, 512 numbers of it out.

Chen et al. (2025). A stem and five residual blocks make of each lead 19 moments of 16 numbers. Two
branches read these side by side and are added: in one every lead by itself lets its moments attend
to one another, in the other the twelve leads attend to one another as wholes.

    features = fuse(time(h) + lead(h)),  h = blocks(stem(x)) [n, 12, 19, 16]

Every part has as many parameters as the published one. Where its description is silent we chose:
norms of the stem are of a lead each; a residual block is two convolutions of five taps without a
bias, beside a maximum of two and one tap with a bias; a mask falls on what attention says and twice
in the perceptron behind it; one fused half is a mean over time and one a maximum; all of the
decoder but its two linear layers and its four maps. The stem's second convolution reads all 48
channels: what is called a lead behind it has already heard the other eleven.

What the published code does and should not can be switched off, one by one: `Faults`.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, max_pool2d, relu_

from hfgnn.models.attention import BATCH, TOKENS, Attention, BatchwiseDropout, positions


@dataclass(frozen=True)
class Sizes:
    """How large a network is: the published numbers."""

    leads: int = 12  # of a standard ECG
    samples: int = 608  # 1.2 s at 500 Hz, with four zeros before and four behind
    channels: tuple[int, ...] = (4, 8, 16, 16, 16, 16)  # a lead's, after the stem and each block
    heads: int = 8  # of attention, over moments and over leads
    features: int = 512  # one half of means over time, one of maxima
    dropout: float = 0.2  # in both branches
    risk_width: int = 3  # numbers of which a person's risk is made
    risk_dropout: float = 0.25  # of the features before these

    def __post_init__(self) -> None:
        halvings, width = len(self.channels) - 1, self.channels[-1]
        if self.samples % 2**halvings or width % self.heads:
            raise ValueError(
                f"{self.samples} samples and {width} channels at the end; choose samples that halve"
                f" {halvings} times, once a block, and channels that {self.heads} heads can share"
            )

    @property
    def moments(self) -> int:
        """Return how many steps in time are left behind the blocks."""
        return self.samples >> (len(self.channels) - 1)


PUBLISHED = Sizes()  # an encoder of 1,274,536 parameters
# 354,184 parameters, for a processor: every second sample, which is all that 250 Hz have told, so
# one block less for the same 19 moments, and these half as wide
SMALL = Sizes(samples=304, channels=(4, 8, 8, 8, 8), heads=4)


@dataclass(frozen=True)
class Faults:
    """What the published code does otherwise than it means to: `CODED` all of it, `SOUND` none.

    That a condition of the positions is inverted is all that we know of the first. We read it as
    the one that asks which axis is the batch: a person's numbers then depend on the place in it.
    """

    positions: bool = True  # they count the people of a batch, not the moments or the leads
    moments: bool = True  # in the moments' perceptron all moments share a mask, the people do not
    leads: bool = True  # in the leads' perceptron each number is dropped by itself


CODED = Faults()
SOUND = Faults(positions=False, moments=False, leads=False)


class Block(nn.Module):
    """A residual block, [n, before, leads, t] -> [n, after, leads, t / 2]; leads stay apart."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.halving = nn.Conv2d(before, after, (1, 5), (1, 2), (0, 2), bias=False)
        self.second = nn.Conv2d(after, after, (1, 5), padding=(0, 2), bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(after), nn.BatchNorm2d(after)])
        self.around = nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(two convolutions of x + the larger of each two, carried around them)."""
        inner = self.norms[1](self.second(self.norms[0](self.halving(x)).relu_()))
        return relu_(inner.add_(self.around(max_pool2d(x, (1, 2)))))


class Encoder(nn.Module):
    """Beats x [n, 12, 608] -> features [n, 512], 1,274,536 parameters as published.

    Without `time`, without `lead`, or without either, that branch is left out of the sum; without
    both, h itself is fused. Behind the stem the channels of a moment lie side by side in memory:
    processors convolve few channels several times as fast so.
    """

    def __init__(
        self,
        sizes: Sizes = PUBLISHED,
        *,
        time: bool = True,
        lead: bool = True,
        faults: Faults = CODED,
    ) -> None:
        super().__init__()
        self.sizes, self.faults = sizes, faults
        leads, maps, width = sizes.leads, sizes.leads * sizes.channels[0], sizes.channels[-1]
        apart = nn.Conv1d(leads, maps, 5, padding=2, groups=leads), nn.GroupNorm(leads, maps)
        mixed = nn.Conv1d(maps, maps, 5, padding=2), nn.GroupNorm(leads, maps)
        self.stem = nn.Sequential(*apart, nn.GELU(), *mixed, nn.GELU())
        pairs = zip(sizes.channels, sizes.channels[1:], strict=False)
        self.blocks = nn.Sequential(*[Block(before, after) for before, after in pairs])
        layer = partial(Attention, heads=sizes.heads, p=sizes.dropout)
        masks = (TOKENS,) if faults.moments else (BATCH,), () if faults.leads else (BATCH,)
        self.time = layer(leads, width, inside=masks[0]) if time else None
        self.lead = layer(1, sizes.moments * width, inside=masks[1]) if lead else None
        self.mean = nn.Linear(leads * width, sizes.features // 2)
        self.largest = nn.Linear(leads * width, sizes.features // 2)

    def tokens(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return h [n, 12, 19, 16], and as the branches read it, each with its positions.

        That is moments of each lead [12, n, 19, 16], and leads of each person [1, n, 12, 304].
        """
        leads, samples = self.sizes.leads, self.sizes.samples
        if x.shape[1:] != (leads, samples):
            found = list(x.shape)
            raise ValueError(f"beats are {found}, not [n, {leads}, {samples}]; choose other Sizes")
        h = self.stem(x).unflatten(1, (leads, -1)).transpose(1, 2)
        h = self.blocks(h.contiguous(memory_format=torch.channels_last)).permute(0, 2, 3, 1)
        return h, self._placed(h.transpose(0, 1)), self._placed(h.flatten(2).unsqueeze(0))

    def _placed(self, tokens: Tensor) -> Tensor:
        axis, apart = (BATCH, 1) if self.faults.positions else (TOKENS, 0)
        return tokens + positions(tokens.shape[axis], tokens.shape[3]).to(tokens).unsqueeze(apart)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features [n, 512] of beats [n, 12, 608]."""
        h, moments, leads = self.tokens(x)
        branches = [self.time(moments).transpose(0, 1)] if self.time else []
        branches += [self.lead(leads)[0].view(h.shape)] if self.lead else []
        summed = torch.stack(branches).sum(0) if branches else h
        told = summed.transpose(1, 2).flatten(2)  # [n, 19, 192]
        return torch.cat([self.mean(told.mean(1)), self.largest(told).amax(1)], dim=1)

    @torch.no_grad()
    def attention(self, x: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return who listens to whom: leads [n, 12, 12], and moments of each lead [n, 12, 19, 19].

        Means over heads, whose rows sum to one. A branch that was left out has None.
        """
        if self.training:
            raise ValueError("a network in training has no maps to show; call eval() first")
        _, moments, leads = self.tokens(x)
        over_leads = self.lead.heard(leads)[0].mean(1) if self.lead else None
        over_time = self.time.heard(moments)[0].mean(1) if self.time else None
        if over_time is not None:
            over_time = over_time.unflatten(0, moments.shape[:2]).transpose(0, 1)
        return over_leads, over_time


class Along(nn.Module):
    """A convolution in time and its norm, [n, leads, t, c] -> [n, leads, t, c']; leads stay apart.

    The norm takes one mean and one spread of all that a person has, and each map has its own scale.
    """

    def __init__(self, before: int, after: int, taps: int = 5) -> None:
        super().__init__()
        self.taps = nn.Conv2d(before, after, (1, taps), padding=(0, taps // 2), bias=False)
        self.scale, self.shift = nn.Parameter(torch.ones(after)), nn.Parameter(torch.zeros(after))

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolved maps, normalised."""
        x = self.taps(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        whole = x.shape[1:]
        return layer_norm(x, whole, self.scale.expand(whole), self.shift.expand(whole))


class Decoder(nn.Module):
    """Features [n, 512] -> beats [n, 12, 608], 110,570 parameters as published.

    Each of five blocks makes its four maps anew, then eight of them, which laid side by side in
    time are four of twice the length; nine taps make one of the last four.
    """

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        maps, self.shape = sizes.channels[0], (sizes.leads, sizes.moments, sizes.channels[0])
        self.start = nn.Linear(sizes.features, maps * sizes.moments)
        self.spread = nn.Linear(maps * sizes.moments, maps * sizes.moments * sizes.leads)
        self.blocks = nn.ModuleList(
            nn.Sequential(Along(maps, maps), nn.ReLU(True), Along(maps, 2 * maps), nn.ReLU(True))
            for _ in sizes.channels[1:]
        )
        self.last = Along(maps, 1, taps=9)

    def forward(self, features: Tensor) -> Tensor:
        """Return the beats [n, 12, 608] that the features tell of."""
        x = self.spread(gelu(self.start(features))).unflatten(1, self.shape)
        for block in self.blocks:
            x = block(x).unflatten(3, (2, -1)).flatten(2, 3)
        return torch.squeeze(self.last(x), 3)


class RiskHead(nn.Sequential):
    """Features [n, 512] -> log risks [n], 2,573 parameters as published."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        width, few = sizes.features, sizes.risk_width
        before = nn.BatchNorm1d(width), BatchwiseDropout(sizes.risk_dropout), nn.Linear(width, few)
        super().__init__(*before, nn.ReLU(), nn.BatchNorm1d(few), nn.Linear(few, 1), nn.Flatten(0))


def masked(x: Tensor, generator: torch.Generator, *, share: float = 0.5) -> Tensor:
    """Return beats [n, leads, samples] of which each lead is all zeros with chance `share`.

    The published half; one person in 4,096 loses all twelve.
    """
    kept = torch.rand(*x.shape[:2], 1, generator=generator, device=generator.device) >= share
    return x * kept.to(x)
