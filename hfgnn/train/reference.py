"""Quantiles of real ECGs by group: the table that `hfgnn.world.reference` reads."""

from pathlib import Path

import numpy as np
import pandas as pd

from hfgnn.evaluate.realism import perfect, quantiles
from hfgnn.seeding import rng

SMALLEST = 5  # of fewer people in a group no quantile is told


def reference(features: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return the table for real features [n, k] and the group of each record [n]."""
    counts = groups.value_counts()
    large = groups.isin(counts.index[counts >= SMALLEST]) & features["hr"].notna()
    table = quantiles(features[large], groups[large])
    top = perfect(features[large], groups[large], rng(0, "reference"))
    return table.assign(perfect=top.reindex(table.index.get_level_values("group")).to_numpy())


def save(table: pd.DataFrame, folder: Path) -> Path:
    """Write the table with four significant digits: more would say more than the records do."""
    path = folder / "reference.csv"
    rounded = table.map(lambda value: float(np.format_float_positional(value, 4, fractional=False)))
    rounded.assign(n=table["n"]).to_csv(path, float_format="%.4g", lineterminator="\n")
    return path
