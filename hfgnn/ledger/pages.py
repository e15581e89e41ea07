"""The pages of verdicts: a chapter's card, the home page's claims, the whole ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from docutils import nodes

from hfgnn.ledger import gate
from hfgnn.ledger.display import LedgerDirective, label_of, made
from hfgnn.ledger.markup import html
from hfgnn.ledger.text import VERDICTS, anchor, plain, spoken, tolerance

NEEDS = {
    "book": "a laptop, no GPU",
    "paper": "the published sizes, a GPU advised",
    "recorded": "recorded runs",
}
Entries = Mapping[str, Mapping[str, Any]]


class Tally(nodes.General, nodes.Element):
    """The place where the ledger page says how many numbers are bound; filled when written."""


class ChapterCard(LedgerDirective):
    """The head of a chapter: what it costs, how to run it, how it stands."""

    required_arguments = 1

    def show(self) -> list[nodes.Node]:
        """Return the card."""
        chapter = self.arguments[0]
        own = [e for e in self.evidence["entries"].values() if e["chapter"] == chapter]
        tiers = sorted({e["tier"] for e in own if e["tier"]}) or ["book"]
        rows = [
            ("Time", self.link("machine", f"{chapter}.seconds")),
            ("Memory", self.link("machine", f"{chapter}.megabytes")),
            ("Needs", "; ".join(NEEDS[tier] for tier in tiers)),
        ]
        notebook = self.file(f"_sources/notebooks/{chapter}.ipynb")
        number = chapter.split("_")[0]
        card = html("card", rows=rows, number=number, counts=_counts(own), notebook=notebook)
        return [made(card)]


class HeadlineClaims(LedgerDirective):
    """The home page's table: what the book claims, and whether it reproduces."""

    def show(self) -> list[nodes.Node]:
        """Return the table."""
        rows = []
        for id, entry in self.evidence["entries"].items():
            if entry["headline"] and entry["kind"] not in ("table", "figure"):
                self.check(id, entry["wording"])
                published = spoken(entry["kind"], entry["expected"], entry["format"])
                told = {"link": self.link("claim", id), "published": published}
                rows.append({**entry, **told, "words": VERDICTS[entry["verdict"]]})
        return [made(html("headline", rows=rows))]


class LedgerPage(LedgerDirective):
    """The ledger: every entry with its verdict, chapter by chapter; then the definitions."""

    def show(self) -> list[nodes.Node]:
        """Return the place of the tally, and the whole ledger."""
        entries: Entries = self.evidence["entries"]
        chapters = [
            self.chapter(name, {id: e for id, e in entries.items() if e["chapter"] == name})
            for name in sorted({entry["chapter"] for entry in entries.values()})
        ]
        constants = [
            {**entry, "value": plain(entry["value"])}
            for entry in self.evidence["constants"].values()
        ]
        return [Tally(), made(html("ledger", chapters=chapters, constants=constants))]

    def chapter(self, name: str, own: Entries) -> dict[str, Any]:
        """Return one chapter's entries; a table's cells are folded under its name."""
        page = f"notebooks/{name}"
        return {
            "name": name or "no chapter",
            "href": self.address(page) if page in self.env.found_docs else "",
            "single": [self.line(id, entry) for id, entry in own.items() if "/" not in id],
            "tables": [
                self.cells(id, {cell: e for cell, e in own.items() if cell.startswith(f"{id}/")})
                for id in dict.fromkeys(id.split("/")[0] for id in own if "/" in id)
            ],
        }

    def cells(self, id: str, own: Entries) -> dict[str, Any]:
        """Return a table's cells."""
        wording = next(iter(own.values()))["wording"]
        self.check(id, wording)
        lines = [self.line(cell, entry) for cell, entry in own.items()]
        return {"id": id, "wording": wording, "counts": _counts(own.values()), "cells": lines}

    def line(self, id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return one entry as a line; a cell leaves out what its table says."""
        cell, figure = id.partition("/")[2], entry["kind"] == "figure"
        if not cell:
            self.check(id, entry["wording"])
        page = self.address(f"notebooks/{entry['chapter']}", label_of("fig", id))
        return {
            **entry,
            "name": cell or id,
            "anchor": anchor(id),
            "wording": "" if cell else entry["wording"],
            "because": "" if cell else entry["because"],
            "figure": page if figure and entry["value"] else "",
            "value": _in_full(entry["value"], figure),
            "published": _in_full(entry["expected"], figure),
            "tolerance": tolerance(entry["tolerance"]),
            "words": VERDICTS[entry["verdict"]],
        }


def _counts(entries: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return how many entries have each verdict, in words."""
    counted = Counter(entry["verdict"] for entry in entries)
    return [(v, f"{counted[v]} {words}") for v, words in VERDICTS.items() if counted[v]]


def _in_full(value: Any, figure: bool) -> str:
    return "–" if value is None else value[:12] if figure else plain(value)


def visit_tally(translator: Any, _node: Tally) -> None:
    """Write how many numbers of the book are bound."""
    counts = gate.coverage(translator.builder.env).values()
    bound, bare = (sum(count[side] for count in counts) for side in (0, 1))
    told = f"{bound} of the {bound + bare} numbers that the pages state are bound."
    translator.body.append(f'<p class="hf-coverage">{told}</p>\n')
    raise nodes.SkipNode
