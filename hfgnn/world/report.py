"""The report: SCP-ECG statements of a fallible reader, as PTB-XL has them, and sentences.

For each statement the reader gathers evidence e = mean + noise, noise ~ N(0, 1), with
mean = absent, or present + slope strength where the sign is there; e > 0 is stated. The margin e
makes the likelihood: so small signs are missed more often, and what is doubtful is often wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from hfgnn.world.latent import ANTERIOR, INFERIOR, IVCD, LAFB, LATERAL, LBBB, RBBB, Heart

Floats = NDArray[np.float64]
Sign = Callable[[Heart], Floats]  # how strong a sign is, NaN where there is none [n]

LIKELIHOODS = (15.0, 35.0, 50.0, 80.0, 100.0)  # as PTB-XL grades them
MARGINS = (0.15, 0.35, 0.6, 1.0)  # of the evidence, from one grade to the next; chosen
HIDDEN = 1.0  # evidence that left bundle branch block takes from infarct and hypertrophy; chosen
DOUBT = -0.2  # the strongest evidence left unstated above which a normal ECG is called less surely
SLOW, FAST = 50.0, 100.0  # bpm: sinus bradycardia below, sinus tachycardia above


@dataclass(frozen=True)
class Statement:
    """One SCP-ECG statement, and how the reader comes to it; all in probits."""

    code: str
    words: tuple[str, ...]  # our own wordings: reports of the same ECG differ
    absent: float  # evidence where there is no sign: its chance of a false alarm is Phi(absent)
    present: float = 0.0  # evidence where there is one, of strength 0
    slope: float = 0.0  # for one unit of strength
    sign: Sign | None = None  # None: nothing in the heart tells of it, only chance
    graded: bool = True  # False: form and rhythm, whose likelihood PTB-XL leaves at 0


def _where(condition: NDArray[np.bool_], strength: Floats | float = 0.0) -> Floats:
    return np.where(condition, strength, np.nan)


def _scar(*territories: int) -> Sign:
    """Return a sign whose strength is the scar in tenths of the ventricle."""
    return lambda h: _where(np.isin(h.infarct, territories), h.infarct_size / 0.1)


def _block(kind: int) -> Sign:
    return lambda h: _where(h.conduction == kind)


def _acute(territory: int) -> Sign:
    return lambda h: _where(h.acute & (h.infarct == territory))


def _stressed(h: Heart) -> Floats:
    stress = h.strain + h.ischaemia
    return _where(stress > 0, stress)


# Levels are chosen so that shares come out like those of PTB-XL in a population with its groups.
# Left bundle branch block is seldom missed; half of hypertrophy is. Voltage alone finds a quarter
# of it, but PTB-XL's share, which the population takes for its own, is that of hypertrophy as read.
STATEMENTS = (
    Statement(
        "IMI", ("inferior infarct", "old inferior infarct"), -2.2, 0.35, 0.3, _scar(INFERIOR)
    ),
    Statement(
        "ASMI",
        ("anteroseptal infarct", "old anteroseptal infarct"),
        *(-2.2, 0.3, 0.3),
        _scar(ANTERIOR),
    ),
    Statement("LMI", ("lateral infarct",), -2.8, -0.4, 0.3, _scar(LATERAL)),
    Statement("INJAS", ("anteroseptal injury, ST raised",), -3.3, 0.6, 0.0, _acute(ANTERIOR)),
    Statement("INJIN", ("inferior injury, ST raised",), -3.3, 0.6, 0.0, _acute(INFERIOR)),
    Statement("CLBBB", ("complete left bundle branch block",), -3.3, 2.3, 0.0, _block(LBBB)),
    Statement("CRBBB", ("complete right bundle branch block",), -3.2, 2.0, 0.0, _block(RBBB)),
    Statement("IRBBB", ("incomplete right bundle branch block",), -2.0),
    Statement("LAFB", ("left anterior fascicular block",), -2.7, 1.3, 0.0, _block(LAFB)),
    Statement("IVCD", ("non-specific intraventricular delay",), -3.0, 0.3, 0.0, _block(IVCD)),
    Statement("1AVB", ("first degree AV block", "long PR interval"), -2.1),
    Statement(
        "LVH",
        ("left ventricular hypertrophy", "high voltage, left ventricular hypertrophy"),
        *(-1.95, -0.75, 0.6),
        lambda h: _where(h.hypertrophy, h.strain),
    ),
    Statement(
        "ISC_",
        ("ischaemic ST-T changes", "changes that suggest ischaemia"),
        *(-2.4, -0.5, 0.7),
        lambda h: _where(h.ischaemia > 0, h.ischaemia),
    ),
    Statement(
        "NDT",
        ("non-diagnostic T abnormalities", "unspecific T changes"),
        *(-2.3, -0.9, 0.4),
        _stressed,
    ),
    Statement("AFIB", ("atrial fibrillation",), -3.2, 2.3, 0.0, lambda h: _where(h.af), False),
    Statement("PVC", ("ventricular premature complexes",), -2.0, graded=False),
    Statement("LVOLT", ("low voltage",), -3.0, 0.5, 0.0, lambda h: _where(h.low_voltage), False),
    Statement("QWAVE", ("Q waves",), -2.8, -1.4, 0.2, _scar(INFERIOR, ANTERIOR, LATERAL), False),
)
BEHIND = ("IMI", "ASMI", "LMI", "LVH")  # what left bundle branch block hides
HARMLESS = ("PVC",)  # what a normal ECG may hold
RHYTHMS = {"SBRAD": "sinus bradycardia", "STACH": "sinus tachycardia", "SR": "sinus rhythm"}
NORMAL = ("normal ECG", "ECG within normal limits")
CODES = ("NORM", *(s.code for s in STATEMENTS), *RHYTHMS)


def evidence(heart: Heart) -> Floats:
    """Return the mean evidence [n, statements]: its Phi is the chance that each is stated."""
    columns = []
    for s in STATEMENTS:
        strength = s.sign(heart) if s.sign else np.full(len(heart), np.nan)
        mean = np.where(np.isnan(strength), s.absent, s.present + s.slope * strength)
        blocked = (heart.conduction == LBBB) & (s.code in BEHIND)
        columns.append(mean - HIDDEN * blocked)
    return np.column_stack(columns)


def stated(heart: Heart) -> pd.DataFrame:
    """Return the chance that each statement is made, [n, statements]."""
    return pd.DataFrame(ndtr(evidence(heart)), columns=[s.code for s in STATEMENTS])


def codes(heart: Heart, rng: np.random.Generator) -> pd.DataFrame:
    """Read each ECG once: likelihoods 0-100 [n, CODES], NaN where a statement is not made."""
    margin = evidence(heart) + rng.standard_normal((len(heart), len(STATEMENTS)))
    grade = np.array(LIKELIHOODS)[np.searchsorted(MARGINS, margin)]
    graded = np.array([s.graded for s in STATEMENTS])
    table = pd.DataFrame(
        np.where(margin > 0, np.where(graded, grade, 0.0), np.nan),
        columns=[s.code for s in STATEMENTS],
    )
    against = margin[:, [s.code not in HARMLESS for s in STATEMENTS]].max(axis=1)
    normal = np.where(against < DOUBT, 100.0, 80.0)
    table.insert(0, "NORM", np.where(against > 0, np.nan, normal))
    sinus = table["AFIB"].isna()
    kind = np.select([heart.rate < SLOW, heart.rate > FAST], ["SBRAD", "STACH"], "SR")
    for code in RHYTHMS:
        table[code] = np.where(sinus & (kind == code), 0.0, np.nan)
    return table


def as_dicts(table: pd.DataFrame) -> list[dict[str, float]]:
    """Return {code: likelihood} for each person, as in PTB-XL's column `scp_codes`."""
    made = table.notna().to_numpy()
    names, values = np.array(table.columns), table.to_numpy()
    return [
        dict(zip(names[row].tolist(), likelihoods[row].tolist(), strict=True))
        for row, likelihoods in zip(made, values, strict=True)
    ]


def sentences(table: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Write each person's report: the rhythm first, then what was seen, the doubtful as such."""
    wordings = {s.code: s.words for s in STATEMENTS} | {c: (w,) for c, w in RHYTHMS.items()}
    wordings["NORM"] = NORMAL
    style = rng.random(len(table))
    return [_written(read, wordings, s) for read, s in zip(as_dicts(table), style, strict=True)]


def _written(read: dict[str, float], wordings: dict[str, tuple[str, ...]], style: float) -> str:
    rhythm = [code for code in (*RHYTHMS, "AFIB") if code in read]
    ordered = rhythm + [code for code in read if code not in rhythm]
    parts = []
    for code in ordered:
        words = wordings[code]
        parts.append(_graded(words[int(style * len(words))], code, read[code]))
    return " ".join(part[0].upper() + part[1:] + "." for part in parts)


def _graded(words: str, code: str, likelihood: float) -> str:
    if code == "NORM" or likelihood == 0 or likelihood >= 80:
        return words
    return (
        f"{words} cannot be ruled out"
        if likelihood < 35
        else (f"probable {words}" if likelihood >= 50 else f"possible {words}")
    )
