"""The files of a chapter's results: written whole or not at all, in one form only.

`<chapter>/meta.json`, `claims.json`, `tables/<id>.json`, `figures/<id>.json` with two SVG files.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hfgnn.ledger.claims import LedgerError

PUBLISHED_DATA = ("axes", "texts")  # what is compared of a figure; caption and alt are prose
TABLE_DATA = ("index_name", "index", "columns", "cells")


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
        if self.kind == "claim":
            return self.data
        return {
            key: self.data[key] for key in (TABLE_DATA if self.kind == "table" else PUBLISHED_DATA)
        }


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
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path) -> Any:
    """Read one JSON file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise LedgerError(
            f"{path.name}: cannot be read as JSON ({error}); run its chapter again"
        ) from None


def read_results(results: Path, chapters: Sequence[str]) -> dict[str, Result]:
    """Return what the chapters recorded, by id; a chapter that was not run gives nothing."""
    found: dict[str, Result] = {}
    for chapter in chapters:
        folder = results / chapter
        if not (folder / "meta.json").is_file():
            continue
        meta = read(folder / "meta.json")
        for kind, name, data in _entries(folder):
            if name in found:
                raise LedgerError(
                    f"{name}: recorded by {found[name].chapter} and by {chapter}; "
                    "an id belongs to one chapter, rename one"
                )
            found[name] = Result(name, kind, chapter, meta["profile"], meta["seed"], data)
    return found


def _entries(folder: Path) -> list[tuple[str, str, dict[str, Any]]]:
    claims = folder / "claims.json"
    found = [("claim", k, v) for k, v in read(claims).items()] if claims.is_file() else []
    for kind in ("table", "figure"):
        for path in sorted((folder / f"{kind}s").glob("*.json")):
            data = read(path)
            found.append((kind, data["id"], data))
    return found
