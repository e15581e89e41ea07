"""What a scanner or a telephone does to a printed page: light, creases, tilt, blur, colour, JPEG.

The light and the creases are a field on the sheet with one value a millimetre, so that a page has
the same faults at every size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from hfgnn.world.layout import SHEET

Field = NDArray[np.float32]
WIDE, HIGH = (round(mm) for mm in SHEET)
CALM = 0.92  # the field's grey where nothing is wrong: creases also make brighter


@dataclass(frozen=True)
class Faults:
    """How strong each fault is; the defaults are a perfect scan."""

    tilt: float = 0.0  # degrees; a hand in a hurry keeps within 2
    lean: float = 0.0  # share of the width that the far edge loses in perspective; up to 0.03
    blur: float = 0.0  # mm, radius of a lens out of focus; 0.3 is plainly soft
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)  # gain of red, green, blue: lamps are yellow
    light: float = 1.0  # gain of all three: under- and overexposure
    texture: float = 0.0  # depth of the paper's fibres as a share of white; up to 0.1
    shadow: float = 0.0  # depth of a shadow across the page as a share; a hand or a shelf, 0.4
    wrinkles: int = 0  # number of creases
    quality: int = 92  # of the JPEG: nearly what the public collection shows

    def __post_init__(self) -> None:
        """Refuse what no camera does."""
        ranges: dict[str, tuple[float, float]] = {
            "tilt": (-45, 45), "lean": (-0.2, 0.2), "blur": (0, 5), "light": (0.1, 3),
            "texture": (0, 0.5), "shadow": (0, 0.95), "wrinkles": (0, 50), "quality": (1, 95),
        }  # fmt: skip
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"Faults.{name} is {value}; choose it from {low} to {high}")
        if len(self.cast) != 3 or not all(0.1 <= gain <= 3 for gain in self.cast):
            raise ValueError(f"Faults.cast is {self.cast}; give three gains from 0.1 to 3")


def camera_faults(n: int, rng: np.random.Generator) -> tuple[Faults, ...]:
    """Draw the faults of n pages: a fifth as printed, half scanned, the others photographed.

    Of the faults that a page may have, it has each with probability 0.6; tilt and perspective
    come together, from the hand.
    """
    strength = rng.choice([0.0, 0.3, 1.0], n, p=[0.2, 0.5, 0.3])
    present = strength * (rng.random((9, n)) < 0.6)
    present[6] = strength * (present[0] > 0)
    u = (rng.random((6, n)) * present[:6]).T.tolist()
    v = (rng.uniform(-1, 1, (3, n)) * present[6:]).T.tolist()
    return tuple(
        Faults(
            tilt=2.0 * v[k][0],
            lean=0.03 * u[k][0],
            blur=0.35 * u[k][1],
            cast=(1 + 0.06 * v[k][1], 1.0, 1 - 0.12 * v[k][1]),
            light=1 + 0.12 * v[k][2],
            texture=0.08 * u[k][2],
            shadow=0.45 * u[k][3],
            wrinkles=int(5 * u[k][4]),
            quality=92 - int(40 * u[k][5]),
        )
        for k in range(n)
    )


def across(angle: float) -> Field:
    """Return the distance in mm of each point of the sheet [high, wide] along a direction."""
    x = np.arange(WIDE, dtype=np.float32) - WIDE / 2
    y = np.arange(HIGH, dtype=np.float32) - HIGH / 2
    distance: Field = np.add.outer(np.sin(angle) * y, np.cos(angle) * x).astype(np.float32)
    return distance


def lighting(faults: Faults, rng: np.random.Generator) -> Field:
    """Return the light that the sheet sends back [high, wide], 1 = flat white paper in full light.

    A shadow is a soft step; a crease is the derivative of a Gaussian: bright, then dark.
    """
    field = np.ones((HIGH, WIDE), dtype=np.float32)
    angle, place, soft = rng.uniform([0, -60, 8], [2 * np.pi, 60, 40])
    if faults.shadow:
        field *= 1 - faults.shadow / (1 + np.exp((across(angle) - place) / soft))
    for angle, place, width, depth, middle in rng.uniform(
        [0, -90, 0.9, 0.06, -60], [np.pi, 90, 2.2, 0.2, 60], (faults.wrinkles, 5)
    ):
        d, along = (across(angle) - place) / width, (across(angle + np.pi / 2) - middle) / 90
        field *= 1 + depth * d * np.exp(-0.5 * (d**2 + along**2))
    return field


def lit(image: Image.Image, faults: Faults, rng: np.random.Generator) -> Image.Image:
    """Return the page in this light, on paper with fibres half a millimetre wide."""
    grey = np.clip(np.rint(255 * CALM * lighting(faults, rng)), 0, 255).astype(np.uint8)
    mask = Image.fromarray(grey).resize(image.size, Image.Resampling.BILINEAR)
    if faults.texture:
        fibres = Image.frombytes("L", (2 * WIDE, 2 * HIGH), rng.bytes(4 * WIDE * HIGH))
        depths = 255 - np.rint(faults.texture * np.arange(256)).astype(int)
        fibres = fibres.point(depths.tolist()).resize(image.size, Image.Resampling.BILINEAR)
        mask = ImageChops.multiply(mask, fibres)
    return ImageChops.multiply(image, Image.merge("RGB", [mask] * 3))


def perspective(size: tuple[int, int], faults: Faults) -> list[float]:
    """Return Pillow's eight numbers: for each pixel of the photograph, where on the page it lies.

    x = (a u + b v + c) / (g u + h v + 1), y = (d u + e v + f) / (g u + h v + 1).
    """
    middle, turn = np.asarray(size) / 2, np.radians(faults.tilt)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * middle
    seen = corners * (1 - faults.lean * (corners[:, 1:] < 0))  # the far edge is the upper one
    seen = seen @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] + middle
    rows, right = [], []
    for (u, v), (x, y) in zip(seen, corners + middle, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    solved: list[float] = np.linalg.solve(rows, right).tolist()
    return solved


def photograph(image: Image.Image, faults: Faults, *, grain: int) -> Image.Image:
    """Return the page as scanned or photographed; `grain` fixes all that is random in it."""
    rng, gain = np.random.default_rng(grain), np.asarray(faults.cast) * faults.light
    desk = tuple(int(level) for level in rng.integers(60, 215) * np.array([1, 0.97, 0.93]))
    if faults.shadow or faults.wrinkles or faults.texture:
        image, gain = lit(image, faults, rng), gain / CALM
    if faults.tilt or faults.lean:
        method, data = Image.Transform.PERSPECTIVE, perspective(image.size, faults)
        image = image.transform(image.size, method, data, Image.Resampling.BILINEAR, fillcolor=desk)
    if faults.blur:
        image = image.filter(ImageFilter.BoxBlur(faults.blur * image.width / SHEET[0]))
    if np.any(gain != 1):
        image = image.point(
            np.clip(np.rint(np.outer(gain, np.arange(256))), 0, 255).ravel().tolist()
        )
    return image
