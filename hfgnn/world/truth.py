"""What the best possible classifier scores on variables drawn given the label.

By Neyman and Pearson it ranks people by S = sum over variables of log P(x | sick) / P(x | normal).
The law of S in each class is the convolution of the variables' laws, taken on a grid of `step`;
every variable is off by at most step / 2, hence S by at most `slack` = variables * step / 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import fftconvolve

from hfgnn.world.clinical import PUBLISHED, REPORTED, Cells, Floats, Variable


@dataclass(frozen=True)
class CeilingParams:
    """Sizes of the exact calculation."""

    step: float = 1e-4  # of the log likelihood ratio: `Ceiling.error` is then below 1e-5
    sick: int = REPORTED.sick  # the thesis's test folder
    normal: int = REPORTED.normal


@dataclass(frozen=True)
class Ceiling:
    """What the five variables can give at most."""

    auroc: float
    error: float  # bounds `auroc`, and the three shares of right answers in `points`; no more
    variables: pd.DataFrame  # by name: AUROC alone, and the mass that the clips pile up
    points: pd.DataFrame  # the thresholds for the test's and for equal proportions
    scores: pd.DataFrame  # S in bins: lower edge, normal, sick; within slack of an edge may stray


@dataclass(frozen=True)
class ScoreLaw:
    """The law of a gridded score in each class; `scores`, `normal`, `sick` are [n], ascending."""

    scores: Floats
    normal: Floats
    sick: Floats
    slack: float  # no true score is further than this from its grid point

    def auroc_error(self) -> float:
        """Return a bound on what the grid does to the AUROC: P(two scores within 2 slack)."""
        reach = round(2 * self.slack / (self.scores[1] - self.scores[0])) + 1
        total = np.concatenate([[0.0], np.cumsum(self.normal)])
        here = np.arange(len(self.scores))
        high, low = np.minimum(here + reach + 1, len(here)), np.maximum(here - reach, 0)
        return float(self.sick @ (total[high] - total[low]))

    def point(self, share: float) -> dict[str, float]:
        """Return the most accurate threshold's scores where this share of people is sick."""
        threshold = float(np.log((1 - share) / share))
        above = self.scores > threshold
        near = np.abs(self.scores - threshold) <= self.slack * (1 + 1e-9)
        found = {
            "threshold": threshold,
            "sensitivity": float(self.sick[above].sum()),
            "specificity": float(self.normal[~above].sum()),
            "error": float(max(self.sick[near].sum(), self.normal[near].sum())),
        }
        right = share * found["sensitivity"] + (1 - share) * found["specificity"]
        return found | {"accuracy": right}


def score_law(variables: Sequence[Variable], step: float) -> ScoreLaw:
    """Return the law of the summed log likelihood ratio of independent variables."""
    start, laws = 0, [np.ones(1), np.ones(1)]
    for cells in (variable.cells() for variable in variables):
        bins = np.rint(cells.log_ratio / step).astype(int)
        lowest = int(bins.min())
        masses = (np.bincount(bins - lowest, weights=w) for w in (cells.normal, cells.sick))
        laws = [fftconvolve(law, mass) for law, mass in zip(laws, masses, strict=True)]
        start += lowest
    normal, sick = (np.maximum(law, 0.0) for law in laws)  # the transform leaves -1e-18 for nothing
    scores = np.arange(start, start + len(normal), dtype=np.float64) * step
    return ScoreLaw(scores, normal, sick, slack=len(variables) * step / 2)


def area(normal: Floats, sick: Floats) -> float:
    """Return the AUROC of two probability vectors over the same ascending scores."""
    return float(sick @ (np.cumsum(normal) - normal / 2))


def alone(cells: Cells, *, by_ratio: bool) -> float:
    """Return the AUROC of one variable: as it is (either direction), or by its likelihood ratio."""
    order = np.argsort(cells.log_ratio, kind="stable") if by_ratio else np.arange(len(cells.values))
    plain = area(cells.normal[order], cells.sick[order])
    return max(plain, 1 - plain)


def log_ratio(table: pd.DataFrame) -> Floats:
    """Return the exact S of each person: the best possible score."""
    parts = [v.cells().log_ratio[v.index(table[v.name].to_numpy())] for v in PUBLISHED]
    return np.asarray(np.sum(parts, axis=0))


def ceiling(params: CeilingParams) -> Ceiling:
    """Return the best possible classifier's scores, with a bound on what the grid does."""
    law = score_law(PUBLISHED, params.step)
    shares = {"test": params.sick / (params.sick + params.normal), "equal": 0.5}
    points = pd.DataFrame({name: law.point(share) for name, share in shares.items()}).T
    return Ceiling(
        auroc=area(law.normal, law.sick),
        error=max(law.auroc_error(), float(points["error"].max())),
        variables=pd.DataFrame({variable.name: _facts(variable) for variable in PUBLISHED}).T,
        points=points,
        scores=_binned(law),
    )


def _facts(variable: Variable) -> dict[str, float]:
    facts = {
        "as it is": alone(variable.cells(), by_ratio=False),
        "by likelihood ratio": alone(variable.cells(), by_ratio=True),
    }
    for name, law in (("normal", variable.normal), ("sick", variable.sick)):
        facts[f"{name} at low clip"] = float(law.mass(-np.inf, np.nextafter(variable.low, 0)))
        facts[f"{name} at high clip"] = float(law.mass(variable.high, np.inf))
    return facts


def _binned(law: ScoreLaw, width: float = 0.25) -> pd.DataFrame:
    bins = np.floor(law.scores / width).astype(int)
    edges = np.arange(bins[0], bins[-1] + 1) * width
    masses = {name: np.bincount(bins - bins[0], getattr(law, name)) for name in ("normal", "sick")}
    return pd.DataFrame({"score": edges, **masses})
