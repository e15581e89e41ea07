"""One new patient: the command from a cold start, and one question beside the thesis's rebuild.

The rebuild is written from what the thesis states: the page is opened in full and squeezed, read by
ResNet18, put beside five values under the features of 942 files, the whole 5-NN graph is built
anew, and the GCN runs over all of it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.neighbors import kneighbors_graph

from hfgnn.features.resnet import MEAN, SPREAD, backbone, features, small, untrained
from hfgnn.models.gnn import GCN
from hfgnn.seeding import rng
from hfgnn.train.pages import PagesParams, sheets
from hfgnn.train.patient import ask, learned
from hfgnn.world.population import block
from tests.conftest import ROOT
from tests.train.test_patient import PARAMS, people

VALUES = (0.35, 400.0, 3.0, 110.0, 70.0)
GIVEN = ["--ef", ".35", "--bnp", "400", "--nyha", "3", "--sbp", "110", "--age", "70"]
KNOWN, SIZE, REPEATS, ROUNDS = 942, (2213, 1572), 9, 4
CORES = min(2, os.cpu_count() or 1)


@pytest.fixture(scope="module")
def page() -> bytes:
    params = PagesParams(11, people=10)
    people_ = block(params.population, 0)
    return next(sheets(params.population, people_, 0, np.arange(1), SIZE))


def rebuild(page: bytes, known: np.ndarray, reader: torch.nn.Module, network: GCN) -> float:
    """Return the chance that the thesis's way gives: everything built again for one patient."""
    image = Image.open(BytesIO(page)).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().float().div(255)
    mean, spread = (torch.tensor(v).view(3, 1, 1) for v in (MEAN, SPREAD))
    with torch.no_grad():
        seen = reader(((x - mean) / spread).unsqueeze(0)).numpy()
        every = np.vstack([known, np.hstack([seen, np.array([VALUES])])]).astype(np.float32)
        edges = np.array(kneighbors_graph(every, 5, mode="connectivity").nonzero())
        logits = network(torch.from_numpy(every), torch.from_numpy(edges).long())
    return float(logits[-1].softmax(dim=0)[1])


@pytest.mark.slow
def test_one_question_takes_40_ms_and_two_thirds_of_the_rebuild(page):
    model, reader = learned(PARAMS, people(1_570)), backbone("ecg")
    assert len(model.people) == pytest.approx(KNOWN, abs=2)
    known, plain = rng(1, "rebuild").normal(size=(KNOWN, 517)), untrained(0).eval()
    network = GCN().eval()

    def seconds(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    before = torch.get_num_threads()
    torch.set_num_threads(CORES)
    rounds = []
    for _ in range(ROUNDS):  # the quietest counts: others may be at work on this machine
        ours, theirs = [], []
        for _ in range(REPEATS):
            ours.append(seconds(lambda: ask(model, features(small(page)[None], reader)[0], VALUES)))
            theirs.append(seconds(lambda: rebuild(page, known, plain, network)))
        rounds.append((median(ours), median(theirs)))
    torch.set_num_threads(before)
    own, other = min(rounds)
    assert own <= 0.040, rounds
    assert own <= 0.65 * other, rounds


@pytest.mark.slow
def test_the_command_answers_within_six_seconds_of_a_cold_start(page, tmp_path: Path):
    (tmp_path / "page.jpg").write_bytes(page)
    command = [sys.executable, "-m", "hfgnn.cli", "predict", "--page", str(tmp_path / "page.jpg")]
    took = []
    for _ in range(9):  # the first makes the model, if nobody has made it yet
        started = time.perf_counter()
        subprocess.run([*command, *GIVEN], cwd=ROOT, check=True, capture_output=True)
        took.append(time.perf_counter() - started)
    assert min(took[1:]) <= 6, took
