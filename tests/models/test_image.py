"""The picture's encoder: torchvision's ResNets with other names, and as wide as published."""

import pytest
import torch

from hfgnn.features.vision import models
from hfgnn.models.image import PUBLISHED, SMALL, Picture, Sizes

PLAIN = Sizes(blocks=(2, 2, 2, 2), expansion=1)


def same(ours: Picture, theirs: torch.nn.Module) -> None:
    """Give torchvision's network our weights, in the order in which both name them."""
    theirs.fc = torch.nn.Identity()
    names, own = theirs.state_dict(), ours.state_dict()
    assert [w.shape for w in names.values()] == [w.shape for w in own.values()]
    theirs.load_state_dict(dict(zip(names, own.values(), strict=True)))


@pytest.mark.parametrize(("sizes", "name"), [(PUBLISHED, "resnet50"), (PLAIN, "resnet18")])
@pytest.mark.parametrize("training", [True, False])
def test_it_is_torchvisions(sizes, name, training):
    torch.manual_seed(5)
    ours = Picture(sizes)
    with torch.no_grad():
        for w in ours.buffers():
            if w.is_floating_point():
                w.uniform_(0.5, 1.5)
    theirs = getattr(models, name)(weights=None)
    same(ours, theirs)
    x = torch.randn(2, 3, 96, 96)
    one, other = (net.train(training)(x) for net in (ours, theirs))
    assert one.shape == (2, sizes.features)
    torch.testing.assert_close(one, other)


def test_features_are_as_many_as_was_published():
    assert PUBLISHED.features == 2048


def test_the_small_one_learns_from_every_pixel_and_each_layer():
    torch.manual_seed(6)
    net, x = Picture(SMALL), torch.randn(4, 3, 96, 96, requires_grad=True)
    found = net(x)
    assert found.shape == (4, SMALL.features)
    found.square().sum().backward()
    assert (x.grad != 0).any(dim=1).float().mean() > 0.99
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
