"""What people declare: claims.yml (what the book asserts) and cited.yml (what others published)."""

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import yaml

ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
SPREAD = frozenset({"abs", "rel"})
TOLERANCES: Mapping[str, frozenset[str]] = {  # which tolerance makes sense for which kind
    "count": frozenset({"exact", "abs"}),
    "metric": SPREAD | {"exact"},
    "interval": SPREAD | {"exact"},
    "ratio": SPREAD | {"exact"},
    "order": frozenset({"margin"}),
    "string": frozenset({"exact"}),
    "table": SPREAD | {"exact"},
    "figure": SPREAD | {"exact"},
}
TIERS = ("book", "paper", "recorded")
Tolerance = Mapping[str, float]
T = TypeVar("T")


class LedgerError(ValueError):
    """A fault in the ledger; the message names the entry, the rule and the remedy."""


@dataclass(frozen=True)
class Claim:
    """One thing that the book asserts, and how far a new run may be from it."""

    id: str
    kind: str
    chapter: str
    wording: str
    tolerance: Tolerance
    because: str
    tier: str = "book"  # most entries are computed by everyone who builds the book
    format: str = ""  # empty: whole numbers as they are, others with four significant digits
    headline: bool = False  # the home page shows a few entries, not all
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of a table


@dataclass(frozen=True)
class Published:
    """A value that somebody else published, and where."""

    id: str
    value: Any
    bibkey: str
    place: str
    format: str = ""  # as for a claim
    code: str = ""  # "hfgnn.module:name", if the package holds the value too


@dataclass(frozen=True)
class Constant:
    """A number that is so by definition or decision, and why."""

    id: str
    value: Any
    reason: str
    format: str = ""  # as for a claim
    code: str = ""  # as for a published value


class Cited(NamedTuple):
    """What cited.yml holds."""

    literature: dict[str, Published]
    constants: dict[str, Constant]


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses what plain YAML passes over: the same key twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = {str(key) for key in keys if keys.count(key) > 1}
    if twice:
        name, line = ", ".join(sorted(twice)), node.start_mark.line + 1
        raise LedgerError(
            f"{name}: stands twice in the mapping at line {line}; an id is used once, rename one"
        )
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_claims(path: Path) -> dict[str, Claim]:
    """Read and check claims.yml."""
    claims = {}
    for name, entry in _load(path).items():
        claim = _fill(Claim, name, entry)
        _check_claim(claim)
        claims[claim.id] = claim
    return claims


def read_cited(path: Path) -> Cited:
    """Read and check cited.yml: `literature:` and `constants:`."""
    sections = _load(path)
    if unknown := set(sections) - set(Cited._fields):
        _refuse(path.name, f"unknown section {sorted(unknown)}", "use literature and constants")
    literature = _section(sections, "literature", Published)
    constants = _section(sections, "constants", Constant)
    return Cited(literature, constants)


def _section(sections: Mapping[str, Any], name: str, kind: type[T]) -> dict[str, T]:
    entries = sections.get(name) or {}
    return {str(key): _fill(kind, key, entry) for key, entry in entries.items()}


def _load(path: Path) -> dict[str, Any]:
    if not path.is_file():
        _refuse(path.name, "the file is missing", f"create it at {path}")
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        _refuse(path.name, f"is not YAML ({error})", "mend that line")
    if loaded is not None and not isinstance(loaded, dict):
        _refuse(path.name, f"holds a {type(loaded).__name__}", "make it a mapping of ids")
    return loaded or {}


def _refuse(name: Any, fault: str, remedy: str) -> NoReturn:
    raise LedgerError(f"{name}: {fault}; {remedy}")


def _fill(kind: type[T], name: Any, entry: Any) -> T:
    """Make the dataclass from its entry: no key unknown, none missing, texts are texts."""
    if not ID.fullmatch(str(name)):
        _refuse(name, "is no id", "use a-z, 0-9 and _, in parts joined by dots")
    fields = {f.name: f for f in dataclasses.fields(kind) if f.name != "id"}  # type: ignore[arg-type]
    if not isinstance(entry, dict):
        _refuse(name, f"holds {entry!r}", f"write a mapping with {', '.join(fields)}")
    if unknown := set(map(str, entry)) - set(fields):
        _refuse(name, f"unknown key {sorted(unknown)}", f"the keys are {', '.join(fields)}")
    needed = [key for key, f in fields.items() if f.default is f.default_factory]
    if missing := [key for key in needed if entry.get(key) in (None, "")]:
        _refuse(name, f"has no {', '.join(missing)}", "every entry states it; add it")
    for key, value in entry.items():
        if fields[key].type is str and not isinstance(value, str):
            _refuse(name, f"{key} is {value!r}, not a text", "put it in quotation marks")
    return kind(**({"id": str(name)} | entry))


def _check_claim(claim: Claim) -> None:
    if claim.kind not in TOLERANCES:
        _refuse(claim.id, f"unknown kind {claim.kind!r}", f"use one of {', '.join(TOLERANCES)}")
    if claim.tier not in TIERS:
        _refuse(claim.id, f"unknown tier {claim.tier!r}", f"use one of {', '.join(TIERS)}")
    if not isinstance(claim.headline, bool):
        _refuse(claim.id, f"headline is {claim.headline!r}", "use true or leave it out")
    _check_tolerance(claim.id, claim.kind, claim.tolerance)
    if claim.columns and claim.kind != "table":
        _refuse(claim.id, f"a {claim.kind} has no columns", "columns belong to a table")
    for column, rule in claim.columns.items():
        if set(rule) != {"tolerance", "because"} or not rule["because"]:
            _refuse(claim.id, f"column {column!r}", "give it tolerance and because, no more")
        _check_tolerance(f"{claim.id}, column {column}", "table", rule["tolerance"])


def _check_tolerance(name: str, kind: str, tolerance: Any) -> None:
    fitting = TOLERANCES[kind]
    remedy = f"a {kind} takes one of {', '.join(sorted(fitting))}, such as {{abs: 0.01}}"
    if not isinstance(tolerance, dict) or not tolerance or not set(tolerance) <= fitting:
        _refuse(name, f"tolerance {tolerance!r} does not fit a {kind}", remedy)
    if len(tolerance) > 1 and not (kind == "figure" and set(tolerance) == SPREAD):
        _refuse(name, f"tolerance {tolerance!r} says two things", "only a figure has abs and rel")
    for key, value in tolerance.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if key == "exact" and value is not True:
            _refuse(name, f"exact is {value!r}", "write {exact: true}")
        if key != "exact" and not (number and math.isfinite(value) and value >= 0):
            _refuse(name, f"{key} is {value!r}", "use a finite number that is not negative")
