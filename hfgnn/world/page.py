"""The printed ECG: twelve leads on millimetre paper at 25 mm/s and 10 mm/mV, as a picture.

The drawing is exact before the faults of paper and camera; `panel_boxes` tells where each lead is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from operator import le

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from scipy.signal import butter, iirnotch, sosfiltfilt, tf2sos

from hfgnn.cohort import FS, LEADS, SECONDS
from hfgnn.world.camera import Faults, camera_faults, photograph
from hfgnn.world.layout import GAIN, LAYOUTS, LEFT, SPEED, Floats, Scale, Size, panels
from hfgnn.world.paper import GRIDS, MAINS, Pen, grid, letterhead, names, settings

COLOURS = {  # paper, grid, frame, letterhead
    "rose": ("#fefefe", "#d2c9c5", "#f7a2ac", "#e0202c"),  # as in the thesis's collection
    "pink": ("#fffafa", "#f0a3b1", "#f7a2ac", "#d8202f"),
    "red": ("#fffaf7", "#f08f84", "#f3b5a8", "#c22a1e"),
    "brown": ("#fffdf8", "#cfae8c", "#e3cdb3", "#8a5220"),
    "blue": ("#fafdff", "#9dbfe6", "#a9c8ea", "#1f5fae"),
    "green": ("#fafffb", "#98cfa6", "#b0dcb8", "#1d7f45"),
    "grey": ("#fdfdfd", "#bdbdbd", "#cfd2d6", "#4b5560"),
}
HOSPITALS = (  # invented; any likeness is chance
    "Sandhaven Heart Hospital",
    "Lindenmoor District Hospital",
    "Port Esker General Hospital",
    "St Alwina Cardiac Clinic",
    "Varnholt University Hospital",
)
BANDS = {"0.67-25 Hz": (0.67, 25.0), "0.05-100 Hz": (0.05, 100.0), "0.5-40 Hz": (0.5, 40.0)}
INK = "#16161c"
SMALLEST, LARGEST = (200, 142), (8000, 8000)
BELIEVABLE = 20.0  # mV; a QRS complex of 5 mV is rare


def _one_of(name: str, value: str, allowed: Mapping[str, object]) -> None:
    if value not in allowed:
        raise ValueError(f"PageStyle.{name} is {value!r}; choose one of {', '.join(allowed)}")


@dataclass(frozen=True)
class PageStyle:
    """How a page looks; the defaults are a clean page like those of the thesis's collection."""

    layout: str = "3x4+1"  # of the collection, and the commonest in hospitals
    rhythm: str = "II"  # the lead of the strip below: P waves are tallest there
    sheet: str = "framed"  # a white field in a coloured frame; "plain" is all millimetre paper
    colour: str = "rose"  # the collection's: a pink frame around grey lines on white
    dotted: bool = True  # millimetres as dots, as the collection's device prints them
    hospital: str = HOSPITALS[0]  # printed on top
    band: str | None = None  # printed and applied filter; none, so that the page says what it got
    trace: float = 0.45  # mm, width of the line: a thermal head's
    size: Size = (553, 393)  # a quarter of the collection's 2213 x 1572
    faults: Faults = Faults()  # none
    grain: int = 0  # fixes the randomness of paper and camera

    def __post_init__(self) -> None:
        """Refuse styles that cannot be printed."""
        _one_of("layout", self.layout, LAYOUTS)
        _one_of("rhythm", self.rhythm, dict.fromkeys(LEADS))
        _one_of("sheet", self.sheet, GRIDS)
        _one_of("colour", self.colour, COLOURS)
        if self.band is not None:
            _one_of("band", self.band, BANDS)
        whole = len(self.size) == 2 and all(isinstance(n, int) for n in self.size)
        if not (whole and all(map(le, SMALLEST, self.size)) and all(map(le, self.size, LARGEST))):
            raise ValueError(
                f"PageStyle.size is {self.size}; give width and height in whole pixels, "
                f"from {SMALLEST} (smaller is unreadable) to {LARGEST}"
            )
        if not 0.1 <= self.trace <= 1.5:
            raise ValueError(f"PageStyle.trace is {self.trace} mm; choose it from 0.1 to 1.5")


CLEAN = PageStyle()


def panel_boxes(style: PageStyle) -> dict[str, tuple[float, float, float, float]]:
    """Return each lead's box (left, top, right, bottom) in pixels of the page before its faults."""
    scale = Scale(style.size)
    boxes = {}
    for panel in panels(style.layout, style.rhythm):
        x0, y0, x1, y1 = scale.xy([(panel.left, panel.top), (panel.right, panel.bottom)])
        boxes[panel.name] = (x0, y0, x1, y1)
    return boxes


@lru_cache(maxsize=16)
def sections(band: str, fs: float) -> Floats:
    """Return second-order sections of which two passes, there and back, lose 3 dB at both corners.

    One pass gains 1 / sqrt(1 + (w / c)^2), two its square, with w = tan(pi f / fs): a corner at f
    needs c = w / sqrt(sqrt(2) - 1) above, and w sqrt(sqrt(2) - 1) below.
    """
    (low, high), share = BANDS[band], np.sqrt(np.sqrt(2) - 1)

    def cut(corner: float, factor: float) -> float:
        return float(np.arctan(np.tan(np.pi * corner / fs) * factor) * fs / np.pi)

    parts = [butter(1, cut(low, share), "high", fs=fs, output="sos")]
    if high < fs / 2:
        parts.append(butter(1, cut(high, 1 / share), "low", fs=fs, output="sos"))
    if fs / 2 > MAINS:
        parts.append(tf2sos(*iirnotch(MAINS, 20, fs=fs)))
    sos: Floats = np.concatenate(parts)
    return sos


def _checked(ecg: NDArray[np.float32], fs: float) -> Floats:
    """Return the first ten seconds in float64, or say what is wrong with the recording."""
    needed = round(SECONDS * fs)
    if ecg.ndim != 2 or len(ecg) != len(LEADS) or ecg.shape[1] < needed:
        raise ValueError(
            f"the ECG has shape {ecg.shape}; a page at fs={fs:g} needs 12 leads and at least "
            f"{needed} samples ({SECONDS:g} s): record longer, or give the right fs"
        )
    ecg = ecg[:, :needed]
    if not np.isfinite(ecg).all():
        lead, at = np.argwhere(~np.isfinite(ecg))[0]
        raise ValueError(
            f"sample {at} of lead {LEADS[lead]} is {ecg[lead, at]}; a trace needs numbers: "
            "interpolate the gap or leave the recording out"
        )
    if np.abs(ecg).max() > BELIEVABLE:
        raise ValueError(
            f"the ECG reaches {np.abs(ecg).max():g} mV; hearts stay below {BELIEVABLE:g} mV: "
            "divide microvolts by 1000"
        )
    return ecg.astype(np.float64)


def _traces(pen: Pen, ecg: Floats, style: PageStyle, fs: float) -> None:
    """Draw every panel's piece of the recording, cut where the ruled paper ends."""
    top, bottom = GRIDS[style.sheet][1], GRIDS[style.sheet][3]
    time = np.arange(ecg.shape[1]) / fs
    for panel in panels(style.layout, style.rhythm):
        part = slice(round(panel.start * fs), round(panel.stop * fs) + 1)
        y = np.clip(panel.baseline - GAIN * ecg[panel.lead, part], top, bottom)
        pen.line(np.stack([LEFT + SPEED * time[part], y], axis=1), width=style.trace)


@lru_cache(maxsize=20)
def _ground(size: Size, sheet: str, colour: str, dotted: bool) -> Image.Image:
    """Return the ruled sheet before anything is printed on it."""
    paper, lines, frame, _ = COLOURS[colour]
    image = Image.new("RGB", size, paper if sheet == "plain" else frame)
    if sheet == "framed":
        x0, y0, x1, y1 = map(round, Scale(size).xy([GRIDS[sheet][:2], GRIDS[sheet][2:]]))
        image.paste(paper, (x0, y0, x1, y1))
    image.paste(lines, mask=grid(size, sheet, dotted))
    return image


def page(
    ecg: NDArray[np.float32],
    style: PageStyle = CLEAN,
    *,
    fs: float = FS,
    caption: Mapping[str, str] | None = None,
) -> Image.Image:
    """Return the page of an ECG [12, T] in mV; the caption's words and values stand on top."""
    signal = _checked(ecg, fs)
    if style.band:
        signal = sosfiltfilt(
            sections(style.band, fs), signal, padtype="even"
        )  # no hook at the ends
    pen, size, sheet = Pen(style.size), style.size, style.sheet
    _traces(pen, signal, style, fs)
    who = "     ".join(f"{name} {value}" for name, value in (caption or {}).items())
    pen.text((LEFT, 32.5 if sheet == "framed" else 27.0), who, size=4.4)
    fixed = names(size, style.layout, style.rhythm)
    image = _ground(size, sheet, style.colour, style.dotted).copy()
    image.paste(INK, mask=ImageChops.lighter(fixed, pen.mask()))
    black, colour = letterhead(size, sheet, style.hospital)
    stamps = (
        (black, INK),
        (colour, COLOURS[style.colour][3]),
        (settings(size, sheet, style.band), INK),
    )
    for (mask, box), ink in stamps:
        image.paste(ink, box, mask)
    return photograph(image, style.faults, grain=style.grain)


def jpeg(image: Image.Image, style: PageStyle) -> bytes:
    """Return the bytes of the page's file: the same picture and style give the same bytes."""
    file = BytesIO()
    image.save(file, "JPEG", quality=style.faults.quality)
    return file.getvalue()


def styles(n: int, rng: np.random.Generator, *, size: Size = CLEAN.size) -> tuple[PageStyle, ...]:
    """Draw the looks of n pages: mostly the collection's layout, on many devices and cameras."""
    drawn = {
        "layout": rng.choice(list(LAYOUTS), n, p=[0.7, 0.1, 0.1, 0.1]),
        "rhythm": rng.choice(["II", "III"], n, p=[0.75, 0.25]),
        "sheet": rng.choice(list(GRIDS), n, p=[0.6, 0.4]),
        "colour": rng.choice(list(COLOURS), n, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05]),
        "hospital": rng.choice(HOSPITALS, n),
        "band": rng.choice(list(BANDS), n, p=[0.5, 0.25, 0.25]),
    }
    looks = zip(*(values.tolist() for values in drawn.values()), strict=True)
    dotted, trace = (rng.random(n) < 0.4).tolist(), rng.uniform(0.35, 0.55, n).tolist()
    grains, faults = rng.integers(2**31, size=n).tolist(), camera_faults(n, rng)
    return tuple(
        PageStyle(
            **dict(zip(drawn, look, strict=True)), dotted=d, trace=t, size=size, faults=f, grain=g
        )
        for look, d, t, f, g in zip(looks, dotted, trace, faults, grains, strict=True)
    )
