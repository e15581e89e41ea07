"""The record of patients: parts of one length, rows that stay together."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.cohort import Cohort, joined
from hfgnn.pipeline.store import read_result, write_result


def cohort(ids: list[int]) -> Cohort:
    """Patients whose every part says who they are."""
    table = pd.DataFrame({"id": ids, "age": [float(i) for i in ids]})
    ecg = np.array(ids, np.float32)[:, None, None] * np.ones((1, 12, 5), np.float32)
    return Cohort(table, ecg=ecg, report=tuple(f"patient {i}" for i in ids))


def coherent(people: Cohort) -> bool:
    ids = people.table["id"].to_list()
    same = people.ecg is not None and np.array_equal(people.ecg[:, 3, 2], ids)
    return same and people.report == tuple(f"patient {i}" for i in ids)


@given(st.permutations(list(range(7))), st.integers(1, 7))
def test_taking_and_joining_keep_a_patient_together(order, size):
    people = cohort(list(range(7)))
    chosen = people.take(np.array(order[:size]))
    assert chosen.table["id"].to_list() == order[:size]
    assert coherent(chosen)
    both = joined([chosen, people.take(np.array(order[size:], dtype=int))])
    assert both.table["id"].to_list() == order
    assert coherent(both)


def test_it_is_stored_and_read_as_it_was(tmp_path):
    people = cohort([4, 2])
    write_result(people, tmp_path)
    again = read_result(Cohort, tmp_path)
    pd.testing.assert_frame_equal(again.table, people.table)
    assert np.array_equal(again.ecg, people.ecg)
    assert (again.report, again.page, again.cmr) == (people.report, None, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"report": ("one",)}, "Cohort.report holds 1 patients and the table 2"),
        ({"ecg": np.zeros((2, 12, 5))}, "float64"),
        ({"ecg": np.zeros((2, 8, 5), np.float32)}, r"\(2, 8, 5\)"),
        ({"table": pd.DataFrame({"id": [3, 3]})}, "without repetitions"),
        ({"table": pd.DataFrame({"name": [3, 4]})}, "`id`"),
    ],
)
def test_a_record_that_does_not_hold_together_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        Cohort(**({"table": pd.DataFrame({"id": [1, 2]})} | change))
