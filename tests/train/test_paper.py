"""The third work at its published size: one step of each of its trainings."""

from dataclasses import replace

import numpy as np
import pytest

from hfgnn.models.masked import PUBLISHED
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import PAPER
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.train import rare
from hfgnn.train.filled import Filled, filled
from hfgnn.train.matched import Matched, looked, matched
from hfgnn.train.rare import ARMS, RareParams, Study
from hfgnn.train.seen import Seen, seen
from hfgnn.train.tuned import Start

PEOPLE = 16


@pytest.fixture(scope="module")
def params() -> RareParams:
    """Return those of the profile, but two epochs: the last is always at a rate of nought."""
    stages = {stage.name: stage for stage in catalogue(PAPER, SEED)}
    whole: RareParams = now(stages["selfsup.gains"].params)
    begins = {
        name: replace(part, pace=replace(part.pace, epochs=2))
        for name, part in vars(whole.begun).items()
    }
    return replace(whole, begun=replace(whole.begun, **begins), epochs=(2, 2))


@pytest.fixture(scope="module")
def people(params) -> Seen:
    found = seen(replace(params.people, people=PEOPLE))
    ill = np.arange(PEOPLE) % 4 == 0
    return replace(found, table=found.table.assign(infarction=ill))


@pytest.fixture(scope="module")
def filling(params, people) -> Filled:
    return filled(params.begun.filled, people)


@pytest.fixture(scope="module")
def looks(params, people) -> Matched:
    return looked(params.begun.looked, people)


@pytest.fixture(scope="module")
def both(params, people, filling, looks) -> Matched:
    return matched(params.begun.matched, people, looks, filling)


def test_the_networks_are_as_large_as_published(params, people, filling, both):
    begins = params.begun
    assert {begins.filled.sizes, begins.matched.sizes, params.people.sizes} == {PUBLISHED}
    assert people.ecg.shape == (PEOPLE, 12, 2500)
    assert sum(weights.size for weights in filling.net.values()) == 5_362_944 + 1_704_548
    assert sum(weights.size for weights in both.nets["picture"].values()) > 23_000_000


def test_each_lesson_takes_its_step(filling, looks, both):
    for one in (filling, looks, both):
        assert len(one.curve) == 2
        assert np.isfinite(one.curve.to_numpy()).all()
    masked, pictured = both.nets["masked"], both.nets["picture"]
    before = looks.nets["picture"]
    named = [name for name in before if before[name].ndim > 1]
    assert all((pictured[name] != before[name]).any() for name in named)
    reads = [n for n, w in masked.items() if n.startswith(("embed.", "layers.")) and w.ndim > 1]
    assert len(named) > 50
    assert len(reads) == 1 + 4 * PUBLISHED.depth
    assert all((masked[name] != filling.net[name]).any() for name in reads)
    for name in (name for name in masked if name.startswith(("decoder.", "tell."))):
        np.testing.assert_array_equal(masked[name], filling.net[name])  # no decoder takes part


def test_what_is_called_frozen_takes_its_step(params, people, both, monkeypatch):
    monkeypatch.setattr(rare, "CELLS", [("infarction", 0)])
    study = Study(params, 0, people, people, lambda name: {"both": Start(sides=both)}[name])
    (told,) = study.told("as published")
    assert ARMS["as published"].whole
    assert np.ptp(told) > 0
    assert np.isfinite(told).all()
