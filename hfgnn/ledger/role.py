"""The Sphinx extension of the ledger: roles, directives, the bare-number gate."""

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole

from hfgnn.ledger import bound, display, gate, pages
from hfgnn.ledger.text import ROLES

DIRECTIVES = {
    "ledger-figure": display.LedgerFigure,
    "ledger-table": display.LedgerTable,
    "chapter-card": pages.ChapterCard,
    "headline-claims": pages.HeadlineClaims,
    "ledger": pages.LedgerPage,
}


class LedgerRole(SphinxRole):
    """{claim}, {lit}, {const} and {machine}: a value in the text, with its evidence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the bound number."""
        location, name = self.get_location(), self.name.split(":")[-1]
        if name == "lit":
            self._check_source(location)
        return [bound.make(name, self.text, self.env, location)], []

    def _check_source(self, location: Any) -> None:
        """Warn where cited.yml names a work that the bibliography does not hold."""
        entry = bound.load(self.env)["literature"].get(self.text.split(":")[0])
        if entry is None or "cite" not in self.env.domains:
            return
        known = self.env.get_domain("cite").bibdata.data.entries  # type: ignore[attr-defined]
        if entry["bibkey"] not in known:
            told = "%s: bibkey %r is not in references.bib; add the work or mend the key"
            bound.logger.warning(told, entry["id"], entry["bibkey"], location=location)


def publish_figures(app: Sphinx, fault: Exception | None) -> None:
    """Lay each figure's data and drawings where the pages link to them."""
    if fault or app.builder.format != "html":
        return
    target = Path(app.outdir, display.FIGURES)
    target.mkdir(parents=True, exist_ok=True)
    for figure in bound.load(app.env)["figures"].values():
        for kind in display.FILES:
            source = Path(app.srcdir, app.config.hfgnn_results, figure[kind])
            shutil.copyfile(source, target / source.name)


def write_ledger_last(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the ledger page whenever any page was read: it counts the numbers of all."""
    return [page for page in ("ledger",) if page in env.found_docs]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything."""
    app.add_config_value("hfgnn_evidence", "evidence.json", "env", [str])
    app.add_config_value("hfgnn_results", "results", "env", [str])
    app.add_node(bound.BoundNumber, html=(bound.visit, None), **_silent())
    app.add_node(pages.Tally, html=(pages.visit_tally, None), **_silent())
    for name in ROLES:
        app.add_role(name, LedgerRole())
    # Sphinx looks in the default domain first, and Python's has a `const` of its own.
    app.add_role_to_domain("py", "const", LedgerRole(), override=True)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.connect("doctree-read", gate.check)
    app.connect("env-purge-doc", gate.forget)
    app.connect("env-merge-info", gate.merge)
    app.connect("env-updated", write_ledger_last)
    app.connect("build-finished", publish_figures)
    return {
        "version": "1",
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _silent() -> dict[str, Any]:
    """Other formats show the value as plain text."""
    return dict.fromkeys(("latex", "text", "man", "texinfo"), (_nothing, _nothing))


def _nothing(translator: Any, node: nodes.Node) -> None:
    """Add no markup."""
