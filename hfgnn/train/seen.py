"""People of the third work, as its networks see them: ten seconds of ECG, three pictures, a table.

The table is what is cheap to have beside an ECG; an echo's ejection fraction is a picture's and is
not in it. ECGs are kept in half precision, z-scores to a few thousandths.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from hfgnn.cohort import FS
from hfgnn.features.signals import cleaned
from hfgnn.models.masked import SMALL, Sizes
from hfgnn.world.cmr import images
from hfgnn.world.population import Population, block, blocks, population

Floats = NDArray[np.float64]
CHEAP = ("age", "sex", "bsa", "sbp", "bnp", "nyha", "diabetes", "hypertension")
HIDDEN = {name: f"heart_{name}" for name in ("sex", "bsa", "diabetes", "hypertension")}


@dataclass(frozen=True)
class SeenParams:
    """Who is seen, and how finely."""

    seed: int
    people: int
    sizes: Sizes = SMALL  # of the network that reads their ECGs: its samples in ten seconds
    cohort: str = "general"

    @property
    def population(self) -> Population:
        """Return the population that these people are."""
        return population(self.cohort, people=self.people, seed=self.seed)


@dataclass(frozen=True)
class Seen:
    """People, in the order in which they came."""

    table: pd.DataFrame  # as in a Cohort
    ecg: NDArray[np.float16]  # [n, 12, samples]
    picture: NDArray[np.uint8]  # [n, 3, 96, 96]; none of real people

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.table)

    @property
    def cheap(self) -> Floats:
        """Return the columns CHEAP [n, 8], BNP as its logarithm."""
        named = self.table[[HIDDEN.get(name, name) for name in CHEAP]].set_axis(CHEAP, axis=1)
        return named.assign(bnp=np.log(named["bnp"])).to_numpy(float)

    def take(self, rows: NDArray[np.intp]) -> "Seen":
        """Return these people, by position, in this order."""
        table, picture = self.table.iloc[rows].reset_index(drop=True), self.picture
        return replace(self, table=table, ecg=self.ecg[rows], picture=picture[rows])

    def signals(self, rows: NDArray[np.intp]) -> Tensor:
        """Return the ECGs of some as networks read them, float32."""
        return torch.from_numpy(self.ecg[rows].astype(np.float32))

    def pictures(self, rows: NDArray[np.intp]) -> Tensor:
        """Return the pictures of some as networks read them, from 0 to 1."""
        return torch.from_numpy(self.picture[rows].astype(np.float32) / 255)


def seen(params: SeenParams) -> Seen:
    """Draw the people with both views, block by block."""
    tables, ecgs, pictures, config = [], [], [], params.population
    for number in blocks(config):
        found = block(config, number)
        assert found.ecg is not None
        tables.append(found.table)
        ecgs.append(read(found.ecg, FS, params.sizes.samples))
        pictures.append(images(config, found, number))
    table = pd.concat(tables, ignore_index=True)
    return Seen(table, np.concatenate(ecgs), np.concatenate(pictures))


def read(ecg: NDArray[np.floating], fs: float, samples: int) -> NDArray[np.float16]:
    """Return ECGs [n, 12, T] as networks read them: of so many samples, each a mean, cleaned."""
    times, left = divmod(ecg.shape[2], samples)
    if left or not times:
        raise ValueError(
            f"{ecg.shape[2]} samples are not a whole number of times {samples}; "
            "resample the records first, or read them with other Sizes"
        )
    known = np.nan_to_num(ecg, posinf=0, neginf=0)
    means = known.reshape(*ecg.shape[:2], samples, times).mean(axis=3)
    return cleaned(means, fs / times).astype(np.float16)
