"""What the thesis's number is held against: why a run falls short of it, and what could be had.

`why` goes through the published run on pages that tell more or less, and are louder or softer
beside the clinical values; `drawn` asks what the values from the label give alone; `top` tells what
anybody could score on the same kind of people, with values from the heart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict

from hfgnn.evaluate.intervals import clopper_pearson
from hfgnn.evaluate.metrics import auroc
from hfgnn.features.fuse import CLINICAL
from hfgnn.seeding import rng
from hfgnn.train.ceilings import LABEL_STATISTICS, Question, by_view, seen
from hfgnn.train.controls import BEST, RIVALS, people
from hfgnn.train.flat import logistic
from hfgnn.train.pages import Pages
from hfgnn.train.published import Found, Run, judged, sides
from hfgnn.world import tasks
from hfgnn.world.clinical import REPORTED, Floats
from hfgnn.world.collection import FILES
from hfgnn.world.latent import Heart, hearts
from hfgnn.world.population import COLLECTION, population
from hfgnn.world.truth import log_ratio

Features = NDArray[np.float32]
LISTENING = (  # whether there are copies, and whom a file hears
    (True, "choosers"),
    (False, "choosers"),
    (False, "its own"),
    (False, "nobody"),
)


@dataclass(frozen=True)
class WhyParams:
    """Which pages the published run is given."""

    seed: int
    told: tuple[float, ...] = (0.0, 0.5, 1.0)  # of a page's own numbers; the rest is another's
    loud: tuple[float, ...] = (0.1, 0.3, 1.0)  # times the 512 numbers: how far a network spreads
    # them is its own affair, and another's may be softer


@dataclass(frozen=True)
class Why:
    """What the published run scores on other pages, by who hears whom, with copies and without."""

    runs: pd.DataFrame  # told, loud, page (its AUROC alone), share (of the squared distance that
    # comes from the page), copies, hears, and the scores of `judged`


def why(params: WhyParams, pages: Pages) -> Why:
    """Go through the run, without new pages, on pages that tell less and are softer."""
    found, rows = Found.of(pages, "ecg"), []
    for told in params.told:
        blent = replace(found, seen=blended(found.seen, told, rng(params.seed, "blended")))
        page = page_alone(blent)
        for loud in params.loud:
            heard = replace(blent, seen=blent.seen * np.float32(loud))
            spread = float(heard.seen.var(axis=0).sum())
            shown: dict[str, object] = {"told": told, "loud": loud, "page": page}
            shown["share"] = spread / (spread + len(CLINICAL))  # clinical values vary by 1 each
            rows += [shown | scores for scores in _listening(heard, params.seed)]
    return Why(pd.DataFrame(rows))


def blended(features: Features, told: float, stream: np.random.Generator) -> Features:
    """Return told x a person's features [n, 512] + (1 - told) x those of somebody at random."""
    other = features[stream.permutation(len(features))]
    return (told * features + (1 - told) * other).astype(np.float32)


def page_alone(found: Found) -> float:
    """Return the AUROC of a logistic regression on the pages alone, in people it has not seen."""
    sick = found.classes != "Normal"
    chances = cross_val_predict(logistic(0), found.seen, sick, method="predict_proba")
    return auroc(sick, chances[:, 1])


def _listening(found: Found, seed: int) -> Iterator[dict[str, object]]:
    for copies, hears in LISTENING:
        run = Run(new_pages=False, copies=copies, choosers=hears == "choosers")
        train, val, test = sides(run, found, rng(seed, "why"))
        if hears == "nobody":
            train, val, test = train.alone, val.alone, test.alone
        yield {"copies": copies, "hears": hears} | judged((train, val, test), seed)[1]


@dataclass(frozen=True)
class DrawnParams:
    """How many people are asked about; the thesis's counts are learned from."""

    seed: int
    fresh: int = 20_000  # people of the test, in the proportions of the thesis's test folder


@dataclass(frozen=True)
class Drawn:
    """What the values drawn from the label give alone, with no page and no graph."""

    scores: pd.DataFrame  # by learner and folder: AUROC, accuracy, low, high
    sizes: dict[str, int]  # normal people in each folder, and sick and normal ones in the test


FOLDERS = {"as dealt": FILES["Normal"][0], "made equal": REPORTED.train}  # normal pages


def drawn(params: DrawnParams) -> Drawn:
    """Train on the thesis's counts of sick and normal, before and after they were made equal."""
    sick = round(params.fresh * REPORTED.sick / REPORTED.pages)
    tested, truth = people(sick, params.fresh - sick, rng(params.seed, "drawn", "test"))
    prior = np.log(sick / (params.fresh - sick))
    asked = {(BEST, "none", "told"): log_ratio(tested) + prior}
    for folder, normal in FOLDERS.items():
        known, labels = people(REPORTED.train, normal, rng(params.seed, "drawn", folder))
        for name in ("logistic regression", "logistic, log and squares"):
            chances = clone(RIVALS[name]).fit(known, labels).predict_proba(tested)
            odds = np.diff(np.log(chances.clip(1e-15)))[:, 0]
            asked[name, folder, "not told"] = odds
            asked[name, folder, "told"] = odds + prior - np.log(REPORTED.train / normal)
    rows = []
    for key, odds in asked.items():
        right = int((truth == (odds > 0)).sum())
        share = right / params.fresh
        rows.append((*key, auroc(truth, odds), share, *clopper_pearson(right, params.fresh)))
    columns = ["learner", "folder", "proportions", "AUROC", "accuracy", "low", "high"]
    return Drawn(pd.DataFrame(rows, columns=columns), {"sick": sick, "normal": params.fresh - sick})


@dataclass(frozen=True)
class TopParams:
    """From how many people the ceilings are estimated."""

    seed: int
    people: int = 20_000  # half of them learned from; the Monte Carlo error is 0.002
    community: int = 200_000  # people who tell how rare each class is where nobody is chosen


@dataclass(frozen=True)
class Top:
    """What anybody could score at most on people who come as the collection's did."""

    table: pd.DataFrame  # statistic, view, ceiling, error, and what `by_view` tells besides


def top(params: TopParams) -> Top:
    """Estimate the ceilings of sick against normal where people are chosen by their class."""
    config = population("thesis", people=params.people, seed=params.seed)
    heart, views = seen(replace(config, name="thesis ceiling"))  # of fresh people
    chance = chosen(heart, hearts(params.community, rng(params.seed, "community")))
    return Top(by_view(Question("sick", chance, chance, LABEL_STATISTICS), views))


def chosen(heart: Heart, community: Heart) -> Floats:
    """Return the chance [n] of sick among people who were chosen by class, p_c s_c / q_c summed.

    p_c is the chance of class c given the heart, q_c its share in the community, s_c that among
    those who were chosen: choosing by class changes how common hearts are, and with them chances.
    """
    share = np.array([COLLECTION[name] for name in tasks.CLASSES], dtype=float)
    weighed = tasks.filed(heart) * share / tasks.filed(community).mean(axis=0)
    normal = weighed[:, tasks.CLASSES.index("Normal")]
    return np.asarray(1 - normal / weighed.sum(axis=1))
