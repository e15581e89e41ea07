"""Quantiles of real ECGs, by group and feature: what the simulated ones are held against.

The table holds statistics only, of records that anybody can have; `hfgnn train waves` remakes it.
"""

from pathlib import Path

import pandas as pd

TABLE = Path(__file__).parent / "tables" / "reference.csv"


def reference() -> pd.DataFrame:
    """Return n, quantiles and a perfect simulator's share, by (group, feature)."""
    return pd.read_csv(TABLE, index_col=["group", "feature"])
