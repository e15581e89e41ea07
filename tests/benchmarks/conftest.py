"""The thesis's way with one new patient, and how slow this machine is by it.

It is written from what the thesis states: the page is opened in full and squeezed, read by
ResNet18, put beside five values under the features of 942 files, the whole 5-NN graph is built
anew, and the GCN runs over all of it.

A limit in seconds was set on one machine and says nothing of another. This way decodes, multiplies,
sorts and loops, by other libraries alone, so it is the yardstick: a machine that takes longer for
it than that one did is given as much longer for everything. A quicker one is given no less.
"""

import os
import time
from collections.abc import Callable
from io import BytesIO
from statistics import median

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.neighbors import kneighbors_graph
from torch_geometric.nn import GCNConv

from hfgnn.features.resnet import MEAN, SPREAD, untrained
from hfgnn.seeding import rng
from hfgnn.train.pages import PagesParams, sheets
from hfgnn.world.population import block

VALUES = (0.35, 400.0, 3.0, 110.0, 70.0)
KNOWN, SIZE, REPEATS, ROUNDS = 942, (2213, 1572), 9, 4
CORES = min(2, os.cpu_count() or 1)
THERE = 0.062  # s, the median on the two cores on which the limits were set
MOST = 4.0  # times as long is what anything is given: a busy machine is no excuse for more
PACE = pytest.StashKey[float]()


@pytest.fixture(scope="session")
def page() -> bytes:
    params = PagesParams(11, people=10)
    people = block(params.population, 0)
    return next(sheets(params.population, people, 0, np.arange(1), SIZE))


@pytest.fixture(scope="session")
def rebuild(page: bytes) -> Callable[[], float]:
    """Return what tells the chance in the thesis's way: everything built again for one patient."""
    known, reader = rng(1, "rebuild").normal(size=(KNOWN, 517)), untrained(0).eval()
    mean, spread = (torch.tensor(v).view(3, 1, 1) for v in (MEAN, SPREAD))
    hear, again, tell = GCNConv(517, 128), GCNConv(128, 128), torch.nn.Linear(128, 2)

    def rebuilt() -> float:
        image = Image.open(BytesIO(page)).convert("RGB")
        image = image.resize((224, 224), Image.Resampling.BILINEAR)
        x = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().float().div(255)
        with torch.no_grad():
            seen = reader(((x - mean) / spread).unsqueeze(0)).numpy()
            every = np.vstack([known, np.hstack([seen, np.array([VALUES])])]).astype(np.float32)
            edges = np.array(kneighbors_graph(every, 5, mode="connectivity").nonzero())
            who = torch.from_numpy(edges).long()
            hidden = again(hear(torch.from_numpy(every), who).relu(), who).relu()
            logits = tell(hidden)
        return float(logits[-1].softmax(dim=0)[1])

    return rebuilt


def seconds(*works: Callable[[], object]) -> list[tuple[float, ...]]:
    """Return the median seconds of each, taken in turns on all cores, in several rounds."""
    before, rounds = torch.get_num_threads(), []
    torch.set_num_threads(CORES)
    for _ in range(ROUNDS):
        took: list[list[float]] = [[] for _ in works]
        for _ in range(REPEATS):
            for work, own in zip(works, took, strict=True):
                started = time.perf_counter()
                work()
                own.append(time.perf_counter() - started)
        rounds.append(tuple(median(own) for own in took))
    torch.set_num_threads(before)
    return rounds


@pytest.fixture(scope="session")
def pace(rebuild: Callable[[], float], pytestconfig: pytest.Config) -> float:
    """Return how many times as long as there things may take here, by the quietest round."""
    found = min(max(1.0, min(took for (took,) in seconds(rebuild)) / THERE), MOST)
    pytestconfig.stash[PACE] = found
    return found


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what the limits in seconds were multiplied by."""
    if found := config.stash.get(PACE, None):
        told = (
            f"limits in seconds are multiplied by {found:.2f}, from 1 to {MOST:.0f}: so much longer"
        )
        terminalreporter.write_line(
            f"{told} than {THERE} s did the thesis's way take on this machine"
        )
