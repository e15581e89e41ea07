"""What can be read off a 12-lead ECG: rate, durations, axis, the height of each wave in each lead.

Real or simulated, every ECG is measured in the same way, on its median beat in the band 0.5-40 Hz.
QRS begins and ends where the spatial speed falls to its floor; P and T are read in every lead at
the time of their largest spatial magnitude; Q and S are the depths before and after R, N the whole
depth, ST lies 20 ms after QRS. A QRS without an r wave (< 0.05 mV) is all Q.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import butter, filtfilt, find_peaks, resample_poly

from hfgnn.cohort import LEADS

Floats = NDArray[np.float64]
RATE = 500  # samples a second at which everything is measured
BEFORE, AFTER = 175, 275  # samples of the median beat around its fiducial point
BAND = butter(2, [0.5, 40], "band", fs=RATE)  # Hz
REACH = 10  # samples by which a beat may be shifted onto the others
LIMB_I, LIMB_F = LEADS.index("I"), LEADS.index("aVF")


@dataclass(frozen=True)
class MedianBeat:
    """A record's median beat: beat [450, 12] in mV from its baseline, and where its waves are."""

    beat: Floats
    first: int  # sample of the first deflection of QRS
    fastest: int  # the fastest point of QRS
    last: int  # sample after QRS
    intervals: NDArray[np.int64]  # samples between beats

    @property
    def qrs(self) -> Floats:
        """Return QRS alone."""
        return self.beat[self.first : self.last]

    @property
    def p(self) -> Floats:
        """Return every lead at the height of P."""
        return _largest(self.beat[max(0, self.first - 110) : max(1, self.first - 10)])

    @property
    def t(self) -> Floats:
        """Return every lead at the height of T, never of the next beat."""
        end = min(self.last + 180, self.fastest + int(0.70 * np.median(self.intervals)))
        end = min(end, len(self.beat))
        return _largest(self.beat[min(self.last + 30, end - 5) : end])

    @property
    def st(self) -> Floats:
        """Return every lead 20 ms after QRS."""
        return np.asarray(self.beat[min(self.last + 10, len(self.beat) - 1)])


@dataclass(frozen=True)
class Train:
    """A record's beats: its filtered samples [T, 12] in mV at RATE, and where its beats lie."""

    record: Floats
    places: NDArray[np.int64]  # of the beats that lie whole in the record, aligned
    peaks: NDArray[np.int64]  # of all beats, where QRS moves fastest


def beat_train(ecg: NDArray[np.floating], fs: float) -> Train | None:
    """Find the beats of a record [12, T], or return None where fewer than four are seen."""
    record = np.asarray(ecg, float).T
    record = record if fs == RATE else resample_poly(record, RATE, int(fs), axis=0)
    record = filtfilt(*BAND, record, axis=0)
    peaks = _peaks(record)
    inside = peaks[(peaks >= BEFORE) & (peaks + AFTER <= len(record))]
    if len(peaks) < 4 or len(inside) < 3:
        return None
    reference = middle(record[inside[:, None] + np.arange(-BEFORE, AFTER)])
    return Train(record, _aligned(record, inside, reference), peaks)


def median_beat(ecg: NDArray[np.floating], fs: float) -> MedianBeat | None:
    """Return the median beat of a record [12, T], or None where fewer than four beats are seen."""
    found = beat_train(ecg, fs)
    return None if found is None else beat_of(found)


def beat_of(found: Train) -> MedianBeat:
    """Return the median of a record's beats."""
    beat = middle(found.record[found.places[:, None] + np.arange(-BEFORE, AFTER)])
    first, fastest, last = _bounds(beat)
    level = beat[max(first - 10, 0) : first].mean(axis=0)
    return MedianBeat(beat - level, first, fastest, last, np.diff(found.peaks))


def _aligned(record: Floats, places: NDArray[np.int64], beat: Floats) -> NDArray[np.int64]:
    """Return the places, each shifted within REACH to where the record is most like the beat."""
    span = sliding_window_view(record.ravel(), beat.size)[:: record.shape[1]]  # by its first sample
    low = np.maximum(places - REACH, BEFORE)
    high = np.minimum(places + REACH, len(record) - AFTER) + 1
    likeness = partial(np.einsum, "sk,k->s")  # nothing is copied: the spans overlap
    each = [span[a - BEFORE : b - BEFORE] for a, b in zip(low, high, strict=True)]
    return low + [int(np.argmax(likeness(one, beat.ravel()))) for one in each]


def middle(beats: Floats) -> Floats:
    """Return the median of beats [b, samples, 12], for few beats in half of numpy's time."""
    ranked, half = np.sort(beats, axis=0), len(beats) // 2
    return np.asarray(ranked[half] if len(beats) % 2 else (ranked[half - 1] + ranked[half]) / 2)


def _speed(beat: Floats) -> Floats:
    return np.asarray(np.sqrt((np.gradient(beat, axis=0) ** 2).sum(axis=1)))


def _peaks(record: Floats) -> NDArray[np.int64]:
    energy = np.convolve(_speed(record), np.ones(41) / 41, "same")
    height = 0.35 * np.percentile(energy, 98)
    return np.asarray(find_peaks(energy, height=height, distance=RATE // 4)[0])


def _bounds(beat: Floats) -> tuple[int, int, int]:
    speed = np.convolve(_speed(beat) * RATE, np.ones(5) / 5, "same")
    fastest = 125 + int(np.argmax(speed[125:225]))
    floor = np.percentile(speed, 20)
    still = speed < floor + 0.06 * (speed[fastest] - floor)
    first = last = fastest
    while first > fastest - 70 and not still[first - 8 : first].all():
        first -= 1
    while last < fastest + 100 and not still[last : last + 8].all():
        last += 1
    return first, fastest, last


def _largest(segment: Floats) -> Floats:
    return np.asarray(segment[int(np.argmax((segment**2).sum(axis=1)))])


def measure(ecg: NDArray[np.floating], fs: float) -> dict[str, float]:
    """Measure one record [12, T] in mV; empty where no beat can be read."""
    found = median_beat(ecg, fs)
    return {} if found is None else read(found)


def read(found: MedianBeat) -> dict[str, float]:
    """Read rate, width, axis and every wave's height off a median beat."""
    rr, qrs = found.intervals, found.qrs
    rate = {"hr": 60 * RATE / np.median(rr), "rr_cv": rr.std() / rr.mean()}
    waves = _depths(qrs) | {"T": found.t, "P": found.p, "ST": found.st}
    by_lead = {f"{wave}_{lead}": v[i] for i, lead in enumerate(LEADS) for wave, v in waves.items()}
    whole = {
        "qrs": len(qrs) / RATE * 1000,
        "axis": axis(qrs.sum(axis=0)),
        "sokolow": by_lead["N_V1"] + max(by_lead["R_V5"], by_lead["R_V6"]),
        "cornell": by_lead["R_aVL"] + by_lead["N_V3"],
    }
    return {name: float(value) for name, value in (rate | by_lead | whole).items()}


def axis(leads: Floats) -> float:
    """Return where twelve leads [12] point in the frontal plane, -120 to 240 degrees."""
    turn = np.degrees(np.arctan2(2 / np.sqrt(3) * leads[LIMB_F], leads[LIMB_I]))
    return float((turn + 120) % 360 - 120)


def _depths(qrs: Floats) -> dict[str, Floats]:
    """Return R, N, Q and S of each lead [12] from QRS [samples, 12]."""
    top, time = qrs.argmax(axis=0), np.arange(len(qrs))[:, None]
    height, depth = np.maximum(qrs.max(axis=0), 0), np.maximum(-qrs.min(axis=0), 0)
    early = np.maximum(np.where(time <= top, -qrs, 0).max(axis=0), 0)
    late = np.maximum(np.where(time >= top, -qrs, 0).max(axis=0), 0)
    wave = height >= 0.05
    return {
        "R": height,
        "N": depth,
        "Q": np.where(wave, early, depth),
        "S": np.where(wave, late, 0.0),
    }


def measured(ecgs: Iterable[NDArray[np.floating]], fs: float) -> pd.DataFrame:
    """Measure many records: one row each, empty where no beat can be read."""
    return pd.DataFrame([measure(ecg, fs) for ecg in ecgs])
