"""Do simulated hearts move as patients' do? Three groups by the rules of the ACDC collection.

Its hundred public cases (Bernard et al. 2018) were measured: volumes by their masks. Simulated
people fit a group's rules as far as hearts here have what these ask for: a mass index stands for
the thickness of the wall. Once all of them are measured, and once those who are like the patients:
whose ejection fraction lies where the group's has it and, of the ill, whose chamber is widened.
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

    groups: pd.DataFrame  # group, who (all, alike): people, EF, right by left volume, right EF


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
    for name, fit in groups(heart).items():
        low, high = (float(ACDC[end][name]) for end in ("low", "high"))
        like = fit & (heart.ef > low) & (heart.ef < high) & (wide | (name == "healthy"))
        for who, chosen in (("all", fit), ("alike", like)):
            own = heart.take(np.flatnonzero(chosen)[: params.each])
            rows[name, who] = _measured(own, rng(params.seed, "patients", name, who))
    table = pd.DataFrame.from_dict(rows, orient="index")
    return Patients(table.set_axis(pd.MultiIndex.from_tuples(rows, names=["group", "who"])))


def _measured(heart: Heart, stream: np.random.Generator) -> dict[str, float]:
    moments = beat(heart, stream)
    ends = [moments[phase] for phase in ("ED", "ES")]
    left = [walls.volume("inner") for walls in ends]
    right = [walls.volume("right") - walls.volume("outer") for walls in ends]
    told = {"people": len(heart), "EF": (1 - left[1] / left[0]).mean()}
    both, pump = right[0] / left[0], 1 - right[1] / right[0]
    return told | {"right by left": both.mean(), "right EF": pump.mean()}
