"""Pictures changed: torchvision's transforms, one by one, are the oracle."""

import math

import pytest
import torch

from hfgnn.features import pictures
from hfgnn.features.pictures import changed, moved, places
from hfgnn.features.vision import transforms

functional = transforms.functional


def dice(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def smooth(n: int = 2, side: int = 64) -> torch.Tensor:
    """Return pictures that vary slowly, so that two ways to interpolate agree."""
    coarse = torch.rand(n, 3, 5, 5, generator=dice())
    return torch.nn.functional.interpolate(coarse, side, mode="bicubic").clamp(0, 1)


def matrix(rows: list[list[float]], n: int = 2) -> torch.Tensor:
    return torch.tensor(rows).expand(n, -1, -1)


def test_nothing_moved_is_the_same():
    x = smooth()
    torch.testing.assert_close(moved(x, matrix([[1.0, 0, 0], [0, 1, 0]])), x)


def test_a_mirror_is_torchvisions():
    x = smooth()
    mirrored = moved(x, matrix([[-1.0, 0, 0], [0, 1, 0]]))
    torch.testing.assert_close(mirrored, functional.horizontal_flip(x))


@pytest.mark.parametrize("degrees", [-45.0, -10.0, 30.0])
def test_a_turn_is_torchvisions(degrees):
    x, angle = smooth(), math.radians(degrees)
    rows = [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0]]
    bilinear = transforms.InterpolationMode.BILINEAR
    wanted = functional.rotate(x, degrees, interpolation=bilinear)
    torch.testing.assert_close(moved(x, matrix(rows)), wanted, atol=2e-3, rtol=0)


def test_a_piece_is_torchvisions():
    x = smooth()
    top, left, height, width = 8, 16, 40, 44
    x_middle, y_middle = (left + width / 2) / 32 - 1, (top + height / 2) / 32 - 1
    rows = [[width / 64, 0, x_middle], [0, height / 64, y_middle]]
    wanted = functional.resized_crop(x, top, left, height, width, [64, 64], antialias=False)
    torch.testing.assert_close(
        moved(x, matrix(rows))[..., 2:-2, 2:-2], wanted[..., 2:-2, 2:-2], atol=1e-4, rtol=0
    )


def drawn(cut: bool) -> tuple[torch.Tensor, ...]:
    """Return of many places the area, width by height, angle, whether mirrored, and the middle."""
    a, b, x, c, d, y = places(20_000, dice(), cut=cut).flatten(1).T
    mirror = (a * d - b * c) < 0
    width, height = torch.hypot(a, c), torch.hypot(b, d)
    angle = torch.atan2(-b, d)
    middle = torch.stack([angle.cos() * x + angle.sin() * y, angle.cos() * y - angle.sin() * x])
    return width * height, width / height, angle.rad2deg(), mirror, middle


def test_places_are_as_published():
    area, shape, turn, mirror, middle = drawn(cut=True)
    assert area.max() <= 1 + 1e-6
    assert area.min() > pictures.PIECE[0] * 3 / 4  # a piece that would be too wide is cut again
    assert (area > pictures.PIECE[0] - 1e-6).float().mean() > 0.8
    assert shape.min() >= 3 / 4 - 1e-4
    assert shape.max() <= 4 / 3 + 1e-4
    assert -45.001 <= turn.min() < -44
    assert 44 < turn.max() <= 45.001
    assert abs(mirror.float().mean() - 0.5) < 0.02
    assert middle.abs().max() < 1 - pictures.PIECE[0] * 3 / 4
    assert middle.abs().amax(dim=1).min() > 0.3


def test_without_a_piece_the_whole_stays_as_large():
    area, shape, turn, mirror, middle = drawn(cut=False)
    torch.testing.assert_close(area, torch.ones_like(area))
    torch.testing.assert_close(shape, torch.ones_like(shape))
    assert middle.abs().max() < 1e-6
    assert turn.std() > 20
    assert 0.4 < mirror.float().mean() < 0.6


def test_light_and_contrast_differ_and_stay_within_bounds():
    x = torch.full((200, 3, 8, 8), 0.5)
    x[:, :, :4] = 0.25
    seen = changed(x, dice(), cut=False)
    assert seen.min() >= 0
    assert seen.max() <= 1
    middle = seen[:, :, 2:6, 2:6].mean(dim=(1, 2, 3))
    assert middle.max() > 1.4 * 0.375
    assert middle.min() < 0.6 * 0.375
    assert torch.equal(changed(x, dice(), cut=False), seen)
    assert not torch.equal(changed(x, dice(2), cut=False), seen)
