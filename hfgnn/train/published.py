"""Stages 3 to 6 of the thesis as published: files and not people, labels in the features.

Every page of 929 people lies in the folders several times. Each file is given five clinical values
that were drawn from its label, and 512 numbers of its page, which are not scaled. A graph of
nearest files is made of each side by itself, in which a file hears those that chose it; the GCN
learns for thirty epochs, and the last one is used.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.report import confusion, report
from hfgnn.features.fuse import Scaler, fuse
from hfgnn.graph.direction import hears_choosers
from hfgnn.graph.knn import neighbours
from hfgnn.graph.measures import homophily, unheard
from hfgnn.seeding import rng
from hfgnn.train.nodes import Graph, NodeClassifier
from hfgnn.train.pages import Pages
from hfgnn.world import clinical, collection
from hfgnn.world.population import COLLECTION

NORMAL = "Normal"


@dataclass(frozen=True)
class PublishedParams:
    """How often the thesis's one run is repeated, and on which files."""

    seed: int
    people: int = sum(COLLECTION.values())  # 929: as many as the public collection has pages
    repeats: int = 10  # deals of files, draws of clinical values and starts of the network
    copies: bool = True  # as published; False: every person once, on one side
    validation: float = 0.16  # of the training files, as the thesis's code has it


@dataclass(frozen=True)
class Published:
    """What the thesis would have printed, had it run more than once."""

    scores: pd.DataFrame  # backbone, repeat, accuracy, AUROC; homophily and unheard of the test
    curve: pd.DataFrame  # by epoch: the first repeat of the first backbone
    report: pd.DataFrame  # precision, recall, F1 and n of that test
    confusion: pd.DataFrame


@dataclass(frozen=True)
class Side:
    """The files of one side as the network gets them."""

    x: NDArray[np.float64]  # [n, 517]
    sick: NDArray[np.bool_]
    edges: NDArray[np.int64]

    @property
    def graph(self) -> Graph:
        """Return them as a graph to validate on."""
        return Graph(self.x, self.sick, self.edges)


def published(params: PublishedParams, pages: Pages) -> Published:
    """Repeat the thesis's run with each backbone's pages."""
    rows, shown = [], list[tuple[pd.DataFrame, NDArray[np.bool_], NDArray[np.bool_]]]()
    for backbone, seen in pages.seen.items():
        for repeat in range(params.repeats):
            train, val, test = sides(params, pages.table["class"].to_numpy(str), seen, repeat)
            fitted = NodeClassifier().fit(
                train.x, train.sick, train.edges, seed=params.seed + repeat, validation=val.graph
            )
            chances = fitted.predict_proba(test.x, test.edges)[:, 1]
            called = chances > 0.5
            rows.append(
                {
                    "backbone": backbone,
                    "repeat": repeat,
                    "accuracy": float((called == test.sick).mean()),
                    "AUROC": auroc(test.sick, chances),
                    "homophily": homophily(test.edges, test.sick),
                    "unheard": unheard(test.edges, len(test.sick)),
                }
            )
            shown.append((fitted.curve, test.sick, called))
    curve, truth, said = shown[0]
    return Published(pd.DataFrame(rows), curve, report(truth, said), confusion(truth, said))


def sides(
    params: PublishedParams, classes: NDArray[np.str_], seen: NDArray[np.float32], repeat: int
) -> tuple[Side, Side, Side]:
    """Deal the files of these people; return training, validation and test as graphs of files."""
    stream = rng(params.seed, "published", str(repeat))
    deal = collection.published if params.copies else collection.apart
    files = deal(classes[: params.people], stream)
    sick = (files["class"] != NORMAL).to_numpy()
    drawn = clinical.draw(sick, stream).to_numpy(float)
    side = files["split"].to_numpy(dtype="<U5")
    known = np.flatnonzero(side == "train")
    held = train_test_split(
        known, test_size=params.validation, stratify=sick[known], random_state=repeat
    )[1]
    side[held] = "val"
    scaler = Scaler.fit(drawn[side == "train"])
    x = fuse(seen[files["row"]], scaler(drawn))
    parts = [side == name for name in ("train", "val", "test")]
    return tuple(Side(x[who], sick[who], hears_choosers(neighbours(x[who]))) for who in parts)  # type: ignore[return-value]
