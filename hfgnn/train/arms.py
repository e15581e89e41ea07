"""The dual attention network where events are many: every arm of it, asked of people it never met.

An arm is pre-trained on people of a hospital, learns the risk in a study, and tells that of
newcomers. It does so whole, as published; or it stays as pre-training has left it, and Cox's model
weighs what it says: 300 events are few for 350,000 weights.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from hfgnn.models.dual_attention import CODED, SMALL, SOUND, Encoder, Faults, Sizes
from hfgnn.seeding import seed_torch
from hfgnn.train.aligned import Aligned, AlignedParams, aligned
from hfgnn.train.cox import COMPONENTS, clinical, cox_model
from hfgnn.train.followed import Followed, FollowedParams, followed
from hfgnn.train.risk import AT_ONCE, RiskParams, learned
from hfgnn.train.steps import Pace, Weights, as_read, restore, weights_of

Floats = NDArray[np.float64]
APART = 100  # between the seed of the studies and that of the newcomers


@dataclass(frozen=True)
class Arm:
    """One way to go."""

    text: str = ""  # what pre-training is told; empty: there is none
    contrast: bool = True  # others' texts are counterexamples; published: there are none
    tuned: bool = False  # published: all weights learn the risk; else Cox's model reads features
    time: bool = True  # a lead's moments attend to one another
    lead: bool = True  # the leads do
    faults: Faults = SOUND
    whole: bool = True  # the decoder is held to the whole beat; published: to what was not hidden


TOLD = Arm("language model")
PUBLISHED = Arm("language model", contrast=False, tuned=True, faults=CODED, whole=False)
ARMS = {
    "untrained": Arm(),
    "no text": Arm("none"),
    "language model": TOLD,
    "codes": replace(TOLD, text="codes"),
    "shuffled": replace(TOLD, text="shuffled"),
    "no counterexamples": replace(TOLD, contrast=False),
    "no time": replace(TOLD, time=False),
    "no lead": replace(TOLD, lead=False),
    "no attention": replace(TOLD, time=False, lead=False),
    "tuned, from nothing": Arm(tuned=True),
    "tuned, from nothing, no attention": Arm(tuned=True, time=False, lead=False),
    "tuned, no text": Arm("none", tuned=True),
    "tuned, language model": replace(TOLD, tuned=True),
    "as published": PUBLISHED,
    "positions mended": replace(PUBLISHED, faults=replace(CODED, positions=False)),
    "moments mended": replace(PUBLISHED, faults=replace(CODED, moments=False)),
    "leads mended": replace(PUBLISHED, faults=replace(CODED, leads=False)),
    "target mended": replace(PUBLISHED, whole=True),
}


@dataclass(frozen=True)
class ArmsParams:
    """How many people teach, are followed, and are asked; and how long arms learn."""

    seed: int
    taught: int = 2_500  # of a hospital
    people: int = 3_000  # of a study
    newcomers: int = 5_000  # of the same kind, whom nobody learns from
    sizes: Sizes = SMALL
    lesson: Pace = Pace(epochs=10, rate=2e-3)
    course: Pace = Pace(epochs=8, rate=5e-4)

    def hospital(self, study: int) -> FollowedParams:
        """Return whom the arms of a study are pre-trained on."""
        return FollowedParams(self.seed + study, "hospital", self.taught, signs=False)

    def study(self, study: int) -> FollowedParams:
        """Return whom they learn the risk from."""
        return FollowedParams(self.seed + study, "book", self.people)

    @property
    def asked(self) -> FollowedParams:
        """Return whom they are asked about, the same in every study."""
        return FollowedParams(self.seed + APART, "book", self.newcomers)


@dataclass(frozen=True)
class ArmParams:
    """One arm in one study."""

    of: ArmsParams
    name: str
    study: int = 0

    @property
    def arm(self) -> Arm:
        """Return what the name stands for."""
        return ARMS[self.name]

    @property
    def lesson(self) -> AlignedParams:
        """Return how this arm is pre-trained."""
        return lesson_of(self)

    @property
    def course(self) -> RiskParams:
        """Return how it learns the risk, all of it."""
        arm, seed = self.arm, self.of.seed + self.study
        return RiskParams(
            seed,
            time=arm.time,
            lead=arm.lead,
            sizes=self.of.sizes,
            faults=arm.faults,
            pace=self.of.course,
            whole=arm.whole,
        )


def lesson_of(params: ArmParams) -> AlignedParams:
    """Return how an arm is pre-trained."""
    arm, of = params.arm, params.of
    return AlignedParams(
        of.seed + params.study,
        text=arm.text,
        contrast=arm.contrast,
        time=arm.time,
        lead=arm.lead,
        sizes=of.sizes,
        faults=arm.faults,
        pace=of.lesson,
    )


@dataclass(frozen=True)
class Told:
    """What an arm says."""

    risk: Floats  # log risk of each newcomer, up to a constant
    curve: pd.DataFrame  # of a whole training, by epoch; empty where only Cox's model learned
    epoch: int
    own: Floats  # log risk of each of the study's own people
    encoder: Weights = field(default_factory=dict)  # where all of it learned
    head: Weights = field(default_factory=dict)


def lesson(params: ArmParams, hospital: Followed) -> Aligned:
    """Pre-train an arm."""
    return aligned(params.lesson, hospital)


def told(
    params: ArmParams, study: Followed, newcomers: Followed, start: Aligned | None = None
) -> Told:
    """Let an arm learn the risk from a study, and tell that of newcomers."""
    if params.arm.tuned:
        found = learned(params.course, study, start)
        left = (weights_of(found.net[part]) for part in ("encoder", "head"))
        return Told(found.of(newcomers), found.curve, found.epoch, found.of(study), *left)
    net = encoder(params, start.encoder if start else None)
    seen, new = (features(net, people, params.of.sizes) for people in (study, newcomers))
    cox = cox_model(seen, study.table, components=COMPONENTS)
    return Told(cox.of(new), pd.DataFrame(index=pd.RangeIndex(0)), 0, cox.of(seen))


def encoder(params: ArmParams, weights: Weights | None) -> Encoder:
    """Return an arm's encoder with the weights that it has learned, or with those of chance."""
    arm = params.arm
    with torch.random.fork_rng(devices=[]):
        seed_torch(params.of.seed + params.study, "untrained")
        net = Encoder(params.of.sizes, time=arm.time, lead=arm.lead, faults=arm.faults)
    if weights is not None:
        restore(net, weights)
    return net.eval()


def features(net: Encoder, people: Followed, sizes: Sizes) -> Floats:
    """Return what an encoder makes of each person's beat, [n, 512]."""
    with torch.inference_mode():
        parts = [net(part) for part in as_read(people.beats, sizes).split(AT_ONCE)]
    return np.asarray(torch.cat(parts).double().numpy())


def rivals(study: Followed, newcomers: Followed) -> dict[str, tuple[Floats, Floats]]:
    """Return what an arm is to beat: log risks of newcomers, and of the study's own people."""
    views = {"clinical values": (clinical(study.table), clinical(newcomers.table))}
    views["fifteen signs"] = (study.signs.to_numpy(), newcomers.signs.to_numpy())
    true = (newcomers.table["eta"].to_numpy(float), study.table["eta"].to_numpy(float))
    models = {name: cox_model(own, study.table) for name, (own, _) in views.items()}
    told = {
        name: (models[name].of(new), models[name].of(own)) for name, (own, new) in views.items()
    }
    return {"hidden heart": true} | told


def people_of(params: ArmsParams, study: int) -> tuple[Followed, Followed]:
    """Draw the hospital and the study of one repeat."""
    return followed(params.hospital(study)), followed(params.study(study))
