"""A small sweep, planted into a copy of the repository as a person would add one.

Some numbers are drawn for each seed; their sum needs them all. What is drawn tells in which
environment it was drawn, so that bytes are equal only if that was the same. Whoever draws says
so in a file with the number of its process, beside the store; others make a cell fail or sleep.
"""

from pathlib import Path

from tests.conftest import Copy, contents, copied

DRAWN = 5  # cells of each seed, and one more
SEEDS = 3
CELLS = SEEDS * (DRAWN + 1)
ROOM = '''
"""Small cells."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hfgnn.seeding import rng

TABLE = "tiny.parquet"
SEEN = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED", "TZ")


@dataclass(frozen=True)
class TinyParams:
    name: str
    seed: int


@dataclass(frozen=True)
class Tiny:
    table: pd.DataFrame


def beside(name: str) -> Path:
    folder = Path(os.environ["HFGNN_BUILD"]) / "beside"
    folder.mkdir(exist_ok=True)
    return folder / name


def drawn(params: TinyParams) -> Tiny:
    with beside(f"{os.getppid()}").open("a") as file:
        print(params.name, file=file)
    if beside(params.name).exists():
        raise ValueError(f"{params.name} is to fail")
    time.sleep(float(beside("sleep").read_text()) if beside("sleep").exists() else 0.05)
    x = rng(params.seed, "tiny", params.name).normal(size=(150, 150))
    table = pd.DataFrame({"value": np.linalg.svd(x @ x)[1][:3]})
    return Tiny(table.assign(name=params.name, **{name: os.environ[name] for name in SEEN}))


def summed(params: TinyParams, *parts: Tiny) -> Tiny:
    value = sum(part.table["value"].sum() for part in parts)
    return Tiny(pd.DataFrame({"value": [value], "name": params.name}))
'''
CELLS_TEXT = f"""

def tiny_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    tiny, cells = later("hfgnn.train.tiny"), list[Stage]()
    for one in range(seeds):
        names = tuple(f"tiny.{{one}}.{{n}}" for n in range({DRAWN}))
        cells += [Stage(name, tiny.drawn, tiny.TinyParams(name, seed)) for name in names]
        total = f"tiny.{{one}}.sum"
        cells.append(Stage(total, tiny.summed, tiny.TinyParams(total, seed), needs=names))
    return cells


def gather_tiny(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    import pandas as pd

    names = [f"tiny.{{one}}.{{part}}" for one in range(seeds) for part in (0, 3, "sum")]
    table = pd.concat([load(name).table for name in names], ignore_index=True)
    files = {{name: Path(name) for name in ("tiny.parquet", "how.json")}}
    of = {{"seed": seed, "seeds": seeds}}
    return Gathered(files, {{"tiny.parquet": table}}, of, "hfgnn sweep tiny")
"""
ENTRY = f"""SWEEPS = {{
    "tiny": Sweep("a test: a few seconds", {SEEDS}, swept.tiny_cells, swept.gather_tiny),
"""


def planted(target: Path) -> Copy:
    """Return a copy of the sources with the sweep `tiny`, whose processes end soon."""
    copy = copied(target)
    (copy.root / "hfgnn/train/tiny.py").write_text(ROOM, encoding="utf-8")
    swept = copy.root / "hfgnn/pipeline/swept.py"
    swept.write_text(swept.read_text("utf-8") + CELLS_TEXT, encoding="utf-8")
    first = "from dataclasses import replace\n"
    copy.edit("hfgnn/pipeline/swept.py", first, f"{first}from pathlib import Path\n")
    copy.edit("hfgnn/pipeline/sweeps.py", "SWEEPS = {\n", ENTRY)
    return copy


def store(copy: Copy) -> Path:
    """Return where cells are kept."""
    return copy.root / "_build" / "store"


def cells(copy: Copy) -> set[str]:
    """Return the cells that are whole."""
    return {path.parent.name for path in store(copy).glob("[!.]*/manifest.json")}


def beside(copy: Copy) -> Path:
    """Return the folder of what cells are told and tell."""
    folder = copy.root / "_build" / "beside"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def record(copy: Copy) -> dict[str, bytes]:
    """Return the bytes of the book's record; empty if there is none."""
    return contents(copy.root / "book/ledger/recorded/tiny")
