"""Batches that hold events by construction: for any people, any size and any luck."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hfgnn.data.batches import dealt, stratified
from hfgnn.seeding import rng


@settings(deadline=None)
@given(
    st.lists(st.booleans(), min_size=1, max_size=300).filter(any),
    st.integers(1, 30) | st.integers(100, 400),
    st.integers(0, 100),
)
@example(event=[True, False] * 5, size=3, seed=1)  # what is left over of either kind meets
def test_everybody_comes_once_and_events_in_equal_shares(event, size, seed):
    event = np.array(event)
    batches = stratified(event, size, rng(seed, "batches"))
    assert sorted(np.concatenate(batches)) == list(range(len(event)))
    ill = [int(event[batch].sum()) for batch in batches]
    assert min(ill) >= 1
    assert max(ill) - min(ill) <= 1
    assert np.ptp([len(batch) for batch in batches]) <= 1
    assert len(batches) == max(1, min(len(event) // size, event.sum()))


def test_batches_are_dealt_by_the_stream_alone():
    event = np.arange(100) % 7 == 0
    one, again, other = (stratified(event, 25, rng(s, "batches")) for s in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert any(not np.array_equal(np.sort(a), np.sort(b)) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("event", "size"), [([False] * 9, 3), ([], 3), ([True], 0)])
def test_what_cannot_be_dealt_is_refused(event, size):
    with pytest.raises(ValueError, match=f"batches of {size} from {len(event)} people.*take more"):
        stratified(event, size, rng(1, "batches"))


@pytest.mark.parametrize(("n", "size", "sizes"), [(10, 3, {3, 4}), (6, 3, {3}), (2, 8, {2})])
def test_everybody_is_dealt_once_in_batches_of_the_size_or_a_little_more(n, size, sizes):
    rows = np.arange(100, 100 + n)
    batches = dealt(rows, size, rng(1, "dealt"))
    assert {len(batch) for batch in batches} == sizes
    assert sorted(np.concatenate(batches)) == list(rows)
    again = dealt(rows, size, rng(1, "dealt"))
    assert all((one == other).all() for one, other in zip(batches, again, strict=True))
