"""Pictures x [n, 3, side, side] from 0 to 1, changed as published: the same heart, seen otherwise.

Girlanda et al. (2024): a piece of 0.6 to 1 of the picture, mirrored or not, turned by up to 45
degrees, brighter and with more contrast or less. Their square of 78 pixels about the heart, cut out
first, has a heart in it as these pictures have, which are 144 mm wide as they are drawn.
"""

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

PIECE, SHAPE, TURN, JITTER = (0.6, 1.0), (3 / 4, 4 / 3), 45.0, 0.5


def moved(x: Tensor, places: Tensor) -> Tensor:
    """Return pictures seen through places [n, 2, 3]: where in x each of their pixels lies.

    A place is a matrix that takes (column, row, 1), from -1 to 1, there; beyond x it is dark.
    """
    where = affine_grid(places, list(x.shape), align_corners=False)
    return grid_sample(x, where, align_corners=False)


def places(n: int, generator: torch.Generator, *, cut: bool = True) -> Tensor:
    """Draw where n pictures are looked at [n, 2, 3]: first turned, then mirrored, then cut."""
    size, shape, turn, right, down, mirror = torch.rand(6, n, generator=generator)
    area = PIECE[0] + size * (PIECE[1] - PIECE[0])
    if not cut:
        area, shape = torch.ones(n), torch.full((n,), 0.5)
    low, high = (torch.tensor(end).log() for end in SHAPE)
    wide = (low + shape * (high - low)).div(2).exp()  # root of width by height
    width, height = (area.sqrt() * wide).clamp(max=1), (area.sqrt() / wide).clamp(max=1)
    x, y = (1 - width) * (2 * right - 1), (1 - height) * (2 * down - 1)
    sign = torch.where(mirror < 0.5, -1.0, 1.0)
    angle = torch.deg2rad((2 * turn - 1) * TURN)
    cos, sin = angle.cos(), angle.sin()
    rows = [cos * sign * width, -sin * height, cos * sign * x - sin * y]
    rows += [sin * sign * width, cos * height, sin * sign * x + cos * y]
    return torch.stack(rows, dim=1).view(n, 2, 3)


def changed(x: Tensor, generator: torch.Generator, *, cut: bool = True) -> Tensor:
    """Return pictures as another look at them: another piece, and another light.

    A piece is shown as large as the whole, as published: how large a heart is, is then unseen.
    Without `cut` it stays.
    """
    seen = moved(x, places(len(x), generator, cut=cut))
    light, contrast = 1 + JITTER * (2 * torch.rand(2, len(x), 1, 1, 1, generator=generator) - 1)
    seen = (seen * light).clamp(0, 1)
    mean = seen.mean(dim=(1, 2, 3), keepdim=True)
    return torch.clamp(mean + contrast * (seen - mean), 0, 1)
