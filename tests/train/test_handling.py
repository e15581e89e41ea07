"""Pages in other hands: in another light, moved a little, and never mirrored."""

import numpy as np
import torch

from hfgnn.train.handling import altered


def test_pages_are_moved_a_little_and_never_mirrored() -> None:
    x = torch.zeros(64, 3, 100, 100)
    x[:, :, 20:25, 10:15] = 1.0  # a blot in the upper left
    found = altered(x, np.random.default_rng(5), moved=1.0, side=100)
    found = found - found[:, :, -1:, -1:]
    at = found[:, 0].flatten(1).argmax(dim=1)
    row, column = at // 100, at % 100
    assert ((row > 12) & (row < 33) & (column > 2) & (column < 23)).all()
    assert row.unique().numel() > 3
    assert column.unique().numel() > 3


def test_pages_that_are_not_moved_differ_in_light_alone() -> None:
    x = torch.randn(4, 3, 50, 50, generator=torch.Generator().manual_seed(6))
    found = altered(x.clone(), np.random.default_rng(7), moved=0.0, side=50)
    for before, after in zip(x.flatten(1), found.flatten(1), strict=True):
        assert torch.corrcoef(torch.stack([before, after]))[0, 1] > 0.9999
    assert altered(x, np.random.default_rng(7), moved=0.5, side=32).shape == (4, 3, 32, 32)
