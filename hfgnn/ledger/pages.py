"""The pages of verdicts: a chapter's card, the home page's claims, the whole ledger."""

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from hfgnn.ledger import gate
from hfgnn.ledger.display import LedgerDirective, address, link, made
from hfgnn.ledger.markup import html
from hfgnn.ledger.text import bind, plain, show

NEEDS = {
    "book": "a laptop, no GPU",
    "paper": "the published sizes, a GPU advised",
    "recorded": "recorded runs",
}
Shown = Mapping[str, Any]


class Ledger(nodes.inline):
    """The whole ledger, made when its page is written: then all titles and counts are known.

    Until then it is the entries' words alone, so that the search finds them.
    """


class ChapterCard(LedgerDirective):
    """The head of a chapter: what it costs, how to run it, how it stands."""

    required_arguments = 1

    def show(self) -> list[nodes.Node]:
        """Return the card."""
        chapter = self.arguments[0]
        own = [e for e in self.evidence["entries"].values() if e["chapter"] == chapter]
        units = {"Time": "seconds", "Memory": "megabytes"}
        costs = [(k, bind("machine", f"{chapter}.{v}", self.evidence)) for k, v in units.items()]
        needs = [NEEDS[tier] for tier in sorted({e["tier"] or "book" for e in own} or {"book"})]
        notebook = address(self.env.docname, f"_sources/notebooks/{chapter}.ipynb")
        return [made(html.card(chapter, own, costs, "; ".join(needs), notebook))]


class HeadlineClaims(LedgerDirective):
    """The home page's table: what the book claims, and whether it reproduces."""

    def show(self) -> list[nodes.Node]:
        """Return the table."""
        rows = []
        for id, entry in self.evidence["entries"].items():
            if entry["headline"] and entry["kind"] not in ("table", "figure"):
                self.check(id, entry["wording"])
                number = link(bind("claim", id, self.evidence), self.env.docname)
                published = show(entry["expected"], entry["format"], entry["kind"])
                rows.append({**entry, "number": number, "published": published})
        return [made(html.headline(rows))]


class LedgerPage(LedgerDirective):
    """The ledger: every entry with its verdict, chapter by chapter; then the definitions."""

    def show(self) -> list[nodes.Node]:
        """Return the place of the ledger, with the entries of each chapter by table."""
        chapters: dict[str, dict[str, list[Shown]]] = {}
        entries: dict[str, dict[str, Any]] = self.evidence["entries"]
        for id, entry in entries.items():
            table = id.partition("/")[0] if "/" in id else ""
            own = chapters.setdefault(entry["chapter"], {"": []}).setdefault(table, [])
            if not (table and own):  # the cells of a table share its wording
                self.check(table or id, entry["wording"])
            own.append(entry | _texts(entry))
        constants = self.evidence["constants"].values()
        words = " ".join(f"{entry['wording']} {id}" for id, entry in entries.items())
        return [Ledger(words, words, hfgnn="made", chapters=chapters, constants=list(constants))]


def _texts(entry: Shown) -> dict[str, str]:
    """Return both values in their format; in full if it would hide that they differ."""
    values = entry["value"], entry["expected"]
    now, then = (show(value, entry["format"], entry["kind"]) for value in values)
    if entry["kind"] == "figure":
        now, then = now[:12], then[:12]  # enough of a digest
    elif now == then and values[0] != values[1]:
        now, then = map(plain, values)
    return {"now": now, "then": then}


def visit_ledger(translator: Any, node: Ledger) -> None:
    """Write the ledger, under the titles of the chapters, and how many numbers are bound."""
    env, here = translator.builder.env, translator.builder.current_docname
    chapters = []
    for chapter, tables in node["chapters"].items():
        page = f"notebooks/{chapter}"
        title = env.titles[page].astext() if page in env.titles else chapter or "no chapter"
        href = address(here, f"{page}.html") if page in env.titles else ""
        chapters.append((title, href, tables))
    trees = [env.get_doctree(page) for page in sorted(env.found_docs)]
    elements = (element for tree in trees for element in tree.findall(nodes.Element))
    bound = sum(element.get("hfgnn") == "bound" for element in elements)
    bare = sum(len(gate.bare_numbers(text)) for tree in trees for _, text in gate.spoken(tree))
    translator.body.append(html.ledger(chapters, node["constants"], bound, bound + bare))
    raise nodes.SkipNode
