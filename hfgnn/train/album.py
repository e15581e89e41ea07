"""An album: a few people whose hearts a reader of ECGs should recognise at a glance.

Of those who show a kind, the most typical one is taken: whose measured features lie closest to the
medians of real ECGs of that group, in units of half their 2-98 % range.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.cohort import FS, Cohort
from hfgnn.evaluate.morphology import measured
from hfgnn.evaluate.realism import MILLIVOLTS, quantiles
from hfgnn.seeding import rng
from hfgnn.world.latent import ANTERIOR, INFERIOR, LBBB, NONE, NORMAL, RBBB
from hfgnn.world.page import CLEAN, page, styles
from hfgnn.world.population import population, simulate
from hfgnn.world.reference import reference

MOST = 150  # people of a kind who are looked at: more are hardly more typical


@dataclass(frozen=True)
class AlbumParams:
    """From how many people the album is chosen, and how large its pages are."""

    seed: int
    people: int = 2_000  # enough that the rarest kind, an acute infarct, is among them
    size: tuple[int, int] = CLEAN.size  # of a page: half of the half of the collection's


def kinds(cohort: Cohort) -> dict[str, NDArray[np.bool_]]:
    """Return who shows each kind plainly: [n] each."""
    heart = cohort.table.filter(like="heart_").rename(columns=lambda name: name[6:])
    block, infarct = heart["conduction"], heart["infarct"]
    plain = cohort.table["group"] == "NORM"
    alone, whole = block == NORMAL, infarct == NONE
    clear = {
        "normal": (cohort.table["class"] == "Normal") & (heart["age"] > 35) & plain,
        "left bundle branch block": (block == LBBB) & whole & ~heart["af"],
        "right bundle branch block": (block == RBBB) & whole & ~heart["af"],
        "anterior infarct": (infarct == ANTERIOR) & (heart["infarct_size"] > 0.25) & alone,
        "inferior infarct": (infarct == INFERIOR) & (heart["infarct_size"] > 0.15) & alone,
        "acute infarct": heart["acute"] & (infarct == ANTERIOR) & alone,
        "atrial fibrillation": heart["af"] & alone & whole & (heart["rate"] < 110),
        "hypertrophy": (cohort.table["group"] == "LVH") & (heart["strain"] > 1) & alone,
    }
    return {
        name: np.asarray(who & (heart["acute"] == (name == "acute infarct")))
        for name, who in clear.items()
    }


def album(params: AlbumParams) -> Cohort:
    """Return one person of each kind, the most typical that there is, with a page."""
    everyone = simulate(population("hospital", people=params.people, seed=params.seed))
    shown = {name: np.flatnonzero(who)[:MOST] for name, who in kinds(everyone).items()}
    if missing := [name for name, rows in shown.items() if not len(rows)]:
        raise ValueError(
            f"nobody of {params.people} people shows {', '.join(missing)}; draw more people"
        )
    chosen = everyone.take(
        np.array([_typical(everyone.take(rows), rows) for rows in shown.values()])
    )
    looks = styles(len(chosen), rng(params.seed, "album"), size=params.size)
    assert chosen.ecg is not None
    drawn = [
        np.asarray(page(ecg, look, fs=FS)) for ecg, look in zip(chosen.ecg, looks, strict=True)
    ]
    table = chosen.table.assign(shown=list(shown))
    return replace(chosen, table=table, page=np.stack(drawn).astype(np.uint8))


def _typical(people: Cohort, rows: NDArray[np.intp]) -> int:
    """Return the row of the person nearest to the medians of their commonest group.

    They are those of real ECGs, or of these people where too few real ones are known.
    """
    assert people.ecg is not None
    known, group = reference(), people.table["group"].mode()[0]
    found = measured(people.ecg, FS)
    own = quantiles(found, pd.Series(group, index=found.index))
    usual = (known if group in known.index.get_level_values("group") else own).loc[group]
    spread = (usual["q98"] - usual["q02"]) / 2 + MILLIVOLTS
    away = (found[usual.index] - usual["q50"]).abs() / spread
    return int(rows[away.mean(axis=1).fillna(np.inf).argmin()])
