"""Named streams: the same anywhere, and nothing to do with each other."""

import numpy as np
import pytest
import torch

from hfgnn.seeding import rng, seed_torch


def test_same_names_give_the_same_numbers_and_others_do_not():
    first = rng(2025, "clinical", "1").random(100)
    np.testing.assert_array_equal(first, rng(2025, "clinical", "1").random(100))
    for other in (rng(2026, "clinical", "1"), rng(2025, "clinical", "2"), rng(2025, "clinical1")):
        assert not np.any(first == other.random(100))


def test_neighbouring_streams_are_uncorrelated():
    streams = np.array([rng(0, str(i)).standard_normal(4000) for i in range(20)])
    off = np.corrcoef(streams)[np.triu_indices(20, 1)]
    assert np.abs(off).max() < 5 / np.sqrt(4000)


def test_a_name_is_hashed_as_the_standard_says_so_that_any_platform_agrees():
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of "hello"
    words = [int.from_bytes(bytes.fromhex(digest)[i : i + 4], "little") for i in range(0, 32, 4)]
    expected = np.random.default_rng(np.random.SeedSequence([7, *words])).integers(2**32, size=9)
    np.testing.assert_array_equal(rng(7, "hello").integers(2**32, size=9), expected)


def test_torch_repeats_after_seeding_and_differs_between_names():
    seed_torch(1, "a")
    first = torch.rand(8)
    seed_torch(1, "b")
    second = torch.rand(8)
    seed_torch(1, "a")
    assert torch.equal(first, torch.rand(8))
    assert not torch.equal(first, second)


def test_a_negative_seed_is_refused_with_the_rule():
    with pytest.raises(ValueError, match="seed -1 is negative; a seed is zero or"):
        rng(-1)
