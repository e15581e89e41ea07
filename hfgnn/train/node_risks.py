"""A network on a graph of patients learns who falls ill first: Cox's likelihood of all who count.

The thesis's networks answer with two logits; their difference is the log risk. All else is as where
they learn a label: one step an epoch over the whole graph, and the epoch with the lowest loss in
validation is used.
"""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from hfgnn.losses import cox
from hfgnn.models.gnn import Network
from hfgnn.seeding import seed_torch
from hfgnn.train.nodes import NodeClassifier

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timed:
    """People on a graph; only the last so many count, whose months and events these are."""

    x: ArrayLike  # [n, d]
    edges: ArrayLike  # [2, E]
    time: ArrayLike  # [m], of the last m people
    event: ArrayLike  # [m]


def learned(how: NodeClassifier, known: Timed, watched: Timed, *, seed: int) -> Network:
    """Return the network of the epoch at which those watched are likeliest."""
    recipe = how.recipe
    if recipe.patience is None:
        raise ValueError("a risk is learned with patience; give a Recipe that has some")
    with torch.random.fork_rng(devices=[]):
        seed_torch(seed, "node risks")
        network = how.model(how.widths)
        adam = torch.optim.Adam(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        best, kept, since = np.inf, deepcopy(network.state_dict()), 0
        for _ in range(recipe.epochs):
            network.train()
            adam.zero_grad()
            _loss(network, known).backward()
            adam.step()
            with torch.inference_mode():
                reached = float(_loss(network.eval(), watched))
            since += 1
            if reached < best:
                best, kept, since = reached, deepcopy(network.state_dict()), 0
            if since >= recipe.patience:
                break
    network.load_state_dict(kept)
    return network.eval()


def told(network: Network, x: ArrayLike, edges: ArrayLike) -> Floats:
    """Return everybody's log risk [n], up to a constant."""
    with torch.inference_mode():
        return np.asarray(_risks(network, x, edges).double().numpy())


def _risks(network: Network, x: ArrayLike, edges: ArrayLike) -> Tensor:
    inputs = torch.from_numpy(np.asarray(x, np.float32))
    logits: Tensor = network(inputs, torch.from_numpy(np.asarray(edges, np.int64)))
    return logits[:, 1] - logits[:, 0]


def _loss(network: Network, people: Timed) -> Tensor:
    months, event = np.asarray(people.time, float), np.asarray(people.event, bool)
    risk = _risks(network, people.x, people.edges)[-len(months) :]
    return cox(risk, time=torch.from_numpy(months), event=torch.from_numpy(event))
