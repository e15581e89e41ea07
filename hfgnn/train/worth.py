"""What risks of newcomers are worth, one score beside the other: order, chance, and a threshold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.evaluate.survival import concordance, redrawn, uno
from hfgnn.seeding import rng
from hfgnn.train.arms import Told, rivals
from hfgnn.train.followed import Followed
from hfgnn.train.prognosis import (
    auroc_by,
    breslow_baseline,
    calibrated,
    high_risk,
    integrated_brier,
    kaplan_meier,
    logrank,
    staying,
)

Floats = NDArray[np.float64]
NETWORKS = ("language model", "positions mended")


@dataclass(frozen=True)
class WorthParams:
    """By which months risks are asked to come true."""

    seed: int
    months: tuple[int, ...] = (36, 72, 108, 144)  # nobody is lost before the last of them
    horizon: int = 120  # ten years, of calibration
    step: int = 6  # between the months over which Brier's score is averaged
    top: float = 0.04  # whose risk is high, as published
    draws: int = 1_000


@dataclass(frozen=True)
class Worth:
    """Scores by model, chances by tenths of the newcomers, and curves of high and other risks."""

    scores: pd.DataFrame  # model: C, low, high, Uno's C, AUROC by months, Brier
    calibration: pd.DataFrame  # model, and per group n, chance, share, low, high
    curves: pd.DataFrame  # model, side, months: well, low, high, people
    apart: pd.DataFrame  # model: p of the log-rank test, people and events at high risk


def worth(params: WorthParams, study: Followed, newcomers: Followed, *networks: Told) -> Worth:
    """Score who tells a risk of the newcomers, all having learned from the study."""
    risks = rivals(study, newcomers)
    risks |= {name: (told.risk, told.own) for name, told in zip(NETWORKS, networks, strict=True)}
    nobody = np.zeros(len(newcomers)), np.zeros(len(study))
    bench = _Bench(params, study.table, newcomers.table)
    scores = {name: bench.scores(*both) for name, both in risks.items()}
    scores["nobody told apart"] = {"Brier": bench.brier(*nobody)}
    told = pd.DataFrame(scores).T.rename_axis("model")
    drawn = redrawn(
        *bench.seen,
        [risk for risk, _ in risks.values()],
        rng=rng(params.seed, "worth"),
        repeats=params.draws,
    )
    told.loc[list(risks), ["low", "high"]] = np.quantile(drawn, [0.025, 0.975], axis=0).T
    groups = [bench.calibration(*both).assign(model=name) for name, both in risks.items()]
    curves = [bench.curves(risk).assign(model=name) for name, (risk, _) in risks.items()]
    apart = {name: bench.apart(risk) for name, (risk, _) in risks.items()}
    return Worth(
        told,
        pd.concat(groups, ignore_index=True),
        pd.concat(curves, ignore_index=True),
        pd.DataFrame(apart).T.rename_axis("model"),
    )


class _Bench:
    """Newcomers by whom risks are judged, and the study that tells how many stay."""

    def __init__(self, params: WorthParams, own: pd.DataFrame, new: pd.DataFrame) -> None:
        self.params, self.own = params, own
        self.seen = new["time"].to_numpy(), new["event"].to_numpy()
        self.stay = staying(own["time"], own["event"])

    def well(self, months: list[int], risk: Floats, known: Floats) -> Floats:
        """Return chances [n, months] to be well, risks being hazards beside the study's."""
        base = breslow_baseline(self.own["time"], self.own["event"], known)
        return np.asarray(base(months) ** np.exp(risk)[:, None])

    def brier(self, risk: Floats, known: Floats) -> float:
        """Return Brier's score, averaged over months."""
        months = list(range(self.params.step, self.params.months[-1] + 1, self.params.step))
        well = self.well(months, risk, known)
        return integrated_brier(*self.seen, well, stay=self.stay, months=months)

    def scores(self, risk: Floats, known: Floats) -> dict[str, float]:
        """Return both C, the AUROC by each month, and Brier's score."""
        months, stay = self.params.months, self.stay
        last = uno(*self.seen, risk, stay=stay, until=float(months[-1]))
        by = auroc_by(*self.seen, risk, stay=stay, months=months)
        years = {f"AUROC, {m // 12} years": float(a) for m, a in zip(months, by, strict=True)}
        orders = {"C": concordance(*self.seen, risk), "Uno's C": last}
        return orders | years | {"Brier": self.brier(risk, known)}

    def calibration(self, risk: Floats, known: Floats) -> pd.DataFrame:
        """Return chances until the horizon, said and seen, by tenths of the people."""
        chance = 1 - self.well([self.params.horizon], risk, known)[:, 0]
        return calibrated(*self.seen, chance, months=self.params.horizon)

    def curves(self, risk: Floats) -> pd.DataFrame:
        """Return how many stay well of those at high risk, and of the others."""
        high = high_risk(risk, self.params.top)
        parts = []
        for side, who in (("high", high), ("others", ~high)):
            if who.any():  # who tells nobody apart has nobody at high risk
                curve = kaplan_meier(*(part[who] for part in self.seen)).reset_index()
                parts.append(curve.assign(side=side))
        return pd.concat(parts)

    def apart(self, risk: Floats) -> dict[str, float]:
        """Return what a log-rank test says of both."""
        high = high_risk(risk, self.params.top)
        told = {"people": float(high.sum()), "events": float(self.seen[1][high].sum())}
        return told | {"p": logrank(*self.seen, high) if high.any() else 1.0}
