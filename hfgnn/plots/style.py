"""How every figure of the book looks: one palette in light and dark pairs, one set of settings.

Figures are drawn in the light colours on no background; a page in the dark swaps each colour for
its partner in THEME. All read on their own page, and marks differ in lightness as well as hue.
"""

from pathlib import Path
from typing import Any

from cycler import cycler
from matplotlib import font_manager, style

INK = "#1d2329"  # text and what matters most
MUTED = "#5a6672"  # axes, ticks, remarks
GRID = "#dfe4e9"  # guides that may be overlooked
PAPER = "#ffffff"  # behind figures; also the edge that parts two marks
SICK = "#962d0d"
NORMAL = "#145f9c"
BEST = "#40208f"  # ceilings
RIVAL = "#0d846d"  # whatever is held against a ceiling
REPORTED = "#947013"  # what a publication states

THEME = {  # the light page's colour -> the dark page's
    INK: "#e9ecef",
    MUTED: "#a5b0bb",
    GRID: "#313942",
    PAPER: "#14171c",
    SICK: "#ec7444",
    NORMAL: "#93c2ee",
    BEST: "#a97ff0",
    RIVAL: "#3fe3a6",
    REPORTED: "#f4c842",
}

WIDTH = 5.4  # inches: 518 px on a page, so 11 pt still reads when a phone shrinks it to 340 px

SETTINGS: dict[str, Any] = {
    "figure.figsize": (WIDTH, 3.4),
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",  # text stays text: it can be selected, searched and read aloud
    "font.family": "Source Sans 3",
    "font.size": 11,
    "text.color": INK,
    "axes.titlesize": 12,
    "axes.titleweight": "semibold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.left": False,  # a few labelled ticks say as much
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=[SICK, NORMAL, BEST, RIVAL, REPORTED]),
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
}


def apply() -> None:
    """Make matplotlib draw in the book's style, with the book's own font."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted((Path(__file__).parent / "fonts").glob("*.ttf")):
        if str(path) not in known:
            font_manager.fontManager.addfont(path)
    style.use(["default", SETTINGS])
