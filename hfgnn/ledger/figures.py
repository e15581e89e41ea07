"""A figure's data, read back from what was drawn, and its two drawings (light and dark SVG).

Numbers are kept to seven significant digits: noise of the last bits leaves the data as it is.
"""

import hashlib
import io
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import Collection, PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator

HEX = re.compile(r"#[0-9a-fA-F]{6}(?![0-9a-zA-Z_])")
SILENT = dict.fromkeys(("Date", "Creator", "Format", "Type"))
Theme = Mapping[str, str]


def extract(figure: Figure) -> dict[str, Any]:
    """Return everything that the figure shows, as JSON."""
    drawn = [inner for ax in figure.axes for inner in (ax, *ax.child_axes) if inner.get_visible()]
    words = [*figure.texts, *(t for legend in figure.legends for t in legend.get_texts())]
    return {"axes": [_axes(ax) for ax in drawn], "texts": [_text(t) for t in _spoken(words)]}


def _axes(ax: Any) -> dict[str, Any]:
    collections = [c for c in ax.collections if c.get_visible()]
    dots = [c for c in collections if isinstance(c, PathCollection)]
    patches = [p for p in ax.patches if p.get_visible() and not isinstance(p, FancyArrowPatch)]
    legend = ax.get_legend()
    titles = [ax.get_title(loc) for loc in ("left", "center", "right")]
    return {
        "title": " ".join(filter(None, titles)),
        "xlabel": ax.get_xlabel(),
        "ylabel": ax.get_ylabel(),
        "xscale": ax.get_xscale(),
        "yscale": ax.get_yscale(),
        "xticks": _named_ticks(ax.xaxis),
        "yticks": _named_ticks(ax.yaxis),
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
        "lines": [_line(line) for line in ax.lines if line.get_visible()],
        "points": [_points(c) for c in dots],
        "bars": [_bar(p) for p in patches if isinstance(p, Rectangle)],
        "areas": [_area(c) for c in collections if c not in dots]
        + [_shape(p) for p in patches if not isinstance(p, Rectangle)],
        "images": [_image(image) for image in ax.images if image.get_visible()],
        "texts": [_text(text) for text in _spoken(ax.texts)],
    }


def _numbers(values: Any) -> Any:
    """Return nested lists with seven significant digits; what is not finite becomes its name."""
    array = np.ma.filled(np.ma.asarray(values).astype(float), np.nan)
    rounded: list[Any] = [_seven(float(v)) for v in array.ravel()]
    for width in reversed(array.shape[1:]):
        rounded = [rounded[i : i + width] for i in range(0, len(rounded), width)]
    return rounded


def _seven(value: float) -> float | str:
    return float(f"{value:.7g}") + 0.0 if math.isfinite(value) else str(value)


def _label(artist: Any) -> str:
    label = str(artist.get_label())
    return "" if label.startswith("_") else label


def _line(line: Any) -> dict[str, Any]:
    x, y = line.get_data(orig=False)
    return {"label": _label(line), "x": _numbers(x), "y": _numbers(y)}


def _points(dots: PathCollection) -> dict[str, Any]:
    shown = {"label": _label(dots), "at": _numbers(dots.get_offsets())}
    return shown | {"sizes": _numbers(dots.get_sizes()), "values": _values(dots)}


def _values(collection: Collection) -> Any:
    array = collection.get_array()
    return None if array is None else _numbers(array)


def _bar(bar: Rectangle) -> dict[str, Any]:
    box = [*bar.get_xy(), bar.get_width(), bar.get_height()]
    return {"label": _label(bar), "box": _numbers(box)}


def _area(area: Collection) -> dict[str, Any]:
    if isinstance(area, QuadMesh):
        paths = [_numbers(area.get_coordinates())]
    else:
        paths = [_numbers(path.vertices) for path in area.get_paths()]
    shown = {"label": _label(area), "paths": paths, "values": _values(area)}
    return shown | {"at": _numbers(area.get_offsets())}


def _shape(patch: Patch) -> dict[str, Any]:
    path = patch.get_patch_transform().transform_path(patch.get_path())
    return {"label": _label(patch), "paths": [_numbers(path.vertices)]}


def _image(image: AxesImage) -> dict[str, Any]:
    """A picture by its digest (float32 holds seven digits) and three plain numbers."""
    pixels = np.ma.filled(np.ma.asarray(image.get_array()).astype(float), np.nan)
    coarse = np.ascontiguousarray(pixels, dtype="<f4") + np.float32(0)
    summary = _numbers([np.nanmin(pixels), np.nanmax(pixels), np.nanmean(pixels)])
    shown = dict(zip(("min", "max", "mean"), summary, strict=True))
    extent = _numbers(image.get_extent())
    sha = hashlib.sha256(coarse.tobytes()).hexdigest()
    return shown | {"shape": list(pixels.shape), "sha256": sha, "extent": extent}


def _spoken(texts: Iterable[Text]) -> list[Text]:
    return [text for text in texts if text.get_visible() and text.get_text()]


def _text(text: Text) -> dict[str, Any]:
    place = text.xy if isinstance(text, Annotation) else text.get_unitless_position()
    x, y = (v if isinstance(v, str) else _numbers([v])[0] for v in place)
    return {"text": text.get_text(), "x": x, "y": y}


def _named_ticks(axis: Axis) -> list[str]:
    """The labels of ticks that were set by hand or are categories; a number scale has none."""
    if not isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator):
        return []
    return [tick.get_text() for tick in axis.get_ticklabels()]


def draw(figure: Figure) -> str:
    """Return the figure as SVG: text stays text, and the same drawing gives the same bytes."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "hfgnn"}):
        figure.savefig(buffer, format="svg", metadata=SILENT)
    lines = buffer.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def darken(svg: str, theme: Theme) -> str:
    """Return the SVG in the dark colours of the theme (light hex → dark hex)."""
    dark = {light.lower(): colour for light, colour in theme.items()}
    return HEX.sub(lambda found: dark.get(found[0].lower(), found[0]), svg)
