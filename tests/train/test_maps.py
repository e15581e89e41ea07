"""Maps of attention: who is looked at, and planted attention that looks at a disease or away."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from torch import Tensor

from hfgnn.cohort import LEADS
from hfgnn.seeding import rng
from hfgnn.train.aligned import Aligned
from hfgnn.train.arms import ArmParams, Told, encoder, lesson, told
from hfgnn.train.cox import COMPONENTS, cox_model
from hfgnn.train.maps import (
    LEARNED,
    TERRITORY,
    WITHOUT,
    Maps,
    MapsParams,
    _heard,
    _lost,
    _place,
    _risks,
    _territory,
    groups,
    maps,
)
from hfgnn.train.steps import as_read
from hfgnn.world.latent import ANTERIOR, INFERIOR, LAFB, LATERAL, LBBB, NONE, NORMAL
from tests.train.test_arms import FEW, LITTLE, met

PARAMS = MapsParams(
    ArmParams(FEW, "language model"),
    ArmParams(FEW, "positions mended"),
    people=12,
    random=2,
    weighed=1,
)
STUDY, NEW = met(120, 50), met(300, 51)
GROUPS = (WITHOUT, *TERRITORY)


# Who is looked at


def test_groups_are_of_one_disease_each_or_of_none():
    conduction = np.repeat([NORMAL, LBBB, LAFB], 4)
    infarct = np.tile([NONE, INFERIOR, ANTERIOR, LATERAL], 3)
    table = pd.DataFrame({"heart_conduction": conduction, "heart_infarct": infarct})
    found = {name: rows.tolist() for name, rows in groups(table, 9).items()}
    assert found == {
        WITHOUT: [0],
        "inferior infarct": [1],
        "anterior infarct": [2],
        "LBBB": [4],
    }


def test_the_first_of_many_are_taken_and_nobody_is_in_two_groups():
    whole, few = groups(NEW.table, 300), groups(NEW.table, 5)
    assert tuple(whole) == tuple(few) == GROUPS
    everybody = np.concatenate(list(whole.values()))
    assert len(np.unique(everybody)) == len(everybody)
    for name, rows in whole.items():
        assert rows.tolist() == sorted(rows)
        np.testing.assert_array_equal(few[name], rows[:5])
    plain = (NEW.table["heart_conduction"] == NORMAL) & (NEW.table["heart_infarct"] == NONE)
    assert plain.iloc[whole[WITHOUT]].all()
    assert len(whole[WITHOUT]) == plain.sum()


def test_every_territory_is_of_leads_that_there_are():
    assert all(set(leads) <= set(LEADS) for leads in TERRITORY.values())
    assert all(len(set(leads)) == len(leads) for leads in TERRITORY.values())


# Planted attention


def looking(people: int, leads: tuple[str, ...], seed: int = 1, share: float = 1.0) -> tuple:
    """Return maps [n, 12, 12] in which everybody gives these leads that share, and no moments."""
    columns = [LEADS.index(name) for name in leads]
    chance = rng(seed, "looking").dirichlet(np.ones(12), size=(people, 12))
    told = np.zeros((people, 12, 12))
    told[:, :, columns] = chance[:, :, columns]
    told /= told.sum(axis=2, keepdims=True)
    return share * told + (1 - share) * chance, np.zeros((people, 12, 19))


def everybody(people: int = 30, share: float = 1.0) -> dict:
    """Return attention that looks at each disease in who has it, and anywhere in who has none."""
    ill = {
        name: looking(people, leads, seed, share)
        for seed, (name, leads) in enumerate(TERRITORY.items(), 2)
    }
    return {WITHOUT: looking(people, LEADS)} | ill


def test_attention_that_looks_at_the_disease_is_told_to():
    found = _territory({"trained": everybody()}).set_index("disease")
    assert list(found.index) == list(TERRITORY)
    assert found["network"].eq("trained").all()
    for disease, leads in TERRITORY.items():
        row = found.loc[disease]
        assert row["with"] == pytest.approx(1)
        assert row["without"] == pytest.approx(len(leads) / 12, abs=0.05)
        assert (row["AUROC"], row["place"]) == (1, 0)


def test_attention_that_turns_away_from_the_disease_is_last():
    away = {
        name: looking(30, tuple(lead for lead in LEADS if lead not in leads), seed)
        for seed, (name, leads) in enumerate(TERRITORY.items(), 2)
    }
    found = _territory({"one": {WITHOUT: looking(30, LEADS)} | away})
    assert found["AUROC"].eq(0).all()
    assert found["with"].to_numpy() == pytest.approx(0)
    sets = [1 / len(list(combinations(LEADS, len(leads)))) for leads in TERRITORY.values()]
    assert found["place"].to_numpy() == pytest.approx(1 - np.array(sets))


def test_attention_that_does_not_know_who_is_ill_tells_nobody_apart():
    same = dict.fromkeys(GROUPS, looking(30, LEADS))
    found = _territory({"one": same})
    assert found["AUROC"].to_numpy() == pytest.approx(0.5)
    np.testing.assert_allclose(found["with"], found["without"])
    other = dict(zip(GROUPS, (looking(200, LEADS, seed) for seed in range(9)), strict=False))
    assert _territory({"one": other})["AUROC"].between(0.35, 0.65).all()


def test_it_matters_who_is_heard_not_who_listens():
    """All leads hear one lead; turned about, one lead hears all: shares are then even."""
    found = everybody()
    turned = {name: (leads.transpose(0, 2, 1), moments) for name, (leads, moments) in found.items()}
    turned[WITHOUT] = found[WITHOUT]
    assert _territory({"one": found})["with"].min() > 0.99
    even = np.array([len(leads) / 12 for leads in TERRITORY.values()])
    np.testing.assert_allclose(_territory({"one": turned})["with"], even, atol=0.05)


def test_every_network_has_a_row_for_each_disease():
    found = _territory({"trained": everybody(), "untrained 0": everybody(share=0.0)})
    assert [tuple(row) for row in found[["disease", "network"]].to_numpy()] == [
        (disease, network) for disease in TERRITORY for network in ("trained", "untrained 0")
    ]
    own = found.set_index("network").loc["untrained 0"]
    assert own["AUROC"].between(0.2, 0.8).all()


gains = st.lists(st.integers(-3, 3), min_size=12, max_size=12)


@settings(deadline=None, max_examples=25)
@given(gains, st.sets(st.integers(0, 11), min_size=1, max_size=11))
def test_a_place_is_the_share_of_sets_that_gain_more(whole, own):
    gained = np.array(whole) / 7
    sums = [sum(whole[i] for i in some) for some in combinations(range(12), len(own))]
    wanted = sum(one > sum(whole[i] for i in own) for one in sums) / len(sums)
    assert _place(gained, sorted(own)) == pytest.approx(wanted)


# Leads that are lost


class Standin:
    """A network that reads the wave of one lead, and listens as it is told to."""

    def __init__(self, weights: np.ndarray, heard: np.ndarray) -> None:
        self.weights, self.heard = torch.tensor(weights).float(), torch.tensor(heard).float()

    def __call__(self, x: Tensor) -> Tensor:
        """Return one feature of beats."""
        return (x[:, :, 130:170].mean(dim=2) * self.weights).sum(dim=1, keepdim=True)

    def attention(self, x: Tensor) -> tuple[Tensor, None]:
        """Return how all leads hear each, the same in everybody."""
        return self.heard.expand(len(x), 12, 12), None


def lost(net: Standin) -> dict[str, float]:
    """Hide leads from a network whose one feature Cox's model reads."""
    return _lost(net, _risks(net, STUDY, PARAMS, None), NEW.beats[:12], PARAMS)


@pytest.mark.parametrize("lead", [0, 7])
def test_a_network_that_listens_to_what_moves_it_is_told_from_one_that_looks_away(lead):
    one = np.eye(12)[lead]
    near, far = (lost(Standin(one, h)) for h in (one, (1 - one) / 11))
    assert near == pytest.approx({"correlation": 1, "above": 1})
    assert far == pytest.approx({"correlation": -1, "above": 0})


def test_the_correlation_is_spearmans_over_leads_and_the_loss_a_loss_of_risk():
    weights = np.linspace(0.2, 1.5, 12) * np.array([1, -1] * 6)
    heard = rng(4, "heard").dirichlet(np.ones(12))
    net = Standin(weights, heard)
    found = lost(net)
    x = as_read(NEW.beats[:12], LITTLE)
    cox = cox_model(net(as_read(STUDY.beats, LITTLE)).numpy(), STUDY.table, components=COMPONENTS)
    whole, each = cox.of(net(x).numpy()), []
    moved = np.zeros((12, 12))
    for lead in range(12):
        without = x * torch.tensor([float(i != lead) for i in range(12)])[:, None]
        moved[:, lead] = np.abs(cox.of(net(without).numpy()) - whole)
    each = [spearmanr(heard, row).statistic for row in moved]
    assert found["correlation"] == pytest.approx(np.mean(each), abs=1e-6)
    assert found["above"] == pytest.approx(np.mean(np.array(each) > 0))
    assert np.ptp(each) > 0.05


# The whole


@pytest.fixture(scope="module")
def start() -> Aligned:
    return lesson(PARAMS.of, met(60, 52))


@pytest.fixture(scope="module")
def tuned() -> Told:
    return told(PARAMS.tuned, STUDY, NEW, lesson(PARAMS.tuned, met(60, 52)))


@pytest.fixture(scope="module")
def found(start, tuned) -> Maps:
    return maps(PARAMS, STUDY, NEW, start, tuned)


@pytest.mark.parametrize("name", LEARNED)
def test_maps_are_means_of_a_group_and_the_first_of_it(found, start, tuned, name):
    assert found.groups == GROUPS
    rows = groups(NEW.table, 12)
    assert found.sizes == tuple(len(part) for part in rows.values())
    assert (found.leads[name].shape, found.moments[name].shape) == ((4, 12, 12), (4, 12, 19))
    assert (found.own[name].shape, found.own_leads[name].shape) == ((4, 12, 19), (4, 12, 12))
    for each in (found.leads, found.moments, found.own, found.own_leads):
        np.testing.assert_allclose(each[name].sum(axis=2), 1, rtol=1e-5)
        assert (each[name] >= 0).all()
    of = {"taught": (PARAMS.of, start.encoder), "tuned": (PARAMS.tuned, tuned.encoder)}
    net = encoder(*of[name])
    for group, part in enumerate(rows.values()):
        np.testing.assert_array_equal(found.beats[group], NEW.beats[part[0]])
        leads, moments = net.attention(as_read(NEW.beats[part], LITTLE))
        moments = moments.mean(dim=2)
        np.testing.assert_allclose(found.leads[name][group], leads.mean(dim=0), atol=1e-6)
        np.testing.assert_allclose(found.own_leads[name][group], leads[0], atol=1e-6)
        np.testing.assert_allclose(found.own[name][group], moments[0], atol=1e-6)
        np.testing.assert_allclose(found.moments[name][group], moments.mean(dim=0), atol=1e-6)


def test_networks_that_learned_stand_beside_as_many_as_were_asked_for(found):
    networks = [*LEARNED, "untrained 0", "untrained 1"]
    assert [tuple(row) for row in found.territory[["disease", "network"]].to_numpy()] == [
        (disease, network) for disease in TERRITORY for network in networks
    ]
    assert found.territory[["AUROC", "place", "with", "without"]].stack().between(0, 1).all()
    assert list(found.hidden.index) == networks[:3]
    assert found.hidden["correlation"].between(-1, 1).all()
    assert found.territory["AUROC"].nunique() > 8  # networks differ


def test_a_tuned_network_says_what_it_said_of_the_newcomers(tuned):
    net = encoder(PARAMS.tuned, tuned.encoder)
    risks = _risks(net, STUDY, PARAMS, tuned.head)
    np.testing.assert_allclose(risks(as_read(NEW.beats, LITTLE)), tuned.risk, atol=1e-5)


def test_maps_are_the_same_twice(found, start, tuned):
    again = maps(PARAMS, STUDY, NEW, start, tuned)
    for name in LEARNED:
        np.testing.assert_array_equal(again.leads[name], found.leads[name])
        np.testing.assert_array_equal(again.moments[name], found.moments[name])
    pd.testing.assert_frame_equal(again.territory, found.territory)
    pd.testing.assert_frame_equal(again.hidden, found.hidden)


def test_untrained_networks_are_those_of_other_seeds(start, tuned):
    """Not the one that pre-training began with."""
    people = {"all": NEW.take(np.arange(5))}
    untrained = replace(PARAMS.of, name="untrained")
    nets = [encoder(replace(untrained, study=study), None) for study in range(3)]
    heard = [_heard(net, people, PARAMS)["all"][0] for net in nets]
    assert not np.allclose(heard[0], heard[1], atol=1e-4)
    whole = maps(replace(PARAMS, people=5), STUDY, NEW, start, tuned).territory
    own = _territory({"untrained 0": _heard(nets[1], of_groups(5), PARAMS)})
    theirs = whole[whole["network"] == "untrained 0"].reset_index(drop=True)
    pd.testing.assert_frame_equal(theirs, own)


def of_groups(most: int) -> dict:
    """Return the newcomers of each group."""
    return {name: NEW.take(rows) for name, rows in groups(NEW.table, most).items()}
