"""Real records and what was stated of them: does a text find the ECGs that it speaks of?

The same stages as for simulated people, run on PTB-XL (Wagner et al. 2020): median beats, texts,
pre-training with counterexamples. Then each statement's text is laid beside the held-out beats, and
the five nearest are looked at. The record holds counts only, no one's signal.
"""

from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import hypergeom
from torch.nn.functional import normalize

from hfgnn.data.ptbxl import load
from hfgnn.evaluate.paired import over_seeds
from hfgnn.features.beats import median_beats
from hfgnn.features.statements import statements
from hfgnn.models.dual_attention import Encoder
from hfgnn.models.text_align import TextAlignment
from hfgnn.train.aligned import Aligned, AlignedParams, aligned
from hfgnn.train.arms import features
from hfgnn.train.followed import Followed
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted
from hfgnn.train.steps import Pace, restore

Floats = NDArray[np.float64]
COMMAND = "hfgnn record retrieval --records FOLDER"
FILES = {name: RECORDED / "retrieval" / name for name in ("codes.parquet", "records.parquet", HOW)}
HELD = ("val", "test")  # the ninth and tenth of PTB-XL's folds
COLUMNS = ["taught", "code", "held", "found", "chance", "luck"]
TAUGHT = ("nobody", "simulated people", "real people", "simulated, then real people")
PAIRS = (("simulated people", "nobody"), ("simulated people", "real people"))
FS = 500


@dataclass(frozen=True)
class RetrievalParams:
    """How real records are learned, and how many of the nearest are looked at."""

    lesson: AlignedParams  # as simulated people are learned
    pace: Pace = Pace(epochs=60, rate=1e-3, batch=64)  # few records: more epochs, smaller batches
    nearest: int = 5
    least: int = 3  # held-out records that a statement needs, to be asked for

    @property
    def told(self) -> dict[str, Any]:
        """Return what a record must agree with, to be of the same settings."""
        return {"params": repr(self)}


@dataclass(frozen=True)
class Retrieval:
    """What each statement found."""

    codes: pd.DataFrame  # COLUMNS: how many of the nearest have it; by luck: mean, P(any)
    known: int  # records that were learned from
    held: int  # records that were searched
    nearest: int
    gains: pd.DataFrame  # what: mean, low, high of the right ones, over the statements


def real(folder: Path) -> Followed:
    """Return the records of a PTB-XL folder with a readable beat, one of each patient."""
    people = load(folder)
    assert people.ecg is not None
    beats, ok = median_beats(people.ecg, FS)
    table = people.table[ok].reset_index(drop=True)
    none = pd.DataFrame(index=table.index)
    return Followed(table, beats[ok].astype(np.float16), none, int((~ok).sum()))


def recorded(
    params: RetrievalParams, folder: Path, hospital: Followed
) -> Iterator[tuple[int, int]]:
    """Learn from a simulated hospital and real records, search held-out ones, write what was found.

    Yields how many of how many ways to learn are done.
    """
    people = real(folder)
    held = people.table["split"].isin(HELD).to_numpy()
    known, asked = (people.take(np.flatnonzero(who)) for who in (~held, held))
    start, found = aligned(params.lesson, hospital), []
    for name, taught in _lessons(params, known, start):
        found.append(searched(params, taught, asked).assign(taught=name))
        yield len(found), len(TAUGHT)
    sizes = pd.DataFrame({"known": [len(known)], "held": [len(asked)]})
    tables = {"codes.parquet": pd.concat(found)[COLUMNS], "records.parquet": sizes}
    keep(FILES, tables, params.told, COMMAND)


def _lessons(
    params: RetrievalParams, known: Followed, start: Aligned
) -> Iterator[tuple[str, Aligned]]:
    """Yield what each of TAUGHT has learned."""
    lesson = replace(params.lesson, pace=params.pace)
    still = replace(lesson, pace=replace(params.pace, epochs=1, rate=0.0))
    yield TAUGHT[0], aligned(still, known)
    yield TAUGHT[1], start
    yield TAUGHT[2], aligned(lesson, known)
    yield TAUGHT[3], aligned(lesson, known, start)


def searched(params: RetrievalParams, taught: Aligned, people: Followed) -> pd.DataFrame:
    """Lay each statement's text beside the people's beats; return whose are nearest."""
    near = likeness(params.lesson, taught, people)  # [statements, n]
    first = np.argsort(-near, axis=1, kind="stable")[:, : params.nearest]
    stated = [literal_eval(codes) for codes in people.table["codes"]]
    rows = []
    for code, nearest in zip(statements().codes, first, strict=True):
        has = np.array([said.get(code, -1) >= 0 for said in stated])
        if has.sum() >= params.least:
            luck = hypergeom(len(people), int(has.sum()), params.nearest)
            told = {"code": code, "held": int(has.sum()), "found": int(has[nearest].sum())}
            rows.append(told | {"chance": float(luck.mean()), "luck": float(luck.sf(0))})
    return pd.DataFrame(rows)


def likeness(params: AlignedParams, taught: Aligned, people: Followed) -> Floats:
    """Return the cosine of each statement's text with each person's beat, [71, n]."""
    net = Encoder(params.sizes, time=params.time, lead=params.lead, faults=params.faults)
    restore(net, taught.encoder)
    texts = statements().embedding
    both = TextAlignment(texts.shape[1], features=params.sizes.features)
    restore(both, taught.text)
    seen = torch.from_numpy(features(net.eval(), people, params.sizes)).float()
    with torch.inference_mode():
        beats, words = both.beat(seen), both.text(torch.from_numpy(texts))
    return np.asarray((normalize(words) @ normalize(beats).T).double().numpy())


def retrieval(params: RetrievalParams) -> Retrieval:
    """Return the record: nothing is searched again where the real records are not."""
    found = kept(FILES, params.told, COMMAND)
    if found is None:
        empty = pd.DataFrame(columns=COLUMNS)
        return Retrieval(empty, 0, 0, params.nearest, _gains(empty))
    with trusted(FILES["codes.parquet"], COMMAND):
        codes = found[0]["codes.parquet"][COLUMNS]
        fits = codes["found"].between(0, params.nearest) & codes["held"].ge(params.least)
        if not fits.all() or tuple(codes["taught"].unique()) != TAUGHT:
            raise ValueError(f"it must have {params.nearest} at most found, by {len(TAUGHT)}")
    with trusted(FILES["records.parquet"], COMMAND):
        sizes = found[0]["records.parquet"]
        known, held = (int(sizes[name].tolist()[0]) for name in ("known", "held"))
    return Retrieval(codes, known, held, params.nearest, _gains(codes))


def _gains(codes: pd.DataFrame) -> pd.DataFrame:
    """Return how many more one finds than another, statement by statement, where there are some."""
    found = codes.pivot(index="code", columns="taught", values="found").astype(float)
    rows = {}
    for one, other in PAIRS if len(found) > 1 else ():
        apart = over_seeds(found[one], found[other])
        rows[f"{one} over {other}"] = {"mean": apart.mean, "low": apart.low, "high": apart.high}
    columns = ["mean", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("what")
