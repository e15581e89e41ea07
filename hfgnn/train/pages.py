"""Pages of a population as the 512 numbers of each backbone: printed, coded, squeezed, read.

A page lives only as long as it is read: 2,000 of them would fill a third of a gigabyte. Who wants
to see some of them again asks for them by row (`reprinted`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hfgnn.cohort import FS, Cohort
from hfgnn.features.resnet import backbone, features, small
from hfgnn.train.attributes import attributes
from hfgnn.world import ecg
from hfgnn.world.page import CLEAN, jpeg, page, styles
from hfgnn.world.population import (
    BLOCK,
    COLLECTION,
    Population,
    block,
    blocks,
    heart_of,
    population,
    streams,
)

Pictures = NDArray[np.uint8]
Rows = NDArray[np.intp]
FEWER = 0.6  # at most this share of a small population stands for the collection


@dataclass(frozen=True)
class PagesParams:
    """Whose pages are read, and by which networks."""

    seed: int
    people: int = 1_600  # with three fifths to learn from, a graph as large as the thesis's
    cohort: str = "thesis"
    backbone: str = "ecg"  # reads everybody's page
    rivals: tuple[str, ...] = ("random",)  # read the pages of the collection's people only
    size: tuple[int, int] = CLEAN.size  # pixels: a quarter of the collection's pages each way

    @property
    def population(self) -> Population:
        """Return the population that these people are."""
        return population(self.cohort, people=self.people, seed=self.seed)


@dataclass(frozen=True)
class Pages:
    """People, what their ECG shows, and what each network sees on their page."""

    table: pd.DataFrame  # one row a person, as in a Cohort
    shown: pd.DataFrame  # one row a person: what the ECG shows; see `train.attributes`
    seen: dict[str, NDArray[np.float32]]  # by backbone: [n, 512]; of rivals [len(collected), 512]
    collected: NDArray[np.int64]  # rows of as many people of each class as the collection has

    def of_collection(self, backbone: str) -> NDArray[np.float32]:
        """Return what a backbone sees on the pages of the collection's people."""
        seen = self.seen[backbone]
        return seen[self.collected] if len(seen) == len(self.table) else seen


def read_pages(params: PagesParams) -> Pages:
    """Simulate the people, print their pages, and let each network read them."""
    config, reader = params.population, backbone(params.backbone)
    people, shown, seen, pictures = [], [], [], list[Pictures]()
    for number in blocks(config):
        found = block(config, number)
        assert found.ecg is not None
        form = ecg.form(heart_of(found.table), streams(config, number)("form"))
        small_pages = printed(config, found, number, np.arange(len(found)), params.size)
        people.append(found.table)
        shown.append(attributes(form, found.ecg))
        seen.append(features(small_pages, reader))
        pictures.append(small_pages)
    table = pd.concat(people, ignore_index=True)
    rows = collected(table["class"].to_numpy(str))
    kept = np.concatenate(pictures)[rows]
    read = {params.backbone: np.concatenate(seen)}
    read |= {name: features(kept, backbone(name)) for name in params.rivals}
    return Pages(table, pd.concat(shown, ignore_index=True), read, rows)


def collected(classes: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the first rows of each class, as many as the collection has, in order.

    A small population gives the same shares of the classes, and no more than FEWER of its people.
    """
    share = min(1.0, FEWER * len(classes) / sum(COLLECTION.values()))
    first = [np.flatnonzero(classes == c)[: round(share * n)] for c, n in COLLECTION.items()]
    return np.sort(np.concatenate(first)).astype(np.int64)


def printed(
    config: Population, people: Cohort, number: int, places: Rows, size: tuple[int, int]
) -> Pictures:
    """Print the pages of these places in a block, as a network gets them [m, 224, 224, 3]."""
    return np.stack([small(sheet) for sheet in sheets(config, people, number, places, size)])


def sheets(
    config: Population, people: Cohort, number: int, places: Rows, size: tuple[int, int]
) -> Iterator[bytes]:
    """Print the pages of these places in a block as JPEGs; a person's page is always the same."""
    assert people.ecg is not None
    looks = styles(len(people), streams(config, number)("page"), size=size)
    for place in places:
        yield jpeg(page(people.ecg[place], looks[place], fs=FS), looks[place])


def reprinted(params: PagesParams, rows: ArrayLike) -> Pictures:
    """Print the pages of some rows again, as a network gets them [m, 224, 224, 3]."""
    wanted, config = np.asarray(rows, dtype=np.intp), params.population
    found = dict[int, Pictures]()
    for number in np.unique(wanted // BLOCK):
        here = np.unique(wanted[wanted // BLOCK == number])
        people = block(config, int(number))
        pictures = printed(config, people, int(number), here - number * BLOCK, params.size)
        found |= dict(zip(here.tolist(), pictures, strict=True))
    return np.stack([found[row] for row in wanted.tolist()])
