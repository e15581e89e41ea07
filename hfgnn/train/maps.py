"""Who listens to whom in the network, and whether that means anything.

A map of attention invites a reading: the network looks where the disease is. So we plant diseases
whose leads are known and ask whether a trained network listens to those leads more in people who
have them than in people who do not, beside networks that have learned nothing; and whether the
leads that are listened to are those whose loss moves the risk.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score
from torch import Tensor

from hfgnn.cohort import LEADS
from hfgnn.models.dual_attention import Encoder
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, encoder, features
from hfgnn.train.cox import COMPONENTS, Cox, cox_model
from hfgnn.train.followed import Followed
from hfgnn.train.steps import as_read
from hfgnn.world.latent import ANTERIOR, INFERIOR, LBBB, NONE, NORMAL

Floats = NDArray[np.float64]
TERRITORY = {  # of each planted disease: the leads in which a reader looks for it
    "inferior infarct": ("II", "III", "aVF"),
    "anterior infarct": ("V1", "V2", "V3", "V4"),
    "LBBB": ("I", "aVL", "V1", "V5", "V6"),
}
WITHOUT = "neither"


@dataclass(frozen=True)
class MapsParams:
    """How many people are looked at, and by how many networks."""

    of: ArmParams
    people: int = 150  # with each disease, and without any
    random: int = 20  # networks that have learned nothing
    weighed: int = 2  # of them, whose features Cox's model reads: leads are hidden from these


@dataclass(frozen=True)
class Maps:
    """Maps, and what became of the question."""

    leads: NDArray[np.float64]  # [groups, 12, 12]: of each lead (row), how it listens to each
    moments: NDArray[np.float64]  # [groups, 12, 19]: how much each moment of a lead is heard
    beats: NDArray[np.float64]  # [groups, 12, 608]: of the first person of each group
    own: NDArray[np.float64]  # [groups, 12, 19]: this person's moments
    own_leads: NDArray[np.float64]  # [groups, 12, 12]
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    territory: pd.DataFrame  # disease, network: with, without, AUROC, place
    told: pd.DataFrame  # disease: those of the trained network, and how many untrained are as good
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


def maps(params: MapsParams, study: Followed, newcomers: Followed, start: Aligned) -> Maps:
    """Look at what a pre-trained network listens to, and compare with networks without training."""
    parts = groups(newcomers.table, params.people)
    people = {name: newcomers.take(rows) for name, rows in parts.items()}
    nets = {"trained": encoder(params.of, start)}
    for number in range(params.random):
        nets[f"untrained {number}"] = encoder(_other(params.of, number), None)
    heard = {name: _heard(net, people, params) for name, net in nets.items()}
    own = heard["trained"]
    few = list(nets)[: 1 + params.weighed]
    territory = _territory(heard)
    lost = {name: _lost(nets[name], study, newcomers, params) for name in few}
    leads, moments = ([own[group][part] for group in people] for part in (0, 1))
    return Maps(
        np.stack([each.mean(axis=0) for each in leads]),
        np.stack([each.mean(axis=0) for each in moments]),
        np.stack([one.beats[0].astype(float) for one in people.values()]),
        np.stack([each[0] for each in moments]),
        np.stack([each[0] for each in leads]),
        tuple(people),
        tuple(len(one) for one in people.values()),
        territory,
        _told_apart(territory),
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


def _told_apart(territory: pd.DataFrame) -> pd.DataFrame:
    """Return the trained network's row of each disease, and the share of the others as good."""
    rows = territory.set_index(["network", "disease"])
    own = rows.loc["trained"]
    others = rows.drop(index="trained", level="network")
    good = {
        "AUROC": others["AUROC"] >= own["AUROC"].reindex(others.index, level="disease"),
        "place": others["place"] <= own["place"].reindex(others.index, level="disease"),
    }
    shares = {f"untrained, {n} as good": g.groupby(level="disease").mean() for n, g in good.items()}
    return own.assign(**shares)


def _place(gained: Floats, own: list[int]) -> float:
    """Return the share of all sets of as many leads that gain more than these do."""
    sums = np.array([gained[list(some)].sum() for some in combinations(range(12), len(own))])
    return float((sums > gained[own].sum() + 1e-12).mean())


def _lost(net: Encoder, study: Followed, people: Followed, params: MapsParams) -> dict[str, float]:
    """Return whether the leads that are listened to are those whose loss moves the risk."""
    seen = features(net, study, params.of.of.sizes)
    cox = cox_model(seen, study.table, components=COMPONENTS)
    x = as_read(people.beats[: params.people], params.of.of.sizes)
    leads, _ = net.attention(x)
    assert leads is not None
    listened = leads.mean(dim=1).numpy()
    whole = _risks(net, cox, x)
    moved = np.empty((len(x), 12))
    for lead in range(12):
        without = x.clone()
        without[:, lead] = 0
        moved[:, lead] = np.abs(_risks(net, cox, without) - whole)
    ranks = (rankdata(part, axis=1) - 6.5 for part in (listened, moved))
    one, other = (part / (np.linalg.norm(part, axis=1, keepdims=True) + 1e-12) for part in ranks)
    each = (one * other).sum(axis=1)  # 0 where all leads are alike
    return {"correlation": float(each.mean()), "above": float((each > 0).mean())}


def _risks(net: Encoder, cox: Cox, x: Tensor) -> Floats:
    with torch.inference_mode():
        return cox.of(net(x).double().numpy())
