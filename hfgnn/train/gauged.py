"""The same people as every work sees them, each view as the numbers that an encoder makes of it.

People are drawn block by block: their ECG is printed and read as a page, its beats are found and
read, ten seconds and a picture are read. Signals live as long as their block; what stays is each
view's numbers, in half precision. A change (`Change`) spoils the ECG or the page first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import nn

from hfgnn.cohort import FS, LEADS, Cohort
from hfgnn.features.beats import SHAPE, beat, train
from hfgnn.features.biomarkers import frame, signs
from hfgnn.features.resnet import backbone, features, small
from hfgnn.seeding import rng
from hfgnn.train import schooled, tuned
from hfgnn.train.aligned import Aligned
from hfgnn.train.cox import clinical
from hfgnn.train.filled import Filled
from hfgnn.train.risk import AT_ONCE
from hfgnn.train.schooled import Schooled, SchooledParams
from hfgnn.train.seen import Seen, read
from hfgnn.train.steps import as_read
from hfgnn.world.cmr import images
from hfgnn.world.page import CLEAN, jpeg, page, styles
from hfgnn.world.population import Population, block, blocks, population, streams

Floats = NDArray[np.float64]
Halves = NDArray[np.float16]
SIGNED = "fifteen signs"
# Names of views, of beats and of ten seconds, by what their encoder has learned.
BEATS = {name: f"dual attention, {name}" for name in ("untrained", *schooled.LESSONS)}
BEATS[schooled.TOLD] = "dual attention"
TEN = {"untrained": "autoencoder, untrained", "filled": "autoencoder"}
TEN |= {"matched": "contrast", "both": "autoencoder and contrast"}
PICTURE = "picture"


@dataclass(frozen=True)
class Change:
    """What is other than usual in an ECG, or in its page."""

    noise: float = 0.0  # mV, of muscle: white, in every electrode
    swapped: bool = False  # the cables of both arms
    lost: tuple[str, ...] = ()  # leads of which nothing is recorded
    layout: str | None = None  # of every page; None: as drawn, mostly 3x4+1

    def of(self, ecg: NDArray[np.float32], stream: np.random.Generator) -> NDArray[np.float32]:
        """Return ECGs [n, 12, T] with these faults."""
        found = ecg.copy()
        if self.noise:
            found += _in_leads(self.noise * stream.normal(size=(len(ecg), 9, ecg.shape[2])))
        if self.swapped:  # I turns; II and III, aVR and aVL change places
            found[:, :6] = found[:, [0, 2, 1, 4, 3, 5]]
            found[:, 0] *= -1
        for lead in self.lost:
            found[:, LEADS.index(lead)] = 0
        return found


USUAL = Change()


@dataclass(frozen=True)
class GaugedParams:
    """Whose views are read, by which encoders."""

    seed: int
    people: int
    school: SchooledParams
    cohort: str = "book"
    backbone: str = "ecg"
    change: Change = USUAL

    @property
    def population(self) -> Population:
        """Return the population that these people are."""
        return population(self.cohort, people=self.people, seed=self.seed)


@dataclass(frozen=True)
class Gauged:
    """People in the order in which they came, and each view of them as numbers."""

    table: pd.DataFrame  # as in a Cohort
    views: dict[str, NDArray[np.float16]]  # by name: [n, width]
    unread: int  # of whose ECG no beat could be read: zeros stand for it

    def of(self, *names: str) -> list[Floats]:
        """Return some views [n, width] each, in float64; clinical values are the table's."""
        return [self._view(name) for name in names]

    def _view(self, name: str) -> Floats:
        if name == "clinical":
            return clinical(self.table)
        if name not in self.views:
            known = ", ".join(["clinical", *self.views])
            raise ValueError(f"view {name!r} is not known; choose one of {known}")
        return self.views[name].astype(float)


@dataclass
class _Readers:
    """Every encoder, ready to read."""

    params: GaugedParams
    page: nn.Module
    beats: Mapping[str, nn.Module]
    ten: Mapping[str, tuned.Body]
    unread: int = field(default=0)

    def views(self, people: Cohort, number: int) -> dict[str, Halves]:
        """Return every view of a block of people."""
        p, config = self.params, self.params.population
        assert people.ecg is not None
        stream = rng(p.seed, "gauged", "change", str(number))
        ecg = p.change.of(people.ecg, stream)
        pages = self._printed(ecg, number)
        found: dict[str, NDArray[np.floating]] = {"page": features(pages, self.page)}
        found |= self._beats(ecg, people.table["heart_sex"].to_numpy(int))
        ten = read(ecg, FS, p.school.begun.matched.sizes.samples)
        both = Seen(people.table, ten, images(config, people, number))
        found |= {name: tuned.features(net, both, both) for name, net in self.ten.items()}
        found["cheap table"] = both.cheap
        return {name: view.astype(np.float16) for name, view in found.items()}

    def _printed(self, ecg: NDArray[np.float32], number: int) -> NDArray[np.uint8]:
        looks = styles(len(ecg), streams(self.params.population, number)("page"), size=CLEAN.size)
        if self.params.change.layout is not None:
            looks = tuple(replace(look, layout=self.params.change.layout) for look in looks)
        sheets = zip(ecg, looks, strict=True)
        return np.stack([small(jpeg(page(one, look, fs=FS), look)) for one, look in sheets])

    def _beats(
        self, ecg: NDArray[np.float32], sex: NDArray[np.int_]
    ) -> dict[str, NDArray[np.floating]]:
        beats, measured = np.zeros((len(ecg), *SHAPE), np.float16), []
        for row, (record, woman) in enumerate(zip(ecg, sex, strict=True)):
            places = train(record, FS)
            seen = beat(places)
            self.unread += seen is None
            beats[row] = 0 if seen is None else seen
            measured.append(signs(places, int(woman)))
        x = as_read(beats, self.params.school.arms.sizes)
        with torch.inference_mode():
            said: dict[str, NDArray[np.floating]] = {
                BEATS[name]: torch.cat([net(part) for part in x.split(AT_ONCE)]).numpy()
                for name, net in self.beats.items()
            }
        return said | {SIGNED: frame(measured).to_numpy(float)}


def gauged(
    params: GaugedParams, lesson: Aligned, lessons: Schooled, filling: Filled, paired: Schooled
) -> Gauged:
    """Draw the people, and let every encoder read them."""
    sides, begin = params.school.begun.matched, schooled.starts(filling, paired)
    wanted = {view: ("ecg", start) for start, view in TEN.items()}
    wanted[PICTURE] = ("picture", "looked")
    ten = {
        view: tuned.Body(tuned.TunedParams(params.seed, sides, 0.0, (kind,)), begin[start])
        for view, (kind, start) in wanted.items()
    }
    beats = schooled.encoders(params.school, lesson, lessons)
    readers = _Readers(params, backbone(params.backbone), beats, ten)
    tables, parts, config = [], [], params.population
    for number in blocks(config):
        found = block(config, number)
        tables.append(found.table)
        parts.append(readers.views(found, number))
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Gauged(pd.concat(tables, ignore_index=True), whole, readers.unread)


def _in_leads(electrodes: Floats) -> NDArray[np.float32]:
    """Return what nine electrodes (arms, left leg, V1 to V6) [n, 9, T] come to in twelve leads."""
    right, left, leg = (electrodes[:, i] for i in range(3))
    middle = (right + left + leg) / 3
    limbs = [left - right, leg - right, leg - left]
    limbs += [1.5 * (one - middle) for one in (right, left, leg)]
    chest = electrodes[:, 3:] - middle[:, None]
    return np.concatenate([np.stack(limbs, axis=1), chest], axis=1).astype(np.float32)
