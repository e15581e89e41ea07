"""Thousands of people whom the patient's model has not met: printed, read, asked, and recorded."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from hfgnn.features.fuse import CLINICAL, fuse
from hfgnn.features.resnet import backbone, features
from hfgnn.train.pages import Pages, PagesParams, printed
from hfgnn.train.patient import Model, PatientParams, chances
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted
from hfgnn.train.shuffled import pair
from hfgnn.world.export import alone  # one thread, and an end when the parent ends
from hfgnn.world.population import Population, block, blocks, population

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAKING = 0.15  # the share of a planted leak
COMMAND = "hfgnn record patient"
FILES = {n: RECORDED / "patient" / n for n in ("people.parquet", "shuffled.parquet", HOW)}


@dataclass(frozen=True)
class FreshParams:
    """How many new people are asked about, and how many of them again."""

    patient: PatientParams
    pages: PagesParams  # of the model's own people
    people: int = 12_000
    calibrate: int = 2_000  # of them; the others are judged
    again: int = 100  # of the first block, printed and asked again in every build
    shuffles: int = 20  # each also mirrored
    leaks: tuple[int, float] = (5, LEAKING)  # shuffles in which this share keeps its true label
    redrawn: int = 200  # times that others calibrate, to see what their luck does

    @property
    def newcomers(self) -> Population:
        """Return a population in which nobody of the model's own is."""
        return population(self.pages.cohort, people=self.people, seed=self.pages.seed + 1)

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same people and model."""
        of = {"seed": self.pages.seed, "own": self.pages.people, "people": self.people}
        shown = {"cohort": self.pages.cohort, "size": list(self.pages.size)}
        shown["backbone"] = self.pages.backbone
        tried = {"calibrate": self.calibrate, "shuffles": self.shuffles, "leaks": list(self.leaks)}
        return of | shown | tried | {"model": repr(self.patient)}

    @property
    def tried(self) -> list[tuple[int, float]]:
        """Return each shuffle of the labels and the share of the leak that is planted in it."""
        number, share = self.leaks
        return [(n, 0.0) for n in range(self.shuffles)] + [(n, share) for n in range(number)]

    def tries(self, pages: Pages, raw: Floats, sick: Bools, most: int) -> pd.DataFrame:
        """Return the AUROCs of models of shuffled labels, without and with a planted leak."""
        told = [
            row
            for shuffle, planted in self.tried
            if shuffle < most
            for row in pair(self.patient, pages, raw, sick, shuffle, planted=planted)
        ]
        return pd.DataFrame(told)


def seen(config: Population, number: int, most: int, pages: PagesParams) -> tuple[Floats, Bools]:
    """Print a block's first pages; return what is read of them [m, 517], and who is sick."""
    found = block(config, number)
    places = np.arange(min(most, len(found)))
    page = features(printed(config, found, number, places, pages.size), backbone(pages.backbone))
    rows = found.table.iloc[places]
    return fuse(page, rows[list(CLINICAL)].to_numpy(float)), rows["sick"].to_numpy(bool)


def table(person: NDArray[np.integer], sick: Bools, chance: Floats) -> pd.DataFrame:
    """Return what is recorded, chances in single precision."""
    said = chance.astype(np.float32)
    return pd.DataFrame({"person": person.astype(np.int32), "sick": sick, "chance": said})


def read(params: FreshParams) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]] | None:
    """Return the record if there is one of these people and this model; refuse a damaged one."""
    found = kept(FILES, params.told, COMMAND)
    if found is None:
        return None
    tables, how = found
    with trusted(FILES["people.parquet"], COMMAND):
        people = tables["people.parquet"][["person", "sick", "chance"]]
        in_order = np.array_equal(people["person"], np.arange(params.people))
        told = people["sick"].dtype == bool and people["chance"].between(0, 1).all()
        if not (in_order and told):
            last = params.people - 1
            raise ValueError(f"it must have person 0 to {last}, sick or not, chances from 0 to 1")
    with trusted(FILES["shuffled.parquet"], COMMAND):
        tries = tables["shuffled.parquet"][["shuffle", "mirrored", "planted", "AUROC"]]
        of = tries[["shuffle", "mirrored", "planted"]].itertuples(index=False, name=None)
        wanted = [(n, mirrored, leak) for n, leak in params.tried for mirrored in (False, True)]
        if not (list(of) == wanted and tries["AUROC"].between(0, 1).all()):
            each = f"{params.shuffles} shuffles and {params.leaks[0]} with a leak"
            raise ValueError(f"it must have {each}, mirrored, too; AUROCs from 0 to 1")
    return people, tries, how


def recorded(
    params: FreshParams, model: Model, pages: Pages, work: Path, *, jobs: int
) -> Iterator[tuple[int, int]]:
    """Make the record anew; yield how many of how many people were asked.

    What is read of each block is kept in `work`: called again, it goes on where it was cut off.
    """
    config, done = params.newcomers, 0
    work.mkdir(parents=True, exist_ok=True)
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=alone)
    try:
        left = [pool.submit(_kept, config, b, params.pages, work) for b in blocks(config)]
        for future in as_completed(left):
            done += future.result()
            yield done, params.people
    finally:
        pool.shutdown(cancel_futures=True)
    _write(params, model, pages, work)


def _place(config: Population, number: int, pages: PagesParams, work: Path) -> Path:
    wide, high = pages.size
    whose = f"{config.name}-{config.people}-{config.seed}-{pages.backbone}-{wide}x{high}"
    return work / f"{whose}-{number:03d}.npz"


def _kept(config: Population, number: int, pages: PagesParams, work: Path) -> int:
    path = _place(config, number, pages, work)
    if not path.is_file():
        torch.set_num_threads(1)
        raw, sick = seen(config, number, config.people, pages)
        draft = path.with_suffix(".draft.npz")
        np.savez(draft, raw=raw, sick=sick)
        draft.replace(path)
    with np.load(path) as held:
        return len(held["sick"])


def _write(params: FreshParams, model: Model, pages: Pages, work: Path) -> None:
    held = []
    for number in blocks(params.newcomers):
        with np.load(_place(params.newcomers, number, params.pages, work)) as part:
            held.append((part["raw"], part["sick"]))
    raw, sick = (np.concatenate(part) for part in zip(*held, strict=True))
    few = params.calibrate
    said = table(np.arange(len(sick)), sick, chances(model, raw))
    tries = params.tries(pages, raw[few:], sick[few:], most=params.shuffles)
    tables = {"people.parquet": said, "shuffled.parquet": tries}
    keep(FILES, tables, params.told, COMMAND)
