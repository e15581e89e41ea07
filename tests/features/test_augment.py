"""Augmentation: against numpy, scipy and torchvision, and that nothing foreign enters a page."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from hfgnn.features.augment import SHEET, Change, Gentle, Published, augmented, changed
from hfgnn.features.vision import transforms
from hfgnn.world import layout

WAYS = [Published(), Gentle()]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def noisy(height: int = 60, width: int = 60, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height: int, width: int, soft: int = 3) -> np.ndarray:
    field = ndimage.gaussian_filter(noisy(height, width).astype(float), (soft, soft, 0))
    field = (field - field.min()) / (field.max() - field.min())
    return np.rint(255 * field).astype(np.uint8)


def scipys(page: np.ndarray, change: Change) -> np.ndarray:
    """The same affine in pixels, from its definition, by scipy."""
    height, width = page.shape[:2]
    angle, pixel = np.radians(change.turn), change.shape * height / width  # its width over height
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])  # (y, x)
    unit = np.diag([1.0, pixel])  # to lengths in which the sheet is as it was
    matrix = np.linalg.inv(unit) @ turn @ unit @ np.diag([change.short, change.narrow])
    moved = np.linalg.inv(unit) @ turn @ unit @ [change.down * height, change.right * width]
    middle = np.array([height - 1, width - 1]) / 2
    offset = middle - matrix @ middle - moved
    planes = [
        ndimage.affine_transform(plane, matrix, offset, order=1, mode="nearest")
        for plane in page.astype(float).transpose(2, 0, 1)
    ]
    return np.stack(planes, axis=2)


def test_no_change_returns_the_page():
    page = noisy(31, 47)
    found = changed(page, Change())
    assert np.array_equal(found, page)
    assert not np.shares_memory(found, page)


def test_a_flip_is_numpys():
    page = noisy(31, 47)
    assert np.array_equal(changed(page, Change(flip=True)), page[:, ::-1])


@given(st.integers(-20, 20), st.integers(-20, 20))
@settings(max_examples=25, deadline=None)
def test_whole_pixels_roll_and_the_edge_goes_on(down, right):
    page = noisy(40, 50)
    rolled = np.roll(page, (down, right), axis=(0, 1))
    rows = np.clip(np.arange(40) - down, 0, 39)
    columns = np.clip(np.arange(50) - right, 0, 49)
    inside = np.ix_((np.arange(40) - down) == rows, (np.arange(50) - right) == columns)
    wanted = page[rows][:, columns]
    assert np.array_equal(wanted[inside], rolled[inside])
    assert np.array_equal(changed(page, Change(down=down / 40, right=right / 50)), wanted)


def test_a_quarter_turn_is_clockwise():
    page = noisy()
    assert np.array_equal(changed(page, Change(turn=90, shape=1.0)), np.rot90(page, k=-1))
    assert np.array_equal(changed(page, Change(turn=180)), page[::-1, ::-1])


@pytest.mark.parametrize("shape", [1.0, SHEET])
@pytest.mark.parametrize("size", [(64, 64), (41, 90)])
@pytest.mark.parametrize("seed", range(6))
def test_scipy_finds_the_same_greys(shape, size, seed):
    drawn = Published().draw(np.random.default_rng(seed))
    change, page = replace(drawn, shape=shape, flip=False), noisy(*size)
    assert np.abs(changed(page, change) - scipys(page, change)).max() < 0.5 + 1e-3  # rounding


def test_the_shape_of_the_sheet_matters():
    assert pytest.approx(layout.SHEET[0] / layout.SHEET[1], rel=1e-3) == SHEET == Change().shape
    page, change = smooth(64, 64), Change(turn=10)
    assert np.abs(changed(page, change) - scipys(page, replace(change, shape=1.0))).max() > 10


def test_the_thesis_turns_the_sheet_and_squeezes_it_then():
    sheet, change = smooth(240, 360, 9), Change(turn=8, right=0.05, down=-0.03, shape=1.5)
    box = Image.Resampling.BOX

    def squeezed(page: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(page).resize((120, 120), box))

    wanted, found = squeezed(changed(sheet, change)), changed(squeezed(sheet), change)
    wrong = changed(squeezed(sheet), replace(change, shape=1.0))
    off = np.abs(wanted.astype(float) - found)
    assert off.mean() < 1
    assert np.abs(wanted.astype(float) - wrong).mean() > 10 * off.mean()


def torchvisions(page: np.ndarray, *, turn: float, smaller: float) -> np.ndarray:
    act, picture = transforms.functional, torch.from_numpy(page).permute(2, 0, 1)
    way = transforms.InterpolationMode.BILINEAR
    still = {"translate": [0, 0], "shear": [0.0, 0.0], "interpolation": way}
    return act.affine(picture, angle=turn, scale=1 / smaller, **still).permute(1, 2, 0).numpy()


def test_torchvision_agrees_away_from_the_edges():
    """Its affine turns and zooms the same way, but fills with black where ours goes on."""
    page, change = smooth(80, 80), Change(turn=7, narrow=1.05, short=1.05, shape=1.0)
    theirs = torchvisions(page, turn=7, smaller=1.05)
    off = np.abs(changed(page, change).astype(int) - theirs)
    assert off[12:68, 12:68].max() <= 1
    assert (theirs[0, 0] == 0).all()
    assert off[0, 0].max() > 1


def framed(height: int = 60, width: int = 80) -> np.ndarray:
    page = np.full((height, width, 3), (250, 160, 170), dtype=np.uint8)
    page[8:-8, 8:-8] = (254, 255, 253)
    return page


@pytest.mark.parametrize("seed", range(8))
def test_no_foreign_colour_appears(seed):
    page, rng = framed(), np.random.default_rng(seed)
    found = changed(page, Published().draw(rng))
    low, high = page[0, 0].astype(float), page[30, 40].astype(float)
    share = (found - low) / (high - low)  # each pixel is one mixture of frame and paper
    grain = 0.5 / (high - low)
    assert (share >= 0).all()
    assert (share <= 1).all()
    assert ((share - grain).max(axis=2) <= (share + grain).min(axis=2)).all()
    assert (changed(np.full_like(page, 77), Published().draw(rng)) == 77).all()


def test_beyond_the_edge_lies_the_edges_colour():
    turned = changed(framed(), Change(turn=10, narrow=1.1, short=1.1, right=0.1))
    corners = turned[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == framed()[0, 0]).all()
    assert (torchvisions(framed(), turn=10, smaller=1.1)[0, 0] == 0).all()  # what a fill would do


def test_light_blur_and_jpeg_are_those_of_numpy_scipy_and_pillow():
    page = noisy(40, 56)
    assert np.abs(changed(page, Change(light=1.1)) - np.minimum(page * 1.1, 255)).max() <= 1
    grey = (page @ [0.2989, 0.587, 0.114]).mean()
    wanted = np.clip(grey + 0.8 * (page - grey), 0, 255)
    assert np.abs(changed(page, Change(contrast=0.8)) - wanted).max() <= 1.5  # grey is rounded, too
    wanted = ndimage.gaussian_filter(page.astype(float), (0.8, 0.8, 0), mode="mirror", truncate=3.5)
    assert np.abs(changed(page, Change(blur=0.8)) - wanted).max() <= 1
    file = io.BytesIO()
    Image.fromarray(page).save(file, "JPEG", quality=75)
    assert np.array_equal(changed(page, Change(quality=75)), np.asarray(Image.open(file)))


def drawn(way: Published | Gentle, name: str) -> np.ndarray:
    rng = np.random.default_rng(5)
    return np.array([getattr(way.draw(rng), name) for _ in range(2000)], dtype=float)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("turn", -10, 10), ("right", -0.1, 0.1), ("down", -0.1, 0.1),
        ("narrow", 0.9, 1.1), ("short", 0.9, 1.1),
    ],
)  # fmt: skip
def test_the_published_draws_are_kerass(name, low, high):
    values = drawn(Published(), name)
    assert low <= values.min() < low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) < values.max() <= high
    assert abs(values.mean() - (low + high) / 2) < 4 * (high - low) / np.sqrt(12 * 2000)


def test_half_of_the_published_pages_are_flipped_and_the_zooms_are_two():
    assert abs(drawn(Published(), "flip").mean() - 0.5) < 4 * 0.5 / np.sqrt(2000)
    assert abs(np.corrcoef(drawn(Published(), "narrow"), drawn(Published(), "short"))[0, 1]) < 0.1
    assert (drawn(Published(), "blur") == 0).all()


def test_gently_time_runs_forward_at_its_speed():
    """What of the time axis is left: cos(turn) over the zoom, which moves a rate by 2 % at most."""
    rng = np.random.default_rng(7)
    gentle = [Gentle().draw(rng) for _ in range(2000)]
    assert not any(change.flip for change in gentle)
    speed = np.array([change.looked_up()[0, 0] for change in gentle])
    assert 0.979 < speed.min() < 0.985
    assert 1.015 < speed.max() <= 1.02
    assert all(change.narrow == change.short for change in gentle)
    assert {change.quality for change in gentle} == set(range(75, 96))
    rough = [Published().draw(rng).looked_up()[0, 0] for _ in range(2000)]
    assert np.ptp(rough) > 0.19


def test_gentle_pages_are_nearer_to_their_page():
    pages = np.stack([smooth(96, 96)] * 12).astype(np.uint8)
    off = {
        type(way): np.abs(augmented(pages, way, np.random.default_rng(1)) - pages.astype(float))
        for way in WAYS
    }
    assert off[Gentle].mean() < 0.5 * off[Published].mean()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: type(way).__name__)
def test_the_generator_decides_alone(way):
    pages = np.stack([noisy(seed=seed) for seed in range(4)])
    legacy, torchs = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    first = augmented(pages, way, np.random.default_rng(3))
    assert first.shape == pages.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, augmented(pages, way, np.random.default_rng(3)))
    assert not np.array_equal(first, augmented(pages, way, np.random.default_rng(4)))
    assert np.array_equal(first[0], augmented(pages[0], way, np.random.default_rng(3)))
    same = augmented(np.stack([pages[0]] * 2), way, np.random.default_rng(3))
    assert not np.array_equal(same[0], same[1])
    assert np.array_equal(legacy, np.random.get_state()[1])  # noqa: NPY002
    assert torch.equal(torchs, torch.get_rng_state())


def test_no_pages_stay_none_and_pages_stay_as_they_were():
    pages = noisy()[None]
    before = pages.copy()
    augmented(pages, Published(), np.random.default_rng(0))
    assert np.array_equal(pages, before)
    assert augmented(pages[:0], Published(), np.random.default_rng(0)).shape == (0, 60, 60, 3)


@pytest.mark.parametrize("page", [noisy().astype(float), noisy()[..., 0], noisy()[None]])
def test_what_is_no_page_is_refused(page):
    with pytest.raises(ValueError, match="give one page as uint8"):
        changed(page, Change())
