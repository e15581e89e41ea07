"""The gate: no number stands in the book unless it is bound to a value, or belongs to a name.

A name is digits joined to a letter or hyphen: V1, ResNet18, 12-lead, 5-NN, 2nd, 1970s.
A quantity is refused: 906, 0.97x, 10ms, 25-mm, 97 %, 3-5, ½.
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

BREAKS = re.compile(r"[^\w.\-@#$€£°^]+")  # what ends a token: space, dash, slash, sign, bracket
LETTERS = re.compile(r"[^\W\d_]")
SPOKEN = re.compile(r"[^\W\d_][^\W_]*|\d*(1st|2nd|3rd|\dth)|\d\d\d0s|[123]D")  # V1, 2nd, 1970s, 3D
UNITS = re.compile(r"[mk]?(s|m|g|hz|v|l|b)|[cm]m|min|h|mmhg|bpm|px|percent|pct", re.IGNORECASE)

CODE = nodes.literal | nodes.literal_block | nodes.math | nodes.math_block
UNSEEN = nodes.comment | nodes.substitution_definition
MARKS = nodes.footnote_reference | nodes.citation_reference | nodes.label
FAULTS = nodes.system_message | nodes.problematic  # docutils warns of these itself


def bare_numbers(text: str) -> list[str]:
    """Return the words of a text that hold a number which is not part of a name."""
    found = []
    for word in text.split():
        plain = "".join("0" if c.isnumeric() and not c.isdecimal() else c for c in word)
        if not all(_is_name(token.strip(".-")) for token in BREAKS.split(plain)):
            found.append(word.strip(".,;:!?()[]“”\"'"))
    return found


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


def check(_app: Sphinx, doctree: nodes.document) -> None:
    """Warn of each bare number on a page."""
    for node, text in spoken(doctree):
        for word in bare_numbers(text):
            warn(word, node)


def warn(word: str, location: nodes.Node | tuple[str, int | None]) -> None:
    """Say which number is bare, where, and what to do."""
    remedy = "bind it with {claim}, {lit} or {const}, or write it as code, as maths or in words"
    logger.warning("bare number %r: %s", word, remedy, location=location, type="hfgnn")


def spoken(node: nodes.Node) -> Iterator[tuple[nodes.Node, str]]:
    """Yield what a reader reads or hears, text by text, save what is excused."""
    if isinstance(node, nodes.Text):
        yield node, node.astext()
    elif isinstance(node, nodes.Element) and not _is_excused(node):
        if isinstance(node, nodes.raw):
            yield node, _words(node.astext()) if "html" in node["format"] else ""
        elif isinstance(node, nodes.image):
            yield node, node.get("alt", "")
        else:
            for child in node.children:
                yield from spoken(child)


def _is_excused(node: nodes.Element) -> bool:
    if node.get("hfgnn") or isinstance(node, CODE | UNSEEN | MARKS | FAULTS):
        return True
    if isinstance(node, addnodes.pending_xref):
        return not node.get("refexplicit")  # its text will be a name or number of the target
    return isinstance(node, nodes.reference) and node.get("refuri") == node.astext()


def _words(html: str) -> str:
    """Return what raw HTML says, in text and in alternative texts."""
    page = BeautifulSoup(html, "html.parser")
    for silent in page(["script", "style", "code", "pre"]):
        silent.decompose()
    heard = [str(tag.get(name, "")) for tag in page(True) for name in ("alt", "aria-label")]
    return " ".join([page.get_text(" "), *heard])
