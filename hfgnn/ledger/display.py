"""Numbers, figures and tables on a page, with their evidence: the roles and two directives."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.osutil import relative_uri

from hfgnn.ledger import gate
from hfgnn.ledger.claims import LedgerError, refuse
from hfgnn.ledger.markup import html
from hfgnn.ledger.svg import inline
from hfgnn.ledger.text import ROLE, Bound, as_text, bind, with_ends

FIGURES = "_static/ledger/figures"
SCROLL = Markup('<div class="hf-table" tabindex="0" role="region" aria-label="{}">')
CORNER = '<span class="visually-hidden">Row</span>'  # a header says something, even unseen


class BoundNumber(nodes.inline):
    """A value put in by a role; the gate lets it pass."""


class LedgerRole(SphinxRole):
    """{claim}, {lit}, {const} and {machine}: a value in the text, with its evidence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the bound number."""
        role = self.name.split(":")[-1]
        return [number(role, self.text, self.config, self.get_location())], []


def number(role: str, target: str, config: Config, location: str) -> nodes.Node:
    """Return the node for a role; an unknown target is a warning and stays as it was written."""
    try:
        bound = bind(role, target, config.hfgnn_shown)
    except LedgerError as error:
        gate.warn(str(error), location)
        return nodes.literal(target, target)
    return BoundNumber(bound.text, bound.text, hfgnn="bound", bound=bound)


def address(here: str, file: str, anchor: str = "") -> str:
    """Return the way from a page to a file of the site, and to a place in it."""
    return relative_uri(f"{here}.html", file) + (f"#{anchor}" if anchor else "")


def link(bound: Bound, here: str) -> Markup:
    """Return a bound number as a link to its evidence."""
    linked: Markup = html.link(bound, address(here, f"{bound.page}.html", bound.anchor))
    return linked


def visit(translator: Any, node: BoundNumber) -> None:
    """Write the link; in a heading or inside another link it is only the number."""
    above = node.parent
    while above is not None and not isinstance(above, nodes.reference | nodes.title):
        above = above.parent
    bare = above is not None and not isinstance(above.parent, nodes.table)
    here = translator.builder.current_docname
    translator.body.append(html.link(node["bound"]) if bare else link(node["bound"], here))
    raise nodes.SkipNode


class LedgerDirective(SphinxDirective):
    """A directive that shows evidence; what it cannot show is a warning."""

    def run(self) -> list[nodes.Node]:
        """Return the nodes, or warn."""
        self.evidence: dict[str, Any] = self.config.hfgnn_shown
        try:
            return self.show()
        except (LedgerError, OSError) as error:
            gate.warn(str(error), self.get_location())
            return []

    def show(self) -> list[nodes.Node]:
        """Return what the page holds here."""
        raise NotImplementedError

    def check(self, id: str, text: str) -> None:
        """Warn of bare numbers in a text that is shown as it is."""
        for word in gate.bare_numbers(ROLE.sub("", text)):
            gate.warn_of(f"{word} ({id})", self.get_location())

    def entry(self, part: str) -> Any:
        """Return the figure or table that the directive names; {numref} knows it as fig-... ."""
        id, held = self.arguments[0], self.evidence[part]
        if id not in held:
            refuse(id, f"no such entry among the {part}", "run its chapter")
        self.options["name"] = nodes.make_id(f"{part[:3]}-{id}")
        return held[id]


class LedgerFigure(LedgerDirective):
    """A figure: its drawing, its numbered caption, its files."""

    required_arguments = 1

    def show(self) -> list[nodes.Node]:
        """Return the figure."""
        figure = self.entry("figures")
        self.check(figure["id"], figure["alt"])
        name, results = self.options["name"], self.config.hfgnn_results
        light, dark = (
            Path(self.env.srcdir, results, figure[theme]).read_text(encoding="utf-8")
            for theme in ("light", "dark")
        )
        svg = inline(light, dark, name=name, alt=as_text(figure["alt"], self.evidence))
        node = nodes.figure("", made(svg), classes=["hf-figure"])
        node += nodes.caption("", "", *self.parse_inline(figure["caption"])[0])
        folder = address(self.env.docname, FIGURES)
        node += nodes.legend("", made(html.tools(figure, folder)))
        self.add_name(node)
        return [node]


class LedgerTable(LedgerDirective):
    """A table: its numbered caption, each number a link to its entry."""

    required_arguments = 1

    def show(self) -> list[nodes.Node]:
        """Return the table in a box that scrolls."""
        data = self.entry("tables")
        caption = self.parse_inline(data["caption"])[0]
        corner = _plain(data["index_name"]) if data["index_name"] else made(CORNER)
        columns, rows = with_ends(data)
        head = nodes.thead("", _row([corner, *map(_plain, columns)]))
        body = nodes.tbody()
        for row, values in zip(data["index"], rows, strict=True):
            body += _row([_plain(row), *(self.cell(f"{data['id']}/{row}", *one) for one in values)])
        specs = [nodes.colspec(colwidth=1, stub=int(n == 0)) for n in range(1 + len(columns))]
        table = nodes.table("", nodes.title("", "", *caption))
        table += nodes.tgroup("", *specs, head, body, cols=len(specs))
        self.add_name(table)
        told = "".join(node.astext() for node in caption)
        return [made(SCROLL.format(told)), table, made("</div>")]

    def cell(self, row: str, column: str, value: Any, ends: str) -> nodes.Node:
        """Return a text as it is, a number as a link to its entry, its interval behind it."""
        if value is None or isinstance(value, str):
            return _plain(value or "–")
        told = number("claim", f"{row}/{column}", self.config, self.get_location())
        if not ends:
            return told
        behind = nodes.inline(ends, ends, classes=["hf-ends"], hfgnn="bound")
        return nodes.inline("", "", told, nodes.Text(" "), behind)


def made(source: str) -> nodes.raw:
    """Return HTML of our own, which the gate lets pass."""
    return nodes.raw("", str(source), format="html", hfgnn="made")


def _plain(text: str) -> nodes.inline:
    """Return a text of a table, which is bound as part of it."""
    return nodes.inline(text, text, hfgnn="bound" if gate.bare_numbers(text) else "made")


def _row(cells: Iterable[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))
