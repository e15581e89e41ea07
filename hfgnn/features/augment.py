"""New pages from a page: as the thesis made them, and so gently that the label stays true.

What is done to a page (`Change`) is drawn apart from the doing (`changed`). A place p in [-1, 1]^2
of the new page is read from the old one at D^-1 R(turn) (Z D p - t): narrowed, moved, then turned,
as Keras does it. D = diag(shape, 1) undoes the squeezing of a sheet into a square, which the thesis
does later; Z = diag(narrow, short), and t is the move. Beyond its edges the page goes on in the
colour of its edge ("nearest"). torchvision's own affine knows one fill colour and one zoom only, so
places are looked up by the two functions of torch that it is built on.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from hfgnn.features.vision import transforms

Pages = NDArray[np.uint8]
SHEET = 2213 / 1572  # width over height of the thesis's sheets, which it turned before squeezing
BEST = 95  # quality of a JPEG; more only makes the file larger


@dataclass(frozen=True)
class Change:
    """What is done to one page; the defaults do nothing."""

    turn: float = 0.0  # degrees, clockwise
    right: float = 0.0  # share of the width by which it moves to the right
    down: float = 0.0  # share of the height by which it moves down
    narrow: float = 1.0  # how many times narrower it becomes
    short: float = 1.0  # how many times lower it becomes
    flip: bool = False  # left to right
    light: float = 1.0  # gain
    contrast: float = 1.0  # gain around the mean grey
    blur: float = 0.0  # pixels, standard deviation
    quality: int | None = None  # of a JPEG through which it goes; none, no JPEG
    shape: float = SHEET  # width over height of the sheet that fills the page

    def looked_up(self) -> NDArray[np.float64]:
        """Return the matrix [2, 3] from places (x, y, 1) in [-1, 1] to where they are read."""
        angle = np.radians(self.turn)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        sheet = np.diag([self.shape, 1.0])
        zoom = np.diag([self.narrow, self.short]) @ sheet
        move = sheet @ [[2 * self.right], [2 * self.down]]
        read: NDArray[np.float64] = np.linalg.inv(sheet) @ turn @ np.hstack([zoom, -move])
        return read


@dataclass(frozen=True)
class Published:
    """The thesis's transforms, made for photographs of things: on an ECG they change the heart.

    The thesis turned whole sheets and saved them as JPEGs before squeezing them to 224 x 224, which
    leaves less than a grey level of what a JPEG does.
    """

    turn: float = 10.0  # degrees at most; it was a hand's slip on no page of the collection
    shift: float = 0.1  # of width and of height at most: a whole second leaves the paper
    zoom: float = 0.1  # at most, for width and height apart: rate and voltage change by as much
    flip: float = 0.5  # chance; time runs backwards, and V4-V6 stand where I, II, III stood

    def draw(self, rng: np.random.Generator) -> Change:
        """Draw one page's change: each amount uniform up to its limit, on either side."""
        turn = rng.uniform(-self.turn, self.turn)
        down, right = rng.uniform(-self.shift, self.shift, 2)
        short, narrow = rng.uniform(1 - self.zoom, 1 + self.zoom, 2)
        flip = bool(rng.random() < self.flip)
        return Change(turn, right, down, narrow, short, flip)


@dataclass(frozen=True)
class Gentle:
    """What happens to a page between two photographs of it: its ECG stays the same. No flip."""

    turn: float = 1.5  # degrees; a hand that means to be straight keeps within 2
    shift: float = 0.01  # of width and of height: two pixels of 224, less than a letter
    zoom: float = 0.02  # one for both, as a camera's: rate and voltage change less than by reading
    light: float = 0.12  # gain; cameras' exposure differs by as much
    contrast: float = 0.1  # gain; ink stays far darker than the grid
    blur: float = 0.3  # pixels of 224, 0.4 mm: a lens out of focus, the trace is as wide
    quality: int = 75  # the lowest, and what programs save with unless told otherwise

    def draw(self, rng: np.random.Generator) -> Change:
        """Draw one page's change: each amount uniform up to its limit."""
        turn, zoom = rng.uniform(-1, 1, 2) * [self.turn, self.zoom]
        right, down = rng.uniform(-self.shift, self.shift, 2)
        light, contrast = 1 + rng.uniform(-1, 1, 2) * [self.light, self.contrast]
        blur, quality = rng.uniform(0, self.blur), rng.integers(self.quality, BEST + 1)
        far = 1 + zoom
        return Change(turn, right, down, far, far, False, light, contrast, blur, int(quality))


Way = Published | Gentle


def changed(page: Pages, change: Change) -> Pages:
    """Return one page uint8 [height, width, 3] after this change: place first, then ink."""
    if page.dtype != np.uint8 or page.ndim != 3 or page.shape[2] != 3:
        raise ValueError(
            f"the page is {page.dtype} {page.shape}; give one page as uint8 [height, width, 3], "
            "and several to `augmented`"
        )
    place, picture = change.looked_up(), _tensor(page)
    if not np.array_equal(place, np.eye(2, 3)):
        picture = _moved(picture, place)
    if change.flip:
        picture = transforms.functional.horizontal_flip(picture)
    picture = _inked(picture, change)
    found = np.ascontiguousarray(picture.permute(1, 2, 0).numpy())
    return found if change.quality is None else _saved(found, change.quality)


def augmented(pages: Pages, way: Way, rng: np.random.Generator) -> Pages:
    """Return a new page from each page [n, height, width, 3], or from a single one, drawn anew."""
    if pages.ndim == 3:
        return changed(pages, way.draw(rng))
    found = [changed(page, way.draw(rng)) for page in pages]
    return np.stack(found) if found else pages.copy()


def _tensor(page: Pages) -> Tensor:
    return torch.from_numpy(page.transpose(2, 0, 1).copy())


def _moved(picture: Tensor, place: NDArray[np.float64]) -> Tensor:
    """Read every pixel [3, h, w] at its place, between four pixels, at most at the edge."""
    size = [1, *picture.shape]
    grid = affine_grid(torch.from_numpy(place)[None], size, align_corners=False)
    read = grid_sample(
        picture[None].double(), grid, "bilinear", padding_mode="border", align_corners=False
    )
    return read[0].round().to(torch.uint8)


def _inked(picture: Tensor, change: Change) -> Tensor:
    act = transforms.functional
    if change.light != 1:
        picture = act.adjust_brightness(picture, change.light)
    if change.contrast != 1:
        picture = act.adjust_contrast(picture, change.contrast)
    if change.blur > 0:
        wide = 2 * int(np.ceil(3 * change.blur)) + 1
        picture = act.gaussian_blur(picture, [wide, wide], [change.blur, change.blur])
    return picture


def _saved(page: Pages, quality: int) -> Pages:
    """Through Pillow: torchvision's JPEG lies in its compiled half, which may not be there."""
    file = BytesIO()
    Image.fromarray(page).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)).copy()
