"""What a new patient must bring: a page and five values in their units, all faults told at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hfgnn.data.clean import Rejected, bytes_of, check_extension, check_kind, picture, written
from hfgnn.data.sheet import is_sheet


@dataclass(frozen=True)
class Value:
    """One clinical value: its unit, the range that its instrument can give, a usual slip."""

    unit: str
    low: float
    high: float
    slip: float = 1.0  # a value out of range that fits when multiplied by this was in another unit
    whole: bool = False

    def fault(self, text: str) -> str:
        """Return what is wrong with a value as it was typed, or nothing."""
        rule = f"give {self.unit}, from {self.low:g} to {self.high:g}"
        if not text.strip():
            return f"is missing; {rule}"
        try:
            found = float(text)
        except ValueError:
            return f"{text!r} is no number; {rule}"
        if self.low <= found <= self.high and (not self.whole or found == int(found)):
            return ""
        meant = found * self.slip
        fits = self.slip != 1 and self.low <= meant <= self.high
        return f"{text} is out of range; {rule}" + (f": did you mean {meant:g}?" if fits else "")


VALUES: Mapping[str, Value] = {  # ranges of `world.bedside`; in the order of the thesis's columns
    "ef": Value("the ejection fraction as a fraction", 0.05, 0.85, slip=0.01),
    "bnp": Value("BNP in pg/mL", 5, 5_000),
    "nyha": Value("the NYHA class as a whole number", 1, 4, whole=True),
    "sbp": Value("systolic blood pressure in mmHg", 70, 260, slip=10),
    "age": Value("age in years", 18, 105),
}


@dataclass(frozen=True)
class Intake:
    """What was brought: the page's file and the five values, or why they cannot be taken."""

    page: bytes
    values: tuple[float, ...]
    faults: tuple[str, ...]


def taken(page: Path | str, texts: Mapping[str, str]) -> Intake:
    """Check the five values as they were typed, and the page."""
    wrong = {name: value.fault(texts[name]) for name, value in VALUES.items()}
    faults = [f"--{name} {fault}" for name, fault in wrong.items() if fault]
    try:
        data = page_of(Path(page))
    except (Rejected, ValueError) as error:
        return Intake(b"", (), (*faults, f"--page {written(str(page))}: {error}"))
    values = () if faults else tuple(float(texts[name]) for name in VALUES)
    return Intake(data, values, tuple(faults))


def page_of(path: Path) -> bytes:
    """Return the bytes of a picture that looks like an ECG page, or raise with what it is not."""
    if not path.exists():
        raise ValueError("there is no such file; give the path of a picture of an ECG page")
    suffix = check_extension(path.name)
    check_kind(path.resolve())
    data = bytes_of(path.resolve())
    image = picture(data, suffix=suffix)
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
