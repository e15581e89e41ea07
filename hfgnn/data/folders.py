"""A folder of page images with a subfolder for each class, perhaps below train and test.

`check` reads every file once and changes nothing.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.data.clean import (
    DRAFT,
    Rejected,
    bytes_of,
    check_extension,
    check_kind,
    check_name,
    grey,
    picture,
    spelled_alike,
    written,
)
from hfgnn.data.duplicates import LIKENESS, SIZE, Likeness, fingerprint, near, numbered
from hfgnn.data.report import Report

SPLITS = {"train", "test", "val", "valid", "validation"}  # folders above those of the classes
KEPT = ["file", "split", "class", "digest"]
Rows = list[tuple[str, ...]]
PAGES = "pages.csv"  # class, file, sha256_of_original, page


def check(folder: Path, likeness: Likeness = LIKENESS) -> Report:
    """Audit a folder; raise if it is none or if no file in it can be accepted."""
    if not folder.is_dir():
        kind = NotADirectoryError if folder.exists() else FileNotFoundError
        raise kind(f"{written(str(folder))} is no folder; give the one above the class folders")
    kept, rejected, prints = _sorted(folder)
    if not kept:
        counts = pd.Series([reason for _, reason, _ in rejected], dtype=str).value_counts()
        why = ", ".join(f"{count} {reason}" for reason, count in counts.items())
        raise ValueError(
            f"{written(str(folder))}: none of {len(rejected)} files can be accepted"
            f"{f' ({why})' if why else ''}; "
            "give a folder whose subfolders, one a class, hold pictures"
        )
    files = pd.DataFrame(kept, columns=KEPT)
    page = numbered(files["digest"].to_numpy())
    first = files.groupby(page)[["file", "digest"]].first()

    @lru_cache(maxsize=1024)
    def seen(i: int) -> NDArray[np.uint8]:
        return _grey(folder / first["file"][i], SIZE)

    group = near(np.stack([prints[digest] for digest in first["digest"]]), seen, likeness)
    out = pd.DataFrame(rejected, columns=["file", "reason", "found"])
    return Report(folder, files.assign(page=page, group=group[page]), out)


def _sorted(folder: Path) -> tuple[Rows, Rows, dict[str, NDArray[np.uint64]]]:
    """Return the accepted, the rejected, and the accepted digests' fingerprints."""
    kept: Rows = []
    rejected: Rows = []
    prints, judged = {}, set()
    for name, fault in _walk(folder):
        try:
            if fault:
                raise fault
            check_kind(folder / name)
            check_name(name)
            suffix = check_extension(name)
            split, label = _place(name)
            data = bytes_of(folder / name)
            digest = hashlib.sha256(data).hexdigest()
            if (digest, suffix) not in judged:  # copies need no second look
                prints[digest] = fingerprint(grey(picture(data, suffix=suffix), SIZE))
                judged.add((digest, suffix))
            kept.append((name, split, label, digest))
        except Rejected as error:
            rejected.append((written(name), error.reason, error.found))
    return kept, rejected, prints


def _walk(folder: Path, below: str = "") -> Iterator[tuple[str, Rejected | None]]:
    """Yield each file's path in the folder, in order, and what is wrong with its place there."""
    try:
        entries = sorted(os.scandir(folder / below), key=lambda entry: entry.name)
    except OSError as error:
        yield below, Rejected("unreadable", error.strerror or str(error))
        return
    spelled: set[str] = set()
    for entry in entries:
        name, plain = below + entry.name, spelled_alike(entry.name)
        if plain in spelled:
            yield name, Rejected("name twice", written(entry.name))
        elif entry.is_dir(follow_symlinks=False) and name.count("/") > 1:
            yield name, Rejected("wrong place", "a folder below the class folders")
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(folder, name + "/")
        else:
            yield name, None
        spelled.add(plain)


def _place(name: str) -> tuple[str, str]:
    """Return the split, if there are such folders, and the class that a file lies in."""
    match name.split("/"):
        case [split, label, _] if split.lower() in SPLITS:
            return split.lower(), label
        case [label, _] if label.lower() not in SPLITS:
            return "", label
    raise Rejected("wrong place", written(name))


def _grey(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    least = (max(size[0], DRAFT[0]), max(size[1], DRAFT[1]))
    return grey(picture(bytes_of(path), suffix=path.suffix, least=least), size)
