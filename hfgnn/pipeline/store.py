"""Results on disk, one folder a key: written whole or not at all, checked whenever they are read.

A folder holds the result's files, `ingredients.json` (what the key was made from) and, written
last, `manifest.json` (the sha256 of each file). It is made under another name and renamed.
"""

import json
import shutil
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from hfgnn.pipeline.key import Ingredients, canonical, digest, key_of

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
            for name, expected in manifest["files"].items():
                if digest((self.folder / name).read_bytes()) != expected:
                    raise Damaged(f"{self.folder / name} is not what was written")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(f"{self.folder}: {error}") from error
        return self.folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold this entry: of two builds that want it, one makes it and the other waits."""
        locks = self.store.parent / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{self.folder.name}.lock"):
            yield

    def get(self, build: Callable[[Path], None]) -> tuple[Path, bool]:
        """Return the checked folder and whether it had to be built, which `build` does in place."""
        with self.locked():
            try:
                return self.check(), False
            except Damaged:
                remove(self.folder)
            draft = self.folder.with_name(f".draft-{self.folder.name}")
            remove(draft)
            draft.mkdir(parents=True)
            build(draft)
            self._seal(draft)
            draft.rename(self.folder)
            return self.folder, True

    def _seal(self, draft: Path) -> None:
        (draft / "ingredients.json").write_text(canonical(self.ingredients), encoding="utf-8")
        files = {str(p.relative_to(draft).as_posix()): p for p in draft.rglob("*") if p.is_file()}
        manifest = {"files": {name: digest(p.read_bytes()) for name, p in sorted(files.items())}}
        (draft / MANIFEST).write_text(canonical(manifest), encoding="utf-8")

    def previous(self) -> Ingredients | None:
        """Return the ingredients of the newest other entry of this name: what `--explain` shows."""
        rivals = self.store.glob(f"{self.name}-{'?' * 20}/ingredients.json")
        others = [path for path in rivals if path.parent != self.folder]
        if not others:
            return None
        newest = max(others, key=lambda path: path.stat().st_mtime_ns)
        loaded: Ingredients = json.loads(newest.read_text(encoding="utf-8"))
        return loaded


def remove(path: Path) -> None:
    """Remove a folder or file if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep(store: Path) -> None:
    """Remove the drafts that killed runs left, but none that a live build holds."""
    for draft in store.glob(".draft-*"):
        lock = store.parent / "locks" / f"{draft.name.removeprefix('.draft-')}.lock"
        try:
            with FileLock(lock, timeout=0):
                remove(draft)
        except Timeout:
            continue


def write_result(result: Any, folder: Path) -> None:
    """Write a frozen dataclass of frames, arrays and plain values: parquet, npz and JSON."""
    plain: dict[str, Any] = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field.name}.parquet")
        elif isinstance(value, np.ndarray):
            np.savez(folder / f"{field.name}.npz", array=value, allow_pickle=False)
        elif _is_arrays(value):
            np.savez(folder / f"{field.name}.npz", allow_pickle=False, **value)
        else:
            plain[field.name] = value
    (folder / "result.json").write_text(canonical(plain), encoding="utf-8")


def _is_arrays(value: Any) -> bool:
    full = isinstance(value, dict) and len(value) > 0
    return full and all(isinstance(part, np.ndarray) for part in value.values())


def read_result(kind: type, folder: Path) -> Any:
    """Read what `write_result` wrote, as the dataclass that the stage declares to return."""
    parts = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    for name, hint in typing.get_type_hints(kind).items():
        frame, arrays = folder / f"{name}.parquet", folder / f"{name}.npz"
        if frame.exists():
            parts[name] = pd.read_parquet(frame)
        elif arrays.exists():
            with np.load(arrays, allow_pickle=False) as loaded:
                held = {key: loaded[key] for key in loaded.files}
            parts[name] = held if _wants_dict(hint) else held["array"]
        elif isinstance(parts[name], list) and typing.get_origin(hint) is tuple:
            parts[name] = tuple(parts[name])
    return kind(**parts)


def _wants_dict(hint: Any) -> bool:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return any(typing.get_origin(option) is dict for option in options)
