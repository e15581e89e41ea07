"""What the works' encoders have learned before anybody asks them, once for the whole comparison.

Of the second work, an encoder of beats with both attentions and without either; of the third, one
of ten seconds that filled in what was hidden, one of pictures, and what both are once matched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.models.dual_attention import Encoder
from hfgnn.train import arms
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, ArmsParams
from hfgnn.train.begun import BegunParams
from hfgnn.train.filled import Filled
from hfgnn.train.followed import Followed
from hfgnn.train.matched import Matched, looked, matched
from hfgnn.train.seen import Seen
from hfgnn.train.steps import Weights
from hfgnn.train.tuned import Start

TOLD, LESSONS = "language model", ("no time", "no lead")
PAIRED = ("looked", "matched", "both")


@dataclass(frozen=True)
class SchooledParams:
    """How the encoders of both rivals learn."""

    arms: ArmsParams
    begun: BegunParams


@dataclass(frozen=True)
class Schooled:
    """Weights of several encoders, each as `encoder/net/weight`."""

    weights: dict[str, NDArray[Any]]

    def of(self, name: str) -> dict[str, Weights]:
        """Return the nets of an encoder, each with its weights by name."""
        nets = dict[str, Weights]()
        for path, weight in self.weights.items():
            encoder, net, part = path.split("/", 2)
            if encoder == name:
                nets.setdefault(net, {})[part] = weight
        if not nets:
            known = ", ".join(sorted({path.split("/")[0] for path in self.weights}))
            raise ValueError(f"encoder {name!r} was not taught here; choose one of {known}")
        return nets


def beats_read(params: SchooledParams, hospital: Followed) -> Schooled:
    """Teach the encoders of beats that lack an attention, as the one that has both was taught."""
    lessons = {name: arms.lesson(ArmParams(params.arms, name), hospital) for name in LESSONS}
    return Schooled(_flat({name: {"encoder": left.encoder} for name, left in lessons.items()}))


def pictures_read(params: SchooledParams, people: Seen, filling: Filled) -> Schooled:
    """Teach a picture's encoder by two looks, and both sides by each other: from nothing, or on."""
    how = params.begun
    looks = looked(how.looked, people)
    alone = matched(how.matched, people, None, None)
    both = matched(how.matched, people, looks, filling)
    found = dict(zip(PAIRED, (looks, alone, both), strict=True))
    return Schooled(_flat({name: left.nets for name, left in found.items()}))


def encoders(params: SchooledParams, lesson: Aligned, lessons: Schooled) -> dict[str, Encoder]:
    """Return the encoders of beats: untrained, and after each lesson."""
    weights = {"untrained": None, TOLD: lesson.encoder}
    weights |= {name: lessons.of(name)["encoder"] for name in LESSONS}
    return {name: arms.encoder(ArmParams(params.arms, name), w) for name, w in weights.items()}


def starts(filling: Filled, paired: Schooled) -> dict[str, Start]:
    """Return what encoders of ten seconds and of pictures begin with."""
    left = {name: Matched(paired.of(name), pd.DataFrame(), 0) for name in PAIRED}
    found = {"untrained": Start(), "filled": Start(ecg=filling)}
    found |= {"looked": Start(picture=left["looked"])}
    return found | {name: Start(sides=left[name]) for name in PAIRED[1:]}


def _flat(encoders_: Mapping[str, Mapping[str, Weights]]) -> dict[str, NDArray[Any]]:
    return {
        f"{name}/{net}/{part}": np.asarray(weight)
        for name, nets in encoders_.items()
        for net, weights in nets.items()
        for part, weight in weights.items()
    }
