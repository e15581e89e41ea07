"""What every arm of the third work says of the newcomers, in several studies: a record.

Kept are scores, and those of newcomers drawn anew: the same draws for every arm and study, so that
any two arms can be compared in pairs. Beside them: who finds the own picture, and what an ECG's
numbers tell of the heart's size.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import wait
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV

from hfgnn.evaluate.rare import redrawn
from hfgnn.seeding import rng
from hfgnn.train.aside import aside
from hfgnn.train.begun import Begun, BegunParams, begun, finds
from hfgnn.train.counted import PENALTIES
from hfgnn.train.rare import ARMS, CELLS, SCORES, RareParams, Study
from hfgnn.train.records import HOW, RECORDED, keep, kept, trusted
from hfgnn.train.seen import Seen, seen

Floats = NDArray[np.float64]
COMMAND = "hfgnn record rare"
NAMES = ("calls.parquet", "finds.parquet", "hearts.parquet", "curves.parquet")
FILES = {name: RECORDED / "rare" / name for name in (*NAMES, HOW)}
HEARTS = {"EF": "heart_ef", "EDV": "heart_edv", "mass": "heart_mass"}
STARTS = ("", "filled", "matched", "both")  # of the ECG's encoder
FINEST = 65_535  # steps between 0 and 1 in which draws are kept
RIDGES = np.logspace(1, 6, 11)  # penalties under which an ECG's numbers are read
Tables = dict[str, pd.DataFrame]


def told(params: RareParams) -> dict[str, Any]:
    """Return what a record must agree with, to be of the same people and arms."""
    arms = {name: repr(arm) for name, arm in ARMS.items()}
    return {"params": repr(params), "arms": arms, "penalties": list(PENALTIES)}


def arm(study: Study, name: str) -> pd.DataFrame:
    """Return an arm's scores by cell: of the newcomers, then of each draw of them."""
    rows = list[pd.DataFrame]()
    for (task, budget), called in zip(CELLS, study.told(name), strict=True):
        labels = study.newcomers.table[task].to_numpy(bool)
        stream = rng(study.params.newcomers.seed, "rare", task)
        drawn = redrawn(labels, called[:, None], rng=stream, repeats=study.params.draws)
        own = {n: np.append(score(labels, called), drawn[n][:, 0]) for n, score in SCORES.items()}
        fine = {n: np.round(part * FINEST).astype(np.uint16) for n, part in own.items()}
        whose = {"study": study.number, "arm": name, "task": task, "budget": budget}
        rows.append(pd.DataFrame(whose | fine))
    return pd.concat(rows, ignore_index=True)


def hearts(study: Study) -> pd.DataFrame:
    """Return R2 of ridges that read an ECG's numbers: of newcomers, then of each draw of them."""
    rows, n = list[pd.DataFrame](), len(study.newcomers)
    stream = rng(study.params.newcomers.seed, "hearts")
    often = stream.multinomial(n, np.full(n, 1 / n), size=study.params.draws)
    shares = np.vstack([np.ones(n), often]) / n
    for start, (name, column) in product(STARTS, HEARTS.items()):
        own, new = study.features("ecg", start)
        mean, spread = own.mean(axis=0), np.maximum(own.std(axis=0), 1e-9)
        ridge = RidgeCV(RIDGES).fit((own - mean) / spread, study.people.table[column])
        true = study.newcomers.table[column].to_numpy(float)
        missed = (true - ridge.predict((new - mean) / spread)) ** 2
        r2 = 1 - shares @ missed / (shares @ true**2 - (shares @ true) ** 2)
        rows.append(pd.DataFrame({"R2": r2}).assign(study=study.number, start=start, heart=name))
    return pd.concat(rows, ignore_index=True)


def read(params: RareParams) -> Tables | None:
    """Return the recorded tables if they are of these arms and people; refuse damaged ones."""
    if (found := kept(FILES, told(params), COMMAND)) is None:
        return None
    tables, _ = found
    rows = {"calls.parquet": len(ARMS) * len(CELLS), "hearts.parquet": len(STARTS) * len(HEARTS)}
    each = {name: many * (params.draws + 1) for name, many in rows.items()} | {"finds.parquet": 1}
    for name, size in each.items():
        with trusted(FILES[name], COMMAND):
            own = tables[name].groupby("study").size().to_dict()
            if own != dict.fromkeys(range(params.studies), size):
                raise ValueError(f"it must have {size} rows of each of {params.studies} studies")
            if tables[name].isna().any(axis=None):
                raise ValueError("it has gaps")
    return tables


def made(params: RareParams, people: Seen, newcomers: Seen) -> Tables:
    """Return the tables of the first study alone, made now."""
    how = params.begun.of(params.people.seed)
    found = begun(how, people)
    study = Study(params, 0, people, newcomers, found.start)
    told_ = pd.concat([arm(study, name) for name in ARMS], ignore_index=True)
    return dict(zip(NAMES, (told_, *_beside(study, how, found)), strict=True))


def _beside(study: Study, how: BegunParams, found: Begun) -> tuple[pd.DataFrame, ...]:
    """Return who finds the own picture, what an ECG tells of the heart, and how lessons went."""
    who = pd.DataFrame(finds(how, found, study.newcomers, study.people))
    curves = [one.curve.assign(lesson=name).reset_index() for name, one in vars(found).items()]
    share = who.mean().to_frame().T.assign(study=study.number, people=len(who))
    return share, hearts(study), pd.concat(curves, ignore_index=True).assign(study=study.number)


def recorded(
    params: RareParams, newcomers: Seen, work: Path, *, jobs: int
) -> Iterator[tuple[int, int]]:
    """Make the record anew; yield how many of how many arms are done.

    What is done is kept in `work`: called again, it goes on where it was cut off.
    """
    of = hashlib.sha256(repr(told(params)).encode()).hexdigest()[:16]
    places = [work / f"{of}-{number}" for number in range(params.studies)]
    whole = params.studies * len(ARMS)
    with aside(jobs) as pool:
        tasks = enumerate(places)
        left = {pool.submit(_studied, params, number, newcomers, at) for number, at in tasks}
        while left:
            done, left = wait(left, timeout=5)
            for one in done:
                one.result()  # what failed is told at once
            yield sum(len(list(place.glob("calls-*.parquet"))) for place in places), whole
    parts = {name: [place / name for place in places] for name in NAMES[1:]}
    files = [f"calls-{order:02d}.parquet" for order in range(len(ARMS))]
    parts[NAMES[0]] = [place / file for place, file in product(places, files)]
    tables = {
        name: pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
        for name, paths in parts.items()
    }
    keep(FILES, tables, told(params), COMMAND)
    yield whole, whole


def _studied(params: RareParams, number: int, newcomers: Seen, place: Path) -> None:
    """Do what a study does, as far as it is not done already."""
    place.mkdir(parents=True, exist_ok=True)
    people, how = seen(params.study(number)), params.begun.of(params.people.seed + number)
    found = begun(how, people, place)
    study = Study(params, number, people, newcomers, found.start)
    for order, name in enumerate(ARMS):
        if not (path := place / f"calls-{order:02d}.parquet").is_file():
            _write(path, arm(study, name))
    for file, table in zip(NAMES[1:], _beside(study, how, found), strict=True):
        _write(place / file, table)


def _write(path: Path, table: pd.DataFrame) -> None:
    draft = path.with_suffix(".draft")
    table.to_parquet(draft, index=False)
    draft.replace(path)
