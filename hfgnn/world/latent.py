"""The hidden heart: what is true of a person, before anything has been measured. All arrays [n]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.world.arrows import ARROWS, causes
from hfgnn.world.causes import EQUATIONS, Bools, Floats, Ints, by
from hfgnn.world.law import (
    ANTERIOR,
    HEAVY,
    INFERIOR,
    IVCD,
    LAFB,
    LATERAL,
    LAW,
    LBBB,
    NONE,
    NORMAL,
    RBBB,
    Law,
)

__all__ = [
    "ANTERIOR",
    "ARROWS",
    "INFERIOR",
    "ISCHAEMIC",
    "IVCD",
    "LAFB",
    "LATERAL",
    "LAW",
    "LBBB",
    "NONE",
    "NORMAL",
    "RBBB",
    "Heart",
    "Law",
    "gathered",
    "hearts",
    "solve",
]

ISCHAEMIC = 0.5  # a primary ST-T abnormality above this is one that a reader would name


@dataclass(frozen=True)
class Heart:
    """The hidden hearts of n people."""

    sex: Ints  # 0 male, 1 female, as in PTB-XL
    age: Floats  # years
    bsa: Floats  # body surface area, m2
    hypertension: Bools
    diabetes: Bools
    pressure: Floats  # true resting systolic pressure, mmHg
    infarct: Ints  # NONE, INFERIOR, ANTERIOR, LATERAL
    infarct_size: Floats  # share of the left ventricle that is scar
    acute: Bools  # the infarct is days old: ST is still up
    cardiomyopathy: Floats  # diffuse disease of the muscle, 0 none, 1 severe
    mass: Floats  # of the left ventricle, g
    edv: Floats  # end-diastolic volume, mL
    esv: Floats  # end-systolic volume, mL
    ef: Floats  # ejection fraction = 1 - esv / edv, never measured without error
    conduction: Ints  # NORMAL, LBBB, RBBB, LAFB, IVCD (non-specific delay)
    af: Bools  # the rhythm at the recording is atrial fibrillation, else sinus
    rate: Floats  # resting heart rate, bpm
    ischaemia: Floats  # primary ST-T abnormality, 0 for most
    strain: Floats  # ST-T change that follows mass, 0 for most
    low_voltage: Bools  # effusion, lung or fat between the heart and the electrodes
    filling: Floats  # pressure at which the left ventricle fills, mmHg
    mass_z: Floats  # the noise of log mass: a heart that is heavy without a cause

    def __len__(self) -> int:
        return len(self.sex)

    def take(self, index: NDArray[np.generic]) -> "Heart":
        """Return these people's hearts, by number or by yes and no."""
        return Heart(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def table(self) -> pd.DataFrame:
        """Return one row a person, one column a variable."""
        return pd.DataFrame({field.name: getattr(self, field.name) for field in fields(self)})

    @property
    def hypertrophy(self) -> Bools:
        """Return whose mass index is above the limit for the sex."""
        return np.asarray(self.mass / self.bsa > by(HEAVY, self.sex))

    @property
    def group(self) -> NDArray[np.str_]:
        """Return the group of the ECG, by the priority in which a reader sees the signs."""
        other = (self.infarct == LATERAL) | (self.conduction == IVCD) | self.low_voltage
        signs = {
            "CLBBB": self.conduction == LBBB,
            "CRBBB": self.conduction == RBBB,
            "AFIB": self.af,
            "AMI": self.infarct == ANTERIOR,
            "IMI": self.infarct == INFERIOR,
            "LVH": self.hypertrophy,
            "LAFB": self.conduction == LAFB,
            "other": other | (self.ischaemia > ISCHAEMIC),
        }
        return np.select(list(signs.values()), list(signs), "NORM")


def gathered(parts: Sequence[Heart]) -> Heart:
    """Return the hearts of all parts, one after another."""
    names = [field.name for field in fields(Heart)]
    return Heart(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


def solve(
    noise: Mapping[str, Floats], law: Law = LAW, *, do: Mapping[str, float] | None = None
) -> Heart:
    """Return the hearts that follow from each variable's noise [n]; `do` sets variables by hand."""
    forced, values = do or {}, dict[str, Any]()
    if unknown := set(forced) - set(EQUATIONS):
        raise ValueError(f"no variable {sorted(unknown)}; what can be set by hand: {[*EQUATIONS]}")
    for name, equation in EQUATIONS.items():
        drawn = equation(law, noise[name], **{cause: values[cause] for cause in causes(name)})
        values[name] = np.full_like(drawn, forced[name]) if name in forced else drawn
    return Heart(**values, mass_z=noise["mass"])


def hearts(n: int, rng: np.random.Generator, law: Law = LAW) -> Heart:
    """Draw n hearts of the community: each variable from its causes and its own noise."""
    noise = rng.standard_normal((len(EQUATIONS), n))
    return solve(dict(zip(EQUATIONS, noise, strict=True)), law)
