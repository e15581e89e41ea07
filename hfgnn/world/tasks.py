"""The tasks: the chance p(heart) of each label; a label is drawn with its chance, never given.

filed        p_k = exp(z_k) / sum of exp(z), z = EVIDENCE' findings, z_Normal = 0: the class under
             which a fallible reader files the page; sick is any class but Normal
infarction   logit p = RECORD' history: an infarct is in the record mostly where there is a scar,
             sometimes missed there, and sometimes recorded where none is left to be seen
pump         p = Phi((threshold - EF) / error): an echo that errs calls the pump function reduced
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, ndtr, softmax

from hfgnn.world.latent import IVCD, LAFB, LBBB, NONE, RBBB, Heart

Floats = NDArray[np.float64]
CLASSES = ("MI", "Abnormal", "History_MI", "Normal")  # the folders of the public collection

# Log odds against Normal that a finding adds for MI, Abnormal, History_MI. All chosen.
EVIDENCE: dict[str, tuple[float, float, float]] = {
    "always": (-7.0, -3.9, -6.3),  # a reader calls some normal pages sick
    "acute infarct": (9.5, 2.0, 3.5),
    "old infarct": (2.5, 1.5, 6.0),
    "a tenth of the ventricle scarred": (0.7, 0.2, 1.2),  # a small scar is missed
    "atrial fibrillation": (0.0, 6.5, 0.0),
    "left bundle branch block": (0.0, 7.0, 0.0),
    "right bundle branch block": (0.0, 6.5, 0.0),
    "left anterior block": (0.0, 4.3, 0.5),
    "non-specific delay": (0.0, 4.3, 0.0),
    "ischaemia": (1.0, 4.5, 0.5),
    "strain": (0.3, 3.0, 0.0),
    "hypertrophy": (0.0, 2.5, 0.0),  # some of it shows no high voltage
    "low voltage": (0.0, 4.8, 0.5),
    "ten beats a minute outside 50 to 100": (0.2, 2.0, 0.0),
}

# Log odds of an infarct in the record. All chosen; the first gives 2.09 % of the general cohort.
RECORD: dict[str, float] = {
    "always": -5.83,
    "infarct": 4.1,  # half of all scars were never noticed
    "a tenth of the ventricle scarred": 0.6,
    "a decade above 60": 0.5,
    "man": 0.6,
    "diabetes": 0.6,
    "hypertension": 0.4,
    "ischaemia": 0.6,
}


@dataclass(frozen=True)
class Echo:
    """Who is told that the pump function is reduced."""

    threshold: float = 0.50  # EF; what echo reports call reduced begins here
    error: float = 0.05  # of one echo's EF: two readers differ by 7 points' SD, one by 5


ECHO = Echo()


def findings(heart: Heart) -> pd.DataFrame:
    """Return what there is to be seen on the page, [n, rows of EVIDENCE]."""
    acute, rate = (heart.infarct != NONE) & heart.acute, heart.rate
    columns = {
        "always": np.ones(len(rate)),
        "acute infarct": acute,
        "old infarct": (heart.infarct != NONE) & ~acute,
        "a tenth of the ventricle scarred": heart.infarct_size / 0.1,
        "atrial fibrillation": heart.af,
        "left bundle branch block": heart.conduction == LBBB,
        "right bundle branch block": heart.conduction == RBBB,
        "left anterior block": heart.conduction == LAFB,
        "non-specific delay": heart.conduction == IVCD,
        "ischaemia": heart.ischaemia,
        "strain": heart.strain,
        "hypertrophy": heart.hypertrophy,
        "low voltage": heart.low_voltage,
        "ten beats a minute outside 50 to 100": (np.maximum(50 - rate, rate - 100) / 10).clip(0),
    }
    return pd.DataFrame(columns, dtype=float)[list(EVIDENCE)]


def filed(heart: Heart) -> Floats:
    """Return the chances [n, 4] that the page is filed under each of CLASSES."""
    z = findings(heart).to_numpy() @ np.array(list(EVIDENCE.values()))
    return np.asarray(softmax(np.column_stack([z, np.zeros(len(z))]), axis=1))


def sick(heart: Heart) -> Floats:
    """Return the chance [n] that the page is filed under any class but Normal."""
    return np.asarray(1 - filed(heart)[:, CLASSES.index("Normal")])


def infarction(heart: Heart) -> Floats:
    """Return the chance [n] of a myocardial infarction in the record."""
    history = {
        "always": np.ones(len(heart.age)),
        "infarct": heart.infarct != NONE,
        "a tenth of the ventricle scarred": heart.infarct_size / 0.1,
        "a decade above 60": (heart.age - 60) / 10,
        "man": heart.sex == 0,
        "diabetes": heart.diabetes,
        "hypertension": heart.hypertension,
        "ischaemia": heart.ischaemia,
    }
    return np.asarray(expit(sum(RECORD[name] * value for name, value in history.items())))


def pump(heart: Heart) -> Floats:
    """Return the chance [n] of the diagnosis of a reduced pump function."""
    return np.asarray(ndtr((ECHO.threshold - heart.ef) / ECHO.error))


@dataclass(frozen=True)
class Task:
    """A label: its chance, and the population of which its prevalence and ceilings are told."""

    name: str
    asks: str
    equation: str
    chance: Callable[[Heart], Floats]
    population: str  # "hospital", or the name of a study


TASKS = (
    Task(
        "sick",
        "is the page filed under a class other than Normal?",
        r"p = 1 - 1 / (1 + \sum_k e^{z_k}), z = \mathrm{findings} \cdot \mathrm{EVIDENCE}",
        sick,
        "hospital",
    ),
    Task(
        "infarction",
        "does the record hold a myocardial infarction?",
        r"\mathrm{logit} p = \mathrm{history} \cdot \mathrm{RECORD}",
        infarction,
        "general",
    ),
    Task(
        "pump",
        "is the pump function called reduced?",
        r"p = \Phi((0.50 - \mathrm{EF}) / 0.05)",
        pump,
        "general",
    ),
)


def labels(heart: Heart, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every label, [n] each: class, sick, infarction, pump."""
    dice = rng.random((3, len(heart.age)))
    edges = np.cumsum(filed(heart), axis=1)[:, :-1]
    found = np.array(CLASSES)[(dice[0, :, None] >= edges).sum(axis=1)]
    return pd.DataFrame(
        {
            "class": found,
            "sick": found != "Normal",
            "infarction": dice[1] < infarction(heart),
            "pump": dice[2] < pump(heart),
        }
    )
