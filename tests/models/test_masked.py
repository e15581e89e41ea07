"""The masked autoencoder: patches invert, what is hidden is never looked at, layers are torch's."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hfgnn.losses import ncc, restored
from hfgnn.models.masked import PUBLISHED, SMALL, Masked, Sizes, kept

TINY = Sizes(samples=50, patch=10, width=16, depth=2, heads=4, told=(8, 1, 2))
WIDER = replace(TINY, width=32, told=(32, 1, 4))


@pytest.fixture
def net() -> Masked:
    torch.manual_seed(3)
    return Masked(TINY).double()


def drawn(n: int, sizes: Sizes = TINY, hidden: float = 0.75, seed: int = 1) -> Tensor:
    return kept(n, sizes, hidden=hidden, generator=torch.Generator().manual_seed(seed))


def records(n: int, sizes: Sizes = TINY) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(n, sizes.leads, sizes.samples, generator=generator, dtype=torch.float64)


def count(*parts: nn.Module | nn.Parameter) -> int:
    each = (p.parameters() if isinstance(p, nn.Module) else [p] for p in parts)
    return sum(one.numel() for part in each for one in part)


def test_it_has_as_many_parameters_as_was_published():
    net = Masked()
    encoder = count(net.embed, net.layers)
    decoder = count(net.bridge, net.unknown, net.decoder, net.tell)
    assert round(encoder / 1e6, 2) == 5.36
    assert round(decoder / 1e6, 1) == 1.7
    assert encoder + decoder == count(net)
    width, narrow, patch = 384, 256, 100  # each by hand
    layer = [12 * w * w + 13 * w for w in (width, narrow)]
    assert encoder == patch * width + width + 3 * layer[0] + 2 * width
    told = width * narrow + narrow + narrow + 2 * layer[1] + 2 * narrow + narrow * patch + patch
    assert decoder == told
    assert PUBLISHED.tokens == 300
    assert SMALL.tokens == 120


def test_patches_invert_and_are_of_one_lead_and_one_moment(net):
    x = records(3)
    patches = net.patches(x)
    assert torch.equal(net.whole(patches), x)
    assert patches.shape == (3, 60, 10)
    for lead in range(12):
        for moment in range(5):
            own = x[:, lead, 10 * moment : 10 * moment + 10]
            assert torch.equal(patches[:, 5 * lead + moment], own)


@pytest.mark.parametrize("hidden", [0.0, 0.5, 0.75, 0.8])
def test_so_many_patches_are_left_each_once_and_in_order(hidden):
    left = drawn(200, PUBLISHED, hidden)
    assert left.shape == (200, round(300 * (1 - hidden)))
    assert (left.diff(dim=1) > 0).all()
    assert (left[:, 0] >= 0).all()
    assert (left[:, -1] < 300).all()


def test_every_patch_is_left_as_often():
    often = torch.bincount(drawn(4_000).flatten(), minlength=60)
    wanted = 4_000 / 4
    assert abs(often - wanted).max() < 5 * np.sqrt(wanted * 0.75)


@pytest.mark.parametrize(("hidden", "left"), [(1.0, 0), (-0.5, 90)])
def test_a_share_that_leaves_nothing_or_too_much_is_refused(hidden, left):
    told = f"hidden = {hidden} leaves {left} of 60 patches; choose a share from 0 to below 1"
    with pytest.raises(ValueError, match=told):
        drawn(1, TINY, hidden)


@pytest.mark.parametrize("wrong", [{"patch": 7}, {"heads": 5}, {"told": (8, 1, 3)}])
def test_sizes_that_do_not_divide_are_refused(wrong):
    with pytest.raises(ValueError, match="choose numbers that divide"):
        Sizes(**{"samples": 50, "patch": 10, "width": 16, "heads": 4, "told": (8, 1, 2)} | wrong)


def test_what_is_hidden_is_never_looked_at(net):
    x, left = records(4), drawn(4)
    z = net.encode(x, left)
    hidden = torch.ones(4, 60, dtype=torch.bool).scatter(1, left, False)
    patches = net.patches(x)
    other = net.whole(torch.where(hidden[:, :, None], torch.full_like(patches, 1e9), patches))
    assert torch.equal(net.encode(other, left), z)
    assert torch.equal(net(other, left), net(x, left))
    seen = net.whole(torch.where(hidden[:, :, None], patches, patches + 1e-3))
    assert not torch.allclose(net.encode(seen, left), z)


def test_to_leave_everything_is_to_hide_nothing(net):
    x, everything = records(2), torch.arange(60).expand(2, -1)
    torch.testing.assert_close(net.encode(x), net.encode(x, everything), rtol=0, atol=0)


def test_what_was_seen_comes_back_to_its_place(net):
    """Of a decoder that only says what it gets, one place at a time."""
    x, left = records(3), drawn(3)
    z = net.encode(x, left)
    net.decoder = nn.Identity()
    told = net.patches(net.decode(z, left))
    for person in range(3):
        for place in range(60):
            at = (left[person] == place).nonzero().flatten()
            token = net.bridge(z[person, at[0]]) if len(at) else net.unknown
            wanted = net.tell(token + net.told_where[place])
            torch.testing.assert_close(told[person, place], wanted)


def test_every_place_is_told_apart(net):
    for where in (net.where, net.told_where):
        apart = torch.cdist(where, where) + 9 * torch.eye(60, dtype=torch.float64)
        assert apart.min() > 0.1


def test_layers_are_those_of_torch(net):
    x = records(2)
    tokens = net.embed(net.patches(x)) + net.where
    for layer in list(net.layers)[:-1]:
        other = nn.TransformerEncoderLayer(
            16, 4, 64, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        ).double()
        given = {}
        names = {"self_attn.in_proj_": layer.asked, "self_attn.out_proj.": layer.said}
        names |= {"linear1.": layer.tell[0], "linear2.": layer.tell[2]}
        names |= {"norm1.": layer.norms[0], "norm2.": layer.norms[1]}
        for name, own in names.items():
            given |= {f"{name}weight": own.weight, f"{name}bias": own.bias}
        other.load_state_dict(given)
        tokens = other(tokens)
    norm = net.layers[-1]
    torch.testing.assert_close(net.encode(x), norm(tokens), rtol=1e-9, atol=1e-9)


def test_the_slope_of_the_loss_is_the_finite_difference(net):
    x, left = records(2), drawn(2)

    def loss(weight: Tensor) -> Tensor:
        return restored(torch.func.functional_call(net, {"embed.weight": weight}, (x, left)), x)

    weight = net.embed.weight.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(loss, weight, eps=1e-6, atol=1e-7)


def test_the_loss_is_its_formula():
    one, other = records(5), records(10)[5:]
    flat = [part.flatten(1).numpy() for part in (one, other)]
    wanted = [np.corrcoef(a, b)[0, 1] for a, b in zip(*flat, strict=True)]
    np.testing.assert_allclose(ncc(one, other).numpy(), wanted, atol=1e-12)
    square = ((flat[0] - flat[1]) ** 2).mean()
    loss = restored(one, other, shape=0.1).item()
    assert loss == pytest.approx(0.9 * square + 0.1 * (1 - np.mean(wanted)), abs=1e-12)
    assert restored(one, one).item() == pytest.approx(0, abs=1e-12)
    torch.testing.assert_close(ncc(3 * one + 7, other), ncc(one, other))


def test_it_learns_to_tell_what_it_does_not_see():
    """Waves that all leads share: what is hidden in one is seen in another."""
    torch.manual_seed(0)
    net, generator = Masked(WIDER), torch.Generator().manual_seed(5)
    adam = torch.optim.AdamW(net.parameters(), lr=3e-3)
    time = torch.arange(50) / 50

    def waves(n: int) -> Tensor:
        phase = torch.rand(n, 1, 1, generator=generator)
        return torch.sin(2 * torch.pi * (2 * time + phase)).expand(n, 12, 50)

    for _ in range(300):
        x = waves(32)
        left = kept(32, WIDER, hidden=0.75, generator=generator)
        adam.zero_grad()
        restored(net(x, left), x).backward()
        adam.step()
    x = waves(64)
    with torch.inference_mode():
        told = net(x, kept(64, WIDER, hidden=0.75, generator=generator))
    assert ncc(told, x).mean() > 0.9
