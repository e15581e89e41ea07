"""Results on disk, one folder a key: written whole or not at all, checked whenever they are read.

A folder holds the result's files, `ingredients.json` (what the key was made from) and, written
last, `manifest.json` (the sha256 of each file). It is made under another name and renamed.
"""

import json
import os
import shutil
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from hfgnn.ledger.results import canonical
from hfgnn.pipeline.key import Ingredients, digest, key_of

FORMAT = 1  # raise it when the way results are written changes: every key then changes
MANIFEST = "manifest.json"


class Damaged(Exception):
    """An entry whose files are not those that its manifest names: it is made anew."""


@dataclass(frozen=True)
class Entry:
    """One result in the store: what it is called and what it was made from."""

    store: Path
    name: str
    ingredients: Ingredients

    @property
    def key(self) -> str:
        """The key, a sha256."""
        return key_of({"format": FORMAT, "name": self.name, **self.ingredients})

    @property
    def folder(self) -> Path:
        """Where the result lies once it is whole."""
        return self.store / f"{self.name}-{self.key[:20]}"

    @property
    def whole(self) -> bool:
        """Whether the result was made (its bytes are checked by `check`)."""
        return (self.folder / MANIFEST).is_file()

    def check(self) -> Path:
        """Return the folder, or raise Damaged if any of its bytes changed since it was written."""
        try:
            manifest = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest["files"] != _digests(self.folder):
                raise Damaged(f"{self.folder} does not hold what was written")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Damaged(f"{self.folder}: {error}") from error
        return self.folder

    @property
    def sound(self) -> bool:
        """Whether the result is there and its bytes are those that were written."""
        try:
            return bool(self.check())
        except Damaged:
            return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold this entry: of two builds that want it, one makes it and the other waits."""
        locks = self.store.parent / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{self.folder.name}.lock"):
            yield

    def get(self, build: Callable[[Path], None]) -> tuple[Path, bool]:
        """Return the checked folder and whether it had to be built, which `build` does in place."""
        if self.sound:  # without the lock: a reader needs no right to write
            return self.folder, False
        with self.locked():
            if self.sound:
                return self.folder, False
            # A name of its own: what a killed run's kernel still writes never lands in this one.
            draft = self.folder.with_name(f".draft-{self.folder.name}-{os.getpid()}")
            remove(draft)
            draft.mkdir(parents=True)
            try:
                build(draft)
                self._seal(draft)
                remove(self.folder)
                draft.rename(self.folder)
            finally:
                remove(draft)
            return self.folder, True

    def _seal(self, draft: Path) -> None:
        (draft / "ingredients.json").write_text(canonical(self.ingredients), encoding="utf-8")
        (draft / MANIFEST).write_text(canonical({"files": _digests(draft)}), encoding="utf-8")

    def previous(self) -> Ingredients | None:
        """Return the ingredients of the newest other entry of this name: what `--explain` shows."""
        rivals = self.store.glob(f"{self.name}-{'?' * 20}/ingredients.json")
        others = [path for path in rivals if path.parent != self.folder]
        if not others:
            return None
        newest = max(others, key=lambda path: path.stat().st_mtime_ns)
        try:
            loaded: Ingredients = json.loads(newest.read_text(encoding="utf-8"))
        except ValueError:
            return None
        return loaded


def _digests(folder: Path) -> dict[str, str]:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: digest(path.read_bytes())
        for name, path in files.items()
        if path.is_file() and name != MANIFEST
    }


def remove(path: Path) -> None:
    """Remove a folder or file if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep(store: Path) -> None:
    """Remove the drafts that killed runs left, but none that a live build holds."""
    for draft in store.glob(".draft-*"):
        name = draft.name.removeprefix(".draft-").rpartition("-")[0]
        try:
            with FileLock(store.parent / "locks" / f"{name}.lock", timeout=0):
                remove(draft)
        except Timeout:
            continue


def write_result(result: Any, folder: Path) -> None:
    """Write a frozen dataclass of frames, arrays and plain values: parquet, npy, npz and JSON."""
    plain: dict[str, Any] = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field.name}.parquet")
        elif isinstance(value, np.ndarray):
            np.save(folder / f"{field.name}.npy", value, allow_pickle=False)
        elif _is_arrays(value):
            np.savez(folder / f"{field.name}.npz", allow_pickle=False, **value)
        else:
            plain[field.name] = value
    _refuse_what_json_changes(plain, type(result))
    ordered = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1)  # not by name
    (folder / "result.json").write_text(ordered + "\n", encoding="utf-8")


def _is_arrays(value: Any) -> bool:
    full = isinstance(value, dict) and len(value) > 0
    return full and all(isinstance(part, np.ndarray) for part in value.values())


def _refuse_what_json_changes(plain: dict[str, Any], kind: type) -> None:
    hints = typing.get_type_hints(kind)
    for name, value in plain.items():
        try:
            kept = _as_hinted(json.loads(canonical(value)), hints[name]) == value
        except (TypeError, ValueError):
            kept = False
        if not kept:
            raise TypeError(
                f"{kind.__name__}.{name} = {value!r} cannot be stored as it is: a result holds "
                "frames, arrays, dicts of arrays, and what JSON keeps (no NaN, no numpy scalars)"
            )


def _as_hinted(value: Any, hint: Any) -> Any:
    """JSON knows no tuples: a list is one where the dataclass says so."""
    tuples = any(typing.get_origin(kind) is tuple for kind in (hint, *typing.get_args(hint)))
    return tuple(value) if tuples and isinstance(value, list) else value


def read_result(kind: type, folder: Path) -> Any:
    """Read what `write_result` wrote, as the dataclass that the stage declares to return."""
    plain = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    hints = typing.get_type_hints(kind)
    parts = {name: _as_hinted(value, hints[name]) for name, value in plain.items()}
    for path in folder.iterdir():
        if path.suffix == ".parquet":
            parts[path.stem] = pd.read_parquet(path)
        elif path.suffix == ".npy":
            parts[path.stem] = np.load(path, allow_pickle=False)
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as loaded:
                parts[path.stem] = {key: loaded[key] for key in loaded.files}
    return kind(**parts)
