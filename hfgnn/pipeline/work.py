"""One piece of work in a process of its own: always the same environment, whoever asks for it.

python -m hfgnn.pipeline.work     reads requests, and reports, in lines of JSON

On Linux it forks for each request, and never works itself. Before, it imports what a request names
as `common`: of the slow packages, those that work of this build has needed, so that none imports
them again. Other systems do not fork safely; there the process ends with its first request.
"""

import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hfgnn.ledger.results import canonical, write
from hfgnn.pipeline.places import BuildError, Places

if TYPE_CHECKING:
    from hfgnn.pipeline.stage import Workshop

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
    sweep: str = ""  # of which it is a cell, or needed by one
    seeds: int = 0


Step = Callable[[int, int], None]
CAN_FORK = sys.platform == "linux"
SLOW: tuple[str, ...] = ("torch_geometric.nn", "pyarrow.parquet", "faiss")
SLOW += tuple(f"sklearn.{n}" for n in ("ensemble", "pipeline", "linear_model", "neural_network"))
KERNELS = ("ipykernel.kernelapp", "matplotlib.pyplot")  # whatever a chapter does
SLOW += ("hfgnn.pipeline.chapters", *KERNELS)


def say(**said: Any) -> None:
    """Report to the parent process."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def answer(request: dict[str, Any]) -> None:
    """Do what was asked, in this process, and file what it cost."""
    places = Places(Path(request.pop("root")), Path(request.pop("build")))
    task = Task(**request)
    started = time.monotonic()
    if task.kind == "stage":
        shop_of(task, places).make(task.name)
    else:
        _answer_chapter(task, places)
    cost = {"seconds": round(time.monotonic() - started, 2), "megabytes": _peak()}
    write(places.build / "costs" / f"{task.entry}.json", canonical(cost))


def shop_of(task: Task, places: Places) -> "Workshop":
    """Return the stages that a task is one of."""
    if task.sweep:
        from hfgnn.pipeline import sweeps

        return sweeps.workshop(
            sweeps.Asked(task.sweep, task.profile, task.seed, task.seeds), places
        )
    from hfgnn.pipeline.stages import workshop

    return workshop(task.profile, task.seed, places)


def _answer_chapter(task: Task, places: Places) -> None:
    from hfgnn.pipeline import cradle

    sleeping = cradle.Cradle() if CAN_FORK else None
    if sleeping:
        os.environ[cradle.NAME_VARIABLE] = cradle.NAME
    from hfgnn.pipeline.chapters import make_chapter

    try:
        make_chapter(task.name, task.parameters, places, lambda i, n: say(step=i, of=n))
    finally:
        if sleeping:
            sleeping.close()


def _peak() -> int:
    """Return the most memory that this process or its kernel held, in MB; 0 where unknown."""
    if sys.platform == "win32":
        return 0
    import resource

    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 1_000_000 if sys.platform == "darwin" else 1_000  # bytes there, kibibytes elsewhere
    return round(max(resource.getrusage(one).ru_maxrss for one in who) / unit)


def answered(request: dict[str, Any]) -> int:
    """Answer one request and return its exit code; what goes wrong is said in one line of JSON."""
    try:
        answer(request)
    except BuildError as error:
        say(error=str(error))
        return 1
    known = KERNELS if request["kind"] == "chapter" else ()
    say(used=[name for name in SLOW if name in sys.modules or name in known])
    return 0


def forked(request: dict[str, Any]) -> int:
    """Answer one request in a fork of this process, which a SIGTERM ends with it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # until either knows what to do
    child = os.fork()
    if not child:
        _be_a_child_and_end(request)

    def end_both(number: int, frame: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, end_both)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _, status = os.waitpid(child, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return os.waitstatus_to_exitcode(status)


def _be_a_child_and_end(request: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        code = answered(request)
    except BaseException:  # as an interpreter that ends: the parent must not go on twice
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def keep_ready(names: list[str]) -> None:
    """Import these, whatever they warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            import_module(name)


def main() -> int:
    """Answer requests until there are no more, or the first one where processes do not fork."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for the forks, and for who asked for them
    for line in sys.stdin:
        request = json.loads(line)
        common = request.pop("common")
        if not CAN_FORK:
            return answered(request)
        keep_ready(common)
        say(ended=forked(request))
    return 0


if __name__ == "__main__":
    sys.exit(main())
