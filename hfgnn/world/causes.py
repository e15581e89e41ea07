"""The causal model: each variable of a heart as an equation of its causes and its own noise z.

The arrows are the wiring: an equation is handed exactly the causes that `arrows.py` declares for
it. All arrays are [n].
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from hfgnn.world.law import Law

Array = NDArray[np.generic]
Floats = NDArray[np.float64]
Ints = NDArray[np.int8]
Bools = NDArray[np.bool_]
Equation = Callable[..., Array]

NONE, INFERIOR, ANTERIOR, LATERAL = range(4)
NORMAL, LBBB, RBBB, LAFB, IVCD = range(5)
HEAVY = (72.0, 55.0)  # g/m2 by magnetic resonance (men, women): above 95 % of healthy people


def weakness(ef: Floats) -> Floats:
    """Return how many tens of points the ejection fraction lies below 0.55, at least 0."""
    return np.maximum(0.55 - ef, 0) / 0.10


def excess(mass: Floats, bsa: Floats, sex: Ints) -> Floats:
    """Return log(mass index / the limit of hypertrophy)."""
    return np.log(mass / bsa / np.take(HEAVY, sex))


def _sex(law: Law, z: Floats) -> Ints:
    return (ndtr(z) < law.women).astype(np.int8)


def _age(law: Law, z: Floats) -> Floats:
    share = (1 - ndtr(-z) ** (1 / law.age_b)) ** (1 / law.age_a)
    return law.age_low + (law.age_high - law.age_low) * share


def _bsa(law: Law, z: Floats, *, sex: Ints) -> Floats:
    return np.maximum(np.take(law.bsa_mean, sex) + np.take(law.bsa_sd, sex) * z, 1.1)


def _diabetes(law: Law, z: Floats, *, age: Floats, sex: Ints) -> Bools:
    return law.diabetes + law.diabetes_age * (age - 50) + law.diabetes_woman * sex + z > 0


def _hypertension(law: Law, z: Floats, *, age: Floats, sex: Ints, diabetes: Bools) -> Bools:
    eta = law.hypertension + law.hypertension_age * (age - 50) + law.hypertension_woman * sex
    return eta + law.hypertension_diabetes * diabetes + z > 0


def _infarct(
    law: Law, z: Floats, *, age: Floats, sex: Ints, hypertension: Bools, diabetes: Bools
) -> Ints:
    eta = law.infarct + law.infarct_age * (age - 50) + law.infarct_woman * sex
    eta = eta + law.infarct_hypertension * hypertension + law.infarct_diabetes * diabetes
    place = ndtr(-z) / ndtr(eta)  # uniform on [0, 1] among those with eta + z > 0
    territory = 1 + np.searchsorted(np.cumsum(law.territory)[:2], place)
    return np.where(place < 1, territory, NONE).astype(np.int8)


def _infarct_size(law: Law, z: Floats, *, infarct: Ints) -> Floats:
    eta = np.take((0.0, *law.size), infarct) + law.size_sd * z
    return np.where(infarct == NONE, 0.0, expit(eta))


def _acute(law: Law, z: Floats, *, infarct: Ints) -> Bools:
    return (infarct != NONE) & (law.acute + z > 0)


def _cardiomyopathy(law: Law, z: Floats) -> Floats:
    return np.exp(law.cardiomyopathy + law.cardiomyopathy_sd * z)


def _pressure(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    hypertension: Bools,
    cardiomyopathy: Floats,
    infarct_size: Floats,
) -> Floats:
    usual = law.pressure + law.pressure_age * (age - 50) + law.pressure_woman * sex
    pump = law.pressure_cardiomyopathy * cardiomyopathy + law.pressure_infarct * infarct_size
    return np.maximum(
        usual + law.pressure_hypertension * hypertension + pump + law.pressure_sd * z, 75
    )


def _edv(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    bsa: Floats,
    infarct_size: Floats,
    cardiomyopathy: Floats,
) -> Floats:
    body = law.edv_bsa * np.log(bsa / np.take(law.bsa_mean, sex)) + law.edv_age * (age - 60)
    remodelled = law.edv_size * infarct_size + law.edv_cardiomyopathy * np.minimum(
        cardiomyopathy, 2
    )
    return np.exp(np.take(law.edv, sex) + body + remodelled + law.edv_sd * z)


def _ef(
    law: Law, z: Floats, *, sex: Ints, infarct_size: Floats, acute: Bools, cardiomyopathy: Floats
) -> Floats:
    lost = (
        law.ef_size * infarct_size + law.ef_acute * acute + law.ef_cardiomyopathy * cardiomyopathy
    )
    share = expit(np.take(law.ef, sex) + lost + law.ef_sd * z)
    return law.ef_low + (law.ef_high - law.ef_low) * share


def _esv(law: Law, z: Floats, *, edv: Floats, ef: Floats) -> Floats:
    return edv * (1 - ef)


def _mass(law: Law, z: Floats, *, sex: Ints, bsa: Floats, pressure: Floats, edv: Floats) -> Floats:
    body = law.mass_bsa * np.log(bsa / np.take(law.bsa_mean, sex))
    load = law.mass_edv * (np.log(edv) - np.take(law.edv, sex))
    load = load + law.mass_pressure * (pressure - 125)
    return np.exp(np.take(law.mass, sex) + body + load + law.mass_sd * z)


def _conduction(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    ef: Floats,
    infarct: Ints,
    cardiomyopathy: Floats,
    mass: Floats,
    bsa: Floats,
) -> Ints:
    shared = law.block_age * (age - 50) + law.block_woman * sex
    shared = shared + law.block_anterior * (infarct == ANTERIOR)
    shared = shared + law.block_mass * np.maximum(excess(mass, bsa, sex), 0)
    weak, diffuse = np.minimum(weakness(ef), 1.2), np.minimum(cardiomyopathy, 1)
    level = np.array([law.lbbb, law.rbbb, law.lafb, law.ivcd])
    eta = level + np.outer(weak, law.block_weak) + np.outer(diffuse, law.block_cardiomyopathy)
    odds = np.cumsum(np.exp(eta + shared[:, None]), axis=1)
    place = ndtr(z)[:, None] * (1 + odds[:, -1:])
    kind = 1 + (place > odds).sum(axis=1)
    return np.where(kind > IVCD, NORMAL, kind).astype(np.int8)


def _af(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    hypertension: Bools,
    ef: Floats,
    mass: Floats,
    bsa: Floats,
) -> Bools:
    eta = law.af + law.af_age * (age - 50) + law.af_woman * sex + law.af_hypertension * hypertension
    weak = law.af_weak * np.minimum(weakness(ef), 2)
    return eta + weak + law.af_mass * np.maximum(excess(mass, bsa, sex), 0) + z > 0


def _filling(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    hypertension: Bools,
    ef: Floats,
    mass: Floats,
    bsa: Floats,
    af: Bools,
) -> Floats:
    stiff = law.filling_age * (age - 50) + law.filling_hypertension * hypertension
    stiff = stiff + law.filling_mass * (excess(mass, bsa, sex) + 0.3)
    weak = law.filling_weak * weakness(ef) + law.filling_af * af
    return np.exp(law.filling + stiff + weak + law.filling_sd * z)


def _rate(law: Law, z: Floats, *, sex: Ints, ef: Floats, filling: Floats, af: Bools) -> Floats:
    drive = law.rate_weak * weakness(ef) + law.rate_filling * (filling - 9) + law.rate_af * af
    return law.rate_floor + np.exp(np.take(law.rate, sex) + drive + law.rate_sd * z)


def _ischaemia(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    hypertension: Bools,
    diabetes: Bools,
    infarct: Ints,
    cardiomyopathy: Floats,
) -> Floats:
    eta = law.ischaemia + law.ischaemia_age * (age - 50) + law.ischaemia_hypertension * hypertension
    eta = eta + law.ischaemia_diabetes * diabetes + law.ischaemia_infarct * (infarct != NONE)
    return np.maximum(eta + law.ischaemia_cardiomyopathy * np.minimum(cardiomyopathy, 2) + z, 0)


def _strain(law: Law, z: Floats, *, sex: Ints, mass: Floats, bsa: Floats) -> Floats:
    return np.maximum(law.strain + law.strain_mass * excess(mass, bsa, sex) + law.strain_sd * z, 0)


def _low_voltage(law: Law, z: Floats, *, bsa: Floats) -> Bools:
    return law.low_voltage + law.low_voltage_bsa * (bsa - 1.83) + z > 0


EQUATIONS: dict[str, Equation] = {  # in an order in which causes come first
    "sex": _sex,
    "age": _age,
    "bsa": _bsa,
    "diabetes": _diabetes,
    "hypertension": _hypertension,
    "infarct": _infarct,
    "infarct_size": _infarct_size,
    "acute": _acute,
    "cardiomyopathy": _cardiomyopathy,
    "pressure": _pressure,
    "edv": _edv,
    "ef": _ef,
    "esv": _esv,
    "mass": _mass,
    "conduction": _conduction,
    "af": _af,
    "filling": _filling,
    "rate": _rate,
    "ischaemia": _ischaemia,
    "strain": _strain,
    "low_voltage": _low_voltage,
}
