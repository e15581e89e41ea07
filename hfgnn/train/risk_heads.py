"""Many risk heads learn at once, each from people of its own: one course for all folds and dice.

The encoder stands still. What it says of a person who teaches is kept in several views, as training
shows it: half of the leads are hidden, and its own dropout is on. Heads are asked with neither.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from hfgnn.data.batches import stratified
from hfgnn.evaluate.survival import concordance
from hfgnn.models.dual_attention import Encoder, Sizes, masked
from hfgnn.models.risk_heads import RiskHeads
from hfgnn.seeding import seed_torch
from hfgnn.train.followed import Followed
from hfgnn.train.steps import Pace, Rows, as_read

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """Who teaches one head, who is held back to choose its epoch, and its dice."""

    known: Rows
    held: Rows
    dice: np.random.Generator


@dataclass(frozen=True)
class Learned:
    """What each head says at its best epoch, by those held back."""

    risk: Floats  # [many, n], of everybody
    held: Floats  # [many], C of those held back
    epoch: NDArray[np.intp]  # [many]


def shown(net: Encoder, people: Followed, *, views: int, hidden: float, seed: int) -> Tensor:
    """Return features [views, n, width] as training shows them; a view is one draw of all masks.

    Masks of leads are equal for equal seeds, whatever the encoder does with its own.
    """
    net.eval()
    for branch in (net.time, net.lead):
        _ = branch.train() if branch is not None else None
    x, dice = as_read(people.beats, net.sizes), torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        seed_torch(seed, "shown")
        found = torch.stack([net(masked(x, dice, share=hidden)) for _ in range(views)])
    net.eval()
    return found.clone()


def learned(
    lessons: list[Lesson], taught: Tensor, everybody: Tensor, table: pd.DataFrame, pace: Pace
) -> Learned:
    """Let a head learn from each lesson, of views [views, n, width] of the people of a table.

    All are asked about everybody [m, width], of whom the first n are those of the table.
    """
    months = torch.from_numpy(table["time"].to_numpy(float))
    event = torch.from_numpy(table["event"].to_numpy(bool))
    sizes = Sizes(features=taught.shape[2])
    with torch.random.fork_rng(devices=[]):
        seed_torch(int(lessons[0].dice.integers(2**31)), "heads")
        net = RiskHeads(len(lessons), sizes)
        adam = torch.optim.AdamW(net.parameters(), pace.rate, pace.betas, weight_decay=pace.decay)
        best = np.full(len(lessons), -np.inf)
        risk, epochs = np.zeros((len(lessons), len(everybody))), np.zeros(len(lessons), np.intp)
        for epoch in range(pace.epochs):
            batches = _batches(lessons, event.numpy(), pace.batch)
            net.train()
            for step, rows in enumerate(batches, 1):
                for group in adam.param_groups:
                    group["lr"] = pace.at((epoch + step / len(batches)) / pace.epochs)
                view = taught[int(torch.randint(len(taught), ()))]
                adam.zero_grad()
                side_by_side(net(view[rows]), time=months[rows], event=event[rows]).backward()
                adam.step()
            told = _asked(net.eval(), everybody)
            reached = _held(lessons, table, told)
            better = reached > best
            best[better], risk[better], epochs[better] = reached[better], told[better], epoch + 1
    return Learned(risk, best, epochs)


def side_by_side(risk: Tensor, *, time: Tensor, event: Tensor) -> Tensor:
    """Return the sum over heads of Cox's loss, ties as Breslow has them; all are [many, n].

    Each head's part is `hfgnn.losses.cox` of its own batch, so none feels another's gradient.
    """
    late, order = time.sort(dim=1, descending=True)
    risk, ill = risk.gather(1, order), event.gather(1, order)
    early = -late.contiguous()
    last = torch.searchsorted(early, early, right=True) - 1  # of those who tie
    among = risk.logcumsumexp(1).gather(1, last)
    return (((among - risk) * ill).sum(1) / ill.sum(1)).sum()


def _batches(lessons: list[Lesson], event: NDArray[np.bool_], size: int) -> list[Tensor]:
    """Deal each lesson's people to batches, and lay the first of all side by side, and so on.

    Batches that lie side by side are cut to the shortest, by a person or two who stays well.
    """
    each = [
        [one.known[rows] for rows in stratified(event[one.known], size, one.dice)]
        for one in lessons
    ]
    least = min(map(len, each))
    shortest = [min(len(batches[k]) for batches in each) for k in range(least)]
    parts = [np.stack([batches[k][:n] for batches in each]) for k, n in enumerate(shortest)]
    return [torch.from_numpy(part) for part in parts]


def _asked(net: RiskHeads, everybody: Tensor) -> Floats:
    with torch.inference_mode():
        return np.asarray(net.of(everybody).double().numpy())


def _held(lessons: list[Lesson], table: pd.DataFrame, told: Floats) -> Floats:
    """Return each head's C of those held back."""
    time, event = table["time"].to_numpy(float), table["event"].to_numpy(bool)
    return np.array(
        [
            concordance(time[one.held], event[one.held], risk[one.held])
            for one, risk in zip(lessons, told, strict=True)
        ]
    )
