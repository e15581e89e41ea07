"""What 512 numbers know: one linear probe, asked of each network's numbers and of the signal.

Ridge regression tells a number, logistic regression a yes or no. Both learn on the people whom the
cohort deals to `train` and are judged on all others: R2 or AUROC, and a bootstrap over them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft, rfft
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegressionCV, RidgeCV

from hfgnn.cohort import FS
from hfgnn.evaluate.intervals import bootstrap
from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.morphology import AFTER, BEFORE, median_beat
from hfgnn.features.resnet import WIDTH
from hfgnn.seeding import rng
from hfgnn.train.pages import Pages, PagesParams
from hfgnn.world.population import block, blocks

Floats = NDArray[np.float64]
Known = NDArray[np.bool_]
Statistic = Callable[[Any, Any], float]

SHOWN = ("rate", "axis_cos", "axis_sin", "qrs", "sokolow", "t_peak", "P_II", "pr", "wide", "af")
LAGS = slice(round(0.2 * FS), round(2.0 * FS))  # of the autocorrelation: 300 to 30 beats a minute
ALPHAS = np.geomspace(1e-3, 1e2, 6)  # of the ridge; what it is given varies by 1 in sum
CS = np.geomspace(1e-1, 1e4, 6)  # of the logistic regression
FOLDS = 5  # of the people learned from, to choose C


@dataclass(frozen=True)
class ProbesParams:
    """Whose pages are probed, and how long the bootstrap goes on."""

    pages: PagesParams
    draws: int = 1_000  # with more, the ends of an interval hardly move


@dataclass(frozen=True)
class Probes:
    """How well each attribute is told of unseen people, and from what."""

    scores: pd.DataFrame  # attribute, by, people, score, low, high
    margins: pd.DataFrame  # the same, of `sick`: the backbone's score less that of `by`


def probes(params: ProbesParams, pages: Pages) -> Probes:
    """Probe each network and the signal for each attribute; a rival on the collection's people."""
    train, everyone, part = learners(pages), np.arange(len(pages.table)), pages.collected
    own = pages.seen[params.pages.backbone]
    probed: dict[str, tuple[NDArray[np.floating], NDArray[np.intp]]]
    probed = {params.pages.backbone: (own, everyone)}
    probed["signal"] = (signal_numbers(params.pages, train), everyone)
    probed |= {name: (pages.of_collection(name), part) for name in params.pages.rivals}

    def row(name: str, by: str, how: Statistic, y: Floats, said: Floats) -> tuple[Any, ...]:
        stream = rng(params.pages.seed, "probes", name)  # the same people whatever is probed
        low, high = drawn(how, y, said, draws=params.draws, rng=stream)
        return name, by, len(y), how(y, said), low, high

    scores, margins = [], []
    for name, asked in targets(pages).items():
        for by, (x, rows) in probed.items():
            y, said = told(x, asked[rows], train[rows])
            scores.append(row(name, by, mark(y), y, said))
            if name == "sick" and x is not own:
                ours = told(own[rows], asked[rows], train[rows])[1]
                margins.append(row(name, by, ahead, y, np.column_stack([ours, said])))
    columns = ["attribute", "by", "people", "score", "low", "high"]
    return Probes(*(pd.DataFrame(rows, columns=columns) for rows in (scores, margins)))


def learners(pages: Pages) -> Known:
    """Return who is learned from [n]: those whom the cohort deals to `train`."""
    return (pages.table["split"] == "train").to_numpy(bool)


def targets(pages: Pages) -> dict[str, Floats]:
    """Return what is asked for [n] each: what the ECG shows, NaN where it does not, and `sick`."""
    asked = pages.shown[[*SHOWN]].assign(sick=pages.table["sick"])
    return {str(name): column.to_numpy(float) for name, column in asked.items()}


def told(x: NDArray[np.floating], y: ArrayLike, train: Known) -> tuple[Floats, Floats]:
    """Return the truth of unseen people, y [m], and what a linear probe of x [n, d] says of it.

    x is centred and divided by one number, so that it varies by 1 in sum on the training rows; what
    is larger in x stays larger. A person without y is left out.
    """
    truth, rows = np.asarray(y, float), np.asarray(x, float)
    known, asked = (np.flatnonzero(part & np.isfinite(truth)) for part in (train, ~train))
    scaled = (rows - rows[known].mean(axis=0)) / np.sqrt(rows[known].var(axis=0).sum())
    if not yes_no(truth):
        ridge = RidgeCV(ALPHAS).fit(scaled[known], truth[known])
        return truth[asked], ridge.predict(scaled[asked])
    rarer = int(min(truth[known].sum(), (1 - truth[known]).sum()))
    if rarer < 2:
        raise ValueError(
            f"{rarer} of {len(known)} people show what the others do not; a probe learns from two "
            "or more of either kind: simulate more people"
        )
    how = {"l1_ratios": (0,), "scoring": "neg_log_loss", "use_legacy_attributes": False}
    model = LogisticRegressionCV(Cs=CS, cv=min(FOLDS, rarer), max_iter=1_000, **how)
    fitted = model.fit(scaled[known], truth[known])
    return truth[asked], fitted.decision_function(scaled[asked])


def yes_no(y: Floats) -> bool:
    """Tell whether y [n] answers yes or no, and is no number."""
    return set(np.unique(y[np.isfinite(y)])) <= {0, 1}


def mark(y: Floats) -> Statistic:
    """Return what scores answers about y [n]: AUROC of a yes or no, R2 of a number."""
    return auroc if yes_no(y) else explained


def explained(y: Floats, said: Floats) -> float:
    """Return R2 = 1 - mean((y - said)^2) / var(y) of answers [m]."""
    return float(1 - ((y - said) ** 2).mean() / y.var())


def ahead(y: Floats, both: Floats) -> float:
    """Return by how much the AUROC of the first of two answers [m, 2] is higher."""
    return auroc(y, both[:, 0]) - auroc(y, both[:, 1])


def drawn(
    how: Statistic, y: Floats, said: Floats, *, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic over people drawn anew; yes and no stay as many."""
    classes, both = y if yes_no(y) else np.ones(len(y)), np.column_stack([y, said])

    def again(_: Any, rows: Floats) -> float:
        return how(rows[:, 0], rows[:, 1:].squeeze())

    return bootstrap(again, classes, both, rng=rng, repeats=draws)


def signal_numbers(params: PagesParams, train: Known) -> Floats:
    """Return the signal as 512 numbers [n, 512]: principal components, learned on training rows.

    Of the median beat of the twelve leads and the autocorrelation of the ECG's speed, which varies
    as much in sum. Nothing is measured: no wave is found, no interval is told.
    """
    parts = [beats_and_rhythm(block(params.population, n).ecg) for n in blocks(params.population)]
    sides = [np.concatenate(side) for side in zip(*parts, strict=True)]
    both = np.hstack([side / np.sqrt(side[train].var(axis=0).sum()) for side in sides])
    few = min(WIDTH, int(train.sum()) - 1)
    reduced: Floats = PCA(few, svd_solver="full").fit(both[train]).transform(both)
    return reduced


def beats_and_rhythm(ecg: NDArray[np.float32] | None) -> tuple[Floats, Floats]:
    """Return the median beats of ECGs [n, 12, T], and how each resembles itself some time later."""
    assert ecg is not None
    found = [median_beat(one, FS) for one in ecg]
    none = np.zeros((BEFORE + AFTER, ecg.shape[1]))  # where no beat can be read
    beats = np.stack([(none if beat is None else beat.beat)[::2].ravel() for beat in found])
    speed = np.sqrt((np.diff(ecg, axis=2) ** 2).sum(axis=1))
    power = np.abs(rfft(speed - speed.mean(axis=1, keepdims=True), 2 * ecg.shape[2], axis=1)) ** 2
    alike = irfft(power, axis=1)
    return beats, alike[:, LAGS] / alike[:, :1]
