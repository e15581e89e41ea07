"""The causal model: each variable of a heart as an equation of its causes and its own noise z.

The arrows are the wiring: an equation is handed exactly the causes that `arrows.py` declares for
it. All arrays are [n].
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from hfgnn.world.law import HEAVY, IVCD, NONE, NORMAL, Law

Floats = NDArray[np.float64]
Ints = NDArray[np.int8]
Bools = NDArray[np.bool_]
Equation = Callable[..., Floats | Ints | Bools]


def by(values: Sequence[float], code: Ints) -> Floats:
    """Return each person's value, given one value for each code."""
    return np.asarray(values, dtype=float)[code]


def weakness(ef: Floats) -> Floats:
    """Return how many tens of points the ejection fraction lies below 0.55, at least 0."""
    return np.maximum(0.55 - ef, 0) / 0.10


def excess(mass: Floats, bsa: Floats, sex: Ints) -> Floats:
    """Return log(mass index / limit of hypertrophy), the limit being the sex's own."""
    return np.log(mass / bsa / by(HEAVY, sex))


def failing(ef: Floats) -> Floats:
    """Return w^2 / (1 + w^2), w the weakness: 0 for the healthy, .5 at 0.45, towards 1 for none."""
    return 1 - 1 / (1 + weakness(ef) ** 2)


def _sex(law: Law, z: Floats) -> Ints:
    return (ndtr(z) < law.women).astype(np.int8)


def _age(law: Law, z: Floats) -> Floats:
    share = (1 - ndtr(-z) ** (1 / law.age_b)) ** (1 / law.age_a)
    return law.age_low + (law.age_high - law.age_low) * share


def _bsa(law: Law, z: Floats, *, sex: Ints) -> Floats:
    return np.maximum(by(law.bsa, sex) + by(law.bsa_sd, sex) * z, 1.1)


def _diabetes(law: Law, z: Floats, *, age: Floats, sex: Ints) -> Bools:
    eta = law.diabetes + law.diabetes_age * (age - 50) + law.diabetes_woman * sex
    return np.asarray(eta + z > 0)


def _hypertension(law: Law, z: Floats, *, age: Floats, sex: Ints, diabetes: Bools) -> Bools:
    eta = law.hypertension + law.hypertension_age * (age - 50) + law.hypertension_woman * sex
    return np.asarray(eta + law.hypertension_diabetes * diabetes + z > 0)


def _infarct(
    law: Law, z: Floats, *, age: Floats, sex: Ints, hypertension: Bools, diabetes: Bools
) -> Ints:
    eta = law.infarct + law.infarct_age * (age - 50) + law.infarct_woman * sex
    eta = eta + law.infarct_hypertension * hypertension + law.infarct_diabetes * diabetes
    place = ndtr(-z) / ndtr(eta)  # uniform on [0, 1] among those with eta + z > 0
    territory = 1 + np.searchsorted(np.cumsum(law.territory)[:2], place)
    return np.where(place < 1, territory, NONE).astype(np.int8)


def _infarct_size(law: Law, z: Floats, *, sex: Ints, infarct: Ints) -> Floats:
    eta = by((0.0, *law.size), infarct) + law.size_woman * sex + law.size_sd * z
    return np.asarray(np.where(infarct == NONE, 0.0, law.size_most * expit(eta)))


def _acute(law: Law, z: Floats, *, infarct: Ints) -> Bools:
    return np.asarray((infarct != NONE) & (law.acute + z > 0))


def _cardiomyopathy(law: Law, z: Floats) -> Floats:
    severity = np.exp(law.cardiomyopathy + law.cardiomyopathy_sd * z)
    return np.minimum(severity, law.cardiomyopathy_most)


def _pressure(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    hypertension: Bools,
    infarct_size: Floats,
    cardiomyopathy: Floats,
) -> Floats:
    usual = law.pressure + law.pressure_age * (age - 50) + law.pressure_woman * sex
    usual = usual + law.pressure_hypertension * hypertension + law.pressure_infarct * infarct_size
    usual = usual + law.pressure_cardiomyopathy * cardiomyopathy
    return np.asarray(np.maximum(usual + law.pressure_sd * z, 75))


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
    body = law.edv_bsa * np.log(bsa / by(law.bsa, sex)) + law.edv_age * (age - 60)
    wider = law.edv_size * infarct_size + law.edv_cardiomyopathy * cardiomyopathy
    return np.exp(by(law.edv, sex) + body + wider + by(law.edv_sd, sex) * z)


def _ef(
    law: Law, z: Floats, *, sex: Ints, infarct_size: Floats, acute: Bools, cardiomyopathy: Floats
) -> Floats:
    lost = law.ef_size * infarct_size + law.ef_acute * acute
    eta = by(law.ef, sex) + lost + law.ef_cardiomyopathy * cardiomyopathy
    eta = eta + np.where(infarct_size > 0, law.ef_sd[1], law.ef_sd[0]) * z
    return np.asarray(law.ef_low + (law.ef_high - law.ef_low) * expit(eta))


def _esv(law: Law, z: Floats, *, edv: Floats, ef: Floats) -> Floats:
    return edv * (1 - ef)


def _mass(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    bsa: Floats,
    hypertension: Bools,
    pressure: Floats,
    edv: Floats,
) -> Floats:
    size = law.mass_bsa * np.log(bsa / by(law.bsa, sex))
    size = size + law.mass_edv * (np.log(edv) - by(law.edv, sex))
    load = law.mass_pressure * (pressure - 125)
    load = load + law.mass_hypertension * hypertension * np.maximum(age - 45, 0)
    return np.exp(by(law.mass, sex) + size + load + law.mass_sd * z)


def _conduction(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    bsa: Floats,
    infarct_size: Floats,
    cardiomyopathy: Floats,
    ef: Floats,
    mass: Floats,
) -> Ints:
    heavy = law.block_mass * np.maximum(excess(mass, bsa, sex), 0)
    causes = np.stack([age - 50, sex, failing(ef), infarct_size, cardiomyopathy])  # [5, n]
    terms = (law.block_age, law.block_woman, law.block_weak, law.block_size)
    weights = np.array([*terms, law.block_cardiomyopathy])  # [5, 4]
    odds = np.cumsum(np.exp(np.array(law.block) + causes.T @ weights + heavy[:, None]), axis=1)
    kind = 1 + (ndtr(z)[:, None] * (1 + odds[:, -1:]) > odds).sum(axis=1)
    return np.where(kind > IVCD, NORMAL, kind).astype(np.int8)


def _af(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    bsa: Floats,
    hypertension: Bools,
    ef: Floats,
    mass: Floats,
) -> Bools:
    eta = law.af + law.af_age * (age - 50) + law.af_woman * sex + law.af_hypertension * hypertension
    heavy = law.af_mass * np.maximum(excess(mass, bsa, sex), 0)
    return np.asarray(eta + law.af_weak * failing(ef) + heavy + z > 0)


def _filling(
    law: Law,
    z: Floats,
    *,
    age: Floats,
    sex: Ints,
    bsa: Floats,
    hypertension: Bools,
    ef: Floats,
    mass: Floats,
    af: Bools,
) -> Floats:
    stiff = law.filling_age * (age - 50) + law.filling_hypertension * hypertension
    stiff = stiff + law.filling_mass * (excess(mass, bsa, sex) + 0.3)
    weak = law.filling_weak * weakness(ef) + law.filling_af * af
    return np.minimum(np.exp(law.filling + stiff + weak + law.filling_sd * z), law.filling_most)


def _rate(law: Law, z: Floats, *, sex: Ints, ef: Floats, filling: Floats, af: Bools) -> Floats:
    drive = law.rate_weak * weakness(ef) + law.rate_filling * (filling - 9) + law.rate_af * af
    above = np.exp(by(law.rate, sex) + drive + law.rate_sd * z)
    return np.minimum(law.rate_floor + above, law.rate_most)


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
    eta = eta + law.ischaemia_cardiomyopathy * cardiomyopathy
    return np.asarray(np.maximum(eta + z, 0))


def _strain(law: Law, z: Floats, *, sex: Ints, bsa: Floats, mass: Floats) -> Floats:
    return np.maximum(law.strain + law.strain_mass * excess(mass, bsa, sex) + law.strain_sd * z, 0)


def _low_voltage(law: Law, z: Floats, *, bsa: Floats) -> Bools:
    return law.low_voltage + law.low_voltage_bsa * (bsa - 1.83) + z > 0


_ORDER: tuple[Equation, ...] = (  # causes before effects
    *(_sex, _age, _bsa, _diabetes, _hypertension, _infarct, _infarct_size, _acute, _cardiomyopathy),
    *(_pressure, _edv, _ef, _esv, _mass, _conduction, _af, _filling, _rate),
    *(_ischaemia, _strain, _low_voltage),
)
EQUATIONS = {equation.__name__.removeprefix("_"): equation for equation in _ORDER}
