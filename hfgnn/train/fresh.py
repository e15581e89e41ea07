"""Do the patient's model's chances and sets keep what they promise, on thousands of new people?

Printing 12,000 pages takes a quarter of an hour, so what the model said of them is recorded once
(`recorded`), and whoever builds the book prints some of them again and compares (`fresh`).
"""

import json
import os
import platform
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from hfgnn.evaluate.calibration import (
    brier,
    calibration_error,
    masses,
    platt,
    recalibration,
    reliability,
)
from hfgnn.evaluate.conformal import conformal_by_class, coverage
from hfgnn.evaluate.intervals import clopper_pearson
from hfgnn.evaluate.metrics import auroc
from hfgnn.features.fuse import CLINICAL, fuse
from hfgnn.features.resnet import backbone, features
from hfgnn.seeding import rng
from hfgnn.train.pages import Pages, PagesParams, printed
from hfgnn.train.patient import Model, PatientParams, chances, trained
from hfgnn.world.export import alone  # one thread, and an end when the parent ends
from hfgnn.world.population import Population, block, blocks, population

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FOLDER = Path(__file__).parents[2] / "book" / "ledger" / "recorded" / "patient"
FILES = tuple(FOLDER / name for name in ("people.parquet", "shuffled.parquet", "how.json"))


@dataclass(frozen=True)
class FreshParams:
    """How many new people are asked about, and how many of them again."""

    patient: PatientParams
    pages: PagesParams  # of the model's own people
    people: int = 12_000
    calibrate: int = 2_000  # of them; the others are judged
    again: int = 250  # printed and asked again in every build: the first block
    shuffles: int = 20  # each also with the two labels swapped
    miss: float = 0.1

    @property
    def newcomers(self) -> Population:
        """Return a population in which nobody of the model's own is."""
        return population(self.pages.cohort, people=self.people, seed=self.pages.seed + 1)

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same people and model."""
        return {"seed": self.pages.seed, "own": self.pages.people, "people": self.people}


@dataclass(frozen=True)
class Fresh:
    """What the model said of people whom it has not met."""

    people: pd.DataFrame  # person, sick, raw chance, judged (the others calibrate)
    coverage: pd.DataFrame  # calibrated on, group: covered, low, high, size, none, both, n
    calibration: pd.DataFrame  # calibrated on: slope, intercept, ECE, Brier
    reliability: pd.DataFrame  # of the line of the fresh calibration people
    shuffled: pd.DataFrame  # shuffle, swapped, AUROC
    how: dict[str, Any]  # of the record; empty if there is none of these people
    again: int  # people who were printed and asked again
    apart: float | None  # the largest difference of their chances from the recorded ones


def fresh(params: FreshParams, model: Model, pages: Pages) -> Fresh:
    """Read what was recorded, ask some people again; without a record, these are all there is."""
    config = params.newcomers
    raw, sick = seen(config, 0, params.again, params.pages)
    mine = table(np.arange(len(sick)), sick, chances(model, raw))
    found = read(params)
    if found is None:
        told = [row for name in range(2) for row in shuffled(params, pages, raw, sick, name)]
        return judged(params, model, mine, pd.DataFrame(told), {}, len(mine), None)
    people, tries, how = found
    same = people.iloc[: len(mine)]
    if not (same["sick"].to_numpy() == sick).all():
        raise ValueError(
            f"{FILES[0].name} is of other people than today's simulator draws; make it anew with "
            "`hfgnn record patient`"
        )
    apart = float((same["chance"] - mine["chance"]).abs().max())
    return judged(params, model, people, tries, how, len(mine), apart)


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
    """Return the record if there is one of these people and this model."""
    if not all(path.is_file() for path in FILES):
        return None
    how = json.loads(FILES[2].read_text(encoding="utf-8"))
    if how["of"] != params.told:
        return None
    return pd.read_parquet(FILES[0]), pd.read_parquet(FILES[1]), how


def judged(
    params: FreshParams,
    model: Model,
    people: pd.DataFrame,
    tries: pd.DataFrame,
    how: dict[str, Any],
    again: int,
    apart: float | None,
) -> Fresh:
    """Calibrate on the first of these people and judge on the others."""
    few = params.calibrate if len(people) > params.calibrate else len(people) // 2
    sick, raw = people["sick"].to_numpy(bool), people["chance"].to_numpy(float)
    own = model.own["sick"].to_numpy(bool), model.own["chance"].to_numpy(float)
    truth, said = sick[few:], raw[few:]
    covered, lines, curve = [], [], pd.DataFrame()
    for name, (y, p) in {"own people": own, "fresh people": (sick[:few], raw[:few])}.items():
        sets, chance = conformal_by_class(y, p, alpha=params.miss)(said), platt(y, p)(said)
        covered.append(_covered(truth, sets).assign(calibrated=name))
        lines.append({"calibrated": name, **_line(truth, chance)})
        curve = reliability(truth, chance, edges=masses(chance))
    lines.insert(0, {"calibrated": "not at all", **_line(truth, said)})
    told = people.assign(judged=np.arange(len(people)) >= few)
    parts = pd.concat(covered, ignore_index=True), pd.DataFrame(lines), curve
    return Fresh(told, *parts, tries, how, again, apart)


def _covered(truth: Bools, sets: Bools) -> pd.DataFrame:
    found = coverage(truth, sets).rename_axis("group").reset_index()
    counts = zip((found["covered"] * found["n"]).round(), found["n"], strict=True)
    ends = [clopper_pearson(int(right), int(n)) for right, n in counts]
    return found.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def _line(truth: Bools, chance: Floats) -> dict[str, float]:
    line = recalibration(truth, chance)
    error = calibration_error(truth, chance, edges=masses(chance))
    told = {"slope": line.slope, "intercept": line.intercept, "ECE": error}
    return told | {"Brier": brier(truth, chance), "AUROC": auroc(truth, chance)}


def shuffled(
    params: FreshParams, pages: Pages, raw: Floats, sick: Bools, number: int
) -> Iterator[dict[str, Any]]:
    """Train on shuffled labels, and on the same with sick and normal swapped; yield the AUROCs.

    By luck one direction of shuffled labels resembles the true one and the swapped one is against
    it as much, so that luck cancels in the pair; a leak would raise both.
    """
    truth = pages.table["sick"].to_numpy(bool)
    drawn = rng(params.patient.seed, "patient", "shuffled", str(number)).permutation(truth)
    for swapped in (False, True):
        model = trained(params.patient, pages, drawn != swapped)
        found = auroc(sick, chances(model, raw))
        yield {"shuffle": number, "swapped": swapped, "AUROC": found}


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


def _kept(config: Population, number: int, pages: PagesParams, work: Path) -> int:
    path = work / f"{pages.seed}-{number:03d}.npz"
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
        with np.load(work / f"{params.pages.seed}-{number:03d}.npz") as part:
            held.append((part["raw"], part["sick"]))
    raw, sick = (np.concatenate(part) for part in zip(*held, strict=True))
    few = params.calibrate
    tries = [
        row
        for number in range(params.shuffles)
        for row in shuffled(params, pages, raw[few:], sick[few:], number)
    ]
    kind = platform.machine(), torch.backends.cpu.get_cpu_capability(), f"{os.cpu_count()} cores"
    how = {
        "of": params.told,
        "command": "hfgnn record patient",
        "device": " ".join(kind),
        "made": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    table(np.arange(len(sick)), sick, chances(model, raw)).to_parquet(FILES[0], index=False)
    pd.DataFrame(tries).to_parquet(FILES[1], index=False)
    FILES[2].write_text(json.dumps(how, indent=1) + "\n", encoding="utf-8")
