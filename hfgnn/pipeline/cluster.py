"""Cells of a sweep made by a Dask cluster: the one module that knows Dask.

To a worker travel names and numbers: which cell of which sweep, and its key. Words and numbers come
back. Dask pickles what travels, so nothing else does, and a cluster belongs into a trusted network.
A worker makes the cell as this machine would, in a process of its own with the same environment,
into the store of its own checkout, which all share as a folder. It refuses a cell whose key is
another there: its code, its lock or its processor is another, too.
"""

import logging
import time
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from hfgnn.pipeline.places import BuildError, Places, places
from hfgnn.pipeline.store import MANIFEST
from hfgnn.pipeline.work import Step, Task, shop_of
from hfgnn.pipeline.worker import Crew

PATIENCE = 10  # seconds for a scheduler to answer, a first worker to come, a file to be seen
BEAT = 5.0  # seconds between two looks at a cluster that works
ALONE = 60.0  # seconds after which a cluster without workers is given up

Said = dict[str, str | float]


class ClusterError(ConnectionError):
    """Something is wrong with the cluster, and so with every cell: no other is asked for."""


@cache
def crew(here: Places) -> Crew:
    """Return the processes of a worker, which stay for its next cells and end with it."""
    return Crew(here)


def made(name: str, entry: str, sweep: str, profile: str, seed: int, seeds: int) -> Said:
    """Make a cell on a worker; return seconds and the store that it lies in, or what is wrong."""
    task = Task("stage", name, profile, seed, entry, sweep=sweep, seeds=seeds)
    try:
        here = places(profile)
        shop = shop_of(task, here)
        if (found := shop.entry(name).folder.name) != entry:
            return {
                "refused": f"{found} is what a worker in {here.root} would make, and {entry} is "
                "asked for: let both have the same code, requirements.lock and kind of processor, "
                "and start the workers anew"
            }
        seconds = crew(here).perform(replace(task, threads=shop.stage(name).threads))
    except (BuildError, OSError) as error:
        return {"error": str(error)}
    return {"seconds": seconds, "store": str(here.store)}


class Cluster:
    """A Dask cluster that does tasks as a crew does."""

    def __init__(self, address: str, places_: Places) -> None:
        """Connect, or say in words why not."""
        try:
            from distributed import Client
        except ImportError as error:
            raise BuildError(
                "--cluster needs Dask: install it with `pip install -e '.[cluster]'` (the locked "
                "environment of `make book` has it), or work without --cluster"
            ) from error
        for part in ("client", "core", "utils"):  # what goes wrong is said here, in fewer words
            logging.getLogger(f"distributed.{part}").setLevel(logging.CRITICAL)
        self.places, self.address = places_, address
        try:
            self.client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise BuildError(
                f"no scheduler answers at {address!r} ({error}); start one with `dask scheduler`, "
                f"workers with `dask worker {address}`, and give its address"
            ) from error
        with suppress(TimeoutError):
            self.client.wait_for_workers(1, timeout=PATIENCE)
        self.jobs = sum(one["nthreads"] for one in self._workers().values())
        if not self.jobs:
            self.close()
            raise BuildError(f"{address!r} has no workers; start some with `dask worker {address}`")

    def _workers(self) -> dict[str, Any]:
        known: dict[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        return known

    def perform(self, task: Task, step: Step = lambda done, of: None) -> float:
        """Let a worker do the task and return its seconds; threads may ask at once."""
        names = (task.name, task.entry, task.sweep, task.profile, task.seed, task.seeds)
        said = self._heard(task, self.client.submit(made, *names, pure=False))
        if "refused" in said:
            raise ClusterError(f"{self.address!r} has other code: {said['refused']}")
        if "error" in said:
            raise BuildError(str(said["error"]))
        if not self._arrived(task):
            raise ClusterError(
                f"{task.name} was made into {said['store']} and is not in {self.places.store}: "
                "workers and this machine must share that folder; mount it where they run, or "
                "work without --cluster"
            )
        return float(said["seconds"])

    def _arrived(self, task: Task) -> bool:
        """Tell whether what was made is here: a file of another machine may take a moment."""
        manifest, until = self.places.store / task.entry / MANIFEST, time.monotonic() + PATIENCE
        while not (there := manifest.is_file()) and time.monotonic() < until:
            time.sleep(0.1)
        return there

    def _heard(self, task: Task, future: Any) -> Said:
        """Wait for a worker's words: a lost worker's cell goes to another, if there is one."""
        from distributed import CancelledError, KilledWorker

        left = time.monotonic()
        while True:
            try:
                heard: Said = future.result(timeout=BEAT)
                return heard
            except TimeoutError:
                left = time.monotonic() if self._workers() else left
                if time.monotonic() - left > ALONE:
                    raise ClusterError(
                        f"{self.address!r} has had no worker for {ALONE:.0f} s; start some with "
                        f"`dask worker {self.address}`, and run the same command again"
                    ) from None
            except CancelledError as error:
                raise ClusterError(
                    f"the scheduler at {self.address!r} was lost; what was made is kept: start it "
                    "and its workers, and run the same command again"
                ) from error
            except KilledWorker as error:
                raise BuildError(f"{task.name}: every worker that tried it was lost") from error
            except Exception as error:  # what Dask could not send, or a worker not import
                raise ClusterError(
                    f"{task.name}: the cluster says {type(error).__name__}: {error}; its scheduler "
                    "and workers must run in this repository's environment"
                ) from error

    def close(self) -> None:
        """Let go of the cluster, which goes on; cells that it makes just now are kept."""
        with suppress(Exception):
            self.client.close()
