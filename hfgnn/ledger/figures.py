"""A figure's data, read back from what was drawn, and its drawing.

Numbers are kept to seven significant digits: noise of the last bits leaves the data as it is.
"""

import io
import math
from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import Collection, PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

SILENT = dict.fromkeys(("Date", "Creator", "Format", "Type"))
BLOCKS = 32  # along each side of a picture


def extract(figure: Figure) -> dict[str, Any]:
    """Return everything that the figure shows, as JSON."""
    drawn = [inner for ax in figure.axes for inner in (ax, *ax.child_axes) if inner.get_visible()]
    words = [*figure.texts, *(t for legend in figure.legends for t in legend.get_texts())]
    return {"axes": [_axes(ax) for ax in drawn], "texts": _texts(words)}


def _axes(ax: Any) -> dict[str, Any]:
    words = {
        name: getattr(ax, f"get_{name}")() for name in ("xlabel", "ylabel", "xscale", "yscale")
    }
    titles = [ax.get_title(loc) for loc in ("left", "center", "right")]
    legend = ax.get_legend()
    marks: dict[str, Any] = {kind: [] for kind in ("lines", "points", "bars", "areas", "images")}
    for artist in (*ax.lines, *ax.collections, *ax.patches, *ax.images):
        if artist.get_visible() and not isinstance(artist, FancyArrowPatch):
            kind, mark = _mark(artist)
            marks[kind].append(mark)
    return marks | {
        **words,
        "title": " ".join(filter(None, titles)),
        "xticks": _named_ticks(ax.xaxis),
        "yticks": _named_ticks(ax.yaxis),
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
        "texts": _texts(ax.texts),
    }


def _mark(artist: Any) -> tuple[str, dict[str, Any]]:
    """Return what kind of mark an artist is, and its numbers."""
    held: dict[str, Any] = {}
    if isinstance(artist, Collection):
        held = {"at": artist.get_offsets(), "values": artist.get_array()}
    match artist:
        case Line2D():
            kind = "lines"
            held["x"], held["y"] = artist.get_data(orig=False)
        case PathCollection():
            kind = "points"
            held["sizes"] = artist.get_sizes()
        case QuadMesh():
            kind = "areas"
            held["paths"] = [artist.get_coordinates()]
        case Collection():
            kind = "areas"
            held["paths"] = [path.vertices for path in artist.get_paths()]
        case Rectangle():
            kind = "bars"
            held["box"] = [*artist.get_xy(), artist.get_width(), artist.get_height()]
        case Patch():
            kind = "areas"
            held["paths"] = [artist.get_patch_transform().transform(artist.get_path().vertices)]
        case _:
            return "images", _image(artist)
    label = str(artist.get_label())
    numbers = {name: _numbers(values) for name, values in held.items()}
    return kind, {"label": "" if label.startswith("_") else label, **numbers}


def _numbers(values: Any) -> Any:
    """Return nested lists with seven significant digits; what is not finite becomes its name."""
    if isinstance(values, float):
        return float(f"{values:.7g}") + 0.0 if math.isfinite(values) else str(values)
    if isinstance(values, list | tuple):
        return [_numbers(value) for value in values]
    if values is None:
        return None
    return _numbers(np.ma.filled(np.ma.asarray(values).astype(float), np.nan).tolist())


def _image(image: AxesImage) -> dict[str, Any]:
    """A picture by the means of its blocks, so that one grey level of one pixel is no other one."""
    pixels = np.ma.filled(np.ma.asarray(image.get_array()).astype(float), np.nan)
    grey = pixels.mean(axis=2) if pixels.ndim == 3 else pixels
    return {
        "shape": list(pixels.shape),
        "blocks": _numbers(_blocks(_blocks(grey).T).T),
        "extent": _numbers(image.get_extent()),
    }


def _blocks(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of BLOCKS stretches of rows, or the rows where there are no more."""
    stretches = np.array_split(rows, min(BLOCKS, len(rows)))
    return np.stack([stretch.mean(axis=0) for stretch in stretches])


def _texts(texts: Iterable[Text]) -> list[dict[str, Any]]:
    told = []
    for text in texts:
        if text.get_visible() and text.get_text():
            place = text.xy if isinstance(text, Annotation) else text.get_unitless_position()
            x, y = (v if isinstance(v, str) else _numbers(v) for v in place)
            told.append({"text": text.get_text(), "x": x, "y": y})
    return told


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
