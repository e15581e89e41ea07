"""An image encoder: pictures of a heart x [n, 3, 96, 96], three moments as colours, to features.

Girlanda et al. (2024) take a ResNet50 (He et al. 2016), 2,048 features; the book's has fewer,
narrower and plain blocks. Those that expand are as torchvision has them, with a stride of two in
their second convolution: its weights fit.
"""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Sizes:
    """How large an image encoder is."""

    stem: int = 64  # channels of the first convolution
    blocks: tuple[int, ...] = (3, 4, 6, 3)  # in each stage; each stage but the first halves sides
    widths: tuple[int, ...] = (64, 128, 256, 512)
    expansion: int = 4  # a block's last layer is so many times as wide as its others; 1: plain

    @property
    def features(self) -> int:
        """Return how many numbers a picture becomes."""
        return self.widths[-1] * self.expansion


PUBLISHED = Sizes()  # ResNet50
SMALL = Sizes(stem=16, blocks=(1, 1, 1, 1), widths=(16, 32, 64, 128), expansion=1)


class Picture(nn.Sequential):
    """A residual network without its last layer: [n, 3, side, side] -> [n, features]."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        layers, before = [*_conv(3, sizes.stem, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], sizes.stem
        for stage, (count, width) in enumerate(zip(sizes.blocks, sizes.widths, strict=True)):
            for place in range(count):
                stride = 2 if stage and not place else 1
                layers.append(Block(before, width, sizes.expansion, stride))
                before = width * sizes.expansion
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Block(nn.Module):
    """y = relu(x + convolutions(x)): two of 3 x 3, or 1 x 1, 3 x 3, 1 x 1 where it expands."""

    def __init__(self, before: int, width: int, expansion: int, stride: int) -> None:
        super().__init__()
        after, plain = width * expansion, expansion == 1
        first = _conv(before, width, 3, stride) if plain else _conv(before, width, 1)
        rest = [] if plain else [nn.ReLU(), *_conv(width, width, 3, stride)]
        last = _conv(width, after, 3 if plain else 1)
        self.inner = nn.Sequential(*first, *rest, nn.ReLU(), *last)
        same = before == after and stride == 1
        self.outer = nn.Identity() if same else nn.Sequential(*_conv(before, after, 1, stride))

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's features."""
        summed: Tensor = self.outer(x) + self.inner(x)
        return summed.relu()


def _conv(before: int, after: int, side: int, stride: int = 1) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(before, after, side, stride, side // 2, bias=False)
    return conv, nn.BatchNorm2d(after)
