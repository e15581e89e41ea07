"""Stage 1 of the thesis on simulated pages: is a folder clean, and what do copies do to a split?"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from hfgnn.cohort import FS
from hfgnn.data.faults import EXACT, FAULTS, NEAR, plant
from hfgnn.data.folders import check
from hfgnn.data.report import Report
from hfgnn.evaluate.leakage import leakage
from hfgnn.evaluate.memory import neighbour_accuracy
from hfgnn.seeding import rng
from hfgnn.world.collection import apart, published
from hfgnn.world.page import jpeg, page, styles
from hfgnn.world.population import COLLECTION, population, simulate

Pixels = NDArray[np.float32]
PRINTED = (276, 196)  # pixels of a page
SMALL = (138, 98)  # as the nearest neighbour sees it


LOCAL = {"unreadable", "not UTF-8", "name twice", "link", "not a file", "control characters"}
LOCAL |= {"reserved name", "too long a name"}  # kinds that not every system or user can plant


@dataclass(frozen=True)
class FolderParams:
    """How many people have a page in the folder with planted faults."""

    seed: int
    people: int = 40  # ten a class, about


@dataclass(frozen=True)
class FolderAudit:
    """What was planted in a folder of simulated pages, and what its audit found."""

    planted: pd.DataFrame  # kind, files, found
    found: pd.DataFrame  # reason, files, example
    classes: pd.DataFrame  # class, files, pages
    summary: dict[str, int]  # names, kept, unique (pages), planted, missed, spurious


def folder_audit(params: FolderParams) -> FolderAudit:
    """Print pages, plant every kind of fault among them, and audit the folder."""
    people = simulate(population("thesis", people=params.people, seed=params.seed))
    assert people.ecg is not None
    looks = styles(len(people), rng(params.seed, "folder", "pages"))
    pages: dict[str, list[bytes]] = {label: [] for label in COLLECTION}
    for label, ecg, look in zip(people.table["class"], people.ecg, looks, strict=True):
        pages[label].append(jpeg(page(ecg, look, fs=FS), look))
    kinds = [kind for kind in FAULTS if kind not in LOCAL]
    with TemporaryDirectory() as folder:
        target = Path(folder) / "pages"
        planted = plant(target, pages, rng(params.seed, "folder", "faults"), kinds=kinds)
        return _audited(planted, check(target))


def _audited(planted: pd.DataFrame, report: Report) -> FolderAudit:
    reason = report.rejected.set_index("file")["reason"]
    size = report.files.groupby("group")["file"].transform("size")
    twins = set(report.files.loc[size > 1, "file"])
    copied = planted["kind"].isin([EXACT, NEAR])
    right = planted["file"].map(reason).eq(planted["kind"])
    found = right.where(~copied, planted["file"].isin(twins))
    by = planted.assign(found=found).groupby("kind", sort=False)["found"]
    counts = report.summary()
    return FolderAudit(
        planted=by.agg(files="size", found="sum").reset_index(),
        found=report.reasons[["files", "example"]].reset_index(),
        classes=report.classes.reset_index(),
        summary={
            "names": counts["files"],
            "kept": counts["accepted"],
            "unique": counts["groups"],
            "planted": len(planted),
            "missed": int((~found).sum()),
            "spurious": len(set(report.rejected["file"]) - set(planted["file"])),
        },
    )


@dataclass(frozen=True)
class CopiesParams:
    """How many people have a page; the thesis's collection has 929."""

    seed: int
    people: int = sum(COLLECTION.values())


@dataclass(frozen=True)
class Copies:
    """What copies of pages do to a test, on the same people."""

    files: pd.DataFrame  # by variant: people, train, test (files), seen (share of the test)
    scores: pd.DataFrame  # variant, question, nearest neighbour, largest class


def copies(params: CopiesParams) -> Copies:
    """Split the same pages as published and as it should be; ask the nearest page in pixels."""
    people = simulate(population("thesis", people=params.people, seed=params.seed))
    assert people.ecg is not None
    looks = styles(len(people), rng(params.seed, "copies", "pages"), size=PRINTED)
    drawn = [page(ecg, look, fs=FS) for ecg, look in zip(people.ecg, looks, strict=True)]
    pixels = np.stack([shrunk(image) for image in drawn])
    classes = people.table["class"].to_numpy(dtype=str)
    stream = rng(params.seed, "copies", "split")
    variants = {
        "as published": published(classes, stream),
        "as it should be": apart(classes, stream),
    }
    files = {name: _counted(split) for name, split in variants.items()}
    scores = [row for name, split in variants.items() for row in _scored(name, split, pixels)]
    return Copies(pd.DataFrame.from_dict(files, orient="index"), pd.DataFrame(scores))


def shrunk(image: Image.Image) -> Pixels:
    """Return a page's grey levels as the nearest neighbour sees them, [pixels]."""
    small = image.convert("L").resize(SMALL, Image.Resampling.BOX)
    return np.asarray(small, np.float32).ravel()


def _counted(split: pd.DataFrame) -> dict[str, float]:
    test = (split["split"] == "test").to_numpy()
    return {
        "people": split["row"].nunique(),
        "train": int((~test).sum()),
        "test": int(test.sum()),
        "seen": leakage(split["row"], split["split"])["test"].share,
    }


def _scored(name: str, split: pd.DataFrame, pixels: Pixels) -> list[dict[str, object]]:
    test = (split["split"] == "test").to_numpy()
    known, asked = np.flatnonzero(~test), np.flatnonzero(test)
    classes = split["class"].to_numpy(dtype=str)
    questions = {"sick or normal": np.where(classes == "Normal", "Normal", "sick")}
    questions["four classes"] = classes
    shown = pixels[split["row"].to_numpy()]
    return [
        {
            "variant": name,
            "question": question,
            "nearest neighbour": neighbour_accuracy(shown, labels, known=known, asked=asked),
            "largest class": float(pd.Series(labels[test]).value_counts(normalize=True).max()),
        }
        for question, labels in questions.items()
    ]
