"""Equal classes: which page each row of training comes from, and which side of a split it is on.

A `Plan` is data: for each row its page, whether it is a new page made from that one, its label, its
side and its weight. The thesis makes new pages of the smaller class and splits afterwards, so that
pages made from one another lie on both sides; splitting first keeps each page on one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_sample_weight

from hfgnn.cohort import FS, LEADS
from hfgnn.data.split import by_group
from hfgnn.evaluate.morphology import measured
from hfgnn.features.augment import Pages, Published, Way, changed
from hfgnn.world.layout import LAYOUTS

Rows = NDArray[np.intp]
Labels = NDArray[np.generic]
HELD_OUT = 0.16  # the thesis's validation share; its comment says 20 %


@dataclass(frozen=True)
class Balance:
    """Rows of equal classes, before anybody splits them."""

    source: Rows  # page of each row
    augmented: NDArray[np.bool_]  # whether the row is a new page made from it
    weight: NDArray[np.float64]  # in the loss


@dataclass(frozen=True)
class Plan:
    """What is trained and validated on, one entry a row."""

    source: Rows  # page
    augmented: NDArray[np.bool_]  # whether the row is a new page made from it
    split: NDArray[np.str_]  # train or val
    labels: Labels
    weight: NDArray[np.float64]  # in the loss

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.source)


Balancing = Callable[[Labels, np.random.Generator], Balance]
Choice = Callable[[Rows, int], Rows]  # which pages of a class to take so many more from


def _more(labels: Labels, choice: Choice, *, augmented: bool) -> Balance:
    """Add rows to every class until it is as large as the largest."""
    classes, counts = np.unique(labels, return_counts=True)
    added = [
        choice(np.flatnonzero(labels == label), int(counts.max() - count))
        for label, count in zip(classes, counts, strict=True)
        if count < counts.max()
    ]
    source = np.concatenate([np.arange(len(labels)), *added])
    new = np.arange(len(source)) >= len(labels)
    return Balance(source, new & augmented, np.ones(len(source)))


def none(labels: Labels, rng: np.random.Generator) -> Balance:
    """Leave the classes as they are."""
    return _more(labels, lambda pages, _: pages[:0], augmented=False)


def weights(labels: Labels, rng: np.random.Generator) -> Balance:
    """Leave the rows, and weigh each class alike in the loss: n / (classes n_class) a row."""
    plain = none(labels, rng)
    return Balance(plain.source, plain.augmented, compute_sample_weight("balanced", labels))


def sampling(labels: Labels, rng: np.random.Generator) -> Balance:
    """Repeat rows of the smaller class, drawn at random, until the classes are equal."""
    return _more(labels, lambda pages, count: rng.choice(pages, count), augmented=False)


def as_published_bug(labels: Labels, rng: np.random.Generator) -> Balance:
    """Make all new pages from the first page of the smaller class.

    The thesis's generator never ends by itself, so its loop over the pages never reaches a second.
    """
    return _more(labels, lambda pages, count: np.repeat(pages[:1], count), augmented=True)


def as_published_alone(labels: Labels, rng: np.random.Generator) -> Balance:
    """Make new pages as the bug does, then forget the pages that the smaller class had.

    The thesis's next cell; its displayed counts came without it, its later results perhaps not.
    """
    whole = as_published_bug(labels, rng)
    short = np.isin(labels, labels[whole.source[whole.augmented]])
    kept = whole.augmented | ~short[whole.source]
    return Balance(whole.source[kept], whole.augmented[kept], whole.weight[kept])


def as_published_intended(labels: Labels, rng: np.random.Generator) -> Balance:
    """Make new pages from pages of the smaller class drawn at random, as the thesis meant to."""
    return _more(labels, lambda pages, count: rng.choice(pages, count), augmented=True)


def augment_then_split(
    labels: ArrayLike, way: Balancing, rng: np.random.Generator, *, test_size: float = HELD_OUT
) -> Plan:
    """Balance all pages, then hold out a stratified share of the rows, as the thesis did."""
    label = _labels(labels)
    rows = way(label, rng)
    every = np.arange(len(rows.source))
    state = int(rng.integers(2**32))
    held = train_test_split(
        every, test_size=test_size, stratify=label[rows.source], random_state=state
    )[1]
    split = np.where(np.isin(every, held), "val", "train")
    return Plan(rows.source, rows.augmented, split, label[rows.source], rows.weight)


def split_then_augment(
    labels: ArrayLike,
    way: Balancing,
    rng: np.random.Generator,
    *,
    test_size: float = HELD_OUT,
    groups: ArrayLike | None = None,
) -> Plan:
    """Hold out a share of the pages of each class, groups [n] whole, then balance the others."""
    label = _labels(labels)
    whole = np.arange(len(label)) if groups is None else np.asarray(groups)
    part = by_group(whole, label, rng, shares={"train": 1 - test_size, "val": test_size})
    train, val = (np.flatnonzero(part == side) for side in ("train", "val"))
    rows = way(label[train], rng)
    source = np.concatenate([train[rows.source], val])
    split = np.repeat(["train", "val"], [len(rows.source), len(val)])
    augmented = np.concatenate([rows.augmented, np.zeros(len(val), dtype=bool)])
    weight = np.concatenate([rows.weight, np.ones(len(val))])
    return Plan(source, augmented, split, label[source], weight)


def _labels(labels: ArrayLike) -> Labels:
    label: Labels = np.asarray(labels)
    if label.ndim != 1 or len(np.unique(label)) < 2:
        raise ValueError(
            f"labels {label.shape} of {len(np.unique(label))} classes; balancing needs one label "
            "a page, and two classes or more"
        )
    return label


def realised(
    plan: Plan, pages: Pages, rng: np.random.Generator, *, way: Way | None = None
) -> Iterator[Pages]:
    """Yield the page [height, width, 3] of each row of a plan from pages [n, height, width, 3].

    New pages are made the published way unless another is given; memory holds one at a time.
    """
    made = Published() if way is None else way
    for page, new in zip(plan.source, plan.augmented, strict=True):
        yield changed(pages[page], made.draw(rng)) if new else pages[page]


def reversed_features(
    ecg: NDArray[np.floating], *, fs: float = FS, layout: str = "3x4+1"
) -> pd.DataFrame:
    """Return by how many SDs a flip of its page moves each measured feature of ecg [n, 12, T].

    A flipped page shows each lead backwards in time (`reversed`), and on the place of another
    (`mirrored`, also backwards): with four columns V4 stands where I stood. `mean` and `sd` are
    of the pages as they are; NaN where a feature does not vary.
    """
    columns, rows, _ = LAYOUTS[layout]
    places = np.arange(len(LEADS)).reshape(columns, rows)[::-1].ravel()
    plain, back = measured(ecg, fs), ecg[..., ::-1]
    spread = plain.std().where(lambda sd: sd > 0)
    moved = {
        name: (measured(flipped, fs) - plain).mean() / spread
        for name, flipped in {"reversed": back, "mirrored": back[:, places]}.items()
    }
    return pd.DataFrame({"mean": plain.mean(), "sd": spread, **moved}).rename_axis("feature")
