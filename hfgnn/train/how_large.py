"""How many weights stand between a signal and an arm's answer: those of encoders, and of a head.

An encoder's are counted as far as they read; what only taught it (a decoder, a projector) is not. A
head weighs what encoders say: logistic regression has a weight a number and one more.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from torch import nn

from hfgnn.features.biomarkers import frame
from hfgnn.features.fuse import CLINICAL
from hfgnn.features.resnet import WIDTH, backbone
from hfgnn.models.dual_attention import RiskHead
from hfgnn.models.gnn import Widths
from hfgnn.train import arms, tuned
from hfgnn.train.ablations import ARMS, VALUES, Arm
from hfgnn.train.arms import ArmParams
from hfgnn.train.clinic import NETWORKS
from hfgnn.train.gauged import BEATS, PICTURE, SIGNED, TEN, GaugedParams
from hfgnn.train.seen import CHEAP


@dataclass(frozen=True)
class Size:
    """Of one view: how many numbers it is, and of how many weights they come."""

    numbers: int
    weights: int = 0


def weights(params: GaugedParams) -> pd.DataFrame:
    """Return by arm: numbers that are weighed, weights of encoders, of the head, and of both."""
    views = sized(params)
    rows = {
        name: _row(params, arm, [views[view] for view in arm.views]) for name, arm in ARMS.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("arm")
    return table.assign(weights=table["encoders"] + table["head"])


def sized(params: GaugedParams) -> dict[str, Size]:
    """Return the size of every view."""
    school, sides = params.school, params.school.begun.matched
    told: dict[str, Collection[str]] = {
        VALUES: CLINICAL,
        SIGNED: frame([]).columns,
        "cheap table": CHEAP,
    }
    found = {view: Size(len(names)) for view, names in told.items()}
    found["page"] = Size(WIDTH, _count(backbone(params.backbone)))
    for name, view in BEATS.items():
        net = arms.encoder(ArmParams(school.arms, name), None)
        found[view] = Size(school.arms.sizes.features, _count(net))
    ecg = tuned.Body(tuned.TunedParams(params.seed, sides, 0.0, ("ecg",)), tuned.Start())
    assert ecg.masked is not None
    assert ecg.pool is not None
    groups, width = ecg.pool.groups, sides.sizes.width
    reads = _count(ecg.masked.embed, ecg.masked.layers, ecg.pool)
    found |= {view: Size(groups * width, reads) for view in TEN.values()}
    seen = tuned.Body(tuned.TunedParams(params.seed, sides, 0.0, ("picture",)), tuned.Start())
    assert seen.picture is not None
    return found | {PICTURE: Size(sides.picture.features, _count(seen.picture))}


def _row(params: GaugedParams, arm: Arm, views: list[Size]) -> dict[str, int]:
    numbers = sum(view.numbers for view in views)
    head = numbers + 1
    if arm.net is not None:
        head = _count(NETWORKS[arm.net](Widths(inputs=numbers)))
    if arm.start is not None:
        head = _count(RiskHead(params.school.arms.sizes))
    return {"numbers": numbers, "encoders": sum(view.weights for view in views), "head": head}


def _count(*parts: nn.Module) -> int:
    return sum(weight.numel() for part in parts for weight in part.parameters())
