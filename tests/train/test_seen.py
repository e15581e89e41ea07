"""People as the third work sees them: two views and a table of each, of one heart."""

import numpy as np
import pandas as pd
import pytest

from hfgnn.cohort import FS
from hfgnn.features.signals import cleaned
from hfgnn.train.seen import CHEAP, Seen, SeenParams, read, seen
from hfgnn.world.cmr import draw
from hfgnn.world.population import heart_of, simulate, streams

PARAMS = SeenParams(3, people=12)


@pytest.fixture(scope="module")
def people() -> Seen:
    return seen(PARAMS)


def test_every_view_is_of_the_same_people(people):
    cohort = simulate(PARAMS.population)
    pd.testing.assert_frame_equal(people.table, cohort.table)
    halved = (cohort.ecg[:, :, 0::2] + cohort.ecg[:, :, 1::2]) / 2
    np.testing.assert_allclose(people.ecg, cleaned(halved, FS / 2), atol=4e-3)
    hearts = heart_of(cohort.table)
    pictures = draw(hearts, streams(PARAMS.population, 0)("cmr"))
    np.testing.assert_array_equal(people.picture, pictures)


def test_every_sample_is_read_where_all_are_asked_for(people):
    cohort = simulate(PARAMS.population)
    found = read(cohort.ecg, FS, 2500)
    np.testing.assert_allclose(found, cleaned(cohort.ecg, FS), atol=4e-3)


def test_a_faster_record_is_read_as_a_slow_one(people):
    """PTB-XL's 500 a second, of which four become one."""
    ecg = simulate(PARAMS.population).ecg
    found = read(np.repeat(ecg, 2, axis=2), 2 * FS, 1250)
    np.testing.assert_allclose(found, people.ecg, atol=4e-3)


def test_what_is_missing_is_nothing_and_a_length_that_does_not_fit_is_refused(people):
    ecg = simulate(PARAMS.population).ecg.copy()
    ecg[:, :, 100] = 0
    zeros = ecg.copy()
    ecg[:, :, 100] = np.nan
    np.testing.assert_array_equal(read(ecg, FS, 1250), read(zeros, FS, 1250))
    for samples in (1800, 6000):
        with pytest.raises(ValueError, match="not a whole number of times"):
            read(ecg, FS, samples)


def test_the_table_has_no_ejection_fraction(people):
    found = people.cheap
    assert found.shape == (12, len(CHEAP))
    assert "ef" not in CHEAP
    np.testing.assert_array_equal(found[:, 0], people.table["age"])
    np.testing.assert_array_equal(found[:, 2], people.table["heart_bsa"])
    np.testing.assert_allclose(found[:, CHEAP.index("bnp")], np.log(people.table["bnp"]))


def test_some_are_taken_in_their_order(people):
    rows = np.array([7, 2])
    some = people.take(rows)
    assert len(some) == 2
    np.testing.assert_array_equal(some.ecg, people.ecg[rows])
    np.testing.assert_array_equal(some.picture, people.picture[rows])
    np.testing.assert_array_equal(some.cheap, people.cheap[rows])
    assert some.signals(np.arange(2)).dtype.is_floating_point
    pictures = people.pictures(rows).numpy()
    assert 0 <= pictures.min() < pictures.max() <= 1
    np.testing.assert_allclose(255 * pictures, people.picture[rows], atol=1e-4)
