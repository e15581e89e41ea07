"""What the third work learns in one study before it has heard of any label.

Hidden patches are filled in; two looks at a picture are one; pictures and what is cheap find each
other, from nothing, or as published from what was learned before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.train.filled import Filled, FilledParams, filled
from hfgnn.train.matched import (
    LookedParams,
    Matched,
    MatchedParams,
    looked,
    matched,
    points,
    retrieved,
)
from hfgnn.train.seen import Seen
from hfgnn.train.tuned import Start

Floats = NDArray[np.float64]
STARTS = ("", "filled", "looked", "matched", "both")  # what an encoder has learned before
PAIRED = ("matched", "both", "shuffled")


@dataclass(frozen=True)
class BegunParams:
    """How everything is learned that needs no label."""

    filled: FilledParams
    looked: LookedParams
    matched: MatchedParams

    def of(self, seed: int) -> "BegunParams":
        """Return the same under other dice."""
        looks, pairs = replace(self.looked, seed=seed), replace(self.matched, seed=seed)
        return BegunParams(replace(self.filled, seed=seed), looks, pairs)


@dataclass(frozen=True)
class Begun:
    """What each training left; of the autoencoder, the net is called masked."""

    filled: Matched
    looked: Matched
    matched: Matched
    both: Matched
    shuffled: Matched  # a control, whose pictures were another's

    def start(self, name: str) -> Start:
        """Return what an encoder begins with."""
        filling = Filled(self.filled.nets["masked"], self.filled.curve, self.filled.epoch)
        starts = {"": Start(), "filled": Start(ecg=filling), "looked": Start(picture=self.looked)}
        return (starts | {name: Start(sides=getattr(self, name)) for name in PAIRED})[name]


def begun(params: BegunParams, people: Seen, work: Path | None = None) -> Begun:
    """Learn all of it; what is in `work` already is not learned again."""

    def once(name: str, make: Callable[[], Matched]) -> Matched:
        path = work / f"{name}.npz" if work else None
        if path is not None and path.is_file():
            return _read(path)
        found = make()
        if path is not None:
            _write(path, found)
        return found

    sides = params.matched
    first = once("filled", lambda: _named(filled(params.filled, people)))
    filling = Filled(first.nets["masked"], first.curve, first.epoch)
    looks = once("looked", lambda: looked(params.looked, people))
    alone = once("matched", lambda: matched(sides, people, None, None))
    both = once("both", lambda: matched(sides, people, looks, filling))
    other = replace(sides, shuffled=True)
    return Begun(
        first, looks, alone, both, once("shuffled", lambda: matched(other, people, looks, filling))
    )


def finds(params: BegunParams, found: Begun, people: Seen, known: Seen) -> dict[str, Floats]:
    """Return who finds the own picture among the first five of 64, by what was matched."""
    each = {name: getattr(found, name) for name in PAIRED}
    return {name: retrieved(*points(params.matched, p, people, known)) for name, p in each.items()}


def _named(found: Filled) -> Matched:
    return Matched({"masked": found.net}, found.curve, found.epoch)


def _write(path: Path, found: Matched) -> None:
    arrays: dict[str, NDArray[np.generic]] = {
        f"{net}/{k}": w for net, part in found.nets.items() for k, w in part.items()
    }
    arrays["curve"], arrays["epoch"] = found.curve.to_numpy(float), np.array(found.epoch)
    arrays["parts"] = np.array([str(name) for name in found.curve])
    draft = path.with_suffix(".draft.npz")
    np.savez(draft, allow_pickle=False, **arrays)
    draft.replace(path)


def _read(path: Path) -> Matched:
    nets: dict[str, dict[str, NDArray[np.generic]]] = {}
    with np.load(path) as file:
        for name in file.files:
            net, _, weight = name.partition("/")
            if weight:
                nets.setdefault(net, {})[weight] = file[name]
        index = pd.RangeIndex(1, len(file["curve"]) + 1, name="epoch")
        curve = pd.DataFrame(file["curve"], index=index, columns=file["parts"].astype(str))
        return Matched(nets, curve, int(file["epoch"]))
