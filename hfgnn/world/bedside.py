"""What is measured at the bedside: each value from the hidden heart and an error, never the label.

For each person: ef = EF + noise; log bnp = its mean given the heart + noise; nyha by an ordered
probit, P(class > k) = Phi(burden - step_k); sbp = pressure + noise; age in whole years.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hfgnn.world.causes import Floats
from hfgnn.world.latent import Heart


@dataclass(frozen=True)
class Bedside:
    """How well each value tells of the heart; units are 10 points of EF, 10 years, 10 mmHg."""

    ef_sd: float = 0.05  # two readers differ by 7 points' SD, each by 7 / sqrt(2) (Akil 2024)
    ef_low: float = 0.05  # what an echo report says at least
    ef_high: float = 0.85  # and at most

    bnp: float = 2.75  # log pg/mL of a healthy man of 50: 16
    bnp_filling: float = 0.7  # of log(filling / 9 mmHg): stretch releases it (Iwanaga 2006)
    bnp_weak: float = 0.65  # for 10 points of EF less (Kruger 2002)
    bnp_age: float = 0.20  # doubles in 35 years (Redfield 2002)
    bnp_woman: float = 0.35  # 40 % more (Redfield 2002)
    bnp_af: float = 0.50  # the atria release it too; chosen
    bnp_sd: float = 0.75  # kidneys, fat, drugs and the assay; chosen for the correlations
    bnp_low: float = 5.0  # pg/mL: where a bedside assay begins
    bnp_high: float = 5000.0  # and where it ends

    nyha_filling: float = 1.2  # of log(filling / 9 mmHg): congestion is dyspnoea
    nyha_weak: float = 0.45  # for 10 points of EF less
    nyha_age: float = 0.15
    # few of the healthy are short of breath
    nyha_steps: tuple[float, float, float] = (1.2, 2.2, 3.3)

    sbp_sd: float = 9.0  # mmHg: one reading about the usual pressure (Muntner 2011: up to 13)
    sbp_low: float = 70.0
    sbp_high: float = 260.0


BEDSIDE = Bedside()


def log_bnp(heart: Heart, law: Bedside = BEDSIDE) -> Floats:
    """Return the mean of log BNP given the heart [n]."""
    stretch = law.bnp_filling * np.log(heart.filling / 9) + law.bnp_weak * (0.60 - heart.ef) / 0.10
    person = law.bnp_age * (heart.age - 50) / 10 + law.bnp_woman * heart.sex
    return np.asarray(law.bnp + stretch + person + law.bnp_af * heart.af)


def burden(heart: Heart, law: Bedside = BEDSIDE) -> Floats:
    """Return how much the heart limits effort, in SD of what people say of it [n]."""
    pump = law.nyha_filling * np.log(heart.filling / 9) + law.nyha_weak * (0.60 - heart.ef) / 0.10
    return np.asarray(pump + law.nyha_age * (heart.age - 60) / 10)


def bedside(heart: Heart, rng: np.random.Generator, law: Bedside = BEDSIDE) -> pd.DataFrame:
    """Measure everybody once: ef (fraction), bnp (pg/mL), nyha (1-4), sbp (mmHg), age (years)."""
    echo, blood, words, cuff = rng.standard_normal((4, len(heart)))
    ef = heart.ef + law.ef_sd * echo
    bnp = np.exp(log_bnp(heart, law) + law.bnp_sd * blood)
    effort = burden(heart, law) + words
    sbp = heart.pressure + law.sbp_sd * cuff
    return pd.DataFrame(
        {
            "ef": np.clip(ef, law.ef_low, law.ef_high).round(3),
            "bnp": np.clip(bnp, law.bnp_low, law.bnp_high).round(1),
            "nyha": 1 + np.searchsorted(law.nyha_steps, effort),
            "sbp": np.clip(sbp, law.sbp_low, law.sbp_high).round(),
            "age": np.floor(heart.age).astype(int),
        }
    )
