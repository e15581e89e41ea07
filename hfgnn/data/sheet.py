"""Does a picture look like an ECG page? Traces are counted that cross it from side to side.

traces = runs of ink in thin, wide pieces / columns of the picture: how many lines of ECG an average
column crosses. A page of three rows and a rhythm strip has four, whatever its size, paper and
light; a text has next to none, since its letters do not hang together, and a photograph's pieces
are thick. Nothing is learned; what is drawn in several long thin curves on light paper passes, and
so does a page upside down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """What is measured of a picture, and what an ECG page has of it.

    Chosen on 320 simulated pages of four sizes, 55 real ones and 300 pictures that are none.
    """

    wide: int = 560  # pixels to which a picture is scaled: half a millimetre of paper each
    near: int = 21  # pixels around a point, of which the lightest are its paper
    margin: int = 20  # this part of a side is cut off: the desk that a photographed page lies on
    darkest: float = 0.02  # share of the points that are surely ink, if there is any
    piece: float = 0.06  # of the width, at least: a heart beat; a letter is narrower
    straight: float = 0.2  # of the width or height: a ruled line, not a heart
    run: float = 0.025  # of the height, at most, on average: steep QRS complexes included
    paper: float = 0.7  # share of points, at least, that are nearly as light as what is near
    most: float = 15.0  # traces: twelve leads one above the other, and some to spare


SHEET = Sheet()


def shades(image: Image.Image, rule: Sheet = SHEET) -> Floats:
    """Return how light each point is beside its paper [height, wide], 1 = paper; margins cut."""
    high = max(64, round(image.height * rule.wide / image.width))
    grey = image.convert("L").resize((rule.wide, high), Image.Resampling.LANCZOS)
    light = np.asarray(grey, dtype=float)
    paper = ndimage.maximum_filter(ndimage.uniform_filter(light, 3), rule.near)
    paper = np.maximum(ndimage.uniform_filter(paper, rule.near), 1)
    y, x = (side // rule.margin for side in light.shape)
    return np.asarray((light / paper)[y:-y, x:-x])


def traces(shade: Floats, rule: Sheet = SHEET) -> float:
    """Return how many traces an average column of a picture crosses."""
    high, wide = shade.shape
    ink = shade < (1 + np.quantile(shade, rule.darkest)) / 2
    for line in ((1, int(rule.straight * wide)), (int(rule.straight * high), 1)):
        ink &= ~ndimage.binary_opening(ink, np.ones(line, bool))
    piece, count = ndimage.label(ink, np.ones((3, 3)))
    reach = [0, *(columns.stop - columns.start for _, columns in ndimage.find_objects(piece))]
    above = np.vstack([np.zeros((1, wide), bool), ink[:-1]])
    runs = np.bincount(piece[ink & ~above], minlength=count + 1)
    tall = np.bincount(piece.ravel(), minlength=count + 1) / np.maximum(runs, 1)
    thin = (np.array(reach) >= rule.piece * wide) & (tall < rule.run * high)
    return float(runs[thin].sum() / wide)


def is_sheet(image: Image.Image, rule: Sheet = SHEET, *, least: float = 2.5) -> bool:
    """Tell whether a picture is mostly paper and has as many traces as an ECG page."""
    shade = shades(image, rule)
    return bool((shade > 0.8).mean() >= rule.paper and least <= traces(shade, rule) <= rule.most)
