"""Everything that the site shows about the entries, as one plain JSON document."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hfgnn.ledger.claims import Cited, Claim, read_cited, read_claims, refuse
from hfgnn.ledger.results import Result, read, read_results
from hfgnn.ledger.verify import Entry, Report

CODE = re.compile(r"(hfgnn(?:\.\w+)+):(\w+(?:\.\w+)*)")
MACHINE = {"date": str, "device": str, "chapters": {str: {str: int | float}}}


def confirm(ledger: Path) -> Cited:
    """Read cited.yml; refuse a value of which the package holds another."""
    cited = read_cited(ledger / "cited.yml")
    for entry in cited.both:
        if entry.code and (held := _held(entry.id, entry.code)) != entry.value:
            fault = f"cited.yml says {entry.value!r}, {entry.code} holds {held!r}"
            refuse(entry.id, fault, "mend the one that is not in the source")
    return cited


def _held(id: str, code: str) -> Any:
    """Follow "hfgnn.module:name.0.attribute", through names and positions alone."""
    if not (found := CODE.fullmatch(code)):
        refuse(id, f"code {code!r} names no value of hfgnn", "write hfgnn.module:name.attribute")
    try:
        value: Any = importlib.import_module(found[1])
        for step in found[2].split("."):
            if step.isdecimal():
                value = value[int(step)]
            else:
                value = value[step] if isinstance(value, Mapping) else getattr(value, step)
    except (ImportError, AttributeError, LookupError, TypeError) as error:
        refuse(id, f"code {code!r} leads nowhere ({error})", "mend the name")
    return list(value) if isinstance(value, tuple) else value


def evidence(ledger: Path, results: Path, report: Report) -> dict[str, Any]:
    """Join declarations, results and verdicts: entries, tables, figures, cited values, machine."""
    claims = read_claims(ledger / "claims.yml")
    given = read_results(results, sorted({e.chapter for e in report.entries if e.chapter}))
    cited, machine = read_cited(ledger / "cited.yml"), ledger / "machine.json"
    entries = {}
    for entry in report.entries:
        owner = entry.id.split("/")[0]
        entries[entry.id] = _told(entry, claims.get(owner), given.get(owner))
    return {
        "entries": entries,
        "order": list(entries),  # of claims.yml; a file of JSON has its keys sorted
        "tables": {r.id: r.data for r in given.values() if r.kind == "table"},
        "figures": {r.id: _figure(r) for r in given.values() if r.kind == "figure"},
        "literature": {name: asdict(entry) for name, entry in cited.literature.items()},
        "constants": {name: asdict(entry) for name, entry in cited.constants.items()},
        "machine": read(machine, MACHINE, "run `hfgnn bench`") if machine.is_file() else {},
    }


def _told(entry: Entry, claim: Claim | None, result: Result | None) -> dict[str, Any]:
    claim = claim or Claim(entry.id, entry.kind, entry.chapter, "", {}, "", tier="")
    data = result.data if result else {}
    cell = entry.id.rpartition("/")[2] if "/" in entry.id else ""
    ends = _ends(data, entry.id) if cell in data.get("intervals", {}) else data.get("interval")
    return {
        **asdict(claim),
        **asdict(entry),
        "kind": claim.kind,
        "format": data.get("formats", {}).get(cell) or claim.format,
        "because": claim.columns.get(cell, {}).get("because") or claim.because,
        "n": data.get("n"),
        "interval": ends,
        "seed": result.seed if result else None,
        "profile": result.profile if result else "",
    }


def _ends(table: Mapping[str, Any], id: str) -> list[Any] | None:
    """Return the interval of a cell, `table/row/column`: what two other columns hold in its row.

    A row that is published and was not made now has none.
    """
    _, row, column = id.split("/")
    if row not in table["index"]:
        return None
    cells = dict(zip(table["columns"], table["cells"][table["index"].index(row)], strict=True))
    ends = [cells[name] for name in table["intervals"][column]]
    return None if None in ends else ends


def _figure(result: Result) -> dict[str, str]:
    """A figure's words and files, relative to the results; its numbers stay in its own file."""
    stem = f"{result.chapter}/figures/{result.id}"
    files = {"data": f"{stem}.json", "light": f"{stem}.light.svg", "dark": f"{stem}.dark.svg"}
    return {key: result.data[key] for key in ("id", "caption", "alt")} | files
