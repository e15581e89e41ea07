"""The gate: no number stands in the book unless it is bound to a value, or belongs to a name.

A name is, part by part between hyphens, one of these; every other digit is a quantity.
- a letter and a digit (V1, x2, R²), or a capital and two digits (B12, but never N90 or P95);
- a formula, one digit after each of up to five symbols (H2O, CHA2DS2), or an acronym so built;
- a proper name with a second capital, or one of STEMS, and its number (ResNet101, GPT-4);
- an ordinal below a hundred (2nd), a decade (1970s), 2D, 3D;
- one or two digits, a hyphen and one of WORDS (12-lead, 5-NN).
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.logging import get_node_location

logger = logging.getLogger(__name__)

BREAKS = re.compile(r"[^\w.\-@#$€£°^]+")  # what ends a token: space, dash, slash, sign, bracket
STEMS = "CIFAR|COVID|CoV|GPT|ICD|IL|VGG"
PROPER = r"[A-Z][a-z]+([A-Z][a-z]*)+"
SPOKEN = re.compile(
    r"[^\W\d_]\d|[A-MOQ-Z]\d\d|([A-Z][a-z]?\d?){1,5}[a-z]?"
    rf"|{PROPER}\d{{1,3}}|({STEMS})\d\d?|\d?(1st|2nd|3rd|\dth)|(1[89]|20)\d0s|[123]D"
)
NUMBERED = re.compile(rf"{PROPER}-\d{{1,3}}|({STEMS})-\d\d?")
WORDS = "lead fold nn class way d year month week day hour minute second layer hop step nearest"
COUNTED = re.compile(rf"\d\d?-({WORDS} point bit channel chamber)".replace(" ", "|"), re.IGNORECASE)
HEARD = ("alt", "aria-label", "aria-description", "title", "placeholder", "label", "value")
TOLD = ("alt", "explanation", "title", "reftitle", "caption")  # what a node says beside its text
CELL = 10_000  # MyST-NB counts the lines of a cell from one more than a multiple of this

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
    """12-lead, 5-NN, GPT-4; but not 3-5, 25-mm, 97-correct or AUC-97."""
    return bool(COUNTED.fullmatch(f"{part}-{after}") or NUMBERED.fullmatch(f"{before}-{part}"))


def check(_app: Sphinx, doctree: nodes.document) -> None:
    """Warn of each bare number on a page."""
    for node, text in spoken(doctree):
        for word in bare_numbers(text):
            warn_of(word, get_node_location(node))


def warn_of(word: str, place: str | None) -> None:
    """Say which number is bare, where, and what to do."""
    remedy = "bind it with {claim}, {lit} or {const}, or write it as code, as maths or in words"
    warn(f"bare number {word!r}: {remedy}", place)


def warn(fault: str, place: str | None) -> None:
    """Warn of a fault at "path:line"; in a notebook, at a line of a cell."""
    path, _, line = (place or "").rpartition(":")
    cell, inner = divmod(int(line) - 1, CELL) if line.isdecimal() else (0, 0)
    if cell:
        place = f"{path}: cell {cell}, line {inner}"
    logger.warning("%s", fault, location=place, type="hfgnn")


def spoken(node: nodes.Node) -> Iterator[tuple[nodes.Node, str]]:
    """Yield what a reader reads or hears, text by text, save what is excused."""
    if isinstance(node, nodes.Text):
        yield node, node.astext()
    elif isinstance(node, nodes.Element) and not _is_excused(node):
        yield from ((node, str(node[name] or "")) for name in TOLD if name in node)
        if isinstance(node, nodes.raw):
            yield node, _words(node.astext()) if "html" in node["format"] else ""
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
    """Return what raw HTML says, in text and in the texts that a reader hears or points at."""
    page = BeautifulSoup(html, "html.parser")
    for silent in page(["script", "style", "code", "pre"]):
        silent.decompose()
    heard = [str(tag.get(name, "")) for tag in page(True) for name in HEARD]
    return " ".join([page.get_text(" "), *heard])
