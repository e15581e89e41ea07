"""Cells of a sweep made by a Dask cluster: the one module that knows Dask.

What travels is a task: names and numbers, no array and no code. A worker makes the cell as this
machine would, in a process of its own with the same environment, into the store of its own
checkout, which all share as a folder. It refuses if the key that it finds is another: its code, its
lock or its processor is another, too.
"""

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from hfgnn.pipeline.places import BuildError, Places, places
from hfgnn.pipeline.work import Step, Task, shop_of
from hfgnn.pipeline.worker import Crew

PATIENCE = "10s"  # for a scheduler to answer
RETRIES = 2  # of a cell whose worker was lost


def made(told: dict[str, Any], profile: str) -> float:
    """Make a cell on a worker, and return its seconds."""
    task, here = Task(**told), places(profile)
    found = shop_of(task, here).entry(task.name).folder.name
    if found != task.entry:
        raise BuildError(
            f"{task.name} is {found} on this worker and {task.entry} where the sweep was asked "
            "for: let both have the same code, requirements.lock and kind of processor"
        )
    crew = Crew(here)
    try:
        return crew.perform(task)
    finally:
        crew.close()


class Cluster:
    """A Dask cluster that does tasks as a crew does."""

    def __init__(self, address: str, places_: Places, profile: str) -> None:
        """Connect, or say in words why not."""
        try:
            from distributed import Client
        except ImportError as error:
            raise BuildError(
                "a cluster needs Dask: install it with `pip install -e .[cluster]`, "
                "or work without --cluster"
            ) from error
        try:
            self.client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise BuildError(
                f"no scheduler answers at {address!r} ({error}); start one with `dask scheduler`, "
                "workers with `dask worker ADDRESS`, and give its address"
            ) from error
        self.places, self.profile = places_, profile
        self.jobs = sum(one["nthreads"] for one in self._workers().values())
        if not self.jobs:
            self.client.close()
            raise BuildError(f"{address!r} has no workers; start some with `dask worker {address}`")

    def _workers(self) -> dict[str, Any]:
        known: dict[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        return known

    def perform(self, task: Task, step: Step = lambda done, of: None) -> float:
        """Let a worker do the task and return its seconds; threads may ask at once."""
        future = self.client.submit(made, asdict(task), self.profile, pure=False, retries=RETRIES)
        try:
            return float(future.result())
        except BuildError:
            raise
        except Exception as error:  # whatever a cluster can say: lost, closed, cancelled
            raise BuildError(
                f"{task.name}: the cluster says {type(error).__name__}: {error}"
            ) from error

    def close(self) -> None:
        """Let go of the cluster, which goes on."""
        with suppress(Exception):
            self.client.close()
