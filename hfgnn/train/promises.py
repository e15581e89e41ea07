"""How chances and sets keep their promises: on whom, by how much, and by whose luck."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.calibration import (
    brier,
    calibration_error,
    masses,
    platt,
    recalibration,
)
from hfgnn.evaluate.conformal import conformal_by_class, coverage
from hfgnn.evaluate.intervals import clopper_pearson
from hfgnn.evaluate.metrics import auroc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def covered(truth: Bools, sets: Bools) -> pd.DataFrame:
    """Return how often sets [n, 2] hold the truth [n], by group, with exact intervals."""
    found = coverage(truth, sets).rename_axis("group").reset_index()
    counts = zip((found["covered"] * found["n"]).round(), found["n"], strict=True)
    ends = [clopper_pearson(int(right), int(n)) for right, n in counts]
    return found.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def line(truth: Bools, chance: Floats) -> dict[str, float]:
    """Return how far chances [n] can be taken at their word."""
    fitted = recalibration(truth, chance)
    error = calibration_error(truth, chance, edges=masses(chance))
    told = {"slope": fitted.slope, "intercept": fitted.intercept, "ECE": error}
    return told | {"Brier": brier(truth, chance), "AUROC": auroc(truth, chance)}


def luck(
    sick: Bools, raw: Floats, few: int, miss: float, *, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return slope and share covered of the others, each time that `few` drawn anew calibrate."""
    rows = []
    for _ in range(draws):
        own, new = np.split(rng.permutation(len(sick)), [few])
        slope = recalibration(sick[new], platt(sick[own], raw[own])(raw[new])).slope
        sets = conformal_by_class(sick[own], raw[own], alpha=miss)(raw[new])
        rows.append((slope, float(sets[np.arange(len(new)), sick[new].astype(int)].mean())))
    return pd.DataFrame(rows, columns=["slope", "covered"])
