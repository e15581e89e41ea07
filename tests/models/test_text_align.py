"""Projectors into one space, against plain arithmetic."""

import pytest
import torch
from torch import nn

from hfgnn.models.text_align import Projector, TextAlignment


@pytest.mark.parametrize(("width", "size"), [(768, 229_760), (384, 131_456), (71, 51_328)])
def test_both_end_in_one_space_of_the_published_width(width, size):
    aligner = TextAlignment(width)
    assert sum(p.numel() for p in aligner.text.parameters()) == size
    assert sum(p.numel() for p in aligner.beat.parameters()) == 164_224  # 512 -> 256 -> 128
    beat, text = aligner(torch.randn(5, 512), torch.randn(5, width))
    assert beat.shape == text.shape == (5, 128)


def test_a_projector_is_two_layers_and_a_gelu():
    made, x = Projector(71).double(), torch.randn(4, 71).double()
    first, last = (layer for layer in made if isinstance(layer, nn.Linear))
    h = x @ first.weight.T + first.bias
    h = h * (1 + torch.erf(h / 2**0.5)) / 2
    torch.testing.assert_close(made(x), h @ last.weight.T + last.bias, rtol=0, atol=1e-12)


def test_neither_hears_the_other():
    aligner = TextAlignment(71, features=32)
    features, text = torch.randn(3, 32), torch.randn(3, 71)
    beat, words = aligner(features, text)
    assert torch.equal(aligner(features, text.flip(0))[0], beat)
    assert torch.equal(aligner(features.flip(0), text)[1], words)
