"""Ways to teach the masked autoencoder beside the book's own: a record, and how it is made.

Simulated people teach it as the book does, and with one switch turned at a time; for ten times as
long; and real records teach it, PTB-XL's (Wagner et al. 2020), from nothing or after simulated
ones. The record holds how well records of others are filled in, no one's signal.
"""

import time
from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from hfgnn.data.ptbxl import load
from hfgnn.losses import ncc
from hfgnn.models.masked import kept
from hfgnn.train import records as files
from hfgnn.train.aside import aside
from hfgnn.train.filled import Filled, FilledParams, filled, hidden_patches, shown, told
from hfgnn.train.records import HOW, RECORDED, keep, trusted
from hfgnn.train.seen import Seen, SeenParams, read

COMMAND = "hfgnn record autoencoder --records FOLDER"
NAMES = ("runs.parquet", "curves.parquet")
FILES = {name: RECORDED / "autoencoder" / name for name in (*NAMES, HOW)}
HELD = ("val", "test")  # the ninth and tenth of PTB-XL's folds
FS = 500
OWN, COPIED = "as the book does", "what is seen, copied"
REAL = ("real records", "simulated, then real records")
COLUMNS = ["run", "asked", "epochs", "seconds", "whole", "whole SD", "hidden", "hidden SD"]


@dataclass(frozen=True)
class FillingsParams:
    """How the book's autoencoder is taught, and for how much longer one is recorded."""

    of: FilledParams
    people: SeenParams
    newcomers: SeenParams
    asked: int = 1_000  # newcomers
    longer: int = 10  # times as many epochs
    real: int = 60  # epochs of real records, which are few

    @property
    def runs(self) -> dict[str, FilledParams]:
        """Return how each simulated run is taught."""
        longer = replace(self.of.pace, epochs=self.longer * self.of.pace.epochs)
        return {
            OWN: self.of,
            "four fifths hidden": replace(self.of, hidden=0.8),
            "changed as published": replace(self.of, changed=0.95),
            "with the later cosine": replace(self.of, cosine=0.1),
            "for longer": replace(self.of, pace=longer),
        }

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same settings."""
        return {"params": repr(self)}


@dataclass(frozen=True)
class Fillings:
    """How well each way to teach fills in, and whether the book's own is as recorded."""

    runs: pd.DataFrame  # run, asked (whose records): epochs, seconds, whole, hidden, and their SD
    curves: pd.DataFrame  # run, epoch: held whole, held hidden
    record: NDArray[np.float32]  # [12, samples], of the first newcomer
    filled: NDArray[np.float32]  # as the book's own run tells it
    hidden: NDArray[np.bool_]  # what it was not shown
    again: int | None  # runs made just now beside a record; None: there is no record
    apart: float  # the largest difference of its correlations from the recorded ones


def real(folder: Path, samples: int) -> Seen:
    """Return the records of a PTB-XL folder, one of each patient, without pictures."""
    people = load(folder)
    assert people.ecg is not None
    nothing = np.zeros((len(people.table), 0), np.uint8)
    return Seen(people.table, read(people.ecg, FS, samples), nothing)


def copied(params: FilledParams, people: Seen) -> pd.DataFrame:
    """Return how well records are filled in by whoever copies what is seen and says 0 elsewhere."""
    dice = torch.Generator().manual_seed(params.seed)
    left = kept(len(people), params.sizes, hidden=params.hidden, generator=dice)
    x = people.signals(np.arange(len(people)))
    seen = x.view(len(x), params.sizes.tokens, -1) * ~hidden_patches(left, params.sizes)[..., None]
    whole = ncc(seen.view(x.shape), x).double().numpy()
    return pd.DataFrame({"whole": whole, "hidden": np.zeros(len(x))})


def _first(people: Seen, n: int) -> Seen:
    return people.take(np.arange(min(n, len(people))))


def _row(run: str, asked: str, epochs: int, seconds: float, found: pd.DataFrame) -> dict[str, Any]:
    parts = {str(name): float(mean) for name, mean in found.mean().items()}
    parts |= {f"{name} SD": float(spread) for name, spread in found.std().items()}
    return {"run": run, "asked": asked, "epochs": epochs, "seconds": round(seconds)} | parts


def _taught(
    run: str, params: FilledParams, people: Seen, asked: str, others: Seen, start: Filled | None
) -> tuple[dict[str, Any], pd.DataFrame]:
    started = time.perf_counter()
    found = filled(params, people, start)
    took = time.perf_counter() - started
    row = _row(run, asked, params.pace.epochs, took, told(params, found, others))
    return row, found.curve.assign(run=run).reset_index()


def recorded(
    params: FillingsParams, folder: Path, people: Seen, newcomers: Seen, own: Filled, *, jobs: int
) -> Iterator[tuple[int, int]]:
    """Teach all of them and write how well they fill in; yield how many of how many are done."""
    records, newcomers = real(folder, params.of.sizes.samples), _first(newcomers, params.asked)
    held = records.table["split"].isin(HELD).to_numpy()
    known, asked = (records.take(np.flatnonzero(who)) for who in (~held, held))
    lesson = replace(params.of, pace=replace(params.of.pace, epochs=params.real), rounds=1)
    rows = [
        _row(COPIED, "newcomers", 0, 0, copied(params.of, newcomers)),
        _row(COPIED, "real records", 0, 0, copied(params.of, asked)),
        _row(OWN, "real records", 0, 0, told(params.of, own, asked)),
    ]
    curves = list[pd.DataFrame]()
    with aside(jobs) as pool:
        longest = sorted(params.runs.items(), key=lambda run: -run[1].pace.epochs)
        tasks: list[tuple[Any, ...]] = [
            (run, how, people, "newcomers", newcomers, None) for run, how in longest
        ]
        starts = zip(REAL, (None, own), strict=True)
        tasks += [(run, lesson, known, "real records", asked, start) for run, start in starts]
        work = [pool.submit(_taught, *task) for task in tasks]
        for one in as_completed(work):
            row, curve = one.result()
            rows.append(row)
            curves.append(curve)
            yield len(curves), len(work)
    runs = pd.DataFrame(rows)[COLUMNS].sort_values(["asked", "run"], ignore_index=True)
    tables = dict(zip(NAMES, (runs, pd.concat(curves).sort_values(["run", "epoch"])), strict=True))
    keep(FILES, tables, params.told, COMMAND)


def fillings(params: FillingsParams, people: Seen, newcomers: Seen, own: Filled) -> Fillings:
    """Return the record, and how far the book's own run of today is from it."""
    newcomers = _first(newcomers, params.asked)
    now = _row(OWN, "newcomers", params.of.pace.epochs, 0, told(params.of, own, newcomers))
    empty = _row(COPIED, "newcomers", 0, 0, copied(params.of, newcomers))
    (made,), (hidden,) = shown(params.of, own, _first(newcomers, 1))
    drawn = newcomers.signals(np.arange(1))[0].numpy(), made, hidden
    found = files.kept(FILES, params.told, COMMAND)
    if found is None:
        runs, curves = pd.DataFrame([now, empty])[COLUMNS], own.curve.reset_index().assign(run=OWN)
        return Fillings(_keyed(runs), curves.set_index(["run", "epoch"]), *drawn, None, 0.0)
    with trusted(FILES["runs.parquet"], COMMAND):
        runs = _keyed(_checked(params, found[0]["runs.parquet"]))
    with trusted(FILES["curves.parquet"], COMMAND):
        curves = found[0]["curves.parquet"].set_index(["run", "epoch"])
    pairs = ((runs[name].loc[OWN, "newcomers"], now[name]) for name in ("whole", "hidden"))
    apart = max(abs(one - other) for one, other in pairs)
    return Fillings(runs, curves, *drawn, 1, float(apart))


def _checked(params: FillingsParams, runs: pd.DataFrame) -> pd.DataFrame:
    names = {(run, "newcomers") for run in (COPIED, *params.runs)}
    names |= {(run, "real records") for run in (COPIED, OWN, *REAL)}
    there = set(zip(runs["run"], runs["asked"], strict=True))
    if there != names or not runs[["whole", "hidden"]].abs().le(1).all(axis=None):
        raise ValueError(
            f"it must have correlations of {len(names)} runs and whom they are asked of"
        )
    return runs[COLUMNS]


def _keyed(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.set_index(["run", "asked"]).sort_index()
