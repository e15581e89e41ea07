"""The realism of the population: its ECGs measured like real ones, and the laws it has to keep."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from hfgnn.cohort import FS, Cohort
from hfgnn.evaluate.morphology import measured
from hfgnn.evaluate.realism import apart_by_sex, judged, quantiles, shares
from hfgnn.seeding import rng
from hfgnn.world import ecg
from hfgnn.world.population import heart_of, population, simulate
from hfgnn.world.reference import reference

REDUCED, WIDE = 0.40, 120  # ejection fraction; ms


@dataclass(frozen=True)
class RealismParams:
    """How many people are measured."""

    seed: int
    people: int = 2_000  # a hundred and more in each of the larger groups


@dataclass(frozen=True)
class Realism:
    """Simulated ECGs held against quantiles of real ones."""

    features: pd.DataFrame  # group, sex, then one column a feature; one row a simulated person
    real: pd.DataFrame  # by (group, feature): n and quantiles of the real records
    verdicts: pd.DataFrame  # by (group, feature): gap, ratio, in range
    shares: pd.DataFrame  # by group: real, simulated (people), in range, perfect (shares)
    facts: dict[str, float]  # what the population as a whole has to keep


def realism(params: RealismParams, everyone: Cohort) -> Realism:
    """Simulate the hospital's mix, measure every ECG, and compare group by group.

    A wide QRS among weak hearts is looked for in `everyone`, the same mix in larger numbers.
    """
    people = simulate(population("hospital", people=params.people, seed=params.seed))
    assert people.ecg is not None
    found = measured(people.ecg, FS)
    groups, known = people.table["group"], reference()
    simulated = quantiles(*apart_by_sex(found, groups, people.table["heart_sex"]))
    real = known.drop(columns="perfect")
    verdicts = judged(real, simulated)
    by_group = pd.DataFrame(
        {
            "real": known.groupby(level="group")["n"].max(),
            "simulated": simulated["n"].groupby(level="group").max(),
            "in range": shares(verdicts),
            "perfect": known.groupby(level="group")["perfect"].first(),
        }
    )
    about = people.table[["group", "heart_sex"]].rename(columns={"heart_sex": "sex"})
    return Realism(
        features=pd.concat([about, found], axis=1),
        real=real,
        verdicts=verdicts,
        shares=by_group.dropna().sort_values("real", ascending=False),
        facts=facts(people, found) | wide_among_weak(everyone, params.seed),
    )


def facts(people: Cohort, found: pd.DataFrame) -> dict[str, float]:
    """Return the correlations and shares that published studies report."""
    table = people.table
    return {
        "mass_sokolow": float(table["heart_mass"].corr(found["sokolow"])),
        "mass_cornell": float(table["heart_mass"].corr(found["cornell"])),
        "bnp_ef": float(table["bnp"].corr(table["ef"], method="spearman")),
        "einthoven": _einthoven(people),
        "unmeasurable": float(found["hr"].isna().mean()),
    }


def wide_among_weak(everyone: Cohort, seed: int) -> dict[str, float]:
    """Draw and measure those whose ejection fraction is reduced: how many, and whose QRS is wide.

    "wide" is the share of QRS of 120 ms and more, as measured, not as the heart has it.
    """
    heart = heart_of(everyone.table)
    weak = heart.take(np.flatnonzero(heart.ef < REDUCED))
    stream = partial(rng, seed, "realism", "weak")
    drawn = ecg.draw(ecg.form(weak, stream("form")), stream("signal"))
    wide = measured(drawn, FS)["qrs"] >= WIDE
    return {"weak": len(weak), "wide_among_weak": float(wide.mean())}


def _einthoven(people: Cohort) -> float:
    assert people.ecg is not None
    gap = people.ecg[:, 0] + people.ecg[:, 2] - people.ecg[:, 1]
    return float(np.abs(gap.astype(float)).max())
