"""What a new patient must bring: a page and five values in their units, all faults told at once.

A page is read as viewers show it: turned as its EXIF says, and what is transparent on white. A
number is written in ASCII; what is nearly one is never taken, but asked back.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from hfgnn.data.clean import (
    REMEDIES,
    Rejected,
    bytes_of,
    check_extension,
    check_kind,
    picture,
    written,
)
from hfgnn.data.sheet import is_sheet

ECHO = 20  # characters of what was typed are told again: enough to know it by
LAYERED = ("1", "P", "PA", "LA", "RGBA")  # modes with a palette, transparency or one bit a pixel
JPEG_OR_PNG = "give a picture: JPEG or PNG"
TO_A_PATIENT = REMEDIES | {  # who has one page, and nothing to remove
    "not a file": "give the path of a picture",
    "unknown extension": JPEG_OR_PNG,
    "not an image": JPEG_OR_PNG,
    "wrong mode": "save it as an ordinary JPEG (RGB)",
}


def number(text: str) -> float | None:
    """Return the number that a text is, or nothing: no other script's digits, no underscores."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Value:
    """One clinical value: its unit, the range that its instrument can give, usual slips."""

    unit: str
    low: float
    high: float
    slip: float = 1.0  # a value out of range that fits when multiplied by this was in another unit
    whole: bool = False
    censored: bool = False  # laboratories report what lies below the range as "<low"

    def fits(self, found: float) -> bool:
        """Tell whether a number is in the range, and whole where it has to be."""
        return self.low <= found <= self.high and (not self.whole or found == int(found))

    def fault(self, text: str) -> str:
        """Return what is wrong with a value as it was typed, or nothing."""
        rule = f"give {self.unit}, from {self.low:g} to {self.high:g}"
        typed = text.strip()
        if not typed:
            return f"is missing; {rule}"
        found = number(typed)
        if found is not None and self.fits(found):
            return ""
        echo = typed if len(typed) <= ECHO else f"{typed[:ECHO]}..."
        wrong = f"{echo!r} is no number" if found is None else f"{echo} is out of range"
        return f"{wrong}; {rule}{self._hint(typed)}"

    def _hint(self, typed: str) -> str:
        """Return what was probably meant; a comma before three digits may part thousands."""
        near = number(re.sub(r",(?!\d{3}$)", ".", typed.lstrip("< ").rstrip("% ")))
        if near is None:
            return ""
        for meant in (near, near * self.slip):
            if self.fits(meant):
                return f": did you mean {meant:g}?"
        below = self.censored and 0 <= near < self.low
        return f": give {self.low:g} for anything below" if below else ""


VALUES: Mapping[str, Value] = {  # ranges of `world.bedside`; in the order of the thesis's columns
    "ef": Value("the ejection fraction as a fraction", 0.05, 0.85, slip=0.01),
    "bnp": Value("BNP in pg/mL", 5, 5_000, censored=True),
    "nyha": Value("the NYHA class as a whole number", 1, 4, whole=True),
    "sbp": Value("systolic blood pressure in mmHg", 70, 260, slip=10),
    "age": Value("age in years", 18, 105),
}


@dataclass(frozen=True)
class Intake:
    """What was brought: the page's picture and the five values, or why they cannot be taken."""

    page: bytes
    values: tuple[float, ...]
    faults: tuple[str, ...]


def taken(page: Path | str, texts: Mapping[str, str]) -> Intake:
    """Check the five values as they were typed, and the page."""
    wrong = {name: value.fault(texts[name]) for name, value in VALUES.items()}
    faults = [f"--{name} {fault}" for name, fault in wrong.items() if fault]
    if not str(page).strip():
        return Intake(b"", (), (*faults, "--page is missing; give the path of the ECG page"))
    try:
        data = page_of(Path(page))
    except ValueError as error:
        return Intake(b"", (), (*faults, f"--page {written(str(page))}: {error}"))
    values = () if faults else tuple(float(texts[name]) for name in VALUES)
    return Intake(data, values, tuple(faults))


def page_of(path: Path) -> bytes:
    """Return the bytes of a picture that looks like an ECG page, or raise with what it is not."""
    try:
        _check_there(path)
        suffix = check_extension(path.name)
        check_kind(path.resolve())
        data, image = _seen(bytes_of(path.resolve()), suffix)
    except Rejected as error:
        remedy = TO_A_PATIENT[error.reason]
        raise ValueError(f"{error.reason}: {error.found}; {remedy}") from error
    if image.height > image.width:
        raise ValueError(
            f"it stands upright ({image.width}x{image.height}); ECG pages lie: turn it"
        )
    if not is_sheet(image):
        raise ValueError(
            "it does not look like an ECG page: light paper that traces cross from side to side; "
            "photograph the whole page from above, in even light"
        )
    return data


def _check_there(path: Path) -> None:
    """Refuse a path that leads nowhere, may not be followed, or leads to a folder."""
    try:
        path.stat()
        folder = path.is_dir()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise ValueError(
            "there is no such file; give the path of a picture of an ECG page"
        ) from error
    except OSError as error:
        raise ValueError(
            f"it cannot be reached ({error.strerror}); give the path of a picture that you may read"
        ) from error
    if folder:
        raise ValueError("it is a folder; give the path of a picture")


def _seen(data: bytes, suffix: str) -> tuple[bytes, Image.Image]:
    """Return the bytes of a plain picture, and the picture itself: grey, and turned upright."""
    plain = False
    try:
        image = picture(data, suffix=suffix)
        plain = _turned(image) and not image.has_transparency_data
    except Rejected as error:  # of the mode: all else that a header tells was found good before
        if error.reason != "wrong mode" or error.found not in LAYERED:
            raise
    if not plain:
        data = _flat(data)
        image = picture(data, suffix=".png")
    return data, image


def _flat(data: bytes) -> bytes:
    """Return a picture, upright on white, as an RGB PNG; or reject what cannot be decoded."""
    try:
        opened = Image.open(BytesIO(data))
        _turned(opened)
        ink = opened.convert("RGBA")
    except Exception as error:  # what decoders meet in broken files is of any kind
        raise Rejected("damaged", str(error)) from error
    paper, file = Image.new("RGBA", ink.size, "white"), BytesIO()
    paper.alpha_composite(ink)
    paper.convert("RGB").save(file, "PNG", compress_level=1)
    return file.getvalue()


def _turned(image: Image.Image) -> bool:
    """Turn a picture as its EXIF says; where that cannot be read, nothing is, and it is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # odd EXIF is not odd pixels
        try:
            ImageOps.exif_transpose(image, in_place=True)
        except Exception:  # what is met in broken EXIF is of any kind
            return False
    return True
