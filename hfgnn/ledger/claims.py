"""What people declare: claims.yml (what the book asserts) and cited.yml (what others published)."""

import dataclasses
import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple, NoReturn, TypeVar

import yaml

ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
MEASURED = frozenset({"exact", "abs", "rel"})
TOLERANCES: Mapping[str, frozenset[str]] = {  # which tolerance makes sense for which kind
    "count": frozenset({"exact", "abs"}),
    "order": frozenset({"margin"}),
    "string": frozenset({"exact"}),
    **dict.fromkeys(("metric", "interval", "ratio", "table", "figure"), MEASURED),
}
TIERS = ("book", "paper", "recorded")
PLAIN = {str: ("a text", "put it in quotation marks"), bool: ("a switch", "use true or false")}
T = TypeVar("T")


class LedgerError(ValueError):
    """A fault in the ledger; the message names the entry, the rule and the remedy."""


def refuse(name: Any, fault: str, remedy: str) -> NoReturn:
    """Raise a LedgerError."""
    raise LedgerError(f"{name}: {fault}; {remedy}")


def fits(value: Any, shape: Any) -> bool:
    """Tell whether JSON has a shape: a type, [shape], {key: shape}, {str: shape}, or a test."""
    if isinstance(shape, FunctionType):
        return bool(shape(value))
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(inner, shape[0]) for inner in value)
    if not isinstance(shape, dict) or not isinstance(value, dict):
        return isinstance(value, dict if isinstance(shape, dict) else shape)
    if str in shape:
        return fits([*value], [str]) and fits([*value.values()], [shape[str]])
    return all(key in value and fits(value[key], inner) for key, inner in shape.items())


def is_plain(value: Any) -> bool:
    """Tell whether a value is a text, a finite number, or a list of them."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    return isinstance(value, str) or (is_number(value) and abs(value) < math.inf)


def is_number(value: Any) -> bool:
    """Tell whether a value is measured; a truth value is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Claim:
    """One thing that the book asserts, and how far a new run may be from it."""

    id: str
    kind: str
    chapter: str
    wording: str
    tolerance: Mapping[str, float]
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

    @property
    def both(self) -> list[Published | Constant]:
        """Every entry."""
        return [*self.literature.values(), *self.constants.values()]


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses what plain YAML passes over: the same key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                refuse(key, f"stands twice in the mapping at line {line}", "rename one")
        return super().construct_mapping(node, deep=deep)


def read_claims(path: Path) -> dict[str, Claim]:
    """Read and check claims.yml."""
    claims = _filled(Claim, _load(path))
    for claim in claims.values():
        _check_claim(claim)
    return claims


def read_cited(path: Path) -> Cited:
    """Read and check cited.yml: `literature:` and `constants:`."""
    sections = dict.fromkeys(Cited._fields) | _load(path)
    if unknown := set(map(str, sections)) - set(Cited._fields):
        refuse(path.name, f"unknown section {sorted(unknown)}", "use literature and constants")
    for name, section in sections.items():
        if not isinstance(section, dict | None):
            refuse(name, f"holds {section!r}", "make it a mapping of ids")
    literature, constants = (sections[name] or {} for name in Cited._fields)
    return Cited(_filled(Published, literature), _filled(Constant, constants))


def _load(path: Path) -> dict[str, Any]:
    if not path.is_file():
        refuse(path.name, "the file is missing", f"create it at {path}")
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}
    except LedgerError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        refuse(path.name, f"is not YAML ({error})", "mend that place, and save it as UTF-8")
    if not isinstance(loaded, dict):
        refuse(path.name, f"holds a {type(loaded).__name__}", "make it a mapping of ids")
    return loaded


def _filled(kind: type[T], entries: Mapping[Any, Any]) -> dict[str, T]:
    return {str(name): _fill(kind, name, entry) for name, entry in entries.items()}


def _fill(kind: type[T], name: Any, entry: Any) -> T:
    """Make the dataclass from its entry: no key unknown, none missing, texts are texts."""
    if not ID.fullmatch(str(name)):
        refuse(name, "is no id", "use a-z, 0-9 and _, in parts joined by dots")
    fields = {f.name: f for f in dataclasses.fields(kind) if f.name != "id"}  # type: ignore[arg-type]
    if not isinstance(entry, dict):
        refuse(name, f"holds {entry!r}", f"write a mapping with {', '.join(fields)}")
    if unknown := set(map(str, entry)) - set(fields):
        refuse(name, f"unknown key {sorted(unknown)}", f"the keys are {', '.join(fields)}")
    needed = [key for key, f in fields.items() if f.default is f.default_factory]
    if missing := [key for key in needed if entry.get(key) in (None, "")]:
        refuse(name, f"has no {', '.join(missing)}", "every entry states it; add it")
    for key, value in entry.items():
        if (wanted := fields[key].type) in PLAIN and not isinstance(value, wanted):
            refuse(name, f"{key} is {value!r}, not {PLAIN[wanted][0]}", PLAIN[wanted][1])
    if not is_plain(value := entry.get("value", "")):
        refuse(name, f"value is {value!r}", "give a number, a text or a list of them")
    return kind(**({"id": str(name)} | entry))


def _check_claim(claim: Claim) -> None:
    for key, known in (("kind", TOLERANCES), ("tier", TIERS)):
        if (value := getattr(claim, key)) not in known:
            refuse(claim.id, f"unknown {key} {value!r}", f"use one of {', '.join(known)}")
    _check_tolerance(claim.id, claim.kind, claim.tolerance)
    if not fits(claim.columns, {str: dict}):
        fault = f"columns is {claim.columns!r}"
        refuse(claim.id, fault, "give each column by name its tolerance and because")
    if claim.columns and claim.kind != "table":
        refuse(claim.id, f"a {claim.kind} has no columns", "columns belong to a table")
    for column, rule in claim.columns.items():
        if set(rule) != {"tolerance", "because"} or not rule["because"]:
            refuse(claim.id, f"column {column!r}", "give it tolerance and because, no more")
        _check_tolerance(f"{claim.id}, column {column}", "table", rule["tolerance"])


def _check_tolerance(name: str, kind: str, tolerance: Any) -> None:
    fitting = ", ".join(sorted(TOLERANCES[kind]))
    keys = set(tolerance) if isinstance(tolerance, dict) else set()
    if not keys or not keys <= TOLERANCES[kind]:
        fault = f"tolerance {tolerance!r} does not fit a {kind}"
        refuse(name, fault, f"a {kind} takes one of {fitting}, such as {{abs: 0.01}}")
    if len(keys) > 1 and (kind != "figure" or "exact" in keys):
        refuse(name, f"tolerance {tolerance!r} says two things", "only a figure has abs and rel")
    for key, value in tolerance.items():
        fits = value is True if key == "exact" else is_number(value) and 0 <= value < math.inf
        if not fits:
            remedy = "write {exact: true}, or a finite number that is not negative"
            refuse(name, f"{key} is {value!r}", remedy)
