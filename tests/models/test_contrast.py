"""Both sides of the contrast: tables, what is another's in them, means that learn, and points."""

import numpy as np
import torch
from torch import nn

from hfgnn.models.contrast import Pooled, Projector, Table, corrupted


def dice(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_sizes_are_as_published():
    assert count(Table(33)) == 33 * 384 + 384 + 2 * 384 + 384 * 384 + 384
    assert count(Projector(768)) == 768 * 128 + 128 + 128 * 128 + 128
    assert count(Projector(2048)) == 2048 * 128 + 128 + 128 * 128 + 128
    assert Projector(768)(torch.randn(5, 768)).shape == (5, 128)


def test_nine_of_thirty_three_columns_are_anothers():
    marginals = torch.arange(50.0)[:, None] + 100 * torch.arange(33.0)
    table = torch.full((400, 33), -1.0)
    found = corrupted(table, marginals, dice(), share=0.3)
    changed = found != table
    assert (changed.sum(dim=1) == 9).all()
    often = changed.float().mean(dim=0)
    assert abs(often - 9 / 33).max() < 5 * np.sqrt(9 / 33 * 24 / 33 / 400)
    own = torch.div(found, 100, rounding_mode="floor")
    assert (own[changed] == torch.arange(33).expand(400, -1)[changed]).all()  # of the same column
    assert len(found[:, 0].unique()) > 30  # and of whoever


def test_no_share_changes_nothing():
    table = torch.randn(7, 8)
    assert torch.equal(corrupted(table, table, dice(), share=0.0), table)


def test_pooled_begins_as_the_mean_and_learns_whom_to_hear():
    tokens = torch.randn(3, 24, 6, dtype=torch.float64)
    one, by_lead = Pooled(6).double(), Pooled(6, 12).double()
    torch.testing.assert_close(one(tokens), tokens.mean(dim=1))
    own = tokens.view(3, 12, 2, 6).mean(dim=2)
    torch.testing.assert_close(by_lead(tokens), own.reshape(3, 72))
    with torch.no_grad():
        by_lead.asked.normal_(generator=dice())
    wanted = []
    for person in tokens.view(3, 12, 2, 6):
        for lead in person:
            weights = (lead @ by_lead.asked / 6**0.5).exp()
            wanted.append((weights[:, None] * lead).sum(0) / weights.sum())
    torch.testing.assert_close(by_lead(tokens), torch.stack(wanted).view(3, 72))


def test_pooled_has_a_slope_at_its_start():
    pool, tokens = Pooled(6), torch.randn(3, 24, 6)
    pool(tokens).square().sum().backward()
    assert pool.asked.grad.abs().sum() > 0
