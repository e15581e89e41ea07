"""Does a true label reach the training by a side door? Labels are shuffled, each shuffle mirrored.

The mirror of a shuffle has sick and normal exchanged in the labels and in the network's last layer.
Trained with equal seeds the two go the same way in a mirror, so that their AUROCs add up to one
but for rounding, unless something tells the training the truth: then both rise.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hfgnn.evaluate.metrics import auroc
from hfgnn.models.gnn import GCN, Network, Widths
from hfgnn.seeding import rng
from hfgnn.train.pages import Pages
from hfgnn.train.patient import PatientParams, chances, trained

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def turned(widths: Widths) -> Network:
    """Return the GCN with sick and normal exchanged in its last layer."""
    network = GCN(widths)
    with torch.no_grad():
        for part in network.last.parameters():
            part.copy_(part.flip(0).clone())
    return network


def pair(
    params: PatientParams,
    pages: Pages,
    raw: Floats,
    sick: Bools,
    number: int,
    *,
    planted: float = 0.0,
) -> Iterator[dict[str, Any]]:
    """Train on a shuffle and on its mirror; yield the AUROC of each on people raw [m, 517].

    `planted` is a leak to be found: the share of people who keep their true label.
    """
    truth = pages.table["sick"].to_numpy(bool)
    stream = rng(params.seed, "patient", "shuffled", str(number))
    drawn, leaks = stream.permutation(truth), stream.random(len(truth)) < planted
    for mirrored, network in ((False, GCN), (True, turned)):
        labels = np.where(leaks, truth, drawn != mirrored)
        model = trained(params, pages, labels, network=network)
        found = auroc(sick, chances(model, raw))
        yield {"shuffle": number, "mirrored": mirrored, "planted": planted, "AUROC": found}
