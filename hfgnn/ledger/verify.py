"""Does it reproduce? Compare what a run gave with what was accepted, entry by entry."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from hfgnn.ledger.claims import Claim, LedgerError, read_claims
from hfgnn.ledger.results import Result, canonical, digest, read, read_results, write
from hfgnn.ledger.verdict import EXACT, agree, is_number, terms, unfit

PUBLISHED = "book"  # the only profile whose numbers are published
VERDICTS = ("exact", "within", "different", "not_run")


@dataclass(frozen=True)
class Entry:
    """One line of the report."""

    id: str
    kind: str  # claim, table (one cell) or figure
    chapter: str
    verdict: str
    value: Any = None
    expected: Any = None
    tolerance: Mapping[str, Any] | None = None
    reason: str = ""  # why it is different, or was not run


@dataclass(frozen=True)
class Report:
    """The verdicts on a whole book."""

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
    published: Mapping[str, Any] | None


def compare(ledger: Path, results: Path, *, chapters: Sequence[str], profile: str) -> Report:
    """Compare the chapters' results with what was accepted; a build's profile decides if at all."""
    claims = read_claims(ledger / "claims.yml")
    accepted = read_accepted(ledger)
    given = read_results(results, chapters)
    ran = {c for c in chapters if (results / c / "meta.json").is_file()}
    entries: list[Entry] = []
    for name in sorted({*claims, *given, *accepted}):
        case = _Case(name, claims.get(name), given.get(name), accepted.get(name))
        verdict, reason = _fault(case, set(chapters), ran)
        for line in _lines(case):
            judged = replace(line, tolerance=_tolerance(line, case.claim))
            found = verdict or _verdict(judged, case)
            outside = "is outside the tolerance" if found == "different" else ""
            entries.append(replace(judged, verdict=found, reason=reason or outside))
    for chapter in sorted(set(chapters) - ran):
        entries.append(Entry(chapter, "claim", chapter, "different", reason="chapter has not run"))
    if profile != PUBLISHED:
        reason = f"profile {profile}: only the numbers of profile {PUBLISHED} are published"
        entries = [replace(entry, verdict="not_run", reason=reason) for entry in entries]
    return Report(tuple(entries))


def read_accepted(ledger: Path) -> dict[str, dict[str, Any]]:
    """Return what was accepted, by id."""
    return {path.stem: read(path) for path in sorted((ledger / "expected").glob("*.json"))}


def _lines(case: _Case) -> Iterator[Entry]:
    """Yield one line for a claim or a figure, one for each cell of a table; no verdict yet."""
    name, claim, result, published = case
    chapter = claim.chapter if claim else result.chapter if result else ""
    kind = claim.kind if claim else result.kind if result else (published or {}).get("kind", "")
    kind = kind if kind in ("table", "figure") else "claim"
    is_now = result.core if result and result.kind == kind else None
    was = published.get(kind) if published and kind != "claim" else published
    blank = Entry(name, kind, chapter, "")
    if kind == "table" and (is_now or was):
        now_cells, was_cells = _cells(is_now), _cells(was)
        for cell in {**was_cells, **now_cells}:
            value, expected = now_cells.get(cell), was_cells.get(cell)
            yield replace(blank, id=f"{name}/{cell}", value=value, expected=expected)
    elif kind == "claim":
        value, expected = ((side or {}).get("value") for side in (is_now, was))
        yield replace(blank, value=value, expected=expected)
    else:
        value, expected = (side and digest(side) for side in (is_now, was))
        yield replace(blank, value=value, expected=expected)


def _cells(table: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the cells of a table by "row/column"."""
    if not table:
        return {}
    rows = zip(table["index"], table["cells"], strict=True)
    return {
        f"{row}/{column}": value
        for row, cells in rows
        for column, value in zip(table["columns"], cells, strict=True)
    }


def _fault(case: _Case, chapters: set[str], ran: set[str]) -> tuple[str, str]:
    """Return the verdict and reason that hold before any number is looked at, or two blanks."""
    _, claim, result, published = case
    if claim is None:
        gone = "is accepted but no longer declared; declare it or delete its file in expected/"
        return "different", "is recorded but not declared in claims.yml" if result else gone
    if result is None:
        if claim.chapter in chapters - ran:
            return "different", f"{claim.chapter} has not run"
        if claim.tier == "book":
            return "different", f"{claim.chapter} recorded nothing under this name"
        return "not_run", f"tier {claim.tier}: too long for this build"
    if misfit := unfit(claim, result):
        return "different", misfit
    if published is None:
        return "different", "was never accepted"
    if result.profile != published.get("profile"):
        return "different", f"made under profile {result.profile}, not {published.get('profile')}"
    changed = [k for k, v in terms(claim).items() if published.get(k) != v]
    if changed:
        return "different", f"{' and '.join(changed)} in claims.yml is not what was accepted"
    return "", ""


def _tolerance(line: Entry, claim: Claim | None) -> dict[str, Any] | None:
    if claim is None:
        return None
    if line.kind != "table" or "/" not in line.id:
        return dict(claim.tolerance)
    own = claim.columns.get(line.id.rpartition("/")[2])
    numeric = is_number(line.value) or is_number(line.expected)
    return dict(own["tolerance"] if own else claim.tolerance if numeric else EXACT)


def _verdict(line: Entry, case: _Case) -> str:
    result, published, rule = case.result, case.published, line.tolerance or EXACT
    if result is None or published is None:
        return "different"
    if line.kind == "figure":
        return agree(result.core, published["figure"], rule)
    if line.kind == "table":
        shape = ("index_name", "index", "columns")
        if any(result.core[key] != published["table"][key] for key in shape):
            return "different"
        return agree(line.value, line.expected, rule)
    verdicts = {
        agree(result.data["value"], published["value"], rule),
        agree(result.data["n"], published["n"], EXACT),
        agree(result.data["interval"], published["interval"], rule),
    }
    return next(v for v in ("different", "within", "exact") if v in verdicts)


def accept(
    ledger: Path, results: Path, *, ids: Sequence[str], reason: str, chapters: Sequence[str]
) -> list[str]:
    """Make the present results the published ones; all are checked before any is written."""
    if not reason.strip():
        raise LedgerError("accept: the reason is empty; say why these values are right")
    claims = read_claims(ledger / "claims.yml")
    given = read_results(results, chapters)
    chosen = sorted({name for wanted in ids for name in _meant(wanted, claims, given)})
    texts = {name: _accepted(claims[name], given[name], reason.strip()) for name in chosen}
    for name, text in texts.items():
        write(ledger / "expected" / f"{name}.json", text)
    return chosen


def _meant(wanted: str, claims: Mapping[str, Claim], given: Mapping[str, Result]) -> list[str]:
    found = [name for name in claims if name in given and fnmatchcase(name, wanted)]
    if found:
        return found
    fault = "is not declared in claims.yml" if wanted not in claims else "has no result here"
    raise LedgerError(f"{wanted}: {fault}; only what is declared and has been run can be accepted")


def _accepted(claim: Claim, result: Result, reason: str) -> str:
    if result.profile != PUBLISHED:
        raise LedgerError(
            f"{claim.id}: made under profile {result.profile}; only profile {PUBLISHED} is "
            "published, run `hfgnn build` first"
        )
    if misfit := unfit(claim, result):
        raise LedgerError(f"{claim.id}: {misfit}; mend the chapter or claims.yml")
    held = result.data if result.kind == "claim" else {result.kind: result.core}
    told = {"n": None, "interval": None, "because": claim.because, "accepted": reason}
    return canonical(told | held | terms(claim) | {"id": claim.id, "profile": result.profile})
