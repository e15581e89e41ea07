"""What a predicted time to an event is worth at a horizon: times [n], events [n], risks [n].

A risk is the log of a hazard ratio, up to a constant; an event is False where a person was lost.
Those who stay make up for who was lost: whoever is seen at t counts 1 / G(t), with G(t) the chance
to be followed beyond t, which the training part tells (`staying`).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import roc_auc_score

from hfgnn.evaluate.calibration import masses
from hfgnn.evaluate.survival import Curve, Floats, made_up


def staying(time: ArrayLike, event: ArrayLike) -> Curve:
    """Return G(t), the chance to be followed beyond t: Kaplan and Meier's, of who was lost.

    Who falls ill at a time is no longer there to be lost at it.
    """
    steps, ill, there = _counted(time, event, np.zeros(len(np.asarray(event))))
    lost = there - np.append(there[1:], 0) - ill
    return _stairs(steps, np.cumprod(1 - lost / np.maximum(there - ill, 1)))


def breslow_baseline(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> Curve:
    """Return S_0(t) = exp(-sum over events until t of 1 / sum over who is there of exp(risk)).

    A person's own chance to stay well is then S_0(t)^exp(risk).
    """
    steps, ill, there = _counted(time, event, risk)
    return _stairs(steps, np.exp(-np.cumsum(ill / there)))


def _counted(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return the times that occur, the events at each, and the sum of exp(risk) still there."""
    steps, at = np.unique(np.asarray(time, dtype=float), return_inverse=True)
    weights = (np.asarray(event, dtype=float), np.exp(np.asarray(risk, dtype=float)))
    ill, there = (np.bincount(at, each).astype(float) for each in weights)
    return steps, ill, np.cumsum(there[::-1])[::-1]


def _stairs(steps: Floats, values: Floats) -> Curve:
    """Return a curve that is 1 until the first step and keeps its value from one to the next."""
    held = np.concatenate([[1.0], values])
    return lambda months: held[np.searchsorted(steps, months, side="right")]


def auroc_by(
    time: ArrayLike, event: ArrayLike, risk: ArrayLike, *, stay: Curve, months: Sequence[float]
) -> Floats:
    """Return the AUROC [months] of who is ill by then, each 1 / G(T), against who is not yet."""
    when, ill, score = np.asarray(time), np.asarray(event, dtype=bool), np.asarray(risk)
    found = []
    for month in months:
        known = ill | (when > month)
        weight = made_up(stay, np.minimum(when, month)[known])
        found.append(roc_auc_score((when <= month)[known], score[known], sample_weight=weight))
    return np.array(found)


def integrated_brier(
    time: ArrayLike, event: ArrayLike, well: ArrayLike, *, stay: Curve, months: Sequence[float]
) -> float:
    """Return Brier's score of the chances to be well, [n, months], averaged over those months.

    At t it is the mean of S(t)^2 / G(T) of who is ill by then and (1 - S(t))^2 / G(t) of who is
    not yet.
    """
    when, ill = np.asarray(time, dtype=float)[:, None], np.asarray(event, dtype=bool)[:, None]
    weight = (ill | (when > months)) * made_up(stay, np.minimum(when, months))
    score = (weight * ((when > months) - np.asarray(well)) ** 2).mean(axis=0)
    return float(np.trapezoid(score, months) / (months[-1] - months[0]))


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> pd.DataFrame:
    """Return the share still well by months, its 95 % interval, and how many were still there."""
    fit = KaplanMeierFitter().fit(time, event)
    curve: pd.DataFrame = fit.survival_function_.join(fit.confidence_interval_)
    curve = curve.join(fit.event_table["at_risk"])
    return curve.rename_axis("months").set_axis(["well", "low", "high", "people"], axis=1)


def high_risk(risk: ArrayLike, share: float) -> NDArray[np.bool_]:
    """Return who [n] has this share of the highest risks: 0.04 is above the 96th percentile."""
    return np.asarray(np.asarray(risk) > np.quantile(np.asarray(risk), 1 - share))


def logrank(time: ArrayLike, event: ArrayLike, high: NDArray[np.bool_]) -> float:
    """Return p of the log-rank test between those at high risk and the others."""
    when, ill = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    return float(logrank_test(when[high], when[~high], ill[high], ill[~high]).p_value)


def calibrated(
    time: ArrayLike, event: ArrayLike, chance: ArrayLike, *, months: float, groups: int = 10
) -> pd.DataFrame:
    """Return of people in groups of like chances of the event by then: n, chance, share, interval.

    The share is 1 - Kaplan and Meier's, so that who is lost before counts, too.
    """
    said, rows = np.asarray(chance, dtype=float), []
    held = np.searchsorted(masses(said, groups)[1:-1], said)
    for _, who in pd.DataFrame({"t": time, "ill": event, "said": said}).groupby(held):
        at = kaplan_meier(who["t"], who["ill"]).loc[:months].iloc[-1]
        rows.append((len(who), who["said"].mean(), 1 - at["well"], 1 - at["high"], 1 - at["low"]))
    return pd.DataFrame(rows, columns=["n", "chance", "share", "low", "high"])
