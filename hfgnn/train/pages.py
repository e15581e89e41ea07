"""Pages of a population as the 512 numbers of each backbone: printed, coded, squeezed, read.

A page lives only as long as it is read: 2,000 of them would fill a third of a gigabyte.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.features.resnet import backbone, features, small
from hfgnn.world.population import Population, block, blocks, pages, population

Pictures = NDArray[np.uint8]
PRINTED = (553, 393)  # pixels: a quarter of the collection's pages each way


@dataclass(frozen=True)
class PagesParams:
    """Whose pages are read, and by which networks."""

    seed: int
    people: int = 2_000  # the thesis's collection has 929; more of them make intervals narrow
    cohort: str = "thesis"
    backbones: tuple[str, ...] = ("ecg", "random")
    size: tuple[int, int] = PRINTED

    @property
    def population(self) -> Population:
        """Return the population that these people are."""
        return population(self.cohort, people=self.people, seed=self.seed)


@dataclass(frozen=True)
class Pages:
    """People, and what each network sees on their page."""

    table: pd.DataFrame  # one row a person, as in a Cohort
    seen: dict[str, NDArray[np.float32]]  # by backbone: [n, 512]


def read_pages(params: PagesParams) -> Pages:
    """Simulate the people, print their pages, and let each network read them."""
    networks = {name: backbone(name) for name in params.backbones}
    people, seen = [], {name: list[NDArray[np.float32]]() for name in networks}
    for table, pictures in printed(params):
        people.append(table)
        for name, network in networks.items():
            seen[name].append(features(pictures, network))
    return Pages(
        pd.concat(people, ignore_index=True),
        {name: np.concatenate(parts) for name, parts in seen.items()},
    )


def printed(params: PagesParams) -> Iterator[tuple[pd.DataFrame, Pictures]]:
    """Yield, block by block, people and their pages as a network gets them [m, 224, 224, 3]."""
    config = params.population
    for number in blocks(config):
        people = block(config, number)
        coded = pages(config, people, number, params.size)
        yield people.table, np.stack([small(page) for page in coded])
