"""The gate: no number stands in the book unless it is bound to a value, or belongs to a name.

A name is digits joined to a letter or hyphen: V1, ResNet18, 12-lead, 5-NN, 2nd, 1970s.
A quantity is refused: 906, 0.97x, 10ms, 25-mm, 97 %, 3-5, ½.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

BREAKS = re.compile(r"[^\w.\-@#$€£°^]+")  # what ends a token: space, dash, slash, sign, bracket
LETTERS = re.compile(r"[^\W\d_]")
SPOKEN = re.compile(r"[^\W\d_][^\W_]*|\d*(1st|2nd|3rd|\dth)|\d\d\d0s|[123]D")  # V1, 2nd, 1970s, 3D
UNITS = re.compile(r"[mk]?(s|m|g|hz|v|l|b)|[cm]m|min|h|mmhg|bpm|px|percent|pct", re.IGNORECASE)
EXCUSED = (
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.comment,
    nodes.footnote_reference,
    nodes.citation_reference,
    nodes.label,
    nodes.substitution_definition,
    nodes.system_message,
    nodes.problematic,
    addnodes.index,
    addnodes.toctree,
)


def bare_numbers(text: str) -> list[str]:
    """Return the words of a text that hold a number which is not part of a name."""
    words = (word for word in text.split() if any(c.isnumeric() for c in word))
    return [word.strip(".,;:!?()[]“”\"'") for word in words if _bare(word)]


def _bare(word: str) -> bool:
    plain = "".join("0" if c.isnumeric() and not c.isdecimal() else c for c in word)
    return any(not _is_name(token.strip(".-")) for token in BREAKS.split(plain))


def _is_name(token: str) -> bool:
    if re.search(r"\d\.|\.\d", token):
        return False
    parts = ["", *token.split("-"), ""]
    return all(
        not re.search(r"\d", part) or SPOKEN.fullmatch(part) or _joined(before, part, after)
        for before, part, after in zip(parts, parts[1:], parts[2:], strict=False)
    )


def _joined(before: str, part: str, after: str) -> bool:
    """12-lead, 5-NN, GPT-4; but not 3-5, and not 25-mm."""
    names = [side for side in (before, after) if LETTERS.match(side)]
    return part.isdecimal() and bool(names) and not UNITS.fullmatch(after)


def check(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of each bare number on a page, and count the bound ones."""
    found = [(node, word) for node, text in _spoken(doctree) for word in bare_numbers(text)]
    for node, word in found:
        warn(word, node)
    bound = sum(node.get("hfgnn") == "bound" for node in doctree.findall(nodes.Element))
    coverage(app.env)[app.env.docname] = (bound, len(found))


def warn(word: str, location: nodes.Node | tuple[str, int | None]) -> None:
    """Say which number is bare, where, and what to do."""
    logger.warning(
        "bare number %r: bind it with {claim}, {lit} or {const}, "
        "or write it as code, as maths or in words",
        word,
        location=location,
        type="hfgnn",
        subtype="bare",
    )


def _spoken(node: nodes.Node) -> Iterator[tuple[nodes.Node, str]]:
    """Yield what a reader reads or hears, text by text, save what is excused."""
    if isinstance(node, nodes.Text):
        yield node, node.astext()
    elif isinstance(node, nodes.Element) and not _is_excused(node):
        if isinstance(node, nodes.raw):
            yield node, _words(node) if "html" in node.get("format", "") else ""
        elif isinstance(node, nodes.image):
            yield node, node.get("alt", "")
        else:
            for child in node.children:
                yield from _spoken(child)


def _is_excused(node: nodes.Element) -> bool:
    if isinstance(node, EXCUSED) or node.get("hfgnn"):
        return True
    if isinstance(node, addnodes.pending_xref):
        return not node.get("refexplicit")  # its text will be a name or number of the target
    return isinstance(node, nodes.reference) and node.get("refuri") == node.astext()


class _Words(HTMLParser):
    """Collects what raw HTML says, in text and in alternative texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.told: list[str] = []
        self.silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "code", "pre")
        self.told += [text for name, text in attrs if text and name in ("alt", "aria-label")]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "code", "pre")

    def handle_data(self, data: str) -> None:
        if self.silent <= 0:
            self.told.append(data)


def _words(node: nodes.Node) -> str:
    return " ".join(_Words(node.astext()).told)


def coverage(env: BuildEnvironment) -> dict[str, tuple[int, int]]:
    """Return how many numbers of each page are bound, and how many are bare."""
    if not hasattr(env, "hfgnn_coverage"):
        env.hfgnn_coverage = {}  # type: ignore[attr-defined]
    counted: dict[str, tuple[int, int]] = env.hfgnn_coverage  # type: ignore[attr-defined]
    return counted


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop a page's count before the page is read again."""
    coverage(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take the counts of pages that another process has read."""
    coverage(env).update({d: c for d, c in coverage(other).items() if d in docnames})
