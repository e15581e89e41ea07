"""Do simulated hearts move as patients' do? Three groups by the rules of the ACDC collection.

Its hundred public cases (Bernard et al. 2018) were measured: volumes by their masks. Of a simulated
community those are compared whose ejection fraction lies where the group's patients have it; who
is ill there has a widened chamber, since ACDC chose its patients in a hospital.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.seeding import rng
from hfgnn.world.latent import NONE, Heart, hearts
from hfgnn.world.walls import beat

WIDE = 100.0  # mL per m2 at end-diastole
USUAL = (90.0, 80.0)  # mL per m2: a man's and a woman's usual chamber is smaller
ACDC = pd.DataFrame(  # mean, SD, from and to of EF; right by left volume; the right one's EF
    {
        "healthy": (0.603, 0.051, 0.51, 0.73, 1.17, 0.55),
        "after an infarct": (0.310, 0.081, 0.16, 0.44, 0.72, 0.56),
        "widened": (0.184, 0.067, 0.10, 0.31, 0.62, 0.32),
    },
    index=["EF", "SD", "low", "high", "right by left", "right EF"],
).T.rename_axis("group")


@dataclass(frozen=True)
class PatientsParams:
    """How many people are drawn, and how many of each group are measured."""

    seed: int
    people: int = 60_000
    each: int = 200


@dataclass(frozen=True)
class Patients:
    """What was measured."""

    groups: pd.DataFrame  # group: people, EF, its SD, right by left volume, the right one's EF


def groups(heart: Heart) -> dict[str, NDArray[np.bool_]]:
    """Return who is in each group, by ACDC's rules."""
    index, scarred = heart.edv / heart.bsa, heart.infarct != NONE
    well = (heart.ef > 0.5) & (index < np.array(USUAL)[heart.sex]) & ~scarred & ~heart.hypertrophy
    weak = heart.ef < 0.4
    return {
        "healthy": well,
        "after an infarct": weak & scarred,
        "widened": weak & ~scarred & (index > WIDE),
    }


def patients(params: PatientsParams) -> Patients:
    """Measure simulated people of each group by their walls."""
    heart, rows = hearts(params.people, rng(params.seed, "patients")), {}
    wide = heart.edv / heart.bsa > WIDE
    for name, who in groups(heart).items():
        low, high = (float(ACDC[end][name]) for end in ("low", "high"))
        like = who & (heart.ef > low) & (heart.ef < high) & (wide | (name == "healthy"))
        own = heart.take(np.flatnonzero(like)[: params.each])
        moments = beat(own, rng(params.seed, "patients", "walls"))
        ends = [moments[phase] for phase in ("ED", "ES")]
        left = [walls.volume("inner") for walls in ends]
        right = [walls.volume("right") - walls.volume("outer") for walls in ends]
        ef, both = 1 - left[1] / left[0], right[0] / left[0]
        told = {"people": len(own), "EF": ef.mean(), "SD": ef.std(ddof=1)}
        told |= {"right by left": both.mean(), "right EF": 1 - (right[1] / right[0]).mean()}
        rows[name] = told
    return Patients(pd.DataFrame.from_dict(rows, orient="index").rename_axis("group"))
