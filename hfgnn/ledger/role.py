"""The Sphinx extension of the ledger: roles, directives, the bare-number gate."""

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util.fileutil import copy_asset

from hfgnn.ledger import display, gate, pages
from hfgnn.ledger.text import SOURCES


def read_evidence(app: Sphinx, config: Config) -> None:
    """Hold the evidence as a setting: Sphinx reads every page again when it changes."""
    path = Path(app.srcdir, config.hfgnn_evidence)
    if not path.is_file():
        raise ConfigError(f"hfgnn_evidence: {path.name} is missing; build with `hfgnn build`")
    shown = json.loads(path.read_text(encoding="utf-8"))
    shown["entries"] = {id: shown["entries"][id] for id in shown["order"]}
    config.hfgnn_shown = shown


def check_sources(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn where cited.yml names a work that the bibliography does not hold."""
    known = env.get_domain("cite").bibdata.data.entries  # type: ignore[attr-defined]
    for entry in env.config.hfgnn_shown["literature"].values():
        if entry["bibkey"] not in known:
            told = "%s: bibkey %r is not in references.bib; add the work or mend the key"
            gate.logger.warning(told, entry["id"], entry["bibkey"], type="hfgnn")


def publish_figures(app: Sphinx, fault: Exception | None) -> None:
    """Lay each figure's data and drawings where the pages link to them."""
    if fault is None:
        for folder in Path(app.srcdir, app.config.hfgnn_results).glob("*/figures"):
            copy_asset(folder, Path(app.outdir, display.FIGURES))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything."""
    app.add_config_value("hfgnn_evidence", "evidence.json", "env", [str])
    app.add_config_value("hfgnn_results", "results", "env", [str])
    app.add_config_value("hfgnn_shown", {}, "env", [dict])
    app.add_node(display.BoundNumber, html=(display.visit, None))
    app.add_node(pages.Ledger, html=(pages.visit_ledger, None))
    for name in SOURCES:
        app.add_role(name, display.LedgerRole())
    # Sphinx looks in the default domain first, and Python's has a `const` of its own.
    app.add_role_to_domain("py", "const", display.LedgerRole(), override=True)
    app.add_directive("ledger-figure", display.LedgerFigure)
    app.add_directive("ledger-table", display.LedgerTable)
    app.add_directive("chapter-card", pages.ChapterCard)
    app.add_directive("headline-claims", pages.HeadlineClaims)
    app.add_directive("ledger", pages.LedgerPage)
    app.connect("config-inited", read_evidence)
    app.connect("doctree-read", gate.check)
    app.connect("env-check-consistency", check_sources)
    app.connect("build-finished", publish_figures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
