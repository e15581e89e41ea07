"""One piece of work in a process of its own: always the same environment, whoever asks for it.

python -m hfgnn.pipeline.work REQUEST     REQUEST is JSON; what it reports are lines of JSON
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hfgnn.ledger.results import canonical, write
from hfgnn.pipeline.key import CPU_VARIABLE, cpu_capability
from hfgnn.pipeline.places import BuildError, Places

RUN_VARIABLE = "HFGNN_RUN"  # the folder in which an executing chapter records
STAGES_VARIABLE = "HFGNN_STAGES"  # the stages that its code names, and so its key holds
BUILD_VARIABLE = "HFGNN_BUILD"  # the build that an executing chapter belongs to


@dataclass(frozen=True)
class Task:
    """A stage or a chapter to make, in the words that a child process needs."""

    kind: str  # "stage" or "chapter"
    name: str
    profile: str
    seed: int
    entry: str  # the folder name in the store: costs are filed under it
    threads: int = 1
    seconds: float = 1.0
    parameters: dict[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()  # names of the stages that must be there first


PERSONAL = {
    "JUPYTER_PATH",
    "MATPLOTLIBRC",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
}

Step = Callable[[int, int], None]
_running: set[subprocess.Popen[str]] = set()


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


def perform(task: Task, places: Places, step: Step = lambda done, of: None) -> float:
    """Do the task in a child process and return its seconds; `step` hears how far it is."""
    request = json.dumps({**task.__dict__, "root": str(places.root), "build": str(places.build)})
    command = [sys.executable, "-m", "hfgnn.pipeline.work", request]
    started, failure = time.monotonic(), ""
    errors = places.build / "costs" / f".{task.entry}.{os.getpid()}.stderr"
    errors.parent.mkdir(parents=True, exist_ok=True)
    with (
        errors.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(
            command,
            env=environment(places, task.threads),
            stdout=subprocess.PIPE,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as child,
    ):
        assert child.stdout is not None
        _running.add(child)
        for line in child.stdout:
            said = _understood(line)
            failure = said.get("error", failure)
            if "step" in said:
                step(said["step"], said["of"])
        _running.discard(child)
    complaint = errors.read_text(encoding="utf-8")
    errors.unlink()
    if child.returncode:
        raise BuildError(failure or _died(task, child.returncode, complaint))
    return time.monotonic() - started


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


def say(**said: Any) -> None:
    """Report to the parent process."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def answer(request: dict[str, Any]) -> None:
    """Do what was asked, in this process, and file what it cost."""
    from hfgnn.pipeline.chapters import make_chapter
    from hfgnn.pipeline.stages import workshop

    places = Places(Path(request.pop("root")), Path(request.pop("build")))
    task = Task(**request)
    started = time.monotonic()
    if task.kind == "stage":
        workshop(task.profile, task.seed, places).make(task.name)
    else:
        make_chapter(task.name, task.parameters, places, lambda i, n: say(step=i, of=n))
    cost = {"seconds": round(time.monotonic() - started, 2), "megabytes": _peak()}
    write(places.build / "costs" / f"{task.entry}.json", canonical(cost))


def _peak() -> int:
    """Return the most memory that this process or its kernel held, in MB; 0 where unknown."""
    if sys.platform == "win32":
        return 0
    import resource

    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 1_000_000 if sys.platform == "darwin" else 1_000  # bytes there, kibibytes elsewhere
    return round(max(resource.getrusage(one).ru_maxrss for one in who) / unit)


def main() -> int:
    """Answer one request; what goes wrong is said in one line of JSON."""
    try:
        answer(json.loads(sys.argv[1]))
    except BuildError as error:
        say(error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
