"""Time to heart failure: one Weibull proportional hazard for everyone, in months.

Survival of a heart x: S(t | x) = exp(-scale t^shape exp(eta(x))), eta(x) = sum over terms of
weight (value - centre) / unit. So T = (-log U / (scale exp(eta)))^(1 / shape) with U uniform.
Cohorts differ by whom they admit and for how long they follow, and by nothing else.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.world.causes import excess
from hfgnn.world.latent import IVCD, LBBB, NONE, Heart

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Term:
    """One cause of heart failure in eta: its weight is the log hazard ratio of one unit more."""

    name: str
    weight: float
    centre: float
    unit: float
    published: float  # hazard ratio of one unit more; NaN where none fits
    source: str  # whose ratio it is, a key of the references; else "chosen"


# Causes act beside each other: where a published ratio holds what is told apart here (a weak, heavy
# or fibrillating heart fills at a higher pressure), the weight is a part of it. What an infarct
# does, it does through ejection fraction, conduction and filling; ST-T changes and the rate are
# signs of the same causes, and cause nothing.
TERMS = (
    Term("age", 0.58, 60, 10, 1.88, "schnabel2013"),
    Term("ejection fraction", 0.25, 0.60, -0.10, 2.13, "yeboah2012"),
    Term("mass", 0.03, 0, np.log(1.1), 1.4, "bluemke2008"),
    Term("filling", 0.50, 10, 3, np.nan, "chosen"),
    Term("hypertension", 0.60, 0, 1, 1.8, "silverman2016"),
    Term("diabetes", 0.83, 0, 1, 2.27, "chahal2015"),
    Term("atrial fibrillation", 0.30, 0, 1, np.nan, "chosen"),
    Term("LBBB", 0.85, 0, 1, 2.87, "zhang2015"),
    Term("non-specific delay", 0.50, 0, 1, 1.97, "zhang2015"),
)


def covariates(heart: Heart) -> pd.DataFrame:
    """Return the true causes of heart failure, centred and in units: [n, terms]."""
    values = {
        "age": heart.age,
        "ejection fraction": heart.ef,
        "mass": excess(heart.mass, heart.bsa, heart.sex),
        "filling": heart.filling,
        "hypertension": heart.hypertension,
        "diabetes": heart.diabetes,
        "atrial fibrillation": heart.af,
        "LBBB": heart.conduction == LBBB,
        "non-specific delay": heart.conduction == IVCD,
    }
    return pd.DataFrame({t.name: (values[t.name] - t.centre) / t.unit for t in TERMS})


def log_hazard(heart: Heart) -> Floats:
    """Return eta [n], the log of the hazard relative to the centre's."""
    weights = np.array([term.weight for term in TERMS])
    return np.asarray(covariates(heart).to_numpy() @ weights)


@dataclass(frozen=True)
class Weibull:
    """The hazard of the centre, scale shape t^(shape - 1), shared by everyone."""

    scale: float = 2.62e-5  # gives the general cohort 1.5 cases in 1,000 person-years
    shape: float = 1.2  # chosen: people grow older, and eta holds their age at entry only

    def times(self, eta: Floats, rng: np.random.Generator) -> Floats:
        """Return months [n] until heart failure, were everyone followed for ever."""
        waits = rng.exponential(size=len(eta))  # -log U
        return np.asarray((waits / (self.scale * np.exp(eta))) ** (1 / self.shape))

    def risk(self, eta: Floats, months: float) -> Floats:
        """Return the chance [n] of heart failure within these months."""
        return np.asarray(-np.expm1(-self.scale * months**self.shape * np.exp(eta)))


HAZARD = Weibull()


def failing(heart: Heart) -> Bools:
    """Return who has heart failure already [n]: EF < 0.35, or filling above 20 mmHg."""
    return np.asarray((heart.ef < 0.35) | (heart.filling > 20))


def marked(heart: Heart) -> Bools:
    """Return who has a mark of heart disease, or diabetes [n]: whom a heart clinic would follow."""
    broad = (heart.conduction == LBBB) | (heart.conduction == IVCD)
    scarred = (heart.infarct != NONE) | (heart.ef < 0.50) | heart.hypertrophy
    return np.asarray(broad | scarred | heart.af | heart.diabetes)


@dataclass(frozen=True)
class Study:
    """A cohort's law: whom it admits, and for how many months it follows them (uniform)."""

    name: str
    people: int  # its published size
    ages: tuple[float, float]  # from, to below
    months: tuple[float, float]
    hypertension: bool = False  # admits only people who have it
    infarct: bool = False  # admits only people who had one, not days ago
    marked: bool = False  # admits only people whom `marked` names

    def eligible(self, heart: Heart) -> Bools:
        """Return whom it admits [n]; never somebody whose heart is failing already."""
        found = (heart.age >= self.ages[0]) & (heart.age < self.ages[1]) & ~failing(heart)
        found &= heart.hypertension | (not self.hypertension)
        found &= ((heart.infarct != NONE) & ~heart.acute) | (not self.infarct)
        return np.asarray(found & (marked(heart) | (not self.marked)))

    def follow(self, heart: Heart, rng: np.random.Generator) -> pd.DataFrame:
        """Return months to heart failure or to the last visit, which one, and eta: [n, 3]."""
        eta = log_hazard(heart)
        ill, last = HAZARD.times(eta, rng), rng.uniform(*self.months, len(eta))
        return pd.DataFrame({"time": np.minimum(ill, last), "event": ill <= last, "eta": eta})

    def followed(self, months: float) -> float:
        """Return G(t), the chance that a person who stays well is still followed then."""
        low, high = self.months
        return float(np.clip((high - months) / (high - low), 0, 1))


# UK Biobank: 31,740 people aged 45 to 74, 5.2 years, 243 cases
GENERAL = Study("general", 31_740, ages=(45, 75), months=(24, 100))
# UKB-HYP: 162 cases, followed for 88.1 months at most; its ages are chosen for that
HYPERTENSION = Study("hypertension", 11_575, ages=(45, 78), months=(24, 88.1), hypertension=True)
# UKB-MI: about 4 % cases, followed for 24 to 83 months, median 53; its ages are chosen for that
INFARCT = Study("post-infarct", 800, ages=(60, 84), months=(24, 83), infarct=True)
# enough cases to learn from: older people with a mark of disease, followed for 12 to 17 years
BOOK = Study("book", 3_000, ages=(55, 85), months=(144, 204), marked=True)
STUDIES = (GENERAL, HYPERTENSION, INFARCT, BOOK)
