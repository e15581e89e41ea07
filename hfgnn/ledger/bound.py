"""A bound number on a page: the node that holds it, its HTML, and the evidence it came from."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging

from hfgnn.ledger.claims import LedgerError
from hfgnn.ledger.markup import html
from hfgnn.ledger.text import Bound, bind

logger = logging.getLogger(__name__)


class BoundNumber(nodes.Inline, nodes.TextElement):
    """A value put in by a role; the gate lets it pass."""


def load(env: BuildEnvironment) -> dict[str, Any]:
    """Return the evidence; the page that asks is read again when the evidence changes."""
    path = Path(env.srcdir) / env.config.hfgnn_evidence
    if not path.is_file():
        raise ConfigError(f"hfgnn_evidence: {path.name} is missing; build with `hfgnn build`")
    if env.temp_data.get("docname"):
        env.note_dependency(str(path))
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _parsed(path: Path, _changed: int) -> dict[str, Any]:
    evidence: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return evidence


def make(role: str, target: str, env: BuildEnvironment, location: Any) -> nodes.Node:
    """Return the node for a role; an unknown target is a warning and stays as it was written."""
    try:
        bound = bind(role, target, load(env))
    except LedgerError as error:
        logger.warning("%s", error, location=location, type="hfgnn", subtype=role)
        return nodes.literal(target, target)
    return BoundNumber(bound.text, bound.text, hfgnn="bound", bound=bound)


def element(bound: Bound, address: str = "") -> Markup:
    """Return the HTML: a link where an address is given."""
    facts = json.dumps(bound.facts, ensure_ascii=False)
    return html("link", b=bound, href=address, facts=facts)


def visit(translator: Any, node: BoundNumber) -> None:
    """Write the element; in a heading or inside another link it is not a link itself."""
    bound: Bound = node["bound"]
    above = node.parent
    while above is not None and not isinstance(above, nodes.reference | nodes.title):
        above = above.parent
    linked = above is None or isinstance(above.parent, nodes.table)
    builder = translator.builder
    page = builder.get_relative_uri(builder.current_docname, bound.page) if linked else ""
    address = f"{page}#{bound.anchor}" if page and bound.anchor else page
    translator.body.append(element(bound, address))
    raise nodes.SkipNode
