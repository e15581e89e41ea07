"""What a backbone learns to read: generic attributes of a drawn ECG, and never a label.

Rate, axis, width and the height of each wave in each lead are measured on the signal before it was
printed. PR, the place of T and the rhythm are not: they are what was drawn into the ECG. Who the
person is and which class somebody gave are no columns here, and of the heart only what the page
shows as rhythm: `af` is the heart's own. The people are nobody else's: their seeds serve no
chapter. They are rich in disease, so that rare rhythms and blocks are seen.
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from hfgnn.cohort import FS, GROUPS, LEADS, SECONDS
from hfgnn.evaluate.morphology import measured
from hfgnn.features.resnet import SIDE, small
from hfgnn.world import ecg
from hfgnn.world.export import alone  # one thread, and an end when the parent ends
from hfgnn.world.page import CLEAN, jpeg, page, styles
from hfgnn.world.population import BLOCK, Population, blocks, population, recruited, streams
from hfgnn.world.rhythm import ATRIAL, VENTRICULAR

Floats = NDArray[np.floating]

WHOLE = ("rate", "spread", "axis_cos", "axis_sin", "pr", "qrs", "t_peak", "sokolow", "cornell")
WAVES = ("R", "N", "Q", "T", "P", "ST")
BY_LEAD = tuple(f"{wave}_{lead}" for wave in WAVES for lead in LEADS)
YES_NO = ("af", "ventricular", "atrial", "wide")
WIDE = 120.0  # ms of QRS
FLOOR = 0.003  # of the spread of RR, below which nobody could read it
AFIB = 3  # places of the groups' share for fibrillation, one for each other group
PAGES, TABLES = "pages.npy", "attributes"
PAGE_BYTES = SIDE * SIDE * 3
SPARE = 0.5e9  # bytes, for attributes and checkpoints
REPRINT = "delete it, and all pages are printed again"


@dataclass(frozen=True)
class Sheaf:
    """One block of people, and the rows that their pages have in the store."""

    config: Population
    number: int
    start: int

    @property
    def people(self) -> int:
        """Return how many people are in the block; the last one may not be full."""
        return min(BLOCK, self.config.people - BLOCK * self.number)

    def table(self, work: Path) -> Path:
        """Return the file of the attributes, which says that the block is done."""
        return work / TABLES / f"{self.start:07d}.parquet"


def crowd(people: int, seed: int) -> Population:
    """Return a population rich in disease: every group alike, and fibrillation three times."""
    even = tuple((group, AFIB if group == "AFIB" else 1) for group in GROUPS)
    hospital = population("hospital", people=people, seed=seed)
    return replace(hospital, name="even", shares=even)


def sheaves(config: Population, start: int = 0) -> list[Sheaf]:
    """Return every block of a population with the row of its first page."""
    return [Sheaf(config, number, start + BLOCK * number) for number in blocks(config)]


def attributes(form: ecg.Form, signals: NDArray[np.float32]) -> pd.DataFrame:
    """Return WHOLE, BY_LEAD and YES_NO of n drawn ECGs [n, 12, T]; NaN where there is nothing.

    pr, t_peak, af, ventricular and atrial are read off the form, which is what was drawn.
    """
    read, beats, waves = measured(signals, FS), form.beats, form.waves
    inside = (beats.times >= 0) & (beats.times < SECONDS)
    turn = np.radians(read["axis"])
    columns = {
        "rate": np.log(read["hr"]),
        "spread": np.log(read["rr_cv"] + FLOOR),
        "axis_cos": np.cos(turn),
        "axis_sin": np.sin(turn),
        "pr": np.where(beats.p_wave, waves.pr, np.nan),
        "qrs": np.log(read["qrs"]),
        "t_peak": np.log(waves.t_peak),
        "af": ~beats.p_wave,
        "ventricular": (inside & (beats.kind == VENTRICULAR)).any(axis=1),
        "atrial": (inside & (beats.kind == ATRIAL)).any(axis=1),
        "wide": (read["qrs"] >= WIDE).where(read["qrs"].notna()),
    }
    whole = read.assign(**columns)[[*WHOLE, *BY_LEAD, *YES_NO]]
    return whole.astype(np.float32)


def drawn(sheaf: Sheaf) -> tuple[NDArray[np.uint8], pd.DataFrame]:
    """Draw a block's pages as a backbone sees them, uint8 [n, 224, 224, 3], and its attributes."""
    stream = streams(sheaf.config, sheaf.number)
    heart, _ = recruited(sheaf.config, sheaf.number, stream)
    form = ecg.form(heart, stream("form"))
    signals = ecg.draw(form, stream("signal"))
    looks = styles(len(heart), stream("page"), size=CLEAN.size)
    printed = [
        small(jpeg(page(own, look, fs=FS), look)) for own, look in zip(signals, looks, strict=True)
    ]
    return np.stack(printed), attributes(form, signals)


def _stored(sheaf: Sheaf, work: Path) -> int:
    """Write one block's pages, then its attributes."""
    pages, table = drawn(sheaf)
    store = open_memmap(work / PAGES, mode="r+")
    store[sheaf.start : sheaf.start + len(pages)] = pages
    store.flush()
    draft = sheaf.table(work).with_suffix(".draft")
    table.to_parquet(draft)
    draft.replace(sheaf.table(work))
    return len(pages)


def printed(everyone: list[Sheaf], work: Path, *, jobs: int) -> Iterator[tuple[int, int]]:
    """Print all pages that are not there yet, in processes; yield how many of how many are done."""
    total = sum(sheaf.people for sheaf in everyone)
    left = _left(everyone, work, total)
    done = total - sum(sheaf.people for sheaf in left)
    yield done, total
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=alone)
    try:
        for future in as_completed([pool.submit(_stored, sheaf, work) for sheaf in left]):
            done += future.result()
            yield done, total
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C waits for the blocks at hand, not for all


def _left(everyone: list[Sheaf], work: Path, total: int) -> list[Sheaf]:
    """Make room for the pages; return the blocks to print: all of them where the pages are lost."""
    path, shape = work / PAGES, (total, SIDE, SIDE, 3)
    (work / TABLES).mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        for sheaf in everyone:
            sheaf.table(work).unlink(missing_ok=True)  # it would vouch for a black page
    elif (found := _pages(work).shape) != shape:
        raise ValueError(f"{path} has the shape {found}, not {shape}; {REPRINT}")
    left = [sheaf for sheaf in everyone if not sheaf.table(work).is_file()]
    if left:
        _refuse_what_does_not_fit(path, total)
    if not path.is_file():
        open_memmap(path, mode="w+", dtype=np.uint8, shape=shape).flush()
    return left


def _refuse_what_does_not_fit(path: Path, people: int) -> None:
    """Raise if the pages would fill the disk: a map of a file cannot say so later."""
    held = path.stat() if path.is_file() else None
    there = getattr(held, "st_blocks", held.st_size / 512) * 512 if held else 0  # holes take none
    needed, free = people * PAGE_BYTES - there + SPARE, shutil.disk_usage(path.parent).free
    if needed > free:
        raise OSError(
            f"{path} would take {needed / 1e9:.1f} GB more for {people} pages and what is learned "
            f"of them, and {free / 1e9:.1f} GB are free; make room or choose another --work"
        )


def gathered(work: Path) -> tuple[NDArray[np.uint8], pd.DataFrame]:
    """Return the printed pages, read as they are asked for, and their attributes."""
    tables = []
    for path in sorted((work / TABLES).glob("*.parquet")):
        with legible(path, "delete it, and these people's pages are printed again"):
            tables.append(pd.read_parquet(path))
    return _pages(work), pd.concat(tables, ignore_index=True)


def _pages(work: Path) -> NDArray[np.uint8]:
    with legible(work / PAGES, REPRINT):
        pages: NDArray[np.uint8] = open_memmap(work / PAGES, mode="r")
    return pages


@contextmanager
def legible(path: Path, remedy: str) -> Iterator[None]:
    """Name a file that cannot be read, and what to do about it, whatever its library raises."""
    try:
        yield
    except Exception as error:  # each library raises what its parsing meets, of any kind
        why = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read, it is damaged ({why}); {remedy}") from error


@dataclass(frozen=True)
class Scale:
    """Middle and spread of each number, of the middle 98 % of the people who are learned from."""

    middle: pd.Series
    spread: pd.Series

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Scale":
        """Return the scale of these people's WHOLE and BY_LEAD."""
        numbers = table[[*WHOLE, *BY_LEAD]]
        usual = numbers.clip(numbers.quantile(0.01), numbers.quantile(0.99), axis=1)
        return cls(usual.mean(), usual.std(ddof=0).clip(lower=1e-6))

    def __call__(self, table: pd.DataFrame, *, most: float = 4.0) -> NDArray[np.float32]:
        """Return numbers as spreads from the middle, none beyond `most`, then YES_NO as 0 and 1."""
        numbers = (table[[*WHOLE, *BY_LEAD]] - self.middle) / self.spread
        both = pd.concat([numbers.clip(-most, most), table[[*YES_NO]]], axis=1)
        return both.to_numpy(np.float32)
