"""Work of processes beside this one: of one thread each, ended at once when this is cut off."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context

import torch

from hfgnn.world.export import alone  # one thread, and an end when the parent ends


def single() -> None:
    """Use one thread, as the book's workers do: torch counts its own."""
    alone()
    torch.set_num_threads(1)


@contextmanager
def aside(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give spawned processes to submit work to; whatever ends this ends them, done or not."""
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=single)
    try:
        yield pool
    except BaseException as error:
        for worker in active_children():  # what is cut off waits for nobody
            worker.terminate()
        if isinstance(error, BrokenProcessPool):
            raise ChildProcessError(
                "a process at work was killed, as a machine without memory does; "
                "run the same command again, with fewer --jobs"
            ) from error
        raise
    finally:
        pool.shutdown(cancel_futures=True)
