"""Roles as plain words, for the downloaded notebook and for those who listen."""

from typing import Any

import pytest

from hfgnn.ledger.claims import LedgerError
from hfgnn.ledger.evidence import evidence
from hfgnn.ledger.results import canonical
from hfgnn.ledger.text import as_text, bind, show
from tests.ledger.conftest import CHAPTER, Book


@pytest.fixture
def shown(book: Book) -> dict[str, Any]:
    machine = {"date": "2026-01-02", "device": "a laptop"}
    machine["chapters"] = {CHAPTER: {"seconds": 23.4, "megabytes": 1730}}  # type: ignore[assignment]
    (book.ledger / "machine.json").write_text(canonical(machine), encoding="utf-8")
    return evidence(book.ledger, book.results, book.verify())


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("{claim}`c.auroc`", "0.9988"),
        ("{claim}`c.auroc:.2f`", "1.00"),
        ("{claim}`c.auroc:.1%`", "99.9%"),
        ("{claim}`c.auroc!interval`", "[0.9980, 0.9995]"),
        ("{claim}`c.auroc!interval:.1f`", "[1.0, 1.0]"),
        ("{claim}`c.auroc!n`", "906"),
        ("{claim}`c.n`", "906"),
        ("{claim}`c.order`", "0.93 against 0.91"),
        ("{claim}`c.range:.1f`", "[0.1, 0.2]"),
        ("{claim}`c.name`", "five neighbours"),
        ("{claim}`c.long`", "not run here"),
        ("{claim}`c.table/ejection fraction/AUROC`", "0.80"),
        ("{claim}`c.table/ejection fraction/AUROC:.3f`", "0.800"),
        ("{claim}`c.table/age/unit`", "years"),
        ("{lit}`thesis.accuracy`", "97%"),
        ("{lit}`thesis.accuracy:.3f`", "0.970"),
        ("{const}`n.published`", "906"),
        ("{machine}`03_clinical.seconds`", "about 23 s"),
        ("{machine}`03_clinical.megabytes`", "about 1.7 GB"),
        ("{machine}`04_fusion.seconds`", "not measured here"),
        ("{machine}`device`", "a laptop"),
    ],
)
def test_a_role_reads_as_its_value(shown: dict[str, Any], role: str, words: str) -> None:
    assert as_text(f"It is {role}.", shown) == f"It is {words}."


def test_an_interval_that_a_short_run_has_not_is_not_run_here(book: Book) -> None:
    short = evidence(book.ledger, book.results, book.verify(profile="smoke"))
    assert as_text("In {claim}`c.n!interval`.", short) == "In not run here."
    assert as_text("In {claim}`c.auroc!interval`.", short) == "In [0.9980, 0.9995]."


@pytest.mark.parametrize(
    "role",
    [
        "{claim}`c.nothing`",
        "{claim}`c.auroc!median`",
        "{claim}`c.n!n`",
        "{claim}`c.n!interval`",
        "{claim}`c.auroc:nonsense`",
        "{claim}`c.name:.2f`",
        "{claim}`c.curve`",
        "{claim}`c.table`",
        "{claim}`c.table/age/nothing`",
        "{lit}`n.published`",
        "{const}`thesis.accuracy`",
        "{machine}`03_clinical.hours`",
    ],
)
def test_what_is_not_known_is_refused(shown: dict[str, Any], role: str) -> None:
    with pytest.raises(LedgerError):
        as_text(role, shown)


@pytest.mark.parametrize(
    "code",
    [
        "Write ``{claim}`c.auroc` `` to bind it.",
        "```\n{claim}`c.auroc`\n```",
        "```md\n{claim}`c.nothing`\n```",
        "````\n```\n{claim}`c.nothing`\n```\n````",
    ],
)
def test_code_stays_as_it_is(shown: dict[str, Any], code: str) -> None:
    assert as_text(f"{code}\n", shown) == f"{code}\n"


def test_the_body_of_a_directive_is_prose(shown: dict[str, Any]) -> None:
    text = "````{exercise}\nIs it {claim}`c.n`?\n```python\nx = 1\n```\nOr {claim}`c.n`?\n````"
    assert as_text(text, shown) == text.replace("{claim}`c.n`", "906")


def test_the_evidence_says_where_a_value_stands(shown: dict[str, Any]) -> None:
    bound = bind("claim", "c.table/ejection fraction/AUROC", shown)
    assert (bound.page, bound.anchor) == ("ledger", "c.table-ejection-fraction-AUROC")
    facts = bind("claim", "c.auroc", shown).facts
    assert list(facts)[:2] == ["Claim", "Name"]
    assert (facts["Value"], facts["Cases"], facts["Seed"]) == ("0.9988", "906", "1")
    assert (facts["Tolerance"], facts["Verdict"]) == ("± 0.0002", "exact")
    assert bind("lit", "thesis.accuracy", shown).facts["Source"] == "bouaoune2025"


def test_the_evidence_names_no_place_on_this_machine(book: Book, shown: dict[str, Any]) -> None:
    assert str(book.root) not in canonical(shown)
    assert shown["figures"]["c.curve"]["light"] == f"{CHAPTER}/figures/c.curve.light.svg"
    assert (book.results / shown["figures"]["c.curve"]["dark"]).is_file()


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (-0.5, "", "−0.5"),
        (1e-5, "", "1e−05"),
        (12345, ",", "12,345"),
        (None, ".2f", "–"),
        ([1.0, -2.0], ".1f", "[1.0, −2.0]"),
        ("a-b", "", "a-b"),
    ],
)
def test_values_are_shown_for_reading(value: Any, spec: str, text: str) -> None:
    assert show(value, spec) == text
