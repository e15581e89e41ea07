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

from hfgnn.ledger.claims import refuse

COMPARED = {  # what a verdict is about; a caption, a format or an alternative text is prose
    "claim": ("value", "n", "interval"),
    "table": ("index_name", "index", "columns", "cells"),
    "figure": ("axes", "texts"),
}


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


def digest(data: Any) -> str:
    """Return the fingerprint of the data."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def read(path: Path) -> Any:
    """Read one JSON file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        refuse(path.name, f"cannot be read as JSON ({error})", "run its chapter again")


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
    meta = read(folder / "meta.json")
    made = {"chapter": folder.name, "profile": meta["profile"], "seed": meta["seed"]}
    for id, data in read(folder / "claims.json").items():
        yield Result(id=id, kind="claim", data=data, **made)
    for kind in ("table", "figure"):
        for path in sorted((folder / f"{kind}s").glob("*.json")):
            yield Result(id=path.stem, kind=kind, data=read(path), **made)
