"""What equal classes are worth to a classifier that sees the page alone, dealt before or after.

A logistic regression learns from the collection's people and is asked about its own validation,
which is what the thesis saw, and about people outside the collection. A way to equal classes takes
its new pages from a pool of `hfgnn.train.augmentation`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hfgnn.evaluate.metrics import auroc, recalls
from hfgnn.evaluate.paired import over_resplits
from hfgnn.seeding import rng
from hfgnn.train import balance as plans
from hfgnn.train.augmentation import Pools, Seen, others, sick_of
from hfgnn.train.pages import Pages

Bools = NDArray[np.bool_]
Exam = tuple[Seen, Bools]  # pages as the backbone sees them, and who of these people is sick
Sat = tuple[str, str, str]  # an exam, an order and a way


@dataclass(frozen=True)
class BalanceParams:
    """How often the collection's people are dealt, and how the classifier is held back."""

    seed: int
    deals: int = 10  # a standard error is then a third of the spread over deals
    strength: float = 0.03  # C: what cross-validation of the collection alone likes best


@dataclass(frozen=True)
class Balanced:
    """What each way to equal classes does to a classifier that sees the page alone."""

    scores: pd.DataFrame  # order, way, deal, on (whom), then SCORES
    gains: pd.DataFrame  # order, way, score: mean, low, high of a way less NOTHING, on UNSEEN
    optimism: pd.DataFrame  # order, way, score: mean, low, high of VALIDATION less UNSEEN


@dataclass(frozen=True)
class Equal:
    """A way to equal classes: which rows, which pool its new pages come from, where it cuts."""

    rows: plans.Balancing
    pool: str = ""  # empty: it makes no new page
    moved: bool = False  # whether it cuts at the share of the sick in training, not at one half


NOTHING = "nothing"
EQUAL = {
    NOTHING: Equal(plans.none),
    "another cut": Equal(plans.none, moved=True),
    "weights": Equal(plans.weights),
    "sampling": Equal(plans.sampling),
    "gentle pages": Equal(plans.as_published_intended, "gentle"),
    "published, as meant": Equal(plans.as_published_intended, "published"),
    "published, with the bug": Equal(plans.as_published_bug, "bug"),
    "the bug's pages alone": Equal(plans.as_published_alone, "bug"),
}
LATE, EARLY = "augment, then split", "split, then augment"
ORDERS = {LATE: plans.augment_then_split, EARLY: plans.split_then_augment}
VALIDATION, UNSEEN, STRAIGHT, ASKEW = "validation", "unseen people", "straight", "askew"
SCORES = ["accuracy", "balanced accuracy", "sensitivity", "specificity", "AUROC"]


def balance(params: BalanceParams, pages: Pages, new: Pools, turned: Pools) -> Balanced:
    """Train on the collection's people in each way and order; score on validation and on others.

    UNSEEN are all people outside the collection. STRAIGHT and ASKEW are the same some of them, once
    with their plain page and once with the one in `turned`.
    """
    sick, some = sick_of(pages), np.concatenate(list(turned.sources.values()))
    exams: dict[str, Exam] = {
        name: (pages.seen["ecg"][rows], sick[rows])
        for name, rows in {UNSEEN: others(pages), STRAIGHT: some}.items()
    }
    exams[ASKEW] = np.concatenate(list(turned.seen.values())), sick[some]
    own, found = sick[pages.collected], []
    for deal, order, way in product(_deals(params, own), ORDERS, EQUAL):
        plan = ORDERS[order](own, EQUAL[way].rows, _stream(params, deal))
        x = looked_up(plan, pages, new, pool=EQUAL[way].pool)
        scored = _scored(params, plan, x, exams=exams, moved=EQUAL[way].moved)
        found += [{"order": order, "way": way, "deal": deal} | row for row in scored]
    scores = pd.DataFrame(found)
    dealt = {"train": round(len(own) * (1 - plans.HELD_OUT)), "test": len(exams[UNSEEN][1])}
    both = list(product(ORDERS, EQUAL))
    gains = [((UNSEEN, o, w), (UNSEEN, o, NOTHING)) for o, w in both if w != NOTHING]
    praise = [((VALIDATION, o, w), (UNSEEN, o, w)) for o, w in both]
    return Balanced(scores, _compared(scores, dealt, gains), _compared(scores, dealt, praise))


def _stream(params: BalanceParams, deal: int) -> np.random.Generator:
    return rng(params.seed, "augmentation", "deal", str(deal))


def _deals(params: BalanceParams, sick: Bools) -> Iterator[int]:
    """Return the first deals that train on the first normal page: the bug makes all from it."""
    first = int(np.flatnonzero(~sick)[0])
    plain = ((d, plans.split_then_augment(sick, plans.none, _stream(params, d))) for d in count())
    trained = (d for d, plan in plain if plan.split[plan.source == first][0] == "train")
    return islice(trained, params.deals)


def looked_up(plan: plans.Plan, pages: Pages, new: Pools, *, pool: str) -> Seen:
    """Return what the backbone sees on the page of each row of a plan, [rows, 512].

    A new row finds its page in the pool by its source; the bug's k-th new row is its k-th page.
    """
    seen = pages.of_collection("ecg")[plan.source]
    rows = np.flatnonzero(plan.augmented)
    if not len(rows):
        return seen
    sources, wanted = new.sources[pool], pages.collected[plan.source[rows]]
    at = np.arange(len(rows)) if pool == "bug" else sources.searchsorted(wanted)
    if not np.array_equal(sources[at], wanted):
        raise ValueError(f"pool {pool!r} has no new page of {wanted[sources[at] != wanted][:3]}")
    seen[rows] = new.seen[pool][at]
    return seen


def _scored(
    params: BalanceParams, plan: plans.Plan, x: Seen, *, exams: dict[str, Exam], moved: bool
) -> list[dict[str, object]]:
    """Fit the classifier to a plan's training rows; return a row of scores for each exam."""
    train, y = plan.split == "train", np.asarray(plan.labels, dtype=bool)
    classifier = LogisticRegression(C=params.strength, max_iter=1000)
    model = make_pipeline(StandardScaler(), classifier)
    model.fit(x[train], y[train], logisticregression__sample_weight=plan.weight[train])
    cut = float(y[train].mean()) if moved else 0.5
    asked = {VALIDATION: (x[~train], y[~train]), **exams}
    found = []
    for on, (pages, sick) in asked.items():
        chances = model.predict_proba(pages)[:, 1]
        right = recalls(sick, chances > cut)
        told = ((chances > cut) == sick).mean(), np.mean(right), *right, auroc(sick, chances)
        found.append({"on": on} | dict(zip(SCORES, told, strict=True)))
    return found


def _compared(
    scores: pd.DataFrame, dealt: dict[str, int], pairs: list[tuple[Sat, Sat]]
) -> pd.DataFrame:
    """Return for each pair and score by how much the first is above the second, deal by deal."""
    by = {key: part[SCORES] for key, part in scores.groupby(["on", "order", "way"])}
    rows = []
    for (one, other), score in product(pairs, SCORES):
        found = over_resplits(by[one][score], by[other][score], **dealt)
        row = dict(zip(("order", "way", "score"), (*one[1:], score), strict=True))
        rows.append(row | {"mean": found.mean, "low": found.low, "high": found.high})
    return pd.DataFrame(rows)
