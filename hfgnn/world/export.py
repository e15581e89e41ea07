"""A simulated cohort as files: made block by block in processes, whole or not at all.

table.parquet    one row a person
signals.npz      ecg float32 [n, 12, T] in mV, fs, group [n]: streamed, never whole in memory
cmr.npz          cmr uint8 [n, 3, 96, 96], if asked for: the middle slice at three moments
CLASS/CLASS(k).jpg    the pages, if asked for, in class folders like the public collection's
"""

import os
import shutil
import signal
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout
from numpy.lib.format import write_array, write_array_header_2_0
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from hfgnn.cohort import FS, SECONDS, Cohort
from hfgnn.world.cmr import SIDE, images
from hfgnn.world.population import Population, block, blocks, pages

EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of every member: bytes depend on no clock
SAMPLE_BYTES = 12 * round(FS * SECONDS) * 4  # the signals of one person
IMAGE_BYTES = 3 * SIDE**2
JPEG_BYTES = 0.4  # for one pixel of a page, about

Size = tuple[int, int] | None
Step = Callable[[int, int], None]
Made = tuple[Cohort, list[bytes]]
Add = Callable[[NDArray[Any]], None]


def usual_seconds(people: int, *, size: Size, cmr: bool) -> float:
    """Return how long a laptop with two cores needs, about: what is said before it starts."""
    pixels = size[0] * size[1] if size else 0
    return 3 + people * (1 / 500 + pixels * 4.5e-8 + cmr / 300)


def written(
    config: Population, target: Path, *, jobs: int, step: Step, size: Size = None, cmr: bool = False
) -> Path:
    """Write the cohort to a new folder, with pages of a size if one is given; `step` is told."""
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(
            f"{target} is there already and not an empty folder; name another one for --out, "
            "since a cohort never overwrites what it finds"
        )
    refuse_what_does_not_fit(config.people, target, size=size, cmr=cmr)
    with _draft_of(target) as draft, _workers(jobs) as mapped:
        made = mapped(partial(_made, config, size, cmr), blocks(config))
        _write(made, config.people, draft, step, cmr=cmr)
    return target


def refuse_what_does_not_fit(people: int, target: Path, *, size: Size, cmr: bool) -> None:
    """Raise if the cohort would lie below a file, or would not fit on the disk."""
    there = next(path for path in target.parents if path.exists())
    if not there.is_dir():
        raise NotADirectoryError(f"{there} is a file; name a folder for --out that is not below it")
    page = size[0] * size[1] * JPEG_BYTES if size else 0
    needed = people * (SAMPLE_BYTES + page + cmr * IMAGE_BYTES)
    free = shutil.disk_usage(there).free
    if needed > free:
        raise OSError(
            f"{target} would take about {needed / 1e9:.1f} GB for {people} people and {there} has "
            f"{free / 1e9:.1f} GB free; make room, ask for fewer people or choose another --out"
        )


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, which takes its place only if all goes well."""
    draft, lock = (target.with_name(f".{target.name}.{end}") for end in ("draft", "lock"))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            shutil.rmtree(draft, ignore_errors=True)  # what a killed run left
            try:
                draft.mkdir()
                yield draft
                if target.is_dir():
                    target.rmdir()
                draft.rename(target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
                with suppress(OSError):  # where a held file cannot be removed, it stays, empty
                    lock.unlink()
    except Timeout as error:
        raise FileExistsError(
            f"{target} is being written by another run; wait for it or name another --out"
        ) from error


def _made(config: Population, size: Size, cmr: bool, number: int) -> Made:
    people = block(config, number)
    printed = list(pages(config, people, number, size)) if size else []
    return replace(people, cmr=images(config, people, number) if cmr else None), printed


def _write(made: Iterator[Made], people: int, draft: Path, step: Step, *, cmr: bool) -> None:
    tables, counts = list[pd.DataFrame](), Counter[str]()
    about: dict[str, NDArray[Any]] = {"fs": np.array(FS)}
    with ExitStack() as files:
        signals = files.enter_context(_growing(draft / "signals.npz", "ecg", people, about))
        if cmr:
            pictures = files.enter_context(_growing(draft / "cmr.npz", "cmr", people, {}))
        for cohort, printed in made:
            assert cohort.ecg is not None
            signals(cohort.ecg)
            if cohort.cmr is not None:
                pictures(cohort.cmr)
            names = [_named(name, counts) for name in cohort.table["class"][: len(printed)]]
            for name, image in zip(names, printed, strict=True):
                (draft / name).parent.mkdir(exist_ok=True)
                (draft / name).write_bytes(image)
            told = cohort.table.assign(report=cohort.report)
            tables.append(told.assign(page=names) if names else told)
            step(sum(map(len, tables)), people)
        table = pd.concat(tables, ignore_index=True)
        about["group"] = table["group"].to_numpy(dtype="U6")
    table.to_parquet(draft / "table.parquet")


@contextmanager
def _growing(path: Path, name: str, people: int, more: dict[str, NDArray[Any]]) -> Iterator[Add]:
    """Give what adds blocks of people to an array in a new archive; `more` comes after it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(zipfile.ZipInfo(f"{name}.npy", EPOCH), "w", force_zip64=True) as member:
            begun = False

            def add(part: NDArray[Any]) -> None:
                nonlocal begun
                part = np.ascontiguousarray(part, part.dtype.newbyteorder("<"))
                if not begun:
                    begun, shape = True, (people, *part.shape[1:])
                    about = {"descr": part.dtype.str, "fortran_order": False, "shape": shape}
                    write_array_header_2_0(member, about)
                member.write(part.tobytes())

            yield add
        for other, array in more.items():
            with archive.open(zipfile.ZipInfo(f"{other}.npy", EPOCH), "w") as member:
                write_array(member, array, allow_pickle=False)


def _named(label: str, counts: Counter[str]) -> str:
    counts[label] += 1
    return f"{label}/{label}({counts[label]}).jpg"


@contextmanager
def _workers(jobs: int) -> Iterator[Callable[..., Iterator[Made]]]:
    """Give a map over processes of one thread each, in order, little ahead of its reader."""
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=alone)

    def mapped(work: Callable[[int], Made], numbers: range) -> Iterator[Made]:
        rest = iter(numbers)
        # Workers start deaf to Ctrl-C; the parent hears it as soon as they have started.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            ahead = deque(pool.submit(work, number) for number in islice(rest, 2 * jobs))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        while ahead:
            yield ahead.popleft().result()
            ahead.extend(pool.submit(work, number) for number in islice(rest, 1))

    try:
        yield mapped
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def alone() -> None:
    """Use one thread, and end when the parent does, however it ended."""
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C, and cleans up
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
