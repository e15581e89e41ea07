"""The same questions asked of real public data, where a person has it: pages and PTB-XL.

The book ships neither; without them these results are empty, and what is claimed of them is shown
as not run here. HFGNN_DATA names the folder that holds `ecg-pages` and `ptb-xl-400`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

from hfgnn.data.ptbxl import records
from hfgnn.data.public import LISTS, public_files, public_folder
from hfgnn.evaluate.leakage import leakage
from hfgnn.evaluate.memory import neighbour_accuracy
from hfgnn.evaluate.morphology import measured
from hfgnn.seeding import rng
from hfgnn.train.realism import Realism
from hfgnn.train.stage_one import shrunk

Names = NDArray[np.str_]


@dataclass(frozen=True)
class PublicParams:
    """How the public pages are dealt into training and test."""

    seed: int
    test: float = 0.2  # share of the files, as most people deal them
    repeats: int = 5  # of each split


@dataclass(frozen=True)
class PublicPages:
    """What copies do in the public collection of pages; empty where it is not at hand."""

    found: bool
    numbers: dict[str, float]  # files, unique, copies, nn_files, nn_unique, largest, seen


def public_pages(params: PublicParams) -> PublicPages:
    """Count the collection's pages, and ask the nearest page in raw pixels, by file and by page."""
    if not public_files():
        return PublicPages(False, {})
    names = pd.read_csv(public_folder() / LISTS[0])
    unique = names.drop_duplicates("page").reset_index(drop=True)
    small = [_small(public_folder() / "ecg-pages" / page) for page in unique["page"]]
    pixels, at = np.stack(small), unique.reset_index().set_index("page")["index"]
    rows = at[names["page"]].to_numpy()
    labels, stream = names["class"].to_numpy(dtype=str), rng(params.seed, "public")
    by_file, by_page, shown = [], [], []
    for _ in range(params.repeats):
        part = np.where(stream.random(len(names)) < params.test, "test", "train")
        shown.append(leakage(rows, part)["test"].share)
        by_file.append(_nearest(pixels[rows], labels, part))
        part = np.where(stream.random(len(unique)) < params.test, "test", "train")
        by_page.append(_nearest(pixels, unique["class"].to_numpy(dtype=str), part))
    numbers = {
        "files": len(names),
        "unique": len(unique),
        "copies": len(names) / len(unique),
        "seen": float(np.mean(shown)),
        "nn_files": float(np.mean(by_file)),
        "nn_unique": float(np.mean(by_page)),
        "largest": float(unique["class"].value_counts(normalize=True).max()),
    }
    return PublicPages(True, numbers)


def _nearest(pixels: NDArray[np.float32], labels: Names, part: Names) -> float:
    known, asked = (np.flatnonzero(part == name) for name in ("train", "test"))
    return neighbour_accuracy(pixels, labels, known=known, asked=asked)


def _small(path: Path) -> NDArray[np.float32]:
    with Image.open(path) as image:
        return shrunk(image)


@dataclass(frozen=True)
class TellParams:
    """How often the classifier is trained anew."""

    seeds: int = 3  # simulated and real people drawn anew
    floors: int = 5  # splits of the real ones into two halves


@dataclass(frozen=True)
class Tell:
    """How well a classifier tells simulated from real normal ECGs; empty without real ones."""

    found: bool
    numbers: dict[str, float]  # auroc, floor, people; of every feature that the book measures
    features: pd.DataFrame  # by family of features: the AUROC that it reaches alone


def tell(params: TellParams, simulated: Realism) -> Tell:
    """Train boosting to tell normal ECGs apart, and two halves of the real ones as the floor."""
    if not public_files():
        return Tell(False, {}, pd.DataFrame({"AUROC": np.zeros(0)}))
    normal = [r for r in records(public_folder() / "ptb-xl-400") if r.group == "NORM"]
    real = measured((r.signal for r in normal), normal[0].fs).dropna()
    own = simulated.features
    made = own[own["group"] == "NORM"][real.columns].dropna()
    n = min(len(real), len(made))

    def apart(columns: list[str]) -> float:
        pairs = [
            (real.sample(n, random_state=seed), made.sample(n, random_state=seed))
            for seed in range(params.seeds)
        ]
        return float(np.mean([_auroc(a[columns], b[columns]) for a, b in pairs]))

    floors = []
    for seed in range(params.floors):
        mixed = real.sample(frac=1, random_state=seed)
        floors.append(_auroc(mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]))
    families = pd.Series(real.columns, index=real.columns).str.split("_").str[0]
    alone = {name: apart(list(part)) for name, part in families.groupby(families).groups.items()}
    numbers = {"auroc": apart(list(real.columns)), "floor": float(np.mean(floors)), "people": n}
    return Tell(True, numbers, pd.DataFrame({"AUROC": alone}).sort_values("AUROC"))


def _auroc(a: pd.DataFrame, b: pd.DataFrame) -> float:
    features, labels = pd.concat([a, b]).to_numpy(), np.r_[np.zeros(len(a)), np.ones(len(b))]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.05, random_state=0)
    return float(cross_val_score(model, features, labels, cv=folds, scoring="roc_auc").mean())
