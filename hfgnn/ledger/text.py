"""What a role shows: the words for a bound number, and the evidence behind it.

One grammar for the site, for alternative texts and for the downloaded notebook:
`id`, `id:.2f`, `id!interval`, `id!n`, `table.id/row/column`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hfgnn.ledger.claims import refuse

SOURCES = {"claim": "entries", "lit": "literature", "const": "constants", "machine": "machine"}
ROLE = re.compile(rf"\{{(?P<role>{'|'.join(SOURCES)})\}}`(?P<target>[^`]+)`")
BLOCK = r"^(?P<fence>`{3,}|~{3,})(?![`~{]).*?^(?P=fence)[`~]* *$"
CODE_OR_ROLE = re.compile(rf"(?ms){BLOCK}|(?<!`)``(?!`).+?(?<!`)``(?!`)|{ROLE.pattern}")
UNITS = {"seconds": {"min": 60, "s": 1}, "megabytes": {"GB": 1000, "MB": 1}}
VERDICTS = {
    "exact": "exact",
    "within": "within tolerance",
    "different": "different",
    "not_run": "not run here",
}


@dataclass(frozen=True)
class Bound:
    """One bound value as a page shows it."""

    text: str
    role: str
    page: str = "ledger"  # where the evidence is laid out in full
    anchor: str = ""  # and where on that page
    verdict: str = ""  # only a claim has one
    facts: Mapping[str, str] = field(default_factory=dict)  # the popover, label → text


def show(value: Any, spec: str = "", kind: str = "") -> str:
    """Return a value in its format; a missing one is a dash, an order is one against another."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        parts = [show(inner, spec) for inner in value]
        return " against ".join(parts) if kind == "order" else f"[{', '.join(parts)}]"
    if not spec and isinstance(value, float):
        spec = ".4g"
    try:
        text = format(value, spec)
    except ValueError:
        remedy = "use one that Python's format() takes"
        refuse(repr(value), f"the format {spec!r} does not fit", remedy)
    return text if isinstance(value, str) else text.replace("-", "−")


def with_ends(table: Mapping[str, Any]) -> tuple[list[str], list[list[tuple[str, Any, str]]]]:
    """Return a table's columns without the ends of intervals, and by row: column, value, ends."""
    columns, intervals, formats = table["columns"], table.get("intervals", {}), table["formats"]
    inner = {end for two in intervals.values() for end in two}
    named, rows = [name for name in columns if name not in inner], []
    for cells in table["cells"]:
        row = dict(zip(columns, cells, strict=True))
        ends = {name: [row[end] for end in two] for name, two in intervals.items()}
        shown = {
            name: show(two, formats.get(name, "")) for name, two in ends.items() if None not in two
        }
        rows.append([(name, row[name], shown.get(name, "")) for name in named])
    return named, rows


def plain(value: Any) -> str:
    """Return a value in full, as the evidence states it; nothing for a missing one."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def tolerance(rule: Mapping[str, Any] | None) -> str:
    """Return a tolerance in words, its numbers without powers of ten."""
    words = {"abs": "± {:f}", "rel": "± {:f} of the value", "margin": "ahead by more than {:f}"}
    told = [words[k].format(Decimal(repr(v))) for k, v in (rule or {}).items() if k in words]
    return " and ".join(told) or ("none: it must be equal" if rule else "")


def anchor(id: str) -> str:
    """Return the place of an entry on the ledger page."""
    return re.sub(r"[/\s]+", "-", id)


def bind(role: str, target: str, evidence: Mapping[str, Any]) -> Bound:
    """Return what a role shows; a target that is not known is a LedgerError."""
    known = evidence[SOURCES[role]]
    if role == "machine":
        return Bound(_machine(target.strip(), known), role, "reproduce")
    id, part, spec = _split(target.strip(), known)
    if id not in known:
        home = "claims.yml" if role == "claim" else "cited.yml"
        refuse(role, f"{id!r} is not known", f"mend the name, or declare it in {home}")
    entry = known[id]
    if role == "claim":
        text = _claimed(part, spec, entry)
        return Bound(text, role, "ledger", anchor(id), entry["verdict"], facts(entry))
    text, full = show(entry["value"], spec or entry["format"]), plain(entry["value"])
    if role == "const":
        told = {"Definition": id, "Value": full, "Reason": entry["reason"]}
        return Bound(text, role, "ledger", f"const-{id}", "", told)
    told = {"Published value": full, "Source": entry["bibkey"], "Place": entry["place"]}
    return Bound(text, role, "references", "", "", told)


def _split(target: str, known: Mapping[str, Any]) -> tuple[str, str, str]:
    """Cut `id!part:format`; the name of a table's row may itself hold a colon."""
    if target in known:
        return target, "", ""
    id, spec = target.rsplit(":", 1) if ":" in target else (target, "")
    id, _, part = id.partition("!") if id not in known else (id, "", "")
    return id, part, spec


def _claimed(part: str, spec: str, entry: Mapping[str, Any]) -> str:
    if part not in ("", "interval", "n") or entry["kind"] == "figure":
        refuse(entry["id"], f"nothing to show for {part!r}", "use !interval, !n or a cell")
    value = entry[part or "value"]
    if value is None and entry["verdict"] == "not_run":  # without a record an end may be missing
        return VERDICTS["not_run"]
    if value is None and entry["value"] is not None:
        refuse(entry["id"], f"was recorded without {part}", "record it or leave it out")
    if part == "n":
        return show(value, spec)
    return show(value, spec or entry["format"], "" if part else entry["kind"])


def facts(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the evidence of an entry, label by label, without what it does not have."""
    told = {
        "Claim": entry["wording"],
        "Name": entry["id"],
        "Value": plain(entry["value"]),
        "Interval": show(entry["interval"]) if entry["interval"] else "",
        "Cases": plain(entry["n"]),
        "Seed": plain(entry["seed"]),
        "Profile": entry["profile"],
        "Published": plain(entry["expected"]),
        "Tolerance": tolerance(entry["tolerance"]),
        "Because": entry["because"],
        "Chapter": entry["chapter"],
        "Verdict": VERDICTS[entry["verdict"]],
        "Reason": entry["reason"],
    }
    return {label: text for label, text in told.items() if text}


def _machine(target: str, machine: Mapping[str, Any]) -> str:
    chapter, _, unit = target.rpartition(".")
    if target in ("date", "device"):
        return str(machine.get(target, "not measured here"))
    if not chapter or unit not in UNITS:
        refuse("machine", repr(target), "use chapter.seconds, chapter.megabytes, date or device")
    amount = machine.get("chapters", {}).get(chapter, {}).get(unit)
    if amount is None:
        return "not measured here"
    name, size = next((n, s) for n, s in UNITS[unit].items() if amount >= 1.5 * s or s == 1)
    return f"about {float(f'{amount / size:.2g}'):g} {name}"


def as_text(markdown: str, evidence: Mapping[str, Any]) -> str:
    """Return the text with every role replaced by what it shows; code stays as it is."""

    def spoken(found: re.Match[str]) -> str:
        role = found["role"]
        return bind(role, found["target"], evidence).text if role else found[0]

    return CODE_OR_ROLE.sub(spoken, markdown)
