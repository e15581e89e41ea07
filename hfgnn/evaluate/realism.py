"""Do simulated ECGs look like real ones? Feature by feature, against quantiles of real records.

A feature is in range when its median lies within half a real standard deviation of the real one and
its spread within a factor of two, where the spread is (q90 - q10) / 2.56 plus a floor.
"""

import numpy as np
import pandas as pd

QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
NAMES = tuple(f"q{round(100 * q):02d}" for q in QUANTILES)
FLOOR = {"hr": 1.0, "rr": 0.005, "qrs": 2.0, "axis": 5.0}  # the smallest spread that counts
MILLIVOLTS = 0.02  # the floor of everything else
GAP, RATIO = 0.5, 2.0
HEALTHY_WOMEN = {"hr": (49, 88), "qrs": (70, 104)}  # published limits (Rautaharju 2013)
WHO = ("real", "simulated")


def quantiles(features: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return n and the quantiles of each feature, rows (group, feature): all that is shipped."""
    parts = dict[str, pd.DataFrame]()
    for group, rows in features.groupby(groups.to_numpy()):
        found = rows.quantile(np.array(QUANTILES)).T
        parts[str(group)] = found.set_axis(list(NAMES), axis=1).assign(n=rows.count())
    return pd.concat(parts, names=["group", "feature"])


def apart_by_sex(
    features: pd.DataFrame, groups: pd.Series, sex: pd.Series
) -> tuple[pd.DataFrame, pd.Series]:
    """Return features and groups once more for the normal men (sex 0) and women (1)."""
    normal = groups == "NORM"
    names = sex[normal].map({0: "NORM men", 1: "NORM women"})
    both = [features, features[normal]]
    return pd.concat(both, ignore_index=True), pd.concat([groups, names], ignore_index=True)


def judged(real: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    """Compare two tables of quantiles: gap in real SDs, ratio of spreads, whether in range."""
    both = real.join(simulated, lsuffix=" real", rsuffix=" simulated", how="inner")
    first = both.index.get_level_values("feature").str.split("_").str[0]
    floor = first.map(FLOOR).to_numpy(dtype=float)
    floor = np.where(np.isnan(floor), MILLIVOLTS, floor)
    spread = {who: (both[f"q90 {who}"] - both[f"q10 {who}"]) / 2.56 + floor for who in WHO}
    gap = (both["q50 simulated"] - both["q50 real"]) / spread["real"]
    ratio = spread["simulated"] / spread["real"]
    fine = (gap.abs() <= GAP) & ratio.between(1 / RATIO, RATIO)
    return pd.DataFrame({"gap": gap, "ratio": ratio, "in range": fine})


def shares(verdicts: pd.DataFrame) -> pd.Series:
    """Return the share of features in range, by group."""
    return verdicts.groupby(level="group")["in range"].mean()


def perfect(
    features: pd.DataFrame, groups: pd.Series, rng: np.random.Generator, *, times: int = 20
) -> pd.Series:
    """Return the share that a perfect simulator would score, by group: real against resampled."""
    real, found = quantiles(features, groups), list[pd.Series]()
    for _ in range(times):
        rows = [
            rng.choice(rows, len(rows))
            for rows in groups.groupby(groups.to_numpy()).indices.values()
        ]
        drawn = np.concatenate(rows)
        found.append(shares(judged(real, quantiles(features.iloc[drawn], groups.iloc[drawn]))))
    return pd.concat(found, axis=1).mean(axis=1)
