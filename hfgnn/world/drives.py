"""What the waves hear of a heart: the few numbers through which it reaches the beat.

Drives are standard within the group of ECGs, so that they move people along what real records of
that group differ by and do not widen it; everything else is a yes, a no or a dose.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from hfgnn.cohort import GROUPS as GROUPS
from hfgnn.world.causes import excess, weakness
from hfgnn.world.latent import ANTERIOR, INFERIOR, ISCHAEMIC, IVCD, LAFB, RBBB, Heart

Floats = NDArray[np.floating]
Names = NDArray[np.str_]
Bools = NDArray[np.bool_]
# Mean and SD in the hearts of each group, by the law of the hearts: log mass over its limit.
MASS = {"NORM": (-0.30, 0.15), "LVH": (0.08, 0.07), "IMI": (-0.19, 0.18), "AMI": (-0.20, 0.18)}
MASS |= {"CLBBB": (-0.17, 0.19), "CRBBB": (-0.20, 0.19), "LAFB": (-0.27, 0.15)}
MASS |= {"AFIB": (-0.17, 0.19), "other": (-0.27, 0.15)}
# Likewise of strain + ischaemia, so that what is left within +-3 has mean 0 and SD 1,
STRESS = {"NORM": (0.034, 0.089), "LVH": (1.11, 0.65), "IMI": (0.38, 0.58), "AMI": (0.38, 0.58)}
STRESS |= {"CLBBB": (0.45, 0.66), "CRBBB": (0.32, 0.54), "LAFB": (0.093, 0.207)}
STRESS |= {"AFIB": (0.42, 0.63), "other": (0.59, 0.55)}
SCAR = {"AMI": (-1.45, 1.00), "IMI": (-1.99, 1.05)}  # and of the logit of the infarct's share
# What a second disease adds to the first: the share of its own mean shift that is still seen.
SEEN = 0.7  # chosen: two diseases of one ventricle hide each other in part
HEAVY = 0.5  # chosen: voltage adds less to what already deforms QRS
BLOCKED = 0.35  # chosen: left bundle branch block hides infarcts and hypertrophy
SLOWED = 0.01  # log QRS duration per 10 points of ejection fraction lost: stretched, scarred muscle


@dataclass(frozen=True)
class Drives:
    """All that the waves hear of n hearts: what is not here does not reach the beat."""

    group: Names  # [n]
    covariates: Floats  # [n, 3] of sex, age, RR
    rr: Floats  # [n] s
    voltage: Floats  # [n] standard within the group: mass
    repolarisation: Floats  # [n] standard within the group: strain and ischaemia
    size: Floats  # [n] standard within the group: the infarct
    second: Floats  # [n, G] shares of other groups' mean shifts that are seen as well
    delay: Floats  # [n] added to log QRS duration
    ivcd: Bools  # [n] non-specific delay, and nothing that counts before it
    atrial: Bools  # [n] P waves
    territory: NDArray[np.int8]  # [n] of the infarct
    scar: Floats  # [n] share of the ventricle
    acute: Bools  # [n]
    ischaemia: Floats  # [n] what a normal ECG does not hold, in those whom it puts among `other`
    low_voltage: Bools  # [n]

    def __len__(self) -> int:
        return len(self.rr)

    def table(self) -> pd.DataFrame:
        """Return one row a person, one column a number or name."""
        columns = {name: value for name, value in vars(self).items() if np.ndim(value) == 1}
        columns |= dict(zip(("c_sex", "c_age", "c_rr"), self.covariates.T, strict=True))
        second = {f"second_{g}": w for g, w in zip(GROUPS, self.second.T, strict=True) if w.any()}
        return pd.DataFrame(columns | second)


def covariates(sex: ArrayLike, age: ArrayLike, rr: ArrayLike) -> Floats:
    """Return sex, age and log RR about their usual values, [n, 3]."""
    years = np.clip(np.nan_to_num(np.asarray(age, float), nan=60.0), 18, 90)  # PTB-XL tops at 90
    lag = np.log(np.asarray(rr, float) / 0.88) / 0.18
    return np.stack(
        [2 * np.asarray(sex, float) - 1, (years - 60) / 18, np.clip(lag, -3, 3)], axis=1
    )


def drives(heart: Heart) -> Drives:
    """Return what the waves hear of these hearts."""
    group, rr = heart.group, 60 / heart.rate
    scar = logit(np.clip(heart.infarct_size, 1e-3, 1 - 1e-3))
    other = group == "other"
    return Drives(
        group=group,
        covariates=covariates(heart.sex, heart.age, rr),
        rr=rr,
        voltage=standard(excess(heart.mass, heart.bsa, heart.sex), group, MASS),
        repolarisation=standard(heart.strain + heart.ischaemia, group, STRESS),
        size=standard(scar, group, SCAR),
        second=_second(heart, group),
        delay=SLOWED * np.minimum(weakness(heart.ef), 4),
        ivcd=(heart.conduction == IVCD),
        atrial=~heart.af,
        territory=heart.infarct,
        scar=heart.infarct_size,
        acute=heart.acute,
        ischaemia=np.where(other, np.maximum(heart.ischaemia - ISCHAEMIC, 0), 0),
        low_voltage=heart.low_voltage,
    )


def standard(x: Floats, group: Names, law: dict[str, tuple[float, float]]) -> Floats:
    """Return (x - mean) / SD by each person's group, within +-3; 0 where the law names no group."""
    z = np.zeros(len(x))
    for name, (mean, sd) in law.items():
        z = np.where(group == name, (x - mean) / sd, z)
    return np.clip(z, -3, 3)


def _second(heart: Heart, group: Names) -> Floats:
    """Return the share of each group's mean shift that shows beside the first, [n, G]."""
    signs = {
        "CRBBB": heart.conduction == RBBB,
        "LAFB": heart.conduction == LAFB,
        "AMI": heart.infarct == ANTERIOR,
        "IMI": heart.infarct == INFERIOR,
        "LVH": heart.hypertrophy,
    }
    shares = np.zeros((len(group), len(GROUPS)))
    for name, sign in signs.items():
        seen = np.where(group == "CLBBB", BLOCKED, HEAVY if name == "LVH" else SEEN)
        shares[:, GROUPS.index(name)] = np.where(sign & (group != name), seen, 0)
    return shares
