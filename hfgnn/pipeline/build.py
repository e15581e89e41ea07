"""A build: what is missing is made, side by side where it can be, and then compared and published.

Stages come before the chapters that ask for them; chapters do not know each other.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

from hfgnn.pipeline import chapters as chapter_files
from hfgnn.pipeline.key import changes
from hfgnn.pipeline.notebook import stages_of
from hfgnn.pipeline.order import Order
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.progress import Watcher
from hfgnn.pipeline.stage import Workshop
from hfgnn.pipeline.stages import workshop
from hfgnn.pipeline.store import Entry, sweep
from hfgnn.pipeline.work import Step, Task
from hfgnn.pipeline.worker import Crew, stop_all

CHAPTER_SECONDS = 15.0  # said beforehand when a chapter was never timed here


def plan(order: Order) -> list[Task]:
    """Return the tasks that are still to do, stages before the chapters that need them."""
    tasks: dict[str, Task] = {}
    for chapter in order.wanted:
        notebook = chapter_files.source(chapter, order.places)
        parameters, changed = chapter_files.settle(notebook, chapter, order.parameters)
        entry = chapter_files.entry(chapter, order.parameters, order.places)
        if entry.sound:
            continue
        shop = workshop(parameters["profile"], parameters["seed"], order.places)
        stages = stage_tasks(shop, shop.missing(stages_of(notebook, chapter)), parameters)
        tasks |= {task.entry: task for task in stages}
        tasks[entry.folder.name] = Task(
            "chapter",
            chapter,
            str(parameters["profile"]),
            int(parameters["seed"]),
            entry.folder.name,
            threads=chapter_files.THREADS,
            seconds=_usual(entry, order.places) or CHAPTER_SECONDS,
            parameters=changed,
            needs=tuple(task.entry for task in stages),
        )
    return list(tasks.values())


def stage_tasks(shop: Workshop, names: list[str], parameters: Mapping[str, Any]) -> list[Task]:
    """Return the tasks that make these stages."""
    folders = {name: shop.entry(name).folder.name for name in names}
    return [
        Task(
            "stage",
            name,
            str(parameters["profile"]),
            int(parameters["seed"]),
            folders[name],
            threads=shop.stage(name).threads,
            seconds=shop.stage(name).seconds,
            needs=tuple(folders[need] for need in shop.stage(name).needs if need in folders),
        )
        for name in names
    ]


def cost(entry: Entry, places: Places) -> dict[str, float]:
    """Return what making this entry cost here; empty if it was not made here."""
    path = places.build / "costs" / f"{entry.folder.name}.json"
    try:
        held: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held


def _usual(entry: Entry, places: Places) -> float:
    costs = (places.build / "costs").glob(f"{entry.name}-*.json")
    newest = max(costs, key=lambda path: path.stat().st_mtime_ns, default=None)
    try:
        return float(json.loads(newest.read_text(encoding="utf-8"))["seconds"]) if newest else 0.0
    except (ValueError, KeyError):
        return 0.0


def explain(order: Order, tasks: Sequence[Task]) -> list[str]:
    """Return, for each task, why it must be done."""
    lines = []
    for task in tasks:
        if task.kind == "chapter":
            entry = chapter_files.entry(task.name, order.parameters, order.places)
        else:
            entry = workshop(task.profile, task.seed, order.places).entry(task.name)
        before = entry.previous()
        if entry.whole:
            reasons = ["its files in the store are damaged"]
        else:
            reasons = ["never made here"] if before is None else changes(before, entry.ingredients)
        lines.append(f"{task.kind} {task.name}: " + "; ".join(reasons or ["not in the store"]))
    return lines


def make_stages(
    shop: Workshop, names: list[str], *, profile: str, seed: int, progress: Watcher
) -> None:
    """Make these stages, one after the other."""
    parameters = {"profile": profile, "seed": seed}
    run(stage_tasks(shop, names, parameters), shop.places, jobs=1, progress=progress)


def seconds_behind(task: Task, tasks: Sequence[Task]) -> float:
    """Return how long the longest chain of tasks is that begins with this one."""
    later = [other for other in tasks if task.entry in other.needs]
    return task.seconds + max((seconds_behind(other, tasks) for other in later), default=0.0)


class Performer(Protocol):
    """Whoever does tasks: a crew of this machine, or a cluster."""

    def perform(self, task: Task, step: Step = ...) -> float:
        """Do the task and return its seconds; threads may ask at once."""

    def close(self) -> None:
        """Let whoever waits end."""


def run(
    tasks: Sequence[Task],
    places: Places,
    *,
    jobs: int,
    progress: Watcher,
    crew: Performer | None = None,
) -> None:
    """Do the tasks, `jobs` at a time; one that fails stops only those that need it.

    The one with the longest chain behind it goes first: the last to end then waits for nobody.
    """
    first = sorted(tasks, key=lambda task: -seconds_behind(task, tasks))
    waiting, failures = {task.entry: task for task in first}, list[str]()
    running: dict[Future[float], Task] = {}
    crew = crew or Crew(places)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            while waiting or running:
                undone = waiting.keys() | {task.entry for task in running.values()}
                ready = [task for task in waiting.values() if not undone & set(task.needs)]
                for task in ready[: jobs - len(running)]:
                    progress.start(f"{task.kind} {task.name}", task.seconds)
                    del waiting[task.entry]
                    running[pool.submit(crew.perform, task, _told(progress, task))] = task
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    task = running.pop(future)
                    progress.finish(f"{task.kind} {task.name}", good=not future.exception())
                    if error := future.exception():
                        failures.append(_reason(error))
                        _drop(waiting, task.entry)
        except BaseException:
            stop_all()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            crew.close()
    if failures:
        raise BuildError("\n".join(failures))


def _told(progress: Watcher, task: Task) -> Callable[[int, int], None]:
    return lambda done, of: progress.step(f"{task.kind} {task.name}", done, of)


def _reason(error: BaseException) -> str:
    if isinstance(error, BuildError):
        return str(error)
    raise error


def _drop(waiting: dict[str, Task], failed: str) -> None:
    for task in [task for task in waiting.values() if failed in task.needs]:
        waiting.pop(task.entry, None)
        _drop(waiting, task.entry)


def make(order: Order, progress: Watcher) -> list[Task]:
    """Make all that the order wants and is not there; return what was done."""
    sweep(order.places.store)
    tasks = plan(order)
    if tasks:
        total = sum(task.seconds for task in tasks)
        progress.note(f"{len(tasks)} to make, about {total:.0f} s of work")
    run(tasks, order.places, jobs=order.jobs, progress=progress)
    return tasks
