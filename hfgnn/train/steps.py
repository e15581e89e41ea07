"""What both trainings of the dual attention network share: beats as it reads them, and its steps.

AdamW, with a rate that climbs for a while and then falls as a cosine does; the weights that are
used are those of the best epoch, by the score of people who train nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from hfgnn.models.dual_attention import Sizes
from hfgnn.train.followed import Beats

Rows = NDArray[np.intp]
Weights = dict[str, NDArray[Any]]
Parts = dict[str, float]  # of a loss or a score, by name


@dataclass(frozen=True)
class Pace:
    """How steps are taken: the published numbers where they are known."""

    epochs: int
    rate: float = 1e-3  # published for pre-training; that of the risk was searched in each run
    betas: tuple[float, float] = (0.9, 0.95)  # published for pre-training
    decay: float = 1e-2  # of weights, as published for the risk
    climb: float = 0.2  # the share of the steps in which the rate goes up, as for pre-training
    batch: int = 128  # published
    clip: float = 100.0  # of the gradient's norm, as published for the risk

    def at(self, done: float) -> float:
        """Return the rate when this share of the steps is done."""
        if done < self.climb:
            return self.rate * done / self.climb
        return self.rate * 0.5 * (1 + math.cos(math.pi * (done - self.climb) / (1 - self.climb)))


def as_read(beats: Beats, sizes: Sizes) -> Tensor:
    """Return beats [n, 12, 608] as a network of these sizes reads them: every sample, or fewer."""
    return torch.from_numpy(beats[:, :, :: beats.shape[2] // sizes.samples].astype(np.float32))


def weights_of(net: nn.Module) -> Weights:
    """Return a network's weights as arrays, by name: what a store keeps."""
    return {name: part.numpy().copy() for name, part in net.state_dict().items()}


def restore(net: nn.Module, weights: Weights) -> None:
    """Give a network the weights that a training has left."""
    net.load_state_dict({name: torch.tensor(part) for name, part in weights.items()})


def descend(
    net: nn.Module,
    pace: Pace,
    *,
    batches: Callable[[], Iterable[Rows]],
    loss: Callable[[Rows], tuple[Tensor, Parts]],
    score: Callable[[], tuple[float, Parts]],
    slow: Mapping[str, float] | None = None,
    until: int | None = None,
) -> tuple[pd.DataFrame, int]:
    """Train and leave the weights of the epoch with the highest score; return curve and epoch.

    The curve has by epoch the means of the parts of the loss, then the parts of the score. Parts of
    the network that are `slow` learn at a share of the rate; `until` ends it after so many epochs.
    """
    shares = {"": 1.0} | dict(slow or {})
    groups = _grouped(net, tuple(shares)[1:])
    adam = torch.optim.AdamW(groups, pace.rate, pace.betas, weight_decay=pace.decay)
    rows, best, kept, used = list[Parts](), -math.inf, net.state_dict(), 0
    for epoch in range(until or pace.epochs):
        net.train()
        told, drawn = list[Parts](), list(batches())
        for step, batch in enumerate(drawn, 1):
            for group, share in zip(adam.param_groups, shares.values(), strict=True):
                group["lr"] = share * pace.at((epoch + step / len(drawn)) / pace.epochs)
            adam.zero_grad()
            whole, parts = loss(batch)
            whole.backward()
            clip_grad_norm_(net.parameters(), pace.clip)
            adam.step()
            told.append(parts)
        with torch.inference_mode():
            net.eval()
            reached, found = score()
        rows.append(_mean(told) | found)
        if reached > best:
            best, kept, used = reached, deepcopy(net.state_dict()), epoch + 1
    net.load_state_dict(kept)
    net.eval()
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="epoch")), used


def _grouped(net: nn.Module, parts: Iterable[str]) -> list[dict[str, list[nn.Parameter]]]:
    """Return the weights of no such part, then those of each."""
    apart = [list(net.get_submodule(part).parameters()) for part in parts]
    there = {id(weight) for weights in apart for weight in weights}
    rest = [weight for weight in net.parameters() if id(weight) not in there]
    return [{"params": weights} for weights in (rest, *apart)]


def _mean(told: list[Parts]) -> Parts:
    """Return the mean of each part over the batches that have it."""
    return {str(name): float(mean) for name, mean in pd.DataFrame(told).mean().items()}
