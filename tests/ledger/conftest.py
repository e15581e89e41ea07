"""A small ledger and a small run that a test may bend."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure

from hfgnn.ledger.desk import Desk
from hfgnn.ledger.verify import Report, accept, compare

mpl.use("agg")
CHAPTER = "03_clinical"
THEME = {"#ffffff": "#101010", "#1f77b4": "#88ccff"}


def claim(kind: str, tolerance: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return an entry of claims.yml with everything that is required."""
    told = {"wording": "What is said", "because": "The rule of this test"}
    return told | {"kind": kind, "chapter": CHAPTER, "tolerance": dict(tolerance)} | more


DECLARED = {
    "c.auroc": claim("metric", {"abs": 0.0002}, format=".4f", headline=True),
    "c.n": claim("count", {"exact": True}),
    "c.range": claim("interval", {"abs": 0.01}),
    "c.order": claim("order", {"margin": 0.01}, format=".2f"),
    "c.name": claim("string", {"exact": True}),
    "c.curve": claim("figure", {"rel": 0.001, "abs": 0.0001}),
    "c.table": claim(
        "table",
        {"abs": 0.001},
        columns={"n": {"tolerance": {"exact": True}, "because": "people are counted"}},
    ),
    "c.long": claim("metric", {"abs": 0.1}, tier="paper"),
}
CITED = {
    "literature": {
        "thesis.accuracy": {
            "value": 0.97,
            "bibkey": "bouaoune2025",
            "place": "a table",
            "format": ".0%",
        }
    },
    "constants": {"n.published": {"value": 906, "reason": "the size that was published"}},
}
VALUES = {
    "c.auroc": {"value": 0.9988, "n": 906, "interval": (0.998, 0.9995)},
    "c.n": {"value": 906},
    "c.range": {"value": [0.1, 0.2]},
    "c.order": {"value": [0.93, 0.91]},
    "c.name": {"value": "five neighbours"},
}


@dataclass
class Book:
    """A ledger on disk beside the results of one chapter."""

    root: Path

    @property
    def ledger(self) -> Path:
        """What people wrote and what was accepted."""
        return self.root / "ledger"

    @property
    def results(self) -> Path:
        """What the chapters gave."""
        return self.root / "results"

    def declare(self, claims: Mapping[str, Any]) -> None:
        """Write claims.yml."""
        self.ledger.mkdir(exist_ok=True)
        (self.ledger / "claims.yml").write_text(yaml.safe_dump(dict(claims)), encoding="utf-8")

    def run(self, *, profile: str = "book", height: float = 4.0, **changed: Any) -> None:
        """Make the chapter's results with some values changed (`c_auroc={"value": 1}`)."""
        folder = self.results / CHAPTER
        desk = Desk(CHAPTER, profile=profile, seed=1, folder=folder, theme=THEME)
        for name, told in VALUES.items():
            told = told | changed.get(name.replace(".", "_"), {})
            desk.record(name, told.pop("value"), **told)
        desk.figure(curve(height), "c.curve", caption="A curve", alt="A line that rises")
        frame = pd.DataFrame({"AUROC": [0.9, 0.8], "n": [10, 20], "unit": ["years", "percent"]})
        frame.index = pd.Index(["age", "ejection fraction"], name="variable")
        desk.table(frame, "c.table", caption="The variables", formats={"AUROC": ".2f"})

    def accept(self, *ids: str, reason: str = "first published") -> list[str]:
        """Publish results of the run."""
        return accept(self.ledger, self.results, ids=ids, reason=reason, chapters=[CHAPTER])

    def verify(self, *, profile: str = "book", chapters: tuple[str, ...] = (CHAPTER,)) -> Report:
        """Compare the run with what was published."""
        return compare(self.ledger, self.results, chapters=chapters, profile=profile)

    def verdicts(self) -> dict[str, str]:
        """Return the verdict of each entry."""
        return {entry.id: entry.verdict for entry in self.verify().entries}

    def edit(self, path: str, change: Any) -> None:
        """Change one JSON file in place, by a function of its content."""
        file = self.root / path
        content = json.loads(file.read_text(encoding="utf-8"))
        change(content)
        file.write_text(json.dumps(content), encoding="utf-8")


def curve(height: float = 4.0) -> Figure:
    """Return a figure whose numbers are known."""
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([0, 1, 2], [0, 1, height], label="rising")
    return figure


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book whose results are those that were accepted."""
    made = Book(tmp_path)
    made.declare(DECLARED)
    (made.ledger / "cited.yml").write_text(yaml.safe_dump(CITED), encoding="utf-8")
    made.run()
    made.accept("c.*")
    return made
