"""Processes that do a build's work: started, asked, heard and ended here.

Their own side is `hfgnn.pipeline.work`.
"""

import itertools
import json
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from typing import Any

from hfgnn.pipeline.key import CPU_VARIABLE, cpu_capability
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.work import BUILD_VARIABLE, CAN_FORK, Step, Task

PERSONAL = {
    "JUPYTER_PATH",
    "MATPLOTLIBRC",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
}

_running: set[subprocess.Popen[str]] = set()
_numbers = itertools.count()


def environment(places: Places, threads: int) -> dict[str, str]:
    """Return the environment in which results are made: nothing of the person's own leaks in."""
    cache = places.root / "_build" / "cache"
    kept = {name: value for name, value in os.environ.items() if name not in PERSONAL}
    count = dict.fromkeys(
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"],
        str(threads),
    )
    settings = {
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": os.pathsep.join([str(places.root), *_inherited_path()]),
        "PYTHONUTF8": "1",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(cache / "matplotlib"),
        "IPYTHONDIR": str(cache / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "SOURCE_DATE_EPOCH": "0",
        "TQDM_DISABLE": "1",
        "TZ": "UTC",
        CPU_VARIABLE: cpu_capability(),
        BUILD_VARIABLE: str(places.build),
    }
    return {**kept, **count, **settings}


def _inherited_path() -> list[str]:
    inherited = os.environ.get("PYTHONPATH", "")
    return inherited.split(os.pathsep) if inherited else []


class Worker:
    """A child process that does one task after another, each in a fork of itself where it can.

    `common` are the slow packages that tasks have needed: read before a task, added to after it.
    """

    def __init__(self, places: Places, threads: int, common: set[str]) -> None:
        self.places, self.common = places, common
        mine = f"{platform.node()}-{os.getpid()}-{next(_numbers)}"  # machines may share the folder
        self.errors = places.build / "costs" / f".{mine}.stderr"
        self.errors.parent.mkdir(parents=True, exist_ok=True)
        with self.errors.open("a", encoding="utf-8") as stderr:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "hfgnn.pipeline.work"],
                env=environment(places, threads),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self._in, self._out = self.child.stdin, self.child.stdout
        _running.add(self.child)

    def perform(self, task: Task, step: Step = lambda done, of: None) -> float:
        """Do the task and return its seconds; `step` hears how far it is."""
        started, failure = time.monotonic(), ""
        before = self.errors.stat().st_size
        self._ask(task)
        said: dict[str, Any] = {}
        while "ended" not in said and (line := self._out.readline()):
            said = _understood(line)
            failure = said.get("error", failure)
            self.common.update(said.get("used", ()))
            if "step" in said:
                step(said["step"], said["of"])
        code = said["ended"] if "ended" in said else self.child.wait()
        if code:
            complaint = self.errors.read_bytes()[before:].decode("utf-8", "replace")
            raise BuildError(failure or _died(task, code, complaint))
        return time.monotonic() - started

    def _ask(self, task: Task) -> None:
        places = self.places
        request = {**task.__dict__, "root": str(places.root), "build": str(places.build)}
        request["common"] = sorted(self.common)
        with suppress(BrokenPipeError):  # it has ended before it was asked: its exit code tells
            self._in.write(json.dumps(request) + "\n")
            self._in.flush()

    @property
    def alive(self) -> bool:
        """Tell whether it can do another task."""
        return self.child.poll() is None

    def close(self) -> None:
        """Let the process end."""
        with suppress(BrokenPipeError):
            self._in.close()
        self.child.wait()
        self._out.close()
        _running.discard(self.child)
        self.errors.unlink(missing_ok=True)


class Crew:
    """As many workers as are asked at once; where they can do another task they wait for it."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.common: set[str] = set()
        self.idle: dict[int, list[Worker]] = defaultdict(list)

    def perform(self, task: Task, step: Step = lambda done, of: None) -> float:
        """Do the task in a child process and return its seconds; threads may ask at once."""
        idle = self.idle[task.threads]
        try:
            worker = idle.pop()
        except IndexError:  # asked for, not looked at before: another thread may take the last
            worker = Worker(self.places, task.threads, self.common)
        try:
            return worker.perform(task, step)
        finally:
            if CAN_FORK and worker.alive:
                idle.append(worker)
            else:
                worker.close()

    def close(self) -> None:
        """Let those who wait end."""
        for worker in [worker for idle in self.idle.values() for worker in idle]:
            worker.close()


def stop_all() -> None:
    """End the child processes: their drafts are swept by the next build."""
    for child in list(_running):
        child.terminate()


def _understood(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _died(task: Task, code: int, complaint: str) -> str:
    if code < 0:
        return f"{task.kind} {task.name} was killed by signal {-code}; run the same command again"
    return f"{task.kind} {task.name} failed:\n{complaint[-2000:].strip()}"
