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

from hfgnn.ledger.claims import LedgerError

ROLES = ("claim", "lit", "const", "machine")
ROLE = re.compile(rf"\{{({'|'.join(ROLES)})\}}`([^`]+)`")
CODE = re.compile(r"(?ms)^(`{3,}|~{3,})(?![`~{]).*?^\1[`~]* *$|(?<!`)``(?!`).+?(?<!`)``(?!`)")
ABSENT = {"claim": "not run here", "machine": "not measured here"}
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


def show(value: Any, spec: str = "") -> str:
    """Return a value in its format; a missing one is a dash."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(show(v, spec) for v in value) + "]"
    if not spec and isinstance(value, float):
        spec = ".4g"
    try:
        text = format(value, spec)
    except ValueError:
        raise LedgerError(
            f"format {spec!r} does not fit {value!r}; use one that Python's format() takes"
        ) from None
    return text if isinstance(value, str) else text.replace("-", "−")


def plain(value: Any) -> str:
    """Return a value in full, as the evidence states it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def anchor(id: str) -> str:
    """Return the place of an entry on the ledger page."""
    return re.sub(r"[/\s]+", "-", id)


def bind(role: str, target: str, evidence: Mapping[str, Any]) -> Bound:
    """Return what a role shows; a target that is not known is a LedgerError."""
    if role == "machine":
        return Bound(_machine(target.strip(), evidence["machine"]), "machine", "reproduce")
    known = evidence[{"claim": "entries", "lit": "literature", "const": "constants"}[role]]
    id, part, spec = _split(target.strip(), known)
    if id not in known:
        home = "claims.yml" if role == "claim" else "cited.yml"
        raise LedgerError(f"{role} {id!r} is not known; mend the name, or declare it in {home}")
    entry = known[id]
    if role != "claim":
        return _cited(role, id, spec, entry)
    text = _part(id, part, spec, entry)
    return Bound(text, role, "ledger", anchor(id), entry["verdict"], facts(id, entry))


def _split(target: str, known: Mapping[str, Any]) -> tuple[str, str, str]:
    """Cut `id!part:format`; the name of a table's row may itself hold a colon."""
    if target in known:
        return target, "", ""
    id, _, spec = target.rpartition(":") if ":" in target else (target, "", "")
    id, _, part = id.partition("!") if id not in known else (id, "", "")
    return id, part, spec


def _part(id: str, part: str, spec: str, entry: Mapping[str, Any]) -> str:
    if part not in ("", "interval", "n") or entry["kind"] == "figure":
        raise LedgerError(
            f"claim {id!r}: nothing to show for {part!r}; use !interval, !n or a cell"
        )
    if part and entry["value"] is not None and entry[part] is None:
        raise LedgerError(f"claim {id!r} was recorded without {part}; record it or leave it out")
    value = entry[part or "value"]
    if entry["verdict"] == "not_run" and value is None:
        return ABSENT["claim"]
    if part == "n":
        return show(value, spec)
    return spoken("" if part else entry["kind"], value, spec or entry["format"])


def spoken(kind: str, value: Any, spec: str) -> str:
    """Return a value as its kind is read: an order is one value against another."""
    if kind == "order" and isinstance(value, list):
        return " against ".join(show(v, spec) for v in value)
    return show(value, spec)


def _cited(role: str, id: str, spec: str, entry: Mapping[str, Any]) -> Bound:
    text = show(entry["value"], spec or entry["format"])
    if role == "const":
        told = {"Definition": id, "Value": plain(entry["value"]), "Reason": entry["reason"]}
        return Bound(text, role, "ledger", f"const-{id}", "", told)
    told = {"Published value": plain(entry["value"]), "Source": entry["bibkey"]}
    return Bound(text, role, "references", "", "", told | {"Place": entry["place"]})


def facts(id: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the evidence of an entry, label by label, without what it does not have."""
    told = {
        "Claim": entry["wording"],
        "Name": id,
        "Value": None if entry["value"] is None else plain(entry["value"]),
        "Interval": show(entry["interval"]) if entry["interval"] else None,
        "Cases": show(entry["n"]) if entry["n"] is not None else None,
        "Seed": None if entry["seed"] is None else str(entry["seed"]),
        "Profile": entry["profile"],
        "Published": None if entry["expected"] is None else plain(entry["expected"]),
        "Tolerance": tolerance(entry["tolerance"]),
        "Because": entry["because"],
        "Chapter": entry["chapter"],
        "Verdict": VERDICTS[entry["verdict"]],
        "Reason": entry["reason"],
    }
    return {label: text for label, text in told.items() if text}


def tolerance(rule: Mapping[str, Any] | None) -> str:
    """Return a tolerance in words."""
    if not rule:
        return ""
    words = {"abs": "± {}", "rel": "± {} of the value", "margin": "ahead by more than {}"}
    told = [words[key].format(f"{Decimal(repr(rule[key])):f}") for key in words if key in rule]
    return " and ".join(told) or "none: it must be equal"


def _machine(target: str, machine: Mapping[str, Any]) -> str:
    chapter, _, unit = target.rpartition(".")
    if unit not in ("seconds", "megabytes") and target not in ("date", "device"):
        raise LedgerError(f"machine {target!r}; use chapter.seconds, chapter.megabytes or device")
    if not chapter:
        return str(machine.get(target, ABSENT["machine"]))
    amount = machine.get("chapters", {}).get(chapter, {}).get(unit)
    if amount is None:
        return ABSENT["machine"]
    size, name = (60, "min") if unit == "seconds" else (1000, "GB")
    if amount < 1.5 * size:
        size, name = 1, {"min": "s", "GB": "MB"}[name]
    return f"about {float(f'{amount / size:.2g}'):g} {name}"


def as_text(markdown: str, evidence: Mapping[str, Any]) -> str:
    """Return the text with every role replaced by what it shows; code stays as it is."""
    told, start = [], 0
    for code in CODE.finditer(markdown):
        told += [_spoken(markdown[start : code.start()], evidence), code[0]]
        start = code.end()
    return "".join([*told, _spoken(markdown[start:], evidence)])


def _spoken(text: str, evidence: Mapping[str, Any]) -> str:
    return ROLE.sub(lambda found: bind(found[1], found[2], evidence).text, text)
