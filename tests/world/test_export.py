"""A cohort as files: the same bytes from any number of workers, whole or not there at all."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from hfgnn.world import export
from hfgnn.world.cmr import images
from hfgnn.world.export import written
from hfgnn.world.population import BLOCK, block, blocks, population, simulate
from tests.conftest import ROOT, contents

CONFIG = population("hospital", people=520, seed=4)


def silent(done: int, of: int) -> None:
    """Hear nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("people") / "cohort"
    return written(CONFIG, target, jobs=2, size=(276, 196), step=silent)


def test_the_files_hold_the_cohort(folder):
    cohort = simulate(CONFIG)
    table = pd.read_parquet(folder / "table.parquet")
    pd.testing.assert_frame_equal(table.drop(columns=["page", "report"]), cohort.table)
    assert tuple(table["report"]) == cohort.report
    with np.load(folder / "signals.npz", allow_pickle=False) as signals:
        assert signals["ecg"].dtype == np.float32
        assert signals["ecg"].tobytes() == cohort.ecg.tobytes()
        assert signals["fs"] == 250
        assert (signals["group"] == cohort.table["group"]).all()


def test_every_person_has_a_page_in_the_folder_of_their_class(folder):
    table = pd.read_parquet(folder / "table.parquet")
    assert table["page"].is_unique
    assert (table["page"].str.split("/").str[0] == table["class"]).all()
    assert len(list(folder.rglob("*.jpg"))) == len(table)
    for name in table["page"].iloc[::100]:
        with Image.open(io.BytesIO((folder / name).read_bytes())) as image:
            assert image.size == (276, 196)


def test_every_heart_is_imaged_if_asked_for(folder, tmp_path):
    assert not (folder / "cmr.npz").exists()
    config = population("hospital", people=BLOCK + 3, seed=4)
    imaged = written(config, tmp_path / "imaged", jobs=1, step=silent, cmr=True)
    with np.load(imaged / "cmr.npz", allow_pickle=False) as found:
        assert list(found) == ["cmr"]
        pictures = found["cmr"]
    assert pictures.shape == (config.people, 3, 96, 96)
    assert pictures.dtype == np.uint8
    for number in blocks(config):  # each block by itself
        rows = slice(number * BLOCK, (number + 1) * BLOCK)
        assert (images(config, block(config, number), number) == pictures[rows]).all()


def test_one_worker_gives_the_same_bytes(folder, tmp_path):
    alone = written(CONFIG, tmp_path / "alone", jobs=1, size=(276, 196), step=silent)
    assert contents(alone) == contents(folder)


def test_what_is_there_is_never_overwritten(folder, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="name another one for --out"):
        written(CONFIG, tmp_path, jobs=1, size=None, step=silent)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_a_disk_that_is_too_small_is_seen_beforehand(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000_000)
    monkeypatch.setattr(export.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match=r"0\.1 GB for 520 people .* 0\.0 GB free"):
        written(CONFIG, tmp_path / "cohort", jobs=1, size=None, step=silent)
    assert list(tmp_path.iterdir()) == []


def test_images_of_the_heart_take_their_room(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=130_000_000)
    monkeypatch.setattr(export.shutil, "disk_usage", lambda path: usage)
    export.refuse_what_does_not_fit(1000, tmp_path / "cohort", size=None, cmr=False)
    with pytest.raises(OSError, match="for 1000 people"):
        export.refuse_what_does_not_fit(1000, tmp_path / "cohort", size=None, cmr=True)


def test_a_failure_half_way_leaves_nothing(tmp_path):
    def full(done: int, of: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        written(CONFIG, tmp_path / "cohort", jobs=1, size=None, step=full)
    assert list(tmp_path.iterdir()) == []


def start(target: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hfgnn.cli", "simulate", "--n", "20000", "--seed", "1"]
    process = subprocess.Popen(
        [*command, "--out", str(target)],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    draft, deadline = target.with_name(f".{target.name}.draft"), time.monotonic() + 120
    while not any(draft.glob("*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() is None
    return process


def test_ctrl_c_is_heard_while_the_workers_start(tmp_path, monkeypatch):
    submit = export.ProcessPoolExecutor.submit

    def interrupted(pool, *task):
        os.kill(os.getpid(), signal.SIGINT)
        return submit(pool, *task)

    monkeypatch.setattr(export.ProcessPoolExecutor, "submit", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            written(CONFIG, tmp_path / "cohort", jobs=2, size=None, step=silent)
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_leaves_nothing(tmp_path):
    process = start(tmp_path / "cohort")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_kill_leaves_no_cohort_no_worker_and_nothing_in_the_way(tmp_path):
    process = start(tmp_path / "cohort")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    workers = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    process.kill()
    process.wait(timeout=120)
    assert not (tmp_path / "cohort").exists()
    deadline = time.monotonic() + 120
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    small = population("hospital", people=3, seed=1)
    written(small, tmp_path / "cohort", jobs=1, size=None, step=silent)
    assert [path.name for path in tmp_path.iterdir()] == ["cohort"]


@pytest.mark.slow
def test_ten_thousand_people_fit_into_two_gigabytes(tmp_path):
    """The largest parent and the largest worker, as the system counted them, two workers.

    A process counts what it was started from, so a small one stands between it and these tests.
    """
    pytest.importorskip("resource")
    ask = (
        "import resource, sys; from pathlib import Path\n"
        "from hfgnn.world.export import written\n"
        "from hfgnn.world.population import population\n"
        "if __name__ == '__main__':\n"
        "    everyone = population('hospital', people=10_000, seed=1)\n"
        "    written(everyone, Path(sys.argv[1]), jobs=2, size=None, step=lambda done, of: None)\n"
        "    peak = [resource.getrusage(who).ru_maxrss for who in (0, -1)]\n"
        "    print(peak[0] + 2 * peak[1])\n"
    )
    between = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    script = tmp_path / "ask.py"
    script.write_text(ask, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", between, sys.executable, str(script), str(tmp_path / "cohort")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 200_000 < int(done.stdout) < 2_000_000  # kibibytes
