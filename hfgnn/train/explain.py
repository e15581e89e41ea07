"""What moved the answer: Sundararajan's integrated gradients of one new patient, by parts.

The answer is f = log odds of sick. From an average person to whom nobody speaks (all x = 0, every
message 0) to the patient as it is, each input gets the integral of its slope, and all of them sum
to the change of f. The parts are the five clinical values, the page as a whole, and each neighbour
with all that it brings. A value also decides who is near, which no slope can tell: `anew` asks
again without it.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from hfgnn.evaluate.paired import over_seeds
from hfgnn.features.fuse import CLINICAL
from hfgnn.features.resnet import SIDE, WIDTH, backbone, features, small
from hfgnn.models.gnn import Network
from hfgnn.seeding import rng
from hfgnn.train.nodes import Graph
from hfgnn.train.pages import Pages, PagesParams, sheets
from hfgnn.train.patient import Model, attached, raw_of
from hfgnn.world.population import BLOCK, block

Floats = NDArray[np.float64]
STEPS = 32  # of the integral: its sum is right to a thousandth
PAGE, REST = "page", "farther away"


class Odds(nn.Module):
    """The log odds of being sick: x [n, 517], edges [2, E] -> [n, 1]."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network.eval()

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """Return the difference of the two logits."""
        logits: Tensor = self.network(x, edges)
        return logits[:, 1:] - logits[:, :1]


def log_odds(model: Model, graph: Graph) -> float:
    """Return the network's log odds of node 0."""
    chance = model.network.predict_proba(graph.x, graph.edges)[0]
    return float(np.log(chance[1] / chance[0]))


def start(model: Model, graph: Graph) -> float:
    """Return the log odds of node 0 where everybody is average and no message arrives."""
    from torch_geometric.explain.algorithm.utils import clear_masks, set_masks

    network, edges = model.network.network, torch.from_numpy(np.asarray(graph.edges))
    set_masks(network, torch.zeros(edges.shape[1]), edges, apply_sigmoid=False)
    with torch.inference_mode():
        odds = Odds(network)(torch.zeros(np.shape(graph.x)), edges)
    clear_masks(network)
    return float(odds[0, 0])


def moved(model: Model, graph: Graph, *, steps: int = STEPS) -> pd.Series:
    """Return by how much each part of node 0 moved its log odds; nearest neighbour first.

    A neighbour's part is that of the edge and of its own numbers; REST is whom they hear.
    """
    from torch_geometric.explain import CaptumExplainer, Explainer, ModelConfig

    config = ModelConfig(mode="regression", task_level="node", return_type="raw")
    explainer = Explainer(
        model=Odds(model.network.network),
        algorithm=CaptumExplainer("IntegratedGradients", n_steps=steps),
        explanation_type="model",
        node_mask_type="attributes",
        edge_mask_type="object",
        model_config=config,
    )
    x = torch.from_numpy(np.asarray(graph.x, dtype=np.float32))
    edges = np.asarray(graph.edges)
    found = explainer(x, torch.from_numpy(edges), index=0)
    numbers, heard = found.node_mask.detach().numpy(), found.edge_mask.detach().numpy()
    near = edges[0, edges[1] == 0]
    by_node = numbers.sum(axis=1, dtype=float)
    by_edge = np.bincount(edges[1], heard, minlength=len(numbers))
    others = by_node[near] + heard[edges[1] == 0]
    parts = dict(zip(CLINICAL, numbers[0, WIDTH:].astype(float), strict=True))
    parts |= {PAGE: float(numbers[0, :WIDTH].sum(dtype=float))}
    parts |= {f"neighbour {i + 1}": float(value) for i, value in enumerate(others)}
    rest = by_node.sum() - by_node[0] - by_node[near].sum() + by_edge[1:].sum()
    return pd.Series(parts | {REST: float(rest)}, name="moved")


def without(graph: Graph, parts: list[str]) -> Graph:
    """Return the graph after parts of node 0 were taken: values and page average, edges gone."""
    x, edges = np.array(graph.x, dtype=float), np.asarray(graph.edges)
    own, gone = np.flatnonzero(edges[1] == 0), list[int]()
    for part in parts:
        if part == PAGE:
            x[0, :WIDTH] = 0
        elif part in CLINICAL:
            x[0, WIDTH + CLINICAL.index(part)] = 0
        else:
            gone.append(own[int(part.rpartition(" ")[2]) - 1])
    return Graph(x, graph.y, np.delete(edges, gone, axis=1))


def anew(model: Model, raw: Floats) -> pd.Series:
    """Return by how much each value, and the page, of a newcomer [1, 517] moves its log odds.

    Taken away, it is that of an average person, and the neighbours are those who are near then.
    """
    whole, told = log_odds(model, attached(model, raw)[0]), {}
    places = [slice(WIDTH + i, WIDTH + i + 1) for i in range(len(CLINICAL))]
    for part, place in zip([*CLINICAL, PAGE], [*places, slice(WIDTH)], strict=True):
        other = raw.copy()
        other[:, place] = model.scales["mean"][place]
        told[part] = whole - log_odds(model, attached(model, other)[0])
    return pd.Series(told, name="anew")


@dataclass(frozen=True)
class DeletionParams:
    """Of how many people parts are taken, and how many parts."""

    seed: int
    people: int = 100  # who are not among the training people
    most: int = 3  # parts taken, of eleven
    draws: int = 8  # of random parts
    backbone: str = "ecg"


@dataclass(frozen=True)
class Deletion:
    """How far the log odds move when parts are taken away, person by person."""

    people: pd.DataFrame  # taken, by (moved most, another's, random), person, change
    gains: pd.DataFrame  # taken, against: mean of the paired difference, low, high
    parts: pd.DataFrame  # [people, parts]: what moved each one's answer
    anew: pd.DataFrame  # [people, values and page]: the same, where neighbours are chosen anew
    short: float  # |sum of the parts - change of the log odds|, the largest


def deletion(params: DeletionParams, model: Model, pages: Pages) -> Deletion:
    """Take away what moved the answer most, what moved another's, and random parts."""
    rows = model.own["row"].to_numpy()[: params.people]
    raw = raw_of(pages, params.backbone)
    graphs = [attached(model, raw[[row]])[0] for row in rows]
    parts = [moved(model, graph) for graph in graphs]
    again = [anew(model, raw[[row]]) for row in rows]
    bare = [start(model, graph) for graph in graphs]
    whole = [log_odds(model, graph) for graph in graphs]
    short = max(abs(p.sum() - (w - s)) for p, w, s in zip(parts, whole, bare, strict=True))
    ranked = [list(part.drop(REST).abs().sort_values(ascending=False).index) for part in parts]
    told = []
    for person, graph in enumerate(graphs):
        stream = rng(params.seed, "deletion", str(person))
        for taken in range(1, params.most + 1):
            drawn = [stream.permutation(ranked[0])[:taken] for _ in range(params.draws)]
            for by, sets in (
                ("moved most", [ranked[person][:taken]]),
                ("another's", [ranked[person - 1][:taken]]),
                ("random", drawn),
            ):
                ends = [log_odds(model, without(graph, list(chosen))) for chosen in sets]
                change = float(np.mean(np.abs(np.array(ends) - whole[person])))
                told.append((taken, by, person, change))
    table = pd.DataFrame(told, columns=["taken", "by", "person", "change"])
    table_of = (pd.DataFrame(each).reset_index(drop=True) for each in (parts, again))
    return Deletion(table, _gains(table), next(table_of), next(table_of), float(short))


def _gains(table: pd.DataFrame) -> pd.DataFrame:
    wide, rows = table.pivot(index="person", columns=["taken", "by"], values="change"), []
    for taken in table["taken"].unique():
        for other in ("another's", "random"):
            found = over_seeds(wide[taken, "moved most"], wide[taken, other])
            rows.append((int(taken), other, found.mean, found.low, found.high))
    return pd.DataFrame(rows, columns=["taken", "against", "mean", "low", "high"])


@dataclass(frozen=True)
class WorkedParams:
    """Whose page is printed again, and how finely it is covered."""

    pages: PagesParams
    cells: int = 7  # to a side: a cell holds about one beat of one row


@dataclass(frozen=True)
class Worked:
    """One patient with all that can be told: the one in the middle of the calibration people."""

    row: int  # of the pages' table
    sheet: NDArray[np.uint8]  # the page as it was printed [height, width, 3]
    moved: pd.DataFrame  # part, moved, anew (empty for neighbours)
    cover: Floats  # [cells, cells]: the log odds, less those of the page without this cell


def worked(params: WorkedParams, model: Model, pages: Pages) -> Worked:
    """Explain one patient's answer, also by covering the page cell by cell with paper."""
    row = ordinary(model)
    raw = raw_of(pages, params.pages.backbone)[[row]]
    graph = attached(model, raw)[0]
    sheet = sheet_of(params.pages, row)
    picture = small(sheet)
    edges = np.linspace(0, SIDE, params.cells + 1).astype(int)
    covered = np.repeat(picture[None], params.cells**2, axis=0)
    for at in range(len(covered)):
        down, over = divmod(at, params.cells)
        covered[at, edges[down] : edges[down + 1], edges[over] : edges[over + 1]] = np.median(
            picture, (0, 1)
        )
    seen = features(covered, backbone(params.pages.backbone))
    whole, ends = log_odds(model, graph), []
    for page in seen:
        other = raw.copy()
        other[0, :WIDTH] = page
        ends.append(log_odds(model, attached(model, other)[0]))
    cover = whole - np.reshape(ends, (params.cells, params.cells))
    told = pd.concat([moved(model, graph), anew(model, raw)], axis=1)
    told = told.rename_axis("part").reset_index()
    opened = np.asarray(Image.open(BytesIO(sheet)).convert("RGB"))
    return Worked(row, opened, told, cover)


def ordinary(model: Model) -> int:
    """Return the calibration person with the median chance: half are given more, half less."""
    return int(model.own.sort_values("chance", kind="stable")["row"].iloc[len(model.own) // 2])


def sheet_of(params: PagesParams, row: int) -> bytes:
    """Print a person's page again, as a JPEG."""
    number, place = divmod(row, BLOCK)
    config = params.population
    return next(sheets(config, block(config, number), number, np.array([place]), params.size))
