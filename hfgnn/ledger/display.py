"""Figures and tables on a page: numbered, referable, with their evidence."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.util.docutils import SphinxDirective

from hfgnn.ledger import bound, gate
from hfgnn.ledger.claims import LedgerError
from hfgnn.ledger.drawing import inline
from hfgnn.ledger.markup import html
from hfgnn.ledger.text import ROLE, as_text, bind

FIGURES = "_static/ledger/figures"
FILES = {"data": "Data (JSON)", "light": "Drawing (SVG)", "dark": "Drawing for the dark (SVG)"}
SCROLL = Markup('<div class="hf-table" tabindex="0" role="region" aria-label="{}">')
CORNER = '<span class="visually-hidden">Row</span>'  # a header says something, even unseen


class LedgerDirective(SphinxDirective):
    """A directive that shows evidence; what it cannot show is a warning."""

    def run(self) -> list[nodes.Node]:
        """Return the nodes, or warn."""
        self.evidence = bound.load(self.env)
        try:
            return self.show()
        except (LedgerError, OSError) as error:
            bound.logger.warning("%s", error, location=self.get_location(), type="hfgnn")
            return []

    def show(self) -> list[nodes.Node]:
        """Return what the page holds here."""
        raise NotImplementedError

    def address(self, page: str, place: str = "") -> str:
        """Return the relative address of a page; only the site has any."""
        builder = self.env.app.builder
        if builder.format != "html":
            return ""
        here = builder.get_relative_uri(self.env.docname, page)
        return f"{here}#{place}" if place else here

    def file(self, path: str) -> str:
        """Return the relative address of a file of the site."""
        return "../" * self.env.docname.count("/") + path

    def link(self, role: str, target: str) -> Markup:
        """Return a bound number as HTML."""
        value = bind(role, target, self.evidence)
        return bound.element(value, self.address(value.page, value.anchor))

    def check(self, id: str, text: str) -> None:
        """Warn of bare numbers in a text that is shown as it is."""
        for word in gate.bare_numbers(ROLE.sub("", text)):
            gate.warn(f"{word} ({id})", (self.env.docname, self.lineno))


class _Display(LedgerDirective):
    required_arguments = 1
    part: str  # figures or tables

    def entry(self) -> Mapping[str, Any]:
        """Return what the directive names."""
        id, known = self.arguments[0], self.evidence[self.part]
        if id not in known:
            raise LedgerError(f"{id}: no such entry among the {self.part}; run its chapter")
        held: Mapping[str, Any] = known[id]
        return held

    def caption(self, text: str) -> list[nodes.Node]:
        """Return a caption read as MyST."""
        return self.parse_inline(text)[0]

    def named(self, node: nodes.Element, label: str) -> None:
        """Make the node a target of {numref}."""
        self.options["name"] = label
        self.add_name(node)


class LedgerFigure(_Display):
    """A figure: its drawing, its numbered caption, its files."""

    part = "figures"

    def show(self) -> list[nodes.Node]:
        """Return the figure."""
        figure = self.entry()
        self.check(figure["id"], figure["alt"])
        label = label_of("fig", figure["id"])
        light, dark = (self.drawing(figure[kind]) for kind in ("light", "dark"))
        svg = inline(light, dark, name=label, alt=as_text(figure["alt"], self.evidence))
        files = [(self.file(f"{FIGURES}/{Path(figure[k]).name}"), FILES[k]) for k in FILES]
        node = nodes.figure("", made(svg), classes=["hf-figure"])
        node += nodes.caption("", "", *self.caption(figure["caption"]))
        node += nodes.legend("", made(html("tools", files=files)))
        self.named(node, label)
        return [node]

    def drawing(self, name: str) -> str:
        """Return an SVG file of the results; the page is read again when it changes."""
        path = Path(self.env.srcdir, self.config.hfgnn_results, name)
        self.env.note_dependency(str(path))
        return path.read_text(encoding="utf-8")


class LedgerTable(_Display):
    """A table: its numbered caption, each number a link to its entry."""

    part = "tables"

    def show(self) -> list[nodes.Node]:
        """Return the table in a box that scrolls."""
        data = self.entry()
        caption = self.caption(data["caption"])
        corner = _plain(data["index_name"]) if data["index_name"] else made(CORNER)
        head = nodes.thead("", _row([corner, *map(_plain, data["columns"])]))
        body = nodes.tbody()
        for name, values in zip(data["index"], data["cells"], strict=True):
            ids = [f"{data['id']}/{name}/{column}" for column in data["columns"]]
            body += _row([_plain(name), *map(self.cell, ids, values)])
        width = len(data["columns"]) + 1
        specs = [nodes.colspec(colwidth=1, stub=int(n == 0)) for n in range(width)]
        table = nodes.table("", nodes.title("", "", *caption))
        table += nodes.tgroup("", *specs, head, body, cols=width)
        self.named(table, label_of("tab", data["id"]))
        told = "".join(node.astext() for node in caption)
        return [made(SCROLL.format(told)), table, made("</div>")]

    def cell(self, id: str, value: Any) -> nodes.Node:
        """Return a text as it is, a number as a link to its entry."""
        if value is None or isinstance(value, str):
            return _plain(value or "–")
        return bound.make("claim", id, self.env, self.get_location())


def made(source: str) -> nodes.raw:
    """Return HTML of our own, which the gate lets pass."""
    return nodes.raw("", str(source), format="html", hfgnn="made")


def label_of(kind: str, id: str) -> str:
    """Return the name that {numref} uses."""
    return nodes.make_id(f"{kind}-{id.replace('.', '-')}")


def _plain(text: str) -> nodes.inline:
    """Return a text of a table, which is bound as part of it."""
    return nodes.inline(text, text, hfgnn="bound" if gate.bare_numbers(text) else "made")


def _row(cells: Iterable[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))
