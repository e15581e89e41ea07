"""People who are followed until their heart fails or they are lost: their beats, and what is known.

ECGs live only as long as a block of people is drawn; what stays is the median beat that networks
read, in half precision (z-scores, to a thousandth), and the fifteen signs that a Cox model reads.
"""

from ast import literal_eval
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.cohort import FS
from hfgnn.features.beats import SHAPE, beat, train
from hfgnn.features.biomarkers import frame, signs
from hfgnn.features.statements import Statements, text_of
from hfgnn.world.population import Population, block, blocks, population

Beats = NDArray[np.float16]


@dataclass(frozen=True)
class FollowedParams:
    """Who is followed."""

    seed: int
    cohort: str = "book"  # a study, or "hospital" for people with reports to learn from
    people: int = 3_000
    signs: bool = True  # whether the fifteen signs are measured; only a Cox model reads them

    @property
    def population(self) -> Population:
        """Return the population that these people are."""
        return population(self.cohort, people=self.people, seed=self.seed)


@dataclass(frozen=True)
class Followed:
    """People with a readable beat, in the order in which they came."""

    table: pd.DataFrame  # as in a Cohort: time in months, event, eta, clinical values, codes
    beats: Beats  # [n, 12, 608]
    signs: pd.DataFrame  # [n, 15], see `features.biomarkers`; no column where nobody asked
    unread: int  # people of whose ECG no beat could be read: they are left out

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.table)

    def take(self, rows: NDArray[np.intp]) -> "Followed":
        """Return these people, by position, in this order."""
        table, signs = (part.iloc[rows].reset_index(drop=True) for part in (self.table, self.signs))
        return replace(self, table=table, beats=self.beats[rows], signs=signs)

    def texts(self, statements: Statements, *, zeros: Any = "dropped") -> NDArray[np.float32]:
        """Return what a reader stated of each ECG as numbers [n, width]."""
        read = [literal_eval(codes) for codes in self.table["codes"]]
        return text_of(read, statements, zeros=zeros)


def followed(params: FollowedParams) -> Followed:
    """Draw the people, and keep a beat of each ECG."""
    tables, beats, measured, config = [], [], [], params.population
    for number in blocks(config):
        found = block(config, number)
        assert found.ecg is not None
        ok = np.zeros(len(found.table), bool)
        for row, (ecg, sex) in enumerate(zip(found.ecg, found.table["heart_sex"], strict=True)):
            places = train(ecg, FS)
            seen = beat(places)
            if seen is not None:
                ok[row] = True
                beats.append(seen.astype(np.float16))
                measured.append(signs(places, int(sex)) if params.signs else {})
        tables.append(found.table[ok])
    table = pd.concat(tables, ignore_index=True)
    columns = frame(measured) if params.signs else pd.DataFrame(index=table.index)
    read = np.array(beats, np.float16).reshape(-1, *SHAPE)
    return Followed(table, read, columns, config.people - len(table))
