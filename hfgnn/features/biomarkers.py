"""Fifteen biomarkers of the ECG that foretell heart failure, measured on the median beat.

Which they are is from Chen et al. and, before them, O'Neal et al. (2017); the limits are the usual
ones. P and T are looked at along the direction of the twelve leads in which they vary most, and
begin and end where the tangent to their steepest flank meets the baseline: some 15 ms inside what
an eye takes for the whole wave. P that is not seen, as in fibrillation, is neither long nor turned.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import uniform_filter1d

from hfgnn.evaluate.morphology import RATE, Floats, Train, axis, beat_of, beat_train, read

SEEN = 0.08  # mV along its direction: lower is P in half of fibrillating records, 1 % of the others
UPRIGHT = ("I", "II", "aVL", "V3", "V4", "V5", "V6")  # leads whose ST and T a healthy heart lifts
CRITERIA = {
    "ventricular rate": "beats a minute, by the median interval",
    "P duration": "P lasts more than 120 ms",
    "PR interval": "more than 200 ms from the beginning of P to that of QRS",
    "QRS duration": "QRS lasts more than 100 ms",
    "QT interval": "QT / sqrt(RR), Bazett's, is 450 ms or more in men, 460 ms in women",
    "P axis": "P points outside 0 to 75 degrees in the frontal plane",
    "left axis": "QRS points from -90 to below -30 degrees",
    "right axis": "QRS points above 90, up to 180 degrees",
    "QRS-T angle": "100 degrees or more between QRS and T in the frontal plane",
    "RBBB": "QRS of 120 ms or more, whose second half is positive in V1",
    "LBBB": "QRS of 120 ms or more, whose second half is negative in V1 and above 0.15 mV in I",
    "LVH": "Sokolow-Lyon of 3.5 mV or more, or Cornell above 2.8 mV in men, 2.0 mV in women",
    "low voltage": "QRS spans less than 0.5 mV in all limb leads, or less than 1 mV in V1 to V6",
    "ST-T": "ST at -0.05 mV or below, or T at -0.1 mV or below, in two of I, II, aVL, V3-V6",
    "ID time": "R of V5 or V6 peaks 50 ms or more after QRS began",
}


def biomarkers(ecgs: Iterable[NDArray[np.floating]], fs: float, *, sex: ArrayLike) -> pd.DataFrame:
    """Return the biomarkers [n, 15] of ECGs [12, T] in mV; sex [n] is 0 in men, 1 in women.

    The first is a number, the others are 1 where the criterion holds and 0 where it does not; all
    are NaN where no beat can be read.
    """
    pairs = zip(ecgs, np.asarray(sex), strict=True)
    return frame(signs(beat_train(ecg, fs), int(woman)) for ecg, woman in pairs)


def frame(found: Iterable[dict[str, float]]) -> pd.DataFrame:
    """Return everybody's biomarkers as a table [n, 15]."""
    return pd.DataFrame(list(found), columns=list(CRITERIA), dtype=float)


def signs(train: Train | None, woman: int) -> dict[str, float]:
    """Return the biomarkers of one record, whose beats have been found; none of who has no beat."""
    return {} if train is None else judged(readings(train), woman)


def judged(m: dict[str, float], woman: int) -> dict[str, float]:
    """Return the biomarkers that readings come to."""
    wide, turn = m["qrs"] >= 120, (m["axis"] - m["t axis"] + 180) % 360 - 180
    found = [
        m["hr"],
        m["p"] > 120,
        m["pr"] > 200,
        m["qrs"] > 100,
        m["qt"] * (m["hr"] / 60) ** 0.5 >= 450 + 10 * woman,
        m["p axis"] < 0 or m["p axis"] > 75,
        -90 <= m["axis"] < -30,
        90 < m["axis"] <= 180,
        abs(turn) >= 100,
        wide and m["late V1"] > 0,
        wide and m["late V1"] < 0 and m["late I"] > 0.15,
        m["sokolow"] >= 3.5 or m["cornell"] > (2.0 if woman else 2.8),
        m["limb"] < 0.5 or m["chest"] < 1.0,
        sum(m[f"ST_{lead}"] <= -0.05 or m[f"T_{lead}"] <= -0.1 for lead in UPRIGHT) >= 2,
        m["id"] >= 50,
    ]
    return dict(zip(CRITERIA, found, strict=True))


def readings(train: Train) -> dict[str, float]:
    """Return the numbers of one record behind its biomarkers: ms, mV, degrees."""
    found = beat_of(train)
    ms, rr, qrs = 1000 / RATE, float(np.median(found.intervals)), found.qrs
    early = found.first - int(min(150, 0.38 * rr))  # not so early that it meets the T before
    p = found.beat[max(0, early) : found.first - 4]
    start, end, heights = _wave(p - np.linspace(p[:8].mean(axis=0), p[-8:].mean(axis=0), len(p)))
    high = min(found.last + 210, found.fastest + int(0.75 * rr), len(found.beat))
    low = min(found.last + 30, high - 40)
    t_end = low + _wave(found.beat[low:high])[1]
    late, spans, left = qrs[len(qrs) // 2 :].mean(axis=0), np.ptp(qrs, axis=0), qrs[:, -2:]
    there = 1.0 if np.linalg.norm(heights) >= SEEN else np.nan
    more = {"p": (end - start) * ms * there, "pr": (len(p) + 4 - start) * ms * there}
    more |= {"qt": (t_end - found.first) * ms, "p axis": axis(heights) * there}
    more |= {"t axis": axis(found.t), "late I": late[0], "late V1": late[6]}
    more |= {"limb": spans[:6].max(), "chest": spans[6:].max()}
    more["id"] = (left.argmax(axis=0) * (left.max(axis=0) >= 0.05)).max() * ms  # where there is R
    return read(found) | {name: float(value) for name, value in more.items()}


def _wave(window: Floats) -> tuple[float, float, Floats]:
    """Return where a wave in a window [samples, 12] begins and ends, and every lead's height."""
    toward = np.linalg.eigh(window.T @ window)[1][:, -1]
    course = uniform_filter1d(window @ toward, 7)
    peak = 5 + int(np.abs(course[5:-5]).argmax())
    heights = toward * course[peak]
    course = course * np.sign(course[peak])
    slope, before = np.gradient(course), max(0, peak - 40)
    rise = before + int(slope[before:peak].argmax())
    fall = peak + int(slope[peak : peak + 40].argmin())
    reach = np.clip(course[[rise, fall]] / np.maximum(np.abs(slope[[rise, fall]]), 1e-9), 0, 20)
    return rise - float(reach[0]), fall + float(reach[1]), heights
