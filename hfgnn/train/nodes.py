"""Train a network on a graph of patients: an estimator with scikit-learn's fit and predict_proba.

x [n, d] float, y [n] True for sick, edges [2, E] from those heard (row 0) to those who hear them.
One step an epoch over the whole graph; loss = mean cross-entropy of the people who count.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from hfgnn.models.gnn import GCN, Network, Widths
from hfgnn.seeding import seed_torch

NOBODY = np.empty((2, 0), dtype=np.int64)  # the edges of people who hear nobody: the GCN is an MLP


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: as the thesis did, with what it left out named beside it."""

    epochs: int = 30  # steps over the whole graph; with patience, the most that are taken
    rate: float = 1e-3  # of Adam
    decay: float = 0.0  # of weights; published: none; sound: 5e-4: the GCN's authors' value
    # for its first layer
    balanced: bool = False  # published: people weigh alike; True: classes do (this moves chances)
    patience: int | None = None  # published: the last epoch is used; sound: the best is, by loss in
    # validation, and training stops after this many epochs that bring no lower one


PUBLISHED = Recipe()
# Five times the published rate: on people who are split anew it ranks as well as the published rate
# with three times the epochs, in half the time.
SOUND = Recipe(epochs=100, rate=5e-3, decay=5e-4, patience=15)


@dataclass(frozen=True)
class Graph:
    """Patients and whom they hear; only `rows` of them count, or all: the others are just heard."""

    x: ArrayLike  # [n, d]
    y: ArrayLike  # [n], True for sick
    edges: ArrayLike  # [2, E]
    rows: ArrayLike | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained network, how its training went, and the epoch whose weights it has."""

    network: Network
    curve: pd.DataFrame = field(default_factory=pd.DataFrame)  # by epoch; see `NodeClassifier.fit`
    epoch: int = 0

    def predict_proba(self, x: ArrayLike, edges: ArrayLike) -> NDArray[np.float64]:
        """Return the chances [n, 2] of normal and of sick, in this graph."""
        with torch.inference_mode():
            logits = self.network.eval()(*_tensors(self.network, x, edges))
        chances: NDArray[np.float64] = logits.double().softmax(dim=1).numpy()
        return chances

    @property
    def weights(self) -> dict[str, NDArray[Any]]:
        """The network's weights as arrays, by name: what a store keeps."""
        return {name: part.numpy().copy() for name, part in self.network.state_dict().items()}


@dataclass(frozen=True)
class NodeClassifier:
    """A network that waits for a graph to learn from. Equal seeds and threads give equal bits.

    Several seeds are several fits: a few seconds each for the thesis's graph on one core.
    """

    model: Callable[[Widths], Network] = GCN
    widths: Widths = Widths()
    recipe: Recipe = PUBLISHED

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        edges: ArrayLike,
        *,
        seed: int,
        rows: ArrayLike | None = None,
        validation: Graph | None = None,
    ) -> Fitted:
        """Return the network trained on `rows` of this graph, or on all of it.

        The curve has by epoch what the thesis prints: loss and accuracy of the pass that is learned
        from (dropout on, before the step); then those in validation (dropout off, after it).
        """
        if self.recipe.patience is not None and validation is None:
            raise ValueError(
                f"patience {self.recipe.patience} without validation: an epoch is chosen by its "
                "loss in validation, so give a Graph or set patience to None"
            )
        with torch.random.fork_rng(devices=[]):
            seed_torch(seed, "nodes")
            network = self.model(self.widths)
            known = _People.of(network, Graph(x, y, edges, rows))
            unseen = None if validation is None else _People.of(network, validation)
            return _trained(network, self.recipe, known, unseen)

    def every(self, x: ArrayLike, y: ArrayLike, edges: ArrayLike, *, seed: int) -> list[Fitted]:
        """Return the network as it is after each epoch: whoever stops there has this one.

        No epoch is chosen, so the recipe's patience is not asked.
        """
        with torch.random.fork_rng(devices=[]):
            seed_torch(seed, "nodes")
            network = self.model(self.widths)
            known = _People.of(network, Graph(x, y, edges))
            course = enumerate(_epochs(network, self.recipe, known, None), 1)
            return [Fitted(deepcopy(network).eval(), epoch=number) for number, _ in course]

    def restored(self, weights: Mapping[str, NDArray[Any]]) -> Fitted:
        """Return the network with the weights that a fit has left, without its curve."""
        with torch.random.fork_rng(devices=[]):
            network = self.model(self.widths)
        network.load_state_dict({name: torch.tensor(part) for name, part in weights.items()})
        return Fitted(network)


@dataclass(frozen=True)
class _People:
    """A graph as tensors: inputs, and the rows that count with their labels."""

    heard: tuple[Tensor, Tensor]
    rows: Tensor
    sick: Tensor  # of these rows

    @classmethod
    def of(cls, network: Network, graph: Graph) -> "_People":
        x, edges = _tensors(network, graph.x, graph.edges)
        sick = np.asarray(graph.y, dtype=bool)
        if len(sick) != len(x):
            raise ValueError(f"{len(sick)} labels for {len(x)} people: give each one label")
        rows = np.arange(len(x))
        if graph.rows is not None:
            rows = rows[np.asarray(graph.rows)]
        if not 0 < sick[rows].sum() < len(rows):
            raise ValueError(
                f"{sick[rows].sum()} of the {len(rows)} people who count are sick; "
                "two classes are told apart by some of each"
            )
        return cls((x, edges), torch.from_numpy(rows), torch.from_numpy(sick[rows]).long())

    def scored(self, network: Network, judge: nn.Module) -> tuple[Tensor, float]:
        """Return the loss, to learn from, and the accuracy."""
        logits = network(*self.heard)[self.rows]
        right = (logits.detach().argmax(dim=1) == self.sick).double().mean()
        return judge(logits, self.sick), float(right)


def _tensors(network: Network, x: ArrayLike, edges: ArrayLike) -> tuple[Tensor, Tensor]:
    """Return both as tensors, or say what is wrong with them."""
    inputs, ends = np.asarray(x, dtype=np.float32), np.asarray(edges, dtype=np.int64)
    wide = network.inputs
    if inputs.ndim != 2 or inputs.shape[1] != wide:
        raise ValueError(
            f"inputs of shape {inputs.shape} for a network that takes {wide} numbers a person; "
            "give Widths(inputs=...) the width of x"
        )
    if not np.isfinite(inputs).all():
        bad = int((~np.isfinite(inputs)).any(axis=1).sum())
        raise ValueError(f"{bad} people have inputs that are not finite; mend or leave them out")
    there = np.isin(ends, np.arange(len(inputs)))
    if ends.ndim != 2 or len(ends) != 2 or not there.all():
        raise ValueError(
            f"edges of shape {ends.shape}, over {len(inputs)} people; give two rows of numbers "
            f"from 0 to {len(inputs) - 1}: who is heard, and who hears"
        )
    return torch.from_numpy(inputs), torch.from_numpy(ends)


def _trained(network: Network, recipe: Recipe, known: _People, unseen: _People | None) -> Fitted:
    curve, best, kept = list[dict[str, float]](), np.inf, {}
    used = 0
    for row in _epochs(network, recipe, known, unseen):
        curve.append(row)
        if recipe.patience is None:
            used = len(curve)
        elif row["validation loss"] < best:
            best, kept, used = row["validation loss"], deepcopy(network.state_dict()), len(curve)
        elif len(curve) - used >= recipe.patience:
            break
    network.load_state_dict(kept or network.state_dict())
    table = pd.DataFrame(curve, index=pd.RangeIndex(1, len(curve) + 1, name="epoch"))
    return Fitted(network.eval(), table, used)


def _epochs(
    network: Network, recipe: Recipe, known: _People, unseen: _People | None
) -> Iterator[dict[str, float]]:
    counts = torch.bincount(known.sick, minlength=2)
    judge = nn.CrossEntropyLoss(len(known.sick) / (2 * counts) if recipe.balanced else None)
    adam = torch.optim.Adam(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    for _ in range(recipe.epochs):
        network.train()
        adam.zero_grad()
        loss, accuracy = known.scored(network, judge)
        loss.backward()
        adam.step()
        row = {"loss": loss.item(), "accuracy": accuracy}
        if unseen is not None:
            with torch.inference_mode():
                loss, accuracy = unseen.scored(network.eval(), judge)
            row |= {"validation loss": loss.item(), "validation accuracy": accuracy}
        yield row
