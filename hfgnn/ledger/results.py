"""The files of a chapter's results: written whole or not at all, in one form only.

`<chapter>/meta.json`, `claims.json`, `tables/<id>.json`, `figures/<id>.json` with two SVG files.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hfgnn.ledger.claims import fits, refuse

COMPARED = {  # what a verdict is about; a caption, a format or an alternative text is prose
    "claim": ("value", "n", "interval"),
    "table": ("index_name", "index", "columns", "cells"),
    "figure": ("axes", "texts"),
}
META = {"profile": str, "seed": int}
CLAIM = {"value": object, "n": int | None, "interval": list | None}
GRID = {"index_name": str, "index": [str], "columns": [str], "cells": [list]}
TABLE = {"id": str, "caption": str, "formats": {str: str}}
FIGURE = {"id": str, "caption": str, "alt": str, "axes": list, "texts": list}
AGAIN = "run `hfgnn build` again"


@dataclass(frozen=True)
class Result:
    """What one run gave for one entry."""

    id: str
    kind: str  # claim, table or figure
    chapter: str
    profile: str
    seed: int
    data: dict[str, Any]  # the JSON as the chapter wrote it

    @property
    def core(self) -> dict[str, Any]:
        """The part of the data that a comparison looks at."""
        return {key: self.data[key] for key in COMPARED[self.kind]}


def canonical(data: Any) -> str:
    """Return the one JSON text of the data."""
    return json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def compact(data: Any) -> str:
    """Return a text that is the same for the same data and no other: many times as fast."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False)


def digest(data: Any) -> str:
    """Return the fingerprint of the data."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def read(path: Path, shape: Any, remedy: str) -> Any:
    """Read one JSON file of a known shape."""
    name = f"{path.parent.name}/{path.name}"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        compact(held).encode()
    except (OSError, ValueError, RecursionError) as error:
        refuse(name, f"cannot be read as JSON ({error})", remedy)
    if not fits(held, shape):
        refuse(name, "has a part that is missing or of the wrong type", remedy)
    return held


def is_grid(held: Any) -> bool:
    """Tell whether a table has a cell for each row and column."""
    if not fits(held, GRID):
        return False
    return [*map(len, held["cells"])] == [len(held["columns"])] * len(held["index"])


def _is_table(held: Any) -> bool:
    return fits(held, TABLE) and is_grid(held)


def read_results(results: Path, chapters: Sequence[str]) -> dict[str, Result]:
    """Return what the chapters recorded, by id; a chapter that was not run gives nothing."""
    found: dict[str, Result] = {}
    for chapter in chapters:
        for result in _recorded(results / chapter):
            if first := found.get(result.id):
                fault = f"recorded by {first.chapter} and by {chapter}"
                refuse(result.id, fault, "an id belongs to one chapter, rename one")
            found[result.id] = result
    return found


def _recorded(folder: Path) -> Iterator[Result]:
    if not (folder / "meta.json").is_file():
        return
    meta = read(folder / "meta.json", META, AGAIN)
    made = {"chapter": folder.name, "profile": meta["profile"], "seed": meta["seed"]}
    for id, data in read(folder / "claims.json", {str: CLAIM}, AGAIN).items():
        yield Result(id=id, kind="claim", data=data, **made)
    for kind, shape in (("table", _is_table), ("figure", FIGURE)):
        for path in sorted((folder / f"{kind}s").glob("*.json")):
            yield Result(id=path.stem, kind=kind, data=read(path, shape, AGAIN), **made)
