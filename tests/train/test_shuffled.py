"""Shuffles and their mirrors: they add up to one, and a planted leak lifts both."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from hfgnn.models.gnn import GCN, Widths
from hfgnn.train import shuffled
from hfgnn.train.pages import Pages
from hfgnn.train.patient import Model, PatientParams, chances
from hfgnn.train.shuffled import pair, turned
from tests.train import test_patient as patients

pages = patients.pages  # a fixture: made-up pages
PARAMS = patients.PARAMS
Asked = tuple[np.ndarray, np.ndarray]


def met(n: int) -> Asked:
    """Return people whom no model has met: what is read of them, and who is sick."""
    people = patients.people(n)
    return patients.raw_of(people, "ecg"), people.table["sick"].to_numpy(bool)


@pytest.fixture(scope="module")
def new() -> Asked:
    """Return so few that no two chances are as near each other as a mirror's rounding."""
    return met(100)


def aurocs(pages: Pages, new: Asked, shuffles: int, planted: float) -> np.ndarray:
    """Return AUROCs [shuffles, 2]: as shuffled, mirrored."""
    told = [[*pair(PARAMS, pages, *new, n, planted=planted)] for n in range(shuffles)]
    return np.array([[row["AUROC"] for row in rows] for rows in told])


def test_the_turned_network_says_sick_where_the_other_says_normal():
    x, edges = torch.randn(7, 517), torch.tensor([[0, 1, 2], [1, 2, 5]])
    logits = []
    for network in (GCN, turned):
        torch.manual_seed(3)
        with torch.no_grad():
            logits.append(network(Widths()).eval()(x, edges))
    torch.testing.assert_close(logits[0], logits[1].flip(1), rtol=0, atol=1e-6)
    assert (logits[0] - logits[1]).abs().max() > 1e-3


def test_without_a_leak_a_shuffle_and_its_mirror_add_up_to_one(pages, new):
    found = aurocs(pages, new, shuffles=3, planted=0)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.ptp(found[:, 0]) > 1e-3  # each shuffle is another


def test_mirrored_labels_alone_would_not_add_up(pages, new, monkeypatch):
    """Both networks begin alike then: chance does not cancel, and the sum tells."""
    monkeypatch.setattr(shuffled, "turned", GCN)
    found = aurocs(pages, new, shuffles=3, planted=0)
    assert np.abs(found.sum(axis=1) - 1).max() > 1e-3


def test_a_planted_leak_lifts_the_mean_of_each_pair(pages):
    found = aurocs(pages, met(1_000), shuffles=5, planted=0.5).mean(axis=1)
    assert (found > 0.51).all()  # without a leak it is 0.5 but for rounding
    assert found.mean() > 0.53


def test_rows_and_labels_are_those_of_the_shuffle_and_of_its_opposite(pages, new, monkeypatch):
    truth, learned_from = pages.table["sick"].to_numpy(bool), []
    real = shuffled.trained

    def watched(params: PatientParams, pages: Pages, sick: np.ndarray, **network: object) -> Model:
        learned_from.append((sick, real(params, pages, sick, **network)))
        return learned_from[-1][1]

    monkeypatch.setattr(shuffled, "trained", watched)
    given = [(0, 0.0), (1, 0.0), (1, 0.5)]
    rows = [row for n, share in given for row in pair(PARAMS, pages, *new, n, planted=share)]
    for row, (_, other) in zip(rows, learned_from, strict=True):
        assert row["AUROC"] == pytest.approx(roc_auc_score(new[1], chances(other, new[0])))
    named = [(row["shuffle"], row["planted"], row["mirrored"]) for row in rows]
    assert named == [(*one, mirrored) for one in given for mirrored in (False, True)]

    labels = np.stack([sick for sick, _ in learned_from])
    np.testing.assert_array_equal(labels[0], ~labels[1])
    np.testing.assert_array_equal(labels[2], ~labels[3])
    assert (labels[:4:2].sum(axis=1) == truth.sum()).all()
    agree = [(a == b).mean() for a, b in ((labels[0], truth), (labels[2], truth), labels[:4:2])]
    assert max(agree) < 0.7  # of people of whom six in ten are sick, a half agree by chance

    leaks = labels[4] == labels[5]  # the same people keep their label in the mirror, the true one
    assert leaks.mean() == pytest.approx(0.5, abs=0.1)
    np.testing.assert_array_equal(labels[4][leaks], truth[leaks])
    np.testing.assert_array_equal(labels[4][~leaks], labels[2][~leaks])
