"""The law of the community's hearts: every coefficient of the causal model, with its reason.

Every variable is an equation of its causes and of one standard normal number z of its own; a
variable that is yes or no is a probit, [eta + z > 0]. The equations are in `causes.py`, the sources
with each arrow in `arrows.py`.
"""

from dataclasses import dataclass

Pair = tuple[float, float]  # men, women
Four = tuple[float, float, float, float]  # LBBB, RBBB, LAFB, IVCD

NONE, INFERIOR, ANTERIOR, LATERAL = range(4)
NORMAL, LBBB, RBBB, LAFB, IVCD = range(5)
HEAVY: Pair = (71.0, 56.0)  # g/m2: mean + 2 SD of healthy people by MRI (Petersen 2017)


@dataclass(frozen=True)
class Law:
    """The coefficients of the community; a pair is (men, women), a four is in the blocks' order."""

    # who: adults of all ages, so that a hospital and a cohort of 45-74 can both be chosen from them
    women: float = 0.5  # share
    age_low: float = 18.0  # years: adults
    age_high: float = 95.0  # years: nobody older
    age_a: float = 1.3  # age is Kumaraswamy's law (a, b) between the ends: median 47,
    age_b: float = 2.1  # about that of Europe's adults
    bsa: Pair = (1.96, 1.70)  # m2: what turns the volumes of Petersen 2017 into their indices
    bsa_sd: Pair = (0.16, 0.14)  # m2; chosen

    # what wears the heart; a year is a year above 50
    diabetes: float = -1.58  # about 6 % of adults
    diabetes_age: float = 0.020  # 2 % of the young, 12 % of the old
    diabetes_woman: float = -0.12  # a little rarer
    hypertension: float = -0.60  # with the ages: 28.5 % of adults in rich countries (Mills 2016)
    hypertension_age: float = 0.034  # 9 % below 40, 70 % above 80
    hypertension_woman: float = -0.05  # nearly the same; chosen
    hypertension_diabetes: float = 0.50  # odds about 2.3; chosen
    pressure: float = 121.0  # mmHg at 50, of a man without hypertension
    pressure_age: float = 0.25  # arteries stiffen; chosen, as all of the pressure
    pressure_woman: float = -3.0  # until old age; chosen
    pressure_hypertension: float = 14.0  # what treatment leaves
    pressure_cardiomyopathy: float = -8.0  # a weak pump; the thesis's sick have 15 mmHg less
    pressure_infarct: float = -30.0  # for a whole ventricle of scar: 5 mmHg for the median infarct
    pressure_sd: float = 10.0  # between people

    # infarct: the share whose ECG or scar shows it, 3-4 % of adults, far more of the old
    infarct: float = -2.15  # 4 % of men, 2 % of women
    infarct_age: float = 0.028  # 0.3 % below 40, 17 % above 80
    infarct_woman: float = -0.28  # ten years later: 0.28 / 0.028 (Anand 2008: nine)
    infarct_hypertension: float = 0.32  # odds of 2 (Anand 2008: 2.3)
    infarct_diabetes: float = 0.42  # odds about 2.2 (Anand 2008: 2.7)
    territory: tuple[float, float, float] = (0.45, 0.45, 0.10)  # inferior, anterior, lateral
    size_most: float = 0.65  # share of the ventricle: more is not survived
    size: tuple[float, float, float] = (-1.15, -0.45, -1.25)  # logit of the median, so ordered
    size_woman: float = -0.35  # four points less at the median (Nordlund 2019: five)
    size_sd: float = 1.25  # together: median 18 % [8, 30] (Stone 2016)
    acute: float = -0.9  # 18 % of them are recorded in the first days; chosen

    # muscle
    cardiomyopathy: float = -3.9  # log of the median: nothing for most,
    cardiomyopathy_sd: float = 1.38  # above 0.5 in 1 %; chosen
    cardiomyopathy_most: float = 1.5  # EF 0.15: more is not survived
    edv: Pair = (5.075, 4.783)  # log mL at the mean BSA and age 60; Petersen 2017, as its spread
    edv_bsa: float = 1.0  # so volumes are indexed by BSA
    edv_age: float = -0.003  # volumes fall with age (Petersen 2017)
    edv_sd: Pair = (0.168, 0.143)  # what body size leaves of the published spread
    edv_size: float = 0.55  # remodelling: r = .42 with infarct size (Wu 2008)
    edv_cardiomyopathy: float = 0.35  # dilated: half as large again at 1.2
    ef_low: float = 0.08  # no living heart pumps less,
    ef_high: float = 0.80  # none more
    ef: Pair = (0.96, 1.15)  # logit between these ends; Petersen 2017, as the first spread
    ef_sd: Pair = (0.32, 0.48)  # without and with scar, which stuns and tethers unevenly (Wu 2008)
    ef_size: float = -3.6  # 6 points for 10 % of scar: r = -.75 (Wu 2008)
    ef_acute: float = -0.25  # stunned: 4 points come back (Wu 2008)
    ef_cardiomyopathy: float = -2.1  # 0.24 at severity 1; dilated hearts of ACDC have 0.18 +- 0.07
    mass: Pair = (4.63, 4.27)  # log g at the mean BSA, EDV of reference, 125 mmHg; Petersen 2017
    mass_bsa: float = 0.7  # with EDV's share it is 1: mass is indexed by BSA
    mass_edv: float = 0.3  # a wide chamber needs more wall: eccentric hypertrophy
    mass_pressure: float = 0.005  # 5 % for 10 mmHg
    mass_hypertension: float = 0.0035  # for each year of age above 45 with it: 7 % at 65
    mass_sd: float = 0.145  # the rest of Petersen's spread

    # electricity: log odds of each block against normal conduction, for a man of 50
    block: Four = (-7.5, -6.1, -4.4, -6.2)  # with the rest: .8 % have a bundle block (Lifelines)
    block_age: Four = (0.075, 0.060, 0.065, 0.030)  # LBBB 0 % before 45, 2 % later (Haataja 2013)
    block_woman: Four = (0.0, -0.7, -0.5, -1.0)  # RBBB half as often, IVCD much less (Haataja 2013)
    block_weak: Four = (4.9, 3.0, 1.2, 5.1)  # 25-35 % of EF < 40 % have QRS >= 120 ms (Lund 2013)
    block_size: Four = (1.0, 2.0, 1.5, 3.0)  # for a whole ventricle of scar; chosen
    block_cardiomyopathy: Four = (1.2, 0.3, 0.3, 1.2)  # wide in DCM above all (Lund 2013)
    block_mass: float = 1.0  # odds rise in proportion to mass beyond the limit; chosen
    af: float = -3.02  # probit at 50: with the rest, 1.1 % of adults (Lifelines: 0.9)
    af_age: float = 0.033  # 0.2 % at 45, 8 % above 80
    af_woman: float = -0.25  # 2.4 against 6.4 % ever at 64 (Berge 2018)
    af_hypertension: float = 0.15  # besides what it does through mass; Berge 2018 has odds of 2.5
    af_weak: float = 2.15  # 20-25 % of EF < 40 % are in AF when recorded; half ever are (SwedeHF)
    af_mass: float = 0.8  # thick walls stretch the atrium; chosen

    # what follows
    filling: float = 2.17  # log mmHg: 9 for the healthy
    filling_age: float = 0.005  # stiffer with age; all of the filling pressure is chosen
    filling_hypertension: float = 0.10  # stiffer, besides its mass
    filling_mass: float = 0.6  # of log(mass index / limit), from its usual -0.3
    filling_weak: float = 0.22  # a quarter more for each 10 points of EF lost
    filling_af: float = 0.30  # no atrial kick
    filling_sd: float = 0.20  # with the rest: > 15 mmHg at EF > 50 % in some 5 % (Redfield 2003)
    filling_most: float = 45.0  # mmHg: more drowns the lung
    rate_floor: float = 30.0  # bpm
    rate_most: float = 200.0  # bpm: what the atrioventricular node lets through
    rate: Pair = (3.52, 3.63)  # log bpm above it: medians 65 and 69, as 292 normal ECGs of PTB-XL
    rate_sd: float = 0.285  # the same ECGs: [49, 94] and [50, 97]
    rate_weak: float = 0.10  # a small stroke is made up for; chosen
    rate_filling: float = 0.010  # a mmHg; chosen
    rate_af: float = 0.42  # AF is fast: median 94 against 67 in PTB-XL
    ischaemia: float = -1.95  # zero for most: only what is left above 0 counts
    ischaemia_age: float = 0.015  # coronary disease comes with the years, and with
    ischaemia_hypertension: float = 0.25  # pressure and
    ischaemia_diabetes: float = 0.25  # sugar; all of it is chosen
    ischaemia_infarct: float = 0.7  # who has had one narrows elsewhere, too
    ischaemia_cardiomyopathy: float = 1.0  # diffuse disease inverts T as well
    strain: float = 0.6  # at the limit of mass; above 0 only
    strain_mass: float = 6.0  # of log(mass index / limit): T of V6 falls in LVH alone (PTB-XL)
    strain_sd: float = 0.5  # chosen
    low_voltage: float = -2.75  # 0.4 %
    low_voltage_bsa: float = 1.5  # fat insulates; chosen


LAW = Law()
