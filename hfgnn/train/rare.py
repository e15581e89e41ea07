"""Two diseases, few who are known to have them, and every way to begin: who is called ill.

A way (an arm) is what is seen of a person, what encoders learned before any label, and whether
they stay as they are (a probe) or learn on. The supervised approach learns on from nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hfgnn.evaluate.metrics import auroc
from hfgnn.evaluate.rare import average_precision, balanced_accuracy
from hfgnn.seeding import rng
from hfgnn.train.begun import BegunParams
from hfgnn.train.counted import NEVER, ONCE, PUBLISHED, Balance, ProbeParams, few, probe
from hfgnn.train.seen import Seen, SeenParams
from hfgnn.train.steps import Pace, Rows
from hfgnn.train.tuned import Body, Start, TunedParams, features, tuned

Floats = NDArray[np.float64]
TASKS = ("infarction", "pump")
BUDGETS = (8, 40, 0)  # who are ill and teach; 0: all of them
CELLS = [(task, budget) for task in TASKS for budget in BUDGETS]
SCORES = {
    "AUROC": auroc,
    "AUPRC": average_precision,
    "balanced accuracy": balanced_accuracy,
}


@dataclass(frozen=True)
class Arm:
    """One way to go."""

    views: tuple[str, ...]
    start: str = ""  # of STARTS; empty: chance
    whole: bool = False  # all weights learn; else a probe reads what the encoders say
    balance: Balance = Balance(sampled=True)
    body: float = 1.0  # of the rate is the encoders'
    last: bool = False

    @property
    def seen(self) -> str:
        """Return what is seen, in words."""
        return VIEWS[self.views]


BOTH = ("ecg", "table")
VIEWS = {("table",): "table", ("ecg",): "ECG", BOTH: "ECG and table", ("picture",): "picture"}
VIEWS[*BOTH, "picture"] = "all three"
CHEAPEST = Arm(BOTH, "both")
WHOLE = Arm(BOTH, "both", whole=True)
SLOW, HEAD = 1e-6, 3e-4  # published rates of the encoders that are called frozen, and of a head
AS_PUBLISHED = replace(WHOLE, balance=PUBLISHED, body=SLOW / HEAD, last=True)
ARMS = {
    "table": Arm(("table",)),
    "ECG, untrained": Arm(("ecg",)),
    "ECG, filled in": Arm(("ecg",), "filled"),
    "ECG, matched": Arm(("ecg",), "matched"),
    "ECG, both": Arm(("ecg",), "both"),
    "ECG and table, filled in": Arm(BOTH, "filled"),
    "ECG and table, matched": Arm(BOTH, "matched"),
    "ECG and table, both": CHEAPEST,
    "picture, looked": Arm(("picture",), "looked"),
    "picture, both": Arm(("picture",), "both"),
    "all three, both": Arm((*BOTH, "picture"), "both"),
    "ECG, supervised": Arm(("ecg",), whole=True),
    "ECG, filled in, tuned": Arm(("ecg",), "filled", whole=True),
    "ECG, both, tuned": Arm(("ecg",), "both", whole=True),
    "ECG and table, supervised": Arm(BOTH, whole=True),
    "ECG and table, both, tuned": WHOLE,
    "picture, supervised": Arm(("picture",), whole=True),
    "picture, both, tuned": Arm(("picture",), "both", whole=True),
    "counted never": replace(CHEAPEST, balance=NEVER),
    "counted by weights": replace(CHEAPEST, balance=ONCE),
    "counted by threshold": replace(CHEAPEST, balance=Balance(moved=True)),
    "counted twice": replace(CHEAPEST, balance=PUBLISHED),
    "as published": AS_PUBLISHED,
    "as published, best epoch": replace(AS_PUBLISHED, last=False),
    "supervised, counted twice": replace(WHOLE, start="", balance=PUBLISHED),
}


@dataclass(frozen=True)
class RareParams:
    """Whom each study learns from, and whom all are asked about."""

    people: SeenParams  # of the first study
    newcomers: SeenParams  # the same in all
    begun: BegunParams
    studies: int = 3
    steps: int = 150  # of a whole training, about
    batch: int = 32
    epochs: tuple[int, int] = (6, 40)  # at least, and at most
    draws: int = 300  # of newcomers and studies, for intervals

    def study(self, number: int) -> SeenParams:
        """Return whom a study learns from."""
        return replace(self.people, seed=self.people.seed + number)


class Study:
    """Everything that one study says of the newcomers."""

    def __init__(
        self,
        params: RareParams,
        number: int,
        people: Seen,
        newcomers: Seen,
        start: Callable[[str], Start],
    ) -> None:
        self.params, self.number, self.seed = params, number, params.people.seed + number
        self.people, self.newcomers, self.start = people, newcomers, start
        self.sides = params.begun.of(self.seed).matched
        self.seen: dict[tuple[str, str], tuple[Floats, Floats]] = {}

    def told(self, name: str) -> Floats:
        """Return of each newcomer and of each of CELLS above zero who is called ill, [6, n]."""
        return np.stack([self._told(ARMS[name], task, budget) for task, budget in CELLS])

    def features(self, view: str, start: str) -> tuple[Floats, Floats]:
        """Return what an encoder says of the study's own people and of newcomers."""
        if (view, start) not in self.seen:
            how = TunedParams(self.seed, self.sides, 0.0, views=(view,))
            net = Body(how, self.start(start))
            both = (features(net, part, self.people) for part in (self.people, self.newcomers))
            own, new = both
            self.seen[view, start] = own, new
        return self.seen[view, start]

    def _told(self, arm: Arm, task: str, budget: int) -> Floats:
        labels = self.people.table[task].to_numpy(bool)
        teach = few(labels, budget or None, rng(self.seed, "few", task))
        how = TunedParams(self.seed, self.sides, arm.body, arm.views, arm.balance, last=arm.last)
        how = replace(how, half=arm.balance == PUBLISHED)
        if arm.whole:
            how = replace(how, pace=self._pace(labels, teach, arm.balance))
            begun = self.start(arm.start)
            return tuned(how, self.people, labels, teach, self.newcomers, begun).called
        parts = zip(*(self.features(view, arm.start) for view in arm.views), strict=True)
        own, new = (np.hstack(part).astype(float) for part in parts)
        return probe(ProbeParams(self.seed, arm.balance), own, labels, teach, new)[1]

    def _pace(self, labels: NDArray[np.bool_], teach: Rows, balance: Balance) -> Pace:
        """Return about as many steps for few as for many."""
        p, many = self.params, len(teach)
        if balance.sampled:
            many = 2 * int(labels[teach].sum())
        least, most = p.epochs
        epochs = int(np.clip(p.steps * p.batch / many, least, most))
        return Pace(epochs, rate=1e-3, decay=1e-4, climb=0.1, batch=p.batch, clip=1.0)
