"""What is on the paper before the patient: grid, letterhead, calibration pulses, lead names.

Every function returns a mask, grey levels [height, width] where 255 is ink, and keeps the last few:
they are the same for thousands of pages.
"""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hfgnn.cohort import LEADS, SECONDS
from hfgnn.world.layout import (
    GAIN,
    LAYOUTS,
    LEFT,
    SPEED,
    Floats,
    Point,
    Scale,
    Size,
    ink_scale,
    panels,
)

GRIDS = {"framed": (9, 36, 277, 193), "plain": (4, 6, 279, 196)}  # edges of the ruled part, mm
MAINS = 50.0  # Hz, where the invented hospitals are
FAINT, STRONG = 0.16, 0.28  # widths of the grid's lines, mm
PULSE = ((11, 0), (12, 0), (12, 1), (17, 1), (17, 0), (18, 0))  # mm and mV: 1 mV for 0.2 s
BLIP = ((-14, 0), (-6, 0), (-4, 1.5), (-2.5, -5), (0, 8), (2, -9), (3.5, 2.5), (5, 0), (10, 0))
Stamp = tuple[Image.Image, tuple[int, int, int, int]]


@lru_cache(maxsize=64)
def font(pixels: float) -> ImageFont.FreeTypeFont:
    """Return Pillow's own typeface in a size."""
    face = ImageFont.load_default(pixels)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow has no FreeType and cannot print; install Pillow's own wheel")
    return face


class Pen:
    """Ink on a canvas that is larger than the page; positions and widths in millimetres."""

    def __init__(self, size: Size) -> None:
        self.scale = ink_scale(size)
        self.canvas = Image.new("L", self.scale.canvas)
        self.draw = ImageDraw.Draw(self.canvas)

    def line(self, points: list[Point] | Floats, *, width: float, ink: int = 255) -> None:
        """Draw a line through points [n, 2]; an odd number of pixels wide, as even ones lean."""
        pixels = 2 * round((width * self.scale.mm - 1) / 2) + 1
        self.draw.line(self.scale.xy(points), fill=ink, width=pixels)

    def text(
        self,
        at: Point,
        text: str,
        *,
        size: float,
        bold: float = 0,
        room: float = 250,
        anchor: str = "ls",
    ) -> None:
        """Print a text on one line at a point, `size` high or lower if it needs more room."""
        size = min(size, room / max(font(100).getlength(text) / 100, 1))
        pixels, (x, y) = size * self.scale.mm, self.scale.xy([at])
        face = font(round(pixels, 1))
        self.draw.text((x, y), text, 255, face, anchor, stroke_width=bold * pixels)

    def mask(self) -> Image.Image:
        """Return the drawing at the size of the page."""
        return self.canvas.reduce(self.scale.over)

    def stamp(self) -> Stamp:
        """Return the drawing cut to what is inked, and the box on the page where it belongs."""
        mask = self.mask()
        box = mask.getbbox() or (0, 0, 1, 1)
        return mask.crop(box), box


def ruled(edges: Floats, *, span: Point, every: float, width: float) -> Floats:
    """Return the share of each pixel under lines, `every` so many mm; pixels' edges in mm [n + 1].

    Ink up to x mm past the first line's edge: floor(x / every) width + min(x mod every, width).
    """
    x = np.clip(edges, span[0] - width / 2, span[1] + width / 2) - span[0] + width / 2
    ink = x // every * width + np.minimum(x % every, width)
    share: Floats = np.diff(ink) / np.diff(edges)
    return share


@lru_cache(maxsize=12)
def grid(size: Size, sheet: str, dotted: bool) -> Image.Image:
    """Return the grid: a faint line (or row of dots) each millimetre, a stronger line each five."""
    scale, box = Scale(size), GRIDS[sheet]
    faint, strong, inside = [], [], []
    for n, origin, low, high in zip(size, scale.origin, box[:2], box[2:], strict=True):
        edges = (np.arange(n + 1, dtype=np.float64) - origin) / scale.mm
        faint.append(ruled(edges, span=(low, high), every=1, width=FAINT))
        strong.append(ruled(edges, span=(low, high), every=5, width=STRONG))
        within = np.clip(edges, low - STRONG / 2, high + STRONG / 2)
        inside.append(np.diff(within) * scale.mm)
    (fx, fy), (sx, sy), (ix, iy) = faint, strong, inside
    weak = np.minimum(1, 4 * np.outer(fy, fx)) if dotted else 1 - np.outer(1 - fy, 1 - fx)
    ink = np.maximum(0.55 * weak, 1 - np.outer(1 - sy, 1 - sx)) * np.outer(iy, ix)
    return Image.fromarray(np.rint(255 * ink).astype(np.uint8))


@lru_cache(maxsize=16)
def names(size: Size, layout: str, rhythm: str) -> Image.Image:
    """Return the names of the leads, the bars between the columns and the calibration pulses."""
    pen, rows = Pen(size), LAYOUTS[layout][1]
    found = panels(layout, rhythm)
    for panel in found:
        above = min(10.0, 0.4 * (panel.bottom - panel.top))
        name = panel.name.removeprefix("rhythm ")
        pen.text((panel.left + 0.8, panel.baseline - above), name, size=4.6, bold=0.01)
        if panel.left == LEFT:
            pulse = [(x, panel.baseline - GAIN * mv) for x, mv in PULSE]
            for ends in pairwise(pulse):
                pen.line(list(ends), width=0.4)
    for panel in found[rows : len(LEADS) : rows]:
        low = found[rows - 1].baseline + 5
        pen.line([(panel.left, found[0].baseline - 6), (panel.left, low)], width=0.4)
    return pen.mask()


def heart(pen: Pen, *, at: Point, width: float) -> None:
    """Draw a heart with a heartbeat cut out of it."""
    t = np.linspace(0, 2 * np.pi, 60)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    outline = np.stack([16 * np.sin(t) ** 3, -y], axis=1) * width / 32 + at
    pen.draw.polygon(pen.scale.xy(outline), fill=255)
    pen.line(np.asarray(BLIP) * (width / 26, -width / 26) + at, width=width / 20, ink=0)


@lru_cache(maxsize=12)
def letterhead(size: Size, sheet: str, hospital: str) -> tuple[Stamp, Stamp]:
    """Return what is printed in black and what in the colour of the house."""
    black, colour = Pen(size), Pen(size)
    if sheet == "plain":
        heart(colour, at=(15, 13), width=8)
        black.text((22, 15), hospital, size=6.5, bold=0.02)
        return black.stamp(), colour.stamp()
    black.text((62, 12), hospital, size=11, bold=0.022, room=205)
    heart(colour, at=(34, 16.5), width=19)
    colour.line(np.asarray(BLIP) * (0.8, -0.8) + (61, 21.5), width=0.7)
    for ends in ((69, 126), (176, 281)):
        colour.line([(ends[0], 21.5), (ends[1], 21.5)], width=0.9)
    colour.text((151, 24.2), "ECG Report", size=8, bold=0.02, anchor="ms")
    return black.stamp(), colour.stamp()


@lru_cache(maxsize=16)
def settings(size: Size, sheet: str, band: str | None) -> Stamp:
    """Return the line below the leads: speed, gain, filter, and that nobody real is shown."""
    pen, below = Pen(size), 197.8 if sheet == "framed" else 194.8
    band = f"{band}   AC {MAINS:g} Hz" if band else "filter off"
    pen.text((LEFT, below), f"{SPEED:g} mm/s   {GAIN:g} mm/mV   {band}", size=4.2)
    pen.text((LEFT + SPEED * SECONDS, below), "simulated patient", size=4.2, anchor="rs")
    return pen.stamp()
