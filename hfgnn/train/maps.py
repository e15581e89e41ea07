"""Who listens to whom in the network, and whether that means anything.

A map of attention invites a reading: the network looks where the disease is. So we plant diseases
whose leads are known and ask whether a network that was taught, or tuned to a risk, listens to
those leads more in people who have them than in people who do not, beside networks that have
learned nothing; and whether the leads that are listened to are those whose loss moves the risk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from hfgnn.cohort import LEADS
from hfgnn.models.dual_attention import Encoder, RiskHead
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, Told, encoder, features
from hfgnn.train.cox import COMPONENTS, cox_model
from hfgnn.train.followed import Beats, Followed
from hfgnn.train.steps import Weights, as_read, restore
from hfgnn.world.latent import ANTERIOR, INFERIOR, LBBB, NONE, NORMAL

Floats = NDArray[np.float64]
TERRITORY = {  # of each planted disease: the leads in which a reader looks for it
    "inferior infarct": ("II", "III", "aVF"),
    "anterior infarct": ("V1", "V2", "V3", "V4"),
    "LBBB": ("I", "aVL", "V1", "V5", "V6"),
}
WITHOUT = "neither"
LEARNED = ("taught", "tuned")


@dataclass(frozen=True)
class MapsParams:
    """How many people are looked at, and by how many networks."""

    of: ArmParams  # taught, and left as it is
    tuned: ArmParams  # taught, and then tuned to the risk, as the published maps are of
    people: int = 150  # with each disease, and without any
    random: int = 20  # networks that have learned nothing
    weighed: int = 2  # of them, whose features Cox's model reads: leads are hidden from these


@dataclass(frozen=True)
class Maps:
    """What the networks of one training listen to."""

    leads: dict[str, Floats]  # network: [groups, 12, 12], of each lead (row), how it hears each
    moments: dict[str, Floats]  # network: [groups, 12, 19], how much each moment of a lead is heard
    beats: Floats  # [groups, 12, 608]: of the first person of each group
    own: dict[str, Floats]  # network: [groups, 12, 19], this person's moments
    own_leads: dict[str, Floats]  # network: [groups, 12, 12]
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    territory: pd.DataFrame  # disease, network: with, without, AUROC, place
    hidden: pd.DataFrame  # network: mean over people of Spearman's correlation, share above zero


def groups(table: pd.DataFrame, most: int) -> dict[str, NDArray[np.intp]]:
    """Return who has just one planted disease, and who has none, by position."""
    plain = (table["heart_conduction"] == NORMAL) & (table["heart_infarct"] == NONE)
    scarless = table["heart_infarct"] == NONE
    narrow = table["heart_conduction"] == NORMAL
    found = {
        WITHOUT: plain,
        "inferior infarct": narrow & (table["heart_infarct"] == INFERIOR),
        "anterior infarct": narrow & (table["heart_infarct"] == ANTERIOR),
        "LBBB": scarless & (table["heart_conduction"] == LBBB),
    }
    return {name: np.flatnonzero(who)[:most] for name, who in found.items()}


def maps(
    params: MapsParams, study: Followed, newcomers: Followed, start: Aligned, tuned: Told
) -> Maps:
    """Look at what both networks listen to, and compare with networks that learned nothing."""
    parts = groups(newcomers.table, params.people)
    people = {name: newcomers.take(rows) for name, rows in parts.items()}
    nets = {
        "taught": encoder(params.of, start.encoder),
        "tuned": encoder(params.tuned, tuned.encoder),
    }
    for number in range(params.random):
        nets[f"untrained {number}"] = encoder(_other(params.of, number), None)
    heard = {name: _heard(net, people, params) for name, net in nets.items()}
    territory = _territory(heard)
    beats = newcomers.beats[: params.people]
    lost = {}
    for name in list(nets)[: 2 + params.weighed]:
        head = tuned.head if name == "tuned" else None
        lost[name] = _lost(nets[name], _risks(nets[name], study, params, head), beats, params)
    seen = [{name: heard[name][group] for name in LEARNED} for group in people]
    leads, moments = ({n: [each[n][k] for each in seen] for n in LEARNED} for k in (0, 1))
    return Maps(
        {name: np.stack([each.mean(axis=0) for each in of]) for name, of in leads.items()},
        {name: np.stack([each.mean(axis=0) for each in of]) for name, of in moments.items()},
        np.stack([one.beats[0].astype(float) for one in people.values()]),
        {name: np.stack([each[0] for each in of]) for name, of in moments.items()},
        {name: np.stack([each[0] for each in of]) for name, of in leads.items()},
        tuple(people),
        tuple(len(one) for one in people.values()),
        territory,
        pd.DataFrame(lost).T.rename_axis("network"),
    )


def _other(params: ArmParams, number: int) -> ArmParams:
    return ArmParams(params.of, params.name, params.study + 1 + number)


def _heard(
    net: Encoder, people: dict[str, Followed], params: MapsParams
) -> dict[str, tuple[Floats, Floats]]:
    """Return of each group how leads listen [n, 12, 12], and how moments are heard [n, 12, 19]."""
    found = {}
    for name, group in people.items():
        leads, moments = net.attention(as_read(group.beats, params.of.of.sizes))
        assert leads is not None
        assert moments is not None
        found[name] = leads.double().numpy(), moments.mean(dim=2).double().numpy()
    return found


def _territory(heard: dict[str, dict[str, tuple[Floats, Floats]]]) -> pd.DataFrame:
    """Return how much the leads of a disease are listened to, with it and without.

    `place` is that of its leads among all sets of as many, by how much more they are heard than in
    people without: 0 is the set that gains most. `AUROC` tells both kinds of people apart by it.
    """
    rows = []
    for disease, names in TERRITORY.items():
        own = [LEADS.index(name) for name in names]
        for net, found in heard.items():
            ill, well = (found[group][0].mean(axis=1) for group in (disease, WITHOUT))  # [n, 12]
            share = ill[:, own].sum(axis=1), well[:, own].sum(axis=1)
            truth = np.repeat([True, False], [len(ill), len(well)])
            gained = ill.mean(axis=0) - well.mean(axis=0)
            rows.append(
                {
                    "disease": disease,
                    "network": net,
                    "with": share[0].mean(),
                    "without": share[1].mean(),
                    "AUROC": roc_auc_score(truth, np.concatenate(share)),
                    "place": _place(gained, own),
                }
            )
    return pd.DataFrame(rows)


def _place(gained: Floats, own: list[int]) -> float:
    """Return the share of all sets of as many leads that gain more than these do."""
    sums = np.array([gained[list(some)].sum() for some in combinations(range(12), len(own))])
    return float((sums > gained[own].sum() + 1e-12).mean())


def _lost(
    net: Encoder, risks: Callable[[Tensor], Floats], beats: Beats, params: MapsParams
) -> dict[str, float]:
    """Return whether the leads that are listened to are those whose loss moves the risk."""
    x = as_read(beats, params.of.of.sizes)
    leads, _ = net.attention(x)
    assert leads is not None
    listened = leads.mean(dim=1).numpy()
    whole = risks(x)
    moved = np.empty((len(x), 12))
    for lead in range(12):
        without = x.clone()
        without[:, lead] = 0
        moved[:, lead] = np.abs(risks(without) - whole)
    ranks = (rankdata(part, axis=1) - 6.5 for part in (listened, moved))
    one, other = (part / (np.linalg.norm(part, axis=1, keepdims=True) + 1e-12) for part in ranks)
    each = (one * other).sum(axis=1)  # 0 where all leads are alike
    return {"correlation": float(each.mean()), "above": float((each > 0).mean())}


def _risks(
    net: Encoder, study: Followed, params: MapsParams, weights: Weights | None
) -> Callable[[Tensor], Floats]:
    """Return who tells the risk of beats: the head that was tuned, or Cox's model of features."""
    if weights is None:
        seen = features(net, study, params.of.of.sizes)
        cox = cox_model(seen, study.table, components=COMPONENTS)
        return lambda x: cox.of(_made(net, x))
    head = RiskHead(params.of.of.sizes)
    restore(head, weights)
    return lambda x: _made(nn.Sequential(net, head.eval()), x)


def _made(net: nn.Module, x: Tensor) -> Floats:
    with torch.inference_mode():
        return np.asarray(net(x).double().numpy())
