"""The law of the community's hearts: every coefficient of the causal model, with its reason.

Every variable is an equation of its causes and of one standard normal number z of its own; a
variable that is yes or no is a probit, [eta + z > 0]. The equations are in `causes.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """The coefficients of the community; a pair is (men, women)."""

    # who: adults of a city, old enough and young enough that any cohort can be chosen from them
    women: float = 0.5  # share; chosen
    age_low: float = 18.0  # years; adults
    age_high: float = 95.0  # years; nobody older
    age_a: float = 1.5  # age is Kumaraswamy(a, b) on [low, high]: median 51; chosen
    age_b: float = 2.0
    bsa_mean: tuple[float, float] = (1.96, 1.70)  # m2; EDV over EDV index, Petersen 2017
    bsa_sd: tuple[float, float] = (0.16, 0.14)  # m2; chosen
    # risk factors
    diabetes: float = -1.78  # probit at age 50: about 6 % of adults
    diabetes_age: float = 0.020  # a year
    diabetes_woman: float = -0.12
    hypertension: float = -0.70  # probit at age 50: 25-30 % of adults
    hypertension_age: float = 0.032  # a year
    hypertension_woman: float = -0.05
    hypertension_diabetes: float = 0.50
    pressure: float = 121.0  # mmHg at age 50
    pressure_age: float = 0.25  # a year
    pressure_woman: float = -3.0
    pressure_hypertension: float = 14.0  # partly treated
    pressure_cardiomyopathy: float = -8.0  # a failing pump
    pressure_infarct: float = -30.0  # for a whole ventricle of scar
    pressure_sd: float = 10.0
    # infarct
    infarct: float = -2.35  # probit at age 50
    infarct_age: float = 0.026
    infarct_woman: float = -0.35
    infarct_hypertension: float = 0.25
    infarct_diabetes: float = 0.35
    territory: tuple[float, float, float] = (0.45, 0.45, 0.10)  # inferior, anterior, lateral
    size: tuple[float, float, float] = (-1.9, -1.45, -2.0)  # logit of the median share, same order
    size_sd: float = 0.75
    acute: float = -0.9  # probit: 18 % of those with an infarct are recorded in its first days
    # muscle
    cardiomyopathy: float = -3.9  # log of the median
    cardiomyopathy_sd: float = 1.38  # 1 % of people above 0.5
    edv: tuple[float, float] = (5.09, 4.805)  # log mL at the mean BSA, age 60
    edv_bsa: float = 1.0
    edv_age: float = -0.003
    edv_size: float = 0.9
    edv_cardiomyopathy: float = 0.30
    edv_sd: float = 0.155
    ef_low: float = 0.08  # no living heart pumps less
    ef_high: float = 0.80
    ef: tuple[float, float] = (0.88, 1.06)  # logit between the bounds
    ef_size: float = -4.5
    ef_acute: float = -0.25  # stunned
    ef_cardiomyopathy: float = -2.0
    ef_sd: float = 0.32
    mass: tuple[float, float] = (4.63, 4.245)  # log g at the mean BSA, 125 mmHg, EDV of reference
    mass_bsa: float = 0.7
    mass_edv: float = 0.35
    mass_pressure: float = 0.0065
    mass_sd: float = 0.13
    # electricity: log of the odds against normal conduction
    lbbb: float = -6.6
    rbbb: float = -6.2
    lafb: float = -4.6
    ivcd: float = -5.9
    block_age: float = 0.035
    block_woman: float = -0.3
    block_weak: tuple[float, float, float, float] = (2.0, 1.3, 0.9, 1.7)  # per 10 points of EF lost
    block_anterior: float = 0.4
    block_cardiomyopathy: tuple[float, float, float, float] = (0.8, 0.0, 0.0, 0.8)
    block_mass: float = 1.0
    af: float = -3.05
    af_age: float = 0.035
    af_woman: float = -0.15
    af_hypertension: float = 0.15
    af_weak: float = 0.50
    af_mass: float = 0.3
    # consequences
    filling: float = 2.15  # log mmHg
    filling_age: float = 0.005
    filling_hypertension: float = 0.10
    filling_mass: float = 0.6
    filling_weak: float = 0.22
    filling_af: float = 0.30
    filling_sd: float = 0.20
    rate_floor: float = 30.0
    rate: tuple[float, float] = (3.52, 3.63)  # log bpm above the floor
    rate_weak: float = 0.10
    rate_filling: float = 0.010
    rate_af: float = 0.45
    rate_sd: float = 0.29
    ischaemia: float = -2.3
    ischaemia_age: float = 0.015
    ischaemia_hypertension: float = 0.25
    ischaemia_diabetes: float = 0.25
    ischaemia_infarct: float = 0.9
    ischaemia_cardiomyopathy: float = 1.0
    strain: float = 0.6
    strain_mass: float = 6.0
    strain_sd: float = 0.5
    low_voltage: float = -2.75
    low_voltage_bsa: float = 1.5


LAW = Law()
