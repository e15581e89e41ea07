"""One training run of a backbone: pages go in, what is read of them comes out, it can be cut off.

ResNet18 with one linear layer on its 512 numbers; smooth L1 on what is a number, cross-entropy on
yes and no, each the mean over what is known. A batch is learned in as many shares as there are
hands: each is normalised and averaged by itself, and the slope is the mean of theirs. All that a
step does follows from its number and the seed, so a run that was cut off goes on as if nothing had
happened.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from sklearn.metrics import r2_score
from torch import nn
from torch.nn import functional
from torch.nn.utils import skip_init

from hfgnn.evaluate.metrics import auroc
from hfgnn.features.resnet import SIDE, WIDTH, channels_last, normalised, untrained
from hfgnn.seeding import rng
from hfgnn.train.attributes import BY_LEAD, WHOLE, YES_NO, Scale, gathered, legible
from hfgnn.train.handling import altered

CHECKPOINT, CURVE = "checkpoint.safetensors", "curve.csv"
COUNTED = ("step", "seconds", "loss")  # of a row of the curve; what follows are scores
PARTS = (len(WHOLE), len(BY_LEAD), len(YES_NO))  # columns of the targets


@dataclass(frozen=True)
class Recipe:
    """How the backbone is trained; two cores of a small server need an hour for it."""

    seed: int = 9001  # of people whom no chapter meets; the next one is of those who check
    people: int = 24_000  # one page each
    check: int = 1_000  # people of whom the curve tells: R2 within 0.02
    steps: int = 1_850  # two shared cores in an hour; may be changed before the rate falls
    batch: int = 32  # small: many steps matter more than smooth ones
    rate: float = 1e-3  # highest learning rate of AdamW, a usual one for a small ResNet
    warm: int = 100  # steps in which the rate rises
    fall: float = 0.25  # last share of the steps, in which it falls to nothing
    decay: float = 0.02  # of AdamW's weights
    early: int = 160  # pixels of the first pages: half the work, and most is learned as well
    early_steps: int = 750  # until when
    moved: float = 0.5  # share of pages that are shifted: the others keep their finest lines
    every: int = 150  # steps between two checkpoints
    hands: int = 2  # parts of a batch at once, one thread each: twice as fast as two threads a part
    bf16: bool = True  # two and a half times as fast where the processor has units for it


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    what: str  # "pages" or "steps"
    done: int
    total: int
    scores: dict[str, float]  # of the check, at a checkpoint


class Run:
    """One training run: pages and targets, the network, and how far it has come."""

    def __init__(self, recipe: Recipe, work: Path, device: torch.device) -> None:
        self.recipe, self.work, self.device = recipe, work, device
        self.pages, table = gathered(work)
        self.scale = Scale.of(table[: recipe.people])
        self.targets = self.scale(table)
        head = skip_init(nn.Linear, WIDTH, sum(PARTS))
        nn.init.zeros_(head.weight)  # the first guess is the middle of everything
        nn.init.zeros_(head.bias)
        self.net = nn.Sequential(channels_last(untrained(recipe.seed)), head).to(device)
        self.nets = [self.net, *(twin(self.net) for _ in range(recipe.hands - 1))]
        self.pool = ThreadPoolExecutor(
            recipe.hands, initializer=torch.set_num_threads, initargs=(1,)
        )
        self.optimizer = torch.optim.AdamW(self.net.parameters(), weight_decay=recipe.decay)
        self.step, self.seconds, self.losses = 0, 0.0, list[float]()
        self.curve = pd.DataFrame()  # a row a checkpoint: COUNTED, then scores
        if (work / CHECKPOINT).is_file():
            self._resume()

    def steps(self) -> Iterator[Progress]:
        """Train to the end; save, check and tell at every checkpoint."""
        recipe = self.recipe
        while self.step < recipe.steps:
            began = time.monotonic()
            self._learn()
            self.seconds += time.monotonic() - began
            if self.step % recipe.every == 0 or self.step == recipe.steps:
                scores = self.scores()
                self._log(scores)
                self._save()
                yield Progress("steps", self.step, recipe.steps, scores)

    def close(self) -> None:
        """Send the threads home: nothing is learned afterwards."""
        self.pool.shutdown()

    def _learn(self) -> None:
        recipe, self.step = self.recipe, self.step + 1
        per = recipe.people // recipe.batch
        epoch, at = divmod(self.step - 1, per)
        order = rng(recipe.seed, "backbone", "order", str(epoch)).permutation(recipe.people)
        rows = np.sort(order[at * recipe.batch :][: recipe.batch])
        side = recipe.early if self.step <= recipe.early_steps else SIDE
        dice = rng(recipe.seed, "backbone", "light", str(self.step))
        x = altered(self._batch(rows), dice, moved=recipe.moved, side=side)
        for group in self.optimizer.param_groups:
            group["lr"] = rate(recipe, self.step)
        y = torch.from_numpy(self.targets[rows]).to(self.device)
        shares = (each.chunk(recipe.hands) for each in (x, y))
        losses, slopes = zip(*self.pool.map(self._slopes, self.nets, *shares), strict=True)
        for weight, *several in zip(self.net.parameters(), *slopes, strict=True):
            weight.grad = torch.stack(several).mean(dim=0)
        self.optimizer.step()
        self.losses.append(float(np.mean(losses)))

    def _slopes(
        self, net: nn.Module, x: torch.Tensor, y: torch.Tensor
    ) -> tuple[float, tuple[torch.Tensor, ...]]:
        net.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.bf16):
            told = net(x)
        loss = misread(told.float(), y)
        return float(loss.detach()), torch.autograd.grad(loss, list(net.parameters()))

    def _batch(self, rows: NDArray[np.intp]) -> torch.Tensor:
        return normalised(torch.from_numpy(self.pages[rows]).to(self.device))

    def told(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return what the network reads on these pages, [n, numbers and logits]."""
        self.net.eval()
        parts = np.split(rows, range(64, len(rows), 64))
        bf16 = torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.bf16)
        with torch.inference_mode(), bf16:
            read = [self.net(self._batch(part)).float().cpu().numpy() for part in parts]
        return np.concatenate(read)

    def scores(self) -> dict[str, float]:
        """Return R2 of each number and AUROC of each yes and no, on the people who check."""
        rows = np.arange(self.recipe.people, len(self.pages))
        found, truth = self.told(rows), self.targets[rows]
        scores = {}
        for at, name in enumerate([*WHOLE, *BY_LEAD, *YES_NO]):
            known = np.isfinite(truth[:, at])
            y, p = truth[known, at], found[known, at]
            if name not in YES_NO:
                scores[name] = float(r2_score(y, p))
            elif 0 < y.mean() < 1:
                scores[name] = auroc(y > 0, p)
        return scores

    def _log(self, scores: dict[str, float]) -> None:
        loss, self.losses = float(np.mean(self.losses)), []
        counted = dict(zip(COUNTED, (self.step, self.seconds, loss), strict=True))
        row = pd.DataFrame([counted | scores])
        self.curve = pd.concat([self.curve, row]) if len(self.curve) else row
        draft = self.work / f"{CURVE}.draft"
        self.curve.to_csv(draft, index=False)
        draft.replace(self.work / CURVE)

    def _save(self) -> None:
        state = {f"net.{name}": w for name, w in self.net.state_dict().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            state |= {f"adam.{number}.{name}": w for name, w in moments.items()}
        held = {name: w.detach().cpu().contiguous() for name, w in state.items()}
        draft = self.work / f"{CHECKPOINT}.draft"
        save_file(held, draft, {"step": str(self.step), "seconds": str(self.seconds)})
        draft.replace(self.work / CHECKPOINT)

    def _resume(self) -> None:
        with legible(self.work / CHECKPOINT, "delete it, and the steps begin anew"):
            self._load()
        with legible(self.work / CURVE, f"delete it and {CHECKPOINT}, and the steps begin anew"):
            curve = pd.read_csv(self.work / CURVE, float_precision="round_trip")
            self.curve = curve[curve["step"] <= self.step]
            if self.step not in set(self.curve["step"]):
                raise ValueError(f"step {self.step} is missing")

    def _load(self) -> None:
        with safe_open(self.work / CHECKPOINT, "pt") as file:
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            told = file.metadata()
        self.step, self.seconds = int(told["step"]), float(told["seconds"])
        net = {n.removeprefix("net."): w for n, w in held.items() if n.startswith("net.")}
        self.net.load_state_dict(net)
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for kind, number, what in (name.split(".", 2) for name in held):
            if kind == "adam":
                moments.setdefault(int(number), {})[what] = held[f"adam.{number}.{what}"]
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})


def twin(net: nn.Module) -> nn.Module:
    """Return a network with the same weights, in the same memory, and averages of its own."""
    other = deepcopy(net)
    for own, shared in zip(other.parameters(), net.parameters(), strict=True):
        own.data = shared.data
    return other


def rate(recipe: Recipe, step: int) -> float:
    """Return a step's learning rate: it rises in a straight line, stays, and falls to nothing.

    At the last step it is 0: that step moves only the running means of the normalisation. The
    weights that the package brings along were made so.
    """
    left = (recipe.steps - step) / (recipe.fall * recipe.steps)
    return recipe.rate * min(1.0, step / recipe.warm, left)


def misread(told: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the loss of [n, k]: three parts, each the mean over what is known of it."""
    known = torch.isfinite(target)
    truth, known = torch.where(known, target, 0), known.float()
    whole, leads, yes = zip(*(x.split(PARTS, dim=1) for x in (told, truth, known)), strict=True)
    near, chance = functional.smooth_l1_loss, functional.binary_cross_entropy_with_logits
    parts = ((near, whole), (near, leads), (chance, yes))
    each = [
        (loss(p, y, reduction="none") * w).sum() / w.sum().clamp(min=1) for loss, (p, y, w) in parts
    ]
    return torch.stack(each).sum()
