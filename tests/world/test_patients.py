"""Groups of patients: ACDC's rules, one person at a time, and its means."""

import numpy as np
import pytest

from hfgnn.seeding import rng
from hfgnn.world.latent import NONE, hearts
from hfgnn.world.patients import ACDC, PatientsParams, groups, patients


def test_groups_are_acdcs_rules_one_person_at_a_time():
    heart = hearts(5_000, rng(2, "hearts"))
    found = groups(heart)
    for person in range(5_000):
        ef, infarct = heart.ef[person], heart.infarct[person] != NONE
        index = heart.edv[person] / heart.bsa[person]
        heavy = bool(heart.hypertrophy[person])
        usual = 80 if heart.sex[person] else 90
        assert found["healthy"][person] == (
            ef > 0.5 and index < usual and not infarct and not heavy
        )
        assert found["after an infarct"][person] == (ef < 0.4 and infarct)
        assert found["widened"][person] == (ef < 0.4 and not infarct and index > 100)
    assert all(who.any() for who in found.values())


@pytest.mark.parametrize("seed", [1, 2025])
def test_those_who_are_chosen_like_patients_have_their_means(seed):
    found = patients(PatientsParams(seed)).groups
    alike = found.xs("alike", level="who").loc[ACDC.index]
    assert alike["people"].between(40, 200).all()
    np.testing.assert_allclose(alike["EF"], ACDC["EF"], atol=0.04)
    np.testing.assert_allclose(alike["right by left"], ACDC["right by left"], rtol=0.15)
    np.testing.assert_allclose(alike["right EF"], ACDC["right EF"], atol=0.03)
    whole = found.xs("all", level="who")["right by left"]
    assert whole["after an infarct"] > alike["right by left"]["after an infarct"]


def test_few_people_are_measured_where_few_are_asked_for():
    found = patients(PatientsParams(3, people=20_000, each=5)).groups
    assert (found["people"] <= 5).all()
