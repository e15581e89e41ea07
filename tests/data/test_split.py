"""Splits: no group on two sides, every item once, the shares near; and what copies do to others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.data.duplicates import numbered
from hfgnn.data.split import by_file, by_group

PARTS = st.sampled_from(
    [{"train": 0.8, "test": 0.2}, {"a": 0.5, "b": 0.5}, {"train": 0.7, "val": 0.15, "test": 0.15}]
)
SIZES = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=60)


@given(SIZES, PARTS, st.integers(0, 2**32))
def test_groups_stay_whole_and_classes_get_their_shares(sizes, shares, seed):
    group = np.repeat(np.arange(len(sizes)), [size for size, _ in sizes])
    kind = np.repeat([kind for _, kind in sizes], [size for size, _ in sizes])
    order = np.random.default_rng(seed).permutation(len(group))
    group, kind = group[order], kind[order]
    part = by_group(group, kind, np.random.default_rng(seed), shares=shares)
    assert len(part) == len(group)
    assert set(part) <= set(shares)
    for one in np.unique(group):
        assert len(set(part[group == one])) == 1
    for one in np.unique(kind):
        largest = max(size for size, own in sizes if own == one)
        for name, share in shares.items():
            got = np.sum((kind == one) & (part == name))
            assert abs(got - share * np.sum(kind == one)) <= largest * (len(shares) - 1)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2)), min_size=1),
    st.integers(0, 2**32),
)
def test_neither_a_person_nor_a_page_is_on_two_sides(rows, seed):
    person, page, kind = np.array(rows).T
    part = by_group(numbered(person, page), kind, np.random.default_rng(seed))
    for key in (person, page):
        for one in np.unique(key):
            assert len(set(part[key == one])) == 1


def test_a_split_depends_on_the_seed_alone_and_every_group_may_be_tested():
    group, kind = np.repeat(np.arange(50), 3), np.repeat(np.arange(50) % 2, 3)
    one = [by_group(group, kind, np.random.default_rng(s)) for s in range(60)]
    again = by_group(group, kind, np.random.default_rng(0))
    assert np.array_equal(one[0], again)
    tested = np.mean([part == "test" for part in one], axis=0)
    assert tested.min() > 0
    assert tested.mean() == pytest.approx(0.2, abs=1e-9)


@given(st.integers(1, 200), PARTS, st.integers(0, 2**32))
def test_files_are_dealt_once_each_with_exact_shares(n, shares, seed):
    part = by_file(n, np.random.default_rng(seed), shares=shares)
    assert len(part) == n
    for name, share in shares.items():
        assert abs(np.sum(part == name) - share * n) <= 1


def test_files_are_dealt_blindly_and_groups_are_not():
    group, rng = np.repeat(np.arange(100), 6), np.random.default_rng(0)
    blind, apart = by_file(600, rng), by_group(group, np.zeros(600), rng)
    shared = [np.intersect1d(group[p == "test"], group[p == "train"]).size for p in (blind, apart)]
    assert shared[0] > 50
    assert shared[1] == 0


def test_what_is_no_share_is_refused():
    rng = np.random.default_rng(0)
    for shares in ({}, {"train": 0.8, "test": 0.3}, {"train": 1.2, "test": -0.2}):
        with pytest.raises(ValueError, match="sum to 1; name each part"):
            by_file(10, rng, shares=shares)
    with pytest.raises(ValueError, match="3 groups and 2 classes"):
        by_group([1, 2, 3], [0, 1], rng)
    with pytest.raises(ValueError, match="0 groups"):
        by_group([], [], rng)
