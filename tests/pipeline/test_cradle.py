"""A kernel is forked from a process that has imported beforehand; where none sleeps, one starts."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from hfgnn.pipeline import worker
from hfgnn.pipeline.chapters import executed
from hfgnn.pipeline.cradle import Cradle
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.work import Task
from hfgnn.pipeline.worker import Crew
from tests.pipeline.test_work import fork_of, until

pytestmark = pytest.mark.skipif(not worker.CAN_FORK, reason="processes are not forked here")
CELL = """

# %%
import os, sys
print("faiss" in sys.modules, os.getpid() == os.getpgid(0), os.environ["OMP_NUM_THREADS"], sys.argv)
"""


@pytest.fixture
def crew(here: Places) -> Iterator[Crew]:
    found = Crew(here)
    yield found
    found.close()


def printed(crew: Crew, here: Places) -> str:
    """Make the chapter, and return what its last cell prints."""
    crew.perform(Task("chapter", "01_small", "smoke", 7, "01_small-0123"))
    (folder,) = here.store.glob("01_small-*")
    cell = executed("01_small", folder).cells[-1]
    assert isinstance(cell, nbformat.NotebookNode)
    return str(cell.outputs[0].text)


def test_a_kernel_has_what_its_worker_has_imported(here: Places, crew: Crew) -> None:
    script = here.notebooks / "01_small.py"
    script.write_text(script.read_text() + CELL)
    crew.common.add("faiss")
    faiss, leads, threads, *argv = printed(crew, here).split(maxsplit=3)
    assert (faiss, leads, threads) == ("True", "True", "1")
    assert argv[0].endswith(".json']\n"), "as Jupyter starts it"


def test_one_that_nobody_wakes_ends_with_its_process_or_when_it_is_closed() -> None:
    cradle = Cradle()
    assert cradle.poll() is None
    assert [cradle] == Cradle.waiting
    cradle.close()
    assert cradle.returncode == 0
    assert not Cradle.waiting
    cradle.terminate()
    assert cradle.wait() == 0, "what has ended is left alone"


def test_one_that_is_killed_says_with_which_signal() -> None:
    cradle = Cradle()
    cradle.kill()
    assert cradle.wait() == -9
    cradle.close()
    assert not Cradle.waiting


def test_a_kernel_ends_with_its_chapter(here: Places, crew: Crew) -> None:
    script = here.notebooks / "01_small.py"
    script.write_text(script.read_text() + "\n# %%\nimport os\nprint([os.getpid()])\n")
    (kernel,) = json.loads(printed(crew, here))
    assert not Path(f"/proc/{kernel}").exists()
    assert kernel != os.getpid()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_kernel_ends_when_its_chapter_is_killed(here: Places, crew: Crew, number: int) -> None:
    """It must end by itself, and must not let who reads what the worker says wait for it."""
    script = here.notebooks / "01_small.py"
    told = here.root / "kernel"
    wait = f"import os, pathlib, time\npathlib.Path({str(told)!r}).write_text(str(os.getpid()))"
    script.write_text(script.read_text() + f"\n# %%\n{wait}\ntime.sleep(100)\n")
    crew.common.add("ipykernel.kernelapp")
    failed: list[BuildError] = []

    def work() -> None:
        try:
            crew.perform(Task("chapter", "01_small", "smoke", 7, "01_small-0123"))
        except BuildError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    kernel = int(until(lambda: told.is_file() and told.read_text()))
    (running,) = worker._running
    os.kill(running.pid if number == signal.SIGTERM else fork_of(running.pid), number)
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert f"was killed by signal {int(number)}" in str(failed[0])
    until(lambda: not Path(f"/proc/{kernel}").exists())
