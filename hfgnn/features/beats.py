"""Median beats as the dual attention network takes them (Chen et al.): 12 leads x 608 samples.

A record is brought to 500 samples a second (`scipy.signal.resample_poly`) and filtered, and its
beats are found and aligned, as `hfgnn.evaluate.morphology` does it. The median is taken of those
that lie whole in the record: 1.2 s, of which 0.4 s lie before the middle of QRS, so that P is
inside also where PR is long, and 0.8 s after it, so that T is inside also where the heart is slow;
of a fast heart the neighbours are inside, too. Each lead is z-scored.
"""

import numpy as np
from numpy.typing import NDArray

from hfgnn.evaluate.morphology import Train, beat_train, middle

WINDOW = np.arange(-200, 400)  # samples about the middle of QRS
PAD = 4  # zeros at either end: 608 is 19 times 32, so five strides of two divide it
SHAPE = (12, len(WINDOW) + 2 * PAD)  # of a beat
FLAT = 1e-3  # mV, a step of the recorder: a lead that varies less holds no beat


def median_beats(
    ecg: NDArray[np.floating], fs: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the beats [n, 12, 608] of ECGs [n, 12, T] in mV, and who has one [n].

    A beat needs four QRS, and three of them with their whole window; who lacks it gets zeros. So
    does a lead that is flat. What is missing in a record (NaN) counts as 0 mV.
    """
    found = [beat(train(record, fs)) for record in ecg]
    beats = np.zeros((len(found), *SHAPE), np.float32)
    for row, one in zip(beats, found, strict=True):
        row[:] = 0 if one is None else one
    return beats, np.array([one is not None for one in found], bool)


def train(record: NDArray[np.floating], fs: float) -> Train | None:
    """Find the beats of a record [12, T], whatever is missing in it."""
    return beat_train(np.nan_to_num(record, posinf=0, neginf=0), fs)


def beat(train: Train | None) -> NDArray[np.float32] | None:
    """Return the z-scored median [12, 608] of a record's beats, None where there is none."""
    if train is None:
        return None
    windows = train.places[:, None] + WINDOW
    windows = windows[(windows[:, 0] >= 0) & (windows[:, -1] < len(train.record))]
    if len(windows) < 3:
        return None
    usual = middle(train.record[windows])
    spread = usual.std(axis=0)
    scores = np.where(spread > FLAT, (usual - usual.mean(axis=0)) / (spread + 1e-12), 0.0)
    return np.pad(scores.T, ((0, 0), (PAD, PAD))).astype(np.float32)
