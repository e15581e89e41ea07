"""The population: its shares, its streams, and who may come in."""

import numpy as np
import pandas as pd
import pytest

from hfgnn.cohort import Cohort
from hfgnn.world import population as module
from hfgnn.world.population import (
    BLOCK,
    COLLECTION,
    HOSPITAL,
    Population,
    block,
    blocks,
    heart_of,
    population,
    simulate,
)
from hfgnn.world.survival import STUDIES


@pytest.fixture(scope="module")
def people() -> Cohort:
    return simulate(population("hospital", people=600, seed=5))


def test_the_hospital_has_the_shares_it_is_asked_for(people):
    counts = people.table["group"].value_counts()
    for group, share in HOSPITAL.items():
        assert counts[group] == pytest.approx(share / sum(HOSPITAL.values()) * 600, abs=1)
    assert len(people) == counts.sum() == 600


def test_the_thesis_s_people_come_in_its_classes():
    cohort = simulate(
        Population("thesis", 929, 3, "class", tuple(COLLECTION.items()), signals=False)
    )
    assert cohort.table["class"].value_counts().to_dict() == COLLECTION
    assert cohort.ecg is None


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_study_admits_only_whom_it_admits(study):
    config = population(study.name, people=300, seed=2)
    table = simulate(Population(**(vars(config) | {"signals": False}))).table
    assert study.eligible(heart_of(table)).all()
    assert len(table) == 300
    assert table["time"].between(0, study.months[1]).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(people):
    again = simulate(population("hospital", people=600, seed=5))
    pd.testing.assert_frame_equal(again.table, people.table)
    assert again.ecg.tobytes() == people.ecg.tobytes()
    assert again.report == people.report
    other = simulate(population("hospital", people=250, seed=6))
    assert other.ecg.tobytes() != people.ecg[:250].tobytes()


def test_blocks_may_be_drawn_in_any_order_and_alone(people):
    config = population("hospital", people=600, seed=5)
    assert [len(block(config, number)) for number in blocks(config)] == [250, 250, 100]
    middle = block(config, 1)
    rows = np.arange(BLOCK, 2 * BLOCK)
    pd.testing.assert_frame_equal(middle.table, people.take(rows).table)
    assert middle.ecg.tobytes() == people.ecg[rows].tobytes()


def test_no_view_changes_another(people, monkeypatch):
    """Each view that uses up random numbers of its own leaves all the others as they were."""
    config = population("hospital", people=250, seed=5)
    before = block(config, 0)
    genuine = module.bedside

    def longer(heart, rng):
        rng.standard_normal(1000)
        return genuine(heart, rng)

    monkeypatch.setattr(module, "bedside", longer)
    after = block(config, 0)
    measured = ["ef", "bnp", "nyha", "sbp"]
    assert not after.table[measured].equals(before.table[measured])
    rest = before.table.columns.difference(measured)
    pd.testing.assert_frame_equal(after.table[rest], before.table[rest])
    assert after.ecg.tobytes() == before.ecg.tobytes()
    assert after.report == before.report


def test_signals_left_out_change_nothing_else(people):
    config = population("hospital", people=600, seed=5)
    tables = simulate(Population(**(vars(config) | {"signals": False})))
    pd.testing.assert_frame_equal(tables.table, people.table)
    assert tables.report == people.report


def test_the_hidden_heart_is_in_the_table(people):
    heart = heart_of(people.table)
    assert (heart.group == people.table["group"]).all()
    assert np.allclose(1 - heart.esv / heart.edv, heart.ef)


@pytest.mark.parametrize(
    ("name", "size", "words"), [("clinic", 5, "'clinic' is not known"), ("hospital", 0, "one or")]
)
def test_an_unknown_door_and_nobody_are_refused(name, size, words):
    with pytest.raises(ValueError, match=words):
        population(name, people=size, seed=1)


def test_a_cohort_that_nobody_fits_says_so(monkeypatch):
    monkeypatch.setattr(module, "WAIT", 2)
    config = Population("nobody", 10, 1, "group", (("NORM", 1.0), ("unicorn", 1.0)))
    with pytest.raises(ValueError, match="of 8000 people of the community only 5 of 10 fit"):
        simulate(config)
