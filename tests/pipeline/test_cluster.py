"""A cluster gives the bytes that this machine gives, or says in words why not; it never hangs."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import KilledWorker

from hfgnn.pipeline import cluster
from hfgnn.pipeline.cluster import Cluster, ClusterError
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.work import Task
from tests.conftest import Copy
from tests.planted import CELLS, beside, cells, planted, record

STRANGE = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2", "PYTHONHASHSEED": "5", "TZ": "Asia/Oral"}
BOTH = 2


class Dask:
    """A scheduler and workers on this machine, each a process in the environment of a copy."""

    def __init__(self, copy: Copy, folder: Path) -> None:
        self.copy, self.folder, self.file = copy, folder, folder / "scheduler.json"
        host = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = self._start("scheduler", *host, copy=copy)
        self.workers = list[subprocess.Popen[bytes]]()

    def _start(self, *words: str, copy: Copy) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(self.file)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=copy.environment | STRANGE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def work(self, copy: Copy | None = None) -> None:
        """Let one worker more do what is asked."""
        alone = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory")
        words = ("worker", *alone, str(self.folder))
        self.workers.append(self._start(*words, copy=copy or self.copy))

    @property
    def address(self) -> str:
        """Where the scheduler is."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                return str(json.loads(self.file.read_text())["address"])
            except (OSError, ValueError):
                time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text())

    def ready(self, workers: int) -> None:
        """Wait until so many workers have come."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    def close(self) -> None:
        """End all of them, and those whom a killed worker has left at work."""
        for process in [*self.workers, self.scheduler]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy of the repository that has one sweep more, and knows sooner what is lost."""
    copy = planted(tmp_path_factory.mktemp("cluster") / "hfgnn")
    copy.edit("hfgnn/pipeline/cluster.py", "BEAT = 5.0", "BEAT = 0.5")
    copy.edit("hfgnn/pipeline/cluster.py", "ALONE = 60.0", "ALONE = 2.0")
    copy.edit("hfgnn/pipeline/cluster.py", "PATIENCE = 10", "PATIENCE = 3")
    return copy


@pytest.fixture(scope="module")
def local(tiny: Copy) -> dict[str, bytes]:
    """Return the record that this machine makes."""
    done = tiny.hfgnn("sweep", "tiny", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    return record(tiny)


@pytest.fixture
def empty(tiny: Copy, local: dict[str, bytes]) -> Copy:
    """Return the copy without a cell and without a record."""
    shutil.rmtree(tiny.root / "_build", ignore_errors=True)
    shutil.rmtree(tiny.root / "book/ledger/recorded/tiny", ignore_errors=True)
    return tiny


@pytest.fixture
def dask(tiny: Copy, tmp_path: Path) -> Iterator[Dask]:
    """Return a scheduler without workers."""
    found = Dask(tiny, tmp_path)
    yield found
    found.close()


@pytest.mark.slow
def test_two_workers_give_the_bytes_that_this_machine_gives(
    empty: Copy, dask: Dask, local: dict[str, bytes]
) -> None:
    """Although their own environments are others; one cell fails first, and is told."""
    for _ in range(BOTH):
        dask.work()
    dask.ready(BOTH)
    (beside(empty) / "tiny.1.2").touch()
    done = empty.hfgnn("sweep", "tiny", "--cluster", dask.address)
    assert done.returncode == 1
    assert "tiny.1.2 is to fail" in done.stderr
    assert not record(empty)
    assert len(cells(empty)) == CELLS - 2, "all but it and the sum that needs it"
    (beside(empty) / "tiny.1.2").unlink()
    done = empty.hfgnn("sweep", "tiny", "--cluster", dask.address)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert record(empty) == local
    who = {path.name for path in beside(empty).glob("[0-9]*")}
    assert len(who) == BOTH, "each worker keeps one process, and both had work"


def test_a_lost_workers_cell_is_made_by_another(
    empty: Copy, dask: Dask, local: dict[str, bytes]
) -> None:
    (beside(empty) / "sleep").write_text("0.4")
    for _ in range(BOTH):
        dask.work()
    dask.ready(BOTH)
    process = empty.start("sweep", "tiny", "--cluster", dask.address)
    until(lambda: len(cells(empty)) > 3, process)
    dask.workers[0].kill()
    (beside(empty) / "sleep").unlink()
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert record(empty) == local


def until(there: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something, as long as a sweep goes on."""
    deadline = time.monotonic() + 60
    while not there() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()[0]
    assert there()


def kill_scheduler(dask: Dask, _: subprocess.Popen[str]) -> None:
    dask.scheduler.kill()


def kill_workers(dask: Dask, _: subprocess.Popen[str]) -> None:
    for worker in dask.workers:
        worker.kill()


def interrupt(_: Dask, process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


LOST = [
    (kill_scheduler, 1, "the scheduler at 'ADDRESS' was lost; what was made is kept: start it"),
    (kill_workers, 1, "'ADDRESS' has had no worker for 2 s; start some with `dask worker"),
    (interrupt, 130, "stopped; nothing is half-written; run the same command again"),
]


@pytest.mark.parametrize(("how", "code", "expected"), LOST, ids=["scheduler", "workers", "Ctrl-C"])
def test_what_is_lost_in_between_is_told_soon(
    empty: Copy, dask: Dask, how: Callable[..., None], code: int, expected: str
) -> None:
    (beside(empty) / "sleep").write_text("60")
    dask.work()
    address = dask.address
    process = empty.start("sweep", "tiny", "--cluster", address)
    until(lambda: any(beside(empty).glob("[0-9]*")), process)
    started = time.monotonic()
    how(dask, process)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert expected.replace("ADDRESS", address) in said
    assert said.count("\n") < 12, said
    assert time.monotonic() - started < 30
    assert not record(empty)


def test_a_worker_of_other_code_refuses(empty: Copy, dask: Dask, tmp_path: Path) -> None:
    other = planted(tmp_path / "other")
    other.edit("hfgnn/train/tiny.py", "[1][:3]", "[1][:4]")
    dask.work(other)
    done = empty.hfgnn("sweep", "tiny", "--cluster", dask.address)
    assert done.returncode == 1
    keys = re.findall(r"tiny\.\d\.\d-([0-9a-f]{20})", done.stderr)
    assert len(set(keys)) == 2, done.stderr
    assert f"a worker in {other.root} would make" in done.stderr
    assert "the same code, requirements.lock and kind of processor" in done.stderr
    assert not cells(empty)
    assert not cells(other)


def test_a_worker_that_shares_no_folder_is_told_at_its_first_cell(
    empty: Copy, dask: Dask, tmp_path: Path
) -> None:
    other = planted(tmp_path / "other")
    dask.work(other)
    done = empty.hfgnn("sweep", "tiny", "--cluster", dask.address)
    assert done.returncode == 1
    stores = (f"{copy.root}/_build/store" for copy in (other, empty))
    assert "was made into {} and is not in {}".format(*stores) in done.stderr
    assert len(cells(other)) == 1


def test_an_address_where_nobody_answers_is_named_soon(tiny: Copy) -> None:
    with socket.socket() as held:  # bound and not listening: nobody else can listen there
        held.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{held.getsockname()[1]}"
        started = time.monotonic()
        done = tiny.hfgnn("sweep", "tiny", "--cluster", address)
    assert done.returncode == 1
    assert f"no scheduler answers at '{address}'" in done.stderr
    assert "`dask scheduler`" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 30


def test_a_cluster_without_workers_is_told(dask: Dask, tiny: Copy) -> None:
    address = dask.address
    done = tiny.hfgnn("sweep", "tiny", "--cluster", address)
    assert done.returncode == 1
    assert f"'{address}' has no workers; start some with `dask worker {address}`" in done.stderr


@pytest.mark.parametrize("address", ["nonsense://a:1", "", "a b"])
def test_an_address_that_is_none_is_named(address: str, here: Places) -> None:
    with pytest.raises(BuildError, match=re.escape(f"no scheduler answers at {address!r}")):
        Cluster(address, here)


def test_without_dask_the_remedy_is_told(here: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BuildError, match=r"pip install -e '\.\[cluster\]'.* or work without"):
        Cluster("tcp://127.0.0.1:1", here)


class Client:
    """A client whose cluster says one thing."""

    def __init__(self, said: Any) -> None:
        self.said, self.sent = said, list[Any]()

    def submit(self, made: Any, *names: Any, **how: Any) -> "Client":
        self.sent += [made, *names, how]
        return self

    def result(self, timeout: float) -> Any:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def told(client: Client, here: Places) -> str:
    """Return what comes of a task, with the kind of fault."""
    found = Cluster.__new__(Cluster)
    found.client, found.places, found.address = client, here, "tcp://a:1"
    task = Task("stage", "a.b", "smoke", 7, "a.b-01", needs=("c",), sweep="a", seeds=2)
    with pytest.raises((BuildError, ClusterError)) as fault:
        found.perform(task)
    return f"{type(fault.value).__name__}: {fault.value}"


def test_only_names_and_numbers_travel(here: Places) -> None:
    """What Dask would pickle: words and numbers there, and back."""
    client = Client({"error": "as it is told"})
    assert told(client, here) == "BuildError: as it is told"
    assert client.sent == [cluster.made, "a.b", "a.b-01", "a", "smoke", 7, 2, {"pure": False}]
    said = cluster.made("a.b", "a.b-01", "none", "smoke", 7, 2)
    assert list(said) == ["error"]
    assert "sweep 'none' is not known" in str(said["error"])


def test_a_cell_that_kills_its_workers_fails_alone_and_what_dask_cannot_do_stops_all(
    here: Places,
) -> None:
    killed = KilledWorker("key", None, 3)
    assert told(Client(killed), here) == "BuildError: a.b: every worker that tried it was lost"
    said = told(Client(ModuleNotFoundError("no hfgnn")), here)
    assert said.startswith("ClusterError: a.b: the cluster says ModuleNotFoundError: no hfgnn")


def test_nothing_of_dask_is_imported_before_it_is_asked_for() -> None:
    ask = "import sys, hfgnn.pipeline.cluster, hfgnn.cli.sweep; print('distributed' in sys.modules)"
    command = [sys.executable, "-c", ask]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})
    assert said.stdout == "False\n"
