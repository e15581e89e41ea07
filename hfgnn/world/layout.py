"""Where things stand on the printed ECG, in millimetres, and how millimetres become pixels.

1 s = 25 mm, 1 mV = 10 mm. The pixel i of an image covers the coordinates [i, i + 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hfgnn.cohort import LEADS, SECONDS

SPEED, GAIN = 25.0, 10.0  # mm/s and mm/mV: what nearly every electrocardiograph prints
SHEET = (281.0, 199.6)  # width and height: 2213 x 1572 pixels at 200 dots an inch
LEFT, TOP, BOTTOM = 19.0, 36.0, 193.0  # where time begins, and the band of the rows
LAYOUTS = {"3x4+1": (4, 3, 1), "3x4+3": (4, 3, 3), "6x2": (2, 6, 0), "12x1": (1, 12, 0)}
Floats = NDArray[np.float64]
Point = tuple[float, float]
Size = tuple[int, int]


@dataclass(frozen=True)
class Panel:
    """One lead on the sheet: which, from when to when (s), and its box and baseline (mm)."""

    name: str
    lead: int
    start: float
    stop: float
    top: float
    bottom: float

    @property
    def left(self) -> float:
        """Return where the lead begins; strips of all ten seconds begin where the first does."""
        return LEFT + SPEED * self.start

    @property
    def right(self) -> float:
        """Return where it ends."""
        return LEFT + SPEED * self.stop

    @property
    def baseline(self) -> float:
        """Return where 0 mV lies, on a line of the grid: low in its row, since QRS points up."""
        return float(round(self.top + max(0.6 * (self.bottom - self.top), GAIN + 1)))


@lru_cache(maxsize=64)
def panels(layout: str, rhythm: str) -> tuple[Panel, ...]:
    """Return the panels of a layout, column by column, then its strips of ten seconds."""
    columns, rows, strips = LAYOUTS[layout]
    width, height = SECONDS / columns, (BOTTOM - TOP) / (rows + strips)

    def panel(name: str, *, column: int, row: int, stop: float) -> Panel:
        top = TOP + row * height
        lead = LEADS.index(name.removeprefix("rhythm "))
        return Panel(name, lead, column * width, stop, top, top + height)

    places = [(name, *divmod(k, rows)) for k, name in enumerate(LEADS)]
    found = [panel(n, column=c, row=r, stop=(c + 1) * width) for n, c, r in places]
    below = [rhythm, *(lead for lead in ("V1", "V5", "II") if lead != rhythm)][:strips]
    for row, name in enumerate(below, rows):
        found.append(panel(f"rhythm {name}", column=0, row=row, stop=SECONDS))
    return tuple(found)


@dataclass(frozen=True)
class Scale:
    """From millimetres to the pixels of a page, or of a canvas that is `over` times as large."""

    size: Size
    over: int = 1

    @property
    def mm(self) -> float:
        """Return the pixels of a millimetre: as many as fit the whole sheet on the page."""
        return self.over * min(n / mm for n, mm in zip(self.size, SHEET, strict=True))

    @property
    def canvas(self) -> Size:
        """Return the size of the canvas."""
        return self.size[0] * self.over, self.size[1] * self.over

    @property
    def origin(self) -> Point:
        """Return where the sheet's upper left corner lies; the sheet is in the middle."""
        x, y = ((n - self.mm * mm) / 2 for n, mm in zip(self.canvas, SHEET, strict=True))
        return x, y

    def xy(self, points: Sequence[Point] | Floats) -> list[float]:
        """Return points in millimetres [n, 2] as Pillow's flat list of pixels x, y, x, y, ..."""
        flat: list[float] = (np.asarray(points) * self.mm + self.origin).ravel().tolist()
        return flat


def ink_scale(size: Size) -> Scale:
    """Return the scale at which ink is drawn, to be reduced: smooth edges on a small page."""
    return Scale(size, max(2, round(6 / Scale(size).mm)))
