"""Does it reproduce? Compare what a run gave with what was accepted, entry by entry."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from hfgnn.ledger.claims import Claim, fits, is_number, read_claims, refuse
from hfgnn.ledger.results import (
    CLAIM,
    Result,
    canonical,
    digest,
    is_grid,
    read,
    read_results,
    write,
)
from hfgnn.ledger.verdict import EXACT, agree, terms, unfit

PUBLISHED = "book"  # the only profile whose numbers are published
VERDICTS = ("exact", "within", "different", "not_run")
Held = Mapping[str, Any]
FRAME = {"claim": ("n",), "table": ("index_name", "index", "columns"), "figure": ()}  # always equal

KEPT: Held = {"table": {"table": is_grid}, "figure": {"figure": dict}}  # others are claims
RESTORE = "restore it from version control, or accept anew"


@dataclass(frozen=True)
class Entry:
    """One line of the report."""

    id: str
    kind: str  # claim, table (one cell) or figure
    chapter: str
    verdict: str
    value: Any = None
    expected: Any = None
    tolerance: Held | None = None  # of what is not declared
    reason: str = ""  # why it is different, or was not run


@dataclass(frozen=True)
class Report:
    """The verdicts on a whole book, in the order of claims.yml."""

    entries: tuple[Entry, ...]

    @property
    def summary(self) -> dict[str, int]:
        """How many entries have each verdict."""
        counted = Counter(entry.verdict for entry in self.entries)
        return {verdict: counted[verdict] for verdict in VERDICTS}

    @property
    def ok(self) -> bool:
        """Whether nothing is different."""
        return not self.summary["different"]

    def to_json(self) -> dict[str, Any]:
        """Return the report as `hfgnn verify --json` writes it."""
        return {"summary": self.summary, "entries": [asdict(entry) for entry in self.entries]}


class _Case(NamedTuple):
    """One id, from all three sides."""

    name: str
    claim: Claim | None
    result: Result | None
    published: Held | None


def compare(ledger: Path, results: Path, *, chapters: Sequence[str], profile: str) -> Report:
    """Compare the chapters' results with what was accepted; a build's profile decides if at all."""
    claims, given = read_claims(ledger / "claims.yml"), read_results(results, chapters)
    files = sorted((ledger / "expected").glob("*.json"))
    accepted = {path.stem: read(path, _is_accepted, RESTORE) for path in files}
    idle = {c for c in chapters if not (results / c / "meta.json").is_file()}
    entries: list[Entry] = []
    for name in claims | given | accepted:
        case = _Case(name, claims.get(name), given.get(name), accepted.get(name))
        entries += _judged(case, idle)
    for chapter in sorted(idle):
        entries.append(Entry(chapter, "claim", chapter, "different", reason="chapter has not run"))
    if profile != PUBLISHED:
        reason = f"profile {profile}: only the numbers of profile {PUBLISHED} are published"
        entries = [replace(entry, verdict="not_run", reason=reason) for entry in entries]
    return Report(tuple(entries))


def _is_accepted(held: Any) -> bool:
    return fits(held, {"kind": str}) and fits(held, KEPT.get(held["kind"], CLAIM))


def _judged(case: _Case, idle: set[str]) -> Iterator[Entry]:
    """Yield one line for a claim or a figure, one for each cell of a table."""
    told = case.claim or case.result
    kind, chapter = (told.kind, told.chapter) if told else ((case.published or {})["kind"], "")
    kind = kind if kind in FRAME else "claim"
    now = case.result.core if case.result and case.result.kind == kind else None
    was = case.published.get(kind) if case.published and kind != "claim" else case.published
    fault, reason = _fault(case, idle)
    frame = set() if fault else _frame(kind, now or {}, was or {}, _rule(case.claim, ""))
    new, old = _parts(kind, now), _parts(kind, was)
    for part in old | new or [""]:
        value, expected = new.get(part), old.get(part)
        rule = _rule(case.claim, part, value, expected)
        verdict = fault or max({*frame, agree(value, expected, rule)}, key=VERDICTS.index)
        outside = "is outside the tolerance" if verdict == "different" else ""
        if kind == "figure":
            value, expected = (side and digest(side) for side in (value, expected))
        id = f"{case.name}/{part}" if part else case.name
        yield Entry(id, kind, chapter, verdict, value, expected, rule or None, reason or outside)


def _frame(kind: str, now: Held, was: Held, rule: Held) -> set[str]:
    """Return the verdicts on what surrounds each part: a table's shape, a number's cases."""
    found = {agree(now[key], was[key], EXACT) for key in FRAME[kind]}
    if kind == "claim":
        found.add(agree(now["interval"], was["interval"], rule))
    return found


def _parts(kind: str, side: Held | None) -> dict[str, Any]:
    """Return what has a line of its own: the cells of a table by "row/column", else the whole."""
    if not side:
        return {}
    if kind != "table":
        return {"": side.get("value") if kind == "claim" else side}
    return {
        f"{row}/{column}": value
        for row, cells in zip(side["index"], side["cells"], strict=True)
        for column, value in zip(side["columns"], cells, strict=True)
    }


def _rule(claim: Claim | None, part: str, *sides: Any) -> dict[str, Any]:
    if claim is None:
        return {}
    if own := claim.columns.get(part.rpartition("/")[2]):
        return dict(own["tolerance"])
    return dict(EXACT if part and not any(map(is_number, sides)) else claim.tolerance)


def _fault(case: _Case, idle: set[str]) -> tuple[str, str]:
    """Return the verdict and reason that hold before any number is looked at, or two blanks."""
    _, claim, result, published = case
    if claim is None:
        gone = "is accepted but no longer declared; declare it or delete its file in expected/"
        return "different", "is recorded but not declared in claims.yml" if result else gone
    if result is None:
        if claim.tier != "book" and claim.chapter not in idle:
            return "not_run", f"tier {claim.tier}: too long for this build"
        idly = "has not run" if claim.chapter in idle else "recorded nothing under this name"
        return "different", f"{claim.chapter} {idly}"
    if misfit := unfit(claim, result):
        return "different", misfit
    if published is None:
        return "different", "was never accepted"
    if result.profile != published.get("profile"):
        return "different", f"made under profile {result.profile}, not {published.get('profile')}"
    if changed := [key for key, term in terms(claim).items() if published.get(key) != term]:
        return "different", f"{' and '.join(changed)} in claims.yml is not what was accepted"
    return "", ""


def accept(
    ledger: Path, results: Path, *, ids: Sequence[str], reason: str, chapters: Sequence[str]
) -> list[str]:
    """Make the present results the published ones; all are checked before any is written."""
    if not reason.strip():
        refuse("accept", "the reason is empty", "say why these values are right")
    claims, given = read_claims(ledger / "claims.yml"), read_results(results, chapters)
    chosen = sorted({name for wanted in ids for name in _meant(wanted, claims, given)})
    texts = {name: _accepted(claims[name], given[name], reason.strip()) for name in chosen}
    for name, text in texts.items():
        write(ledger / "expected" / f"{name}.json", text)
    return chosen


def _meant(wanted: str, claims: Mapping[str, Claim], given: Mapping[str, Result]) -> list[str]:
    found = [name for name in claims if name in given and fnmatchcase(name, wanted)]
    if not found:
        fault = "has no result here" if wanted in claims else "is not declared in claims.yml"
        refuse(wanted, fault, "only what is declared and has been run can be accepted")
    return found


def _accepted(claim: Claim, result: Result, reason: str) -> str:
    if result.profile != PUBLISHED:
        remedy = f"only profile {PUBLISHED} is published, run `hfgnn build` first"
        refuse(claim.id, f"made under profile {result.profile}", remedy)
    if misfit := unfit(claim, result):
        refuse(claim.id, misfit, "mend the chapter or claims.yml")
    held = result.data if result.kind == "claim" else {result.kind: result.core}
    told = {"n": None, "interval": None, "because": claim.because, "accepted": reason}
    return canonical(told | held | terms(claim) | {"id": claim.id, "profile": result.profile})
