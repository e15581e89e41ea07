"""Verdicts: what must turn red does, what is near enough does not, and nothing widens itself."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.ledger.claims import LedgerError
from hfgnn.ledger.evidence import evidence
from hfgnn.ledger.verdict import agree
from tests.ledger.conftest import CHAPTER, DECLARED, Book, claim

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda x: round(x, 6))
LIMITS = st.decimals(min_value=0, max_value=100, places=4).map(float)
JSON = st.recursive(
    NUMBERS | st.text() | st.none() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def exact(number: float) -> Fraction:
    """The number as it is printed; arithmetic on it is exact."""
    return Fraction(repr(number))


@given(JSON)
def test_equal_is_exact(value: Any) -> None:
    assert agree(value, json.loads(json.dumps(value)), {"exact": True}) == "exact"
    assert agree(value, value, {"abs": 0.0}) == "exact"


@given(NUMBERS, NUMBERS, LIMITS)
def test_abs_is_inclusive_and_no_wider(value: float, expected: float, limit: float) -> None:
    inside = abs(exact(value) - exact(expected)) <= exact(limit)
    same = repr(value) == repr(expected)
    wanted = "exact" if same else "within" if inside else "different"
    assert agree(value, expected, {"abs": limit}) == wanted


@given(NUMBERS, NUMBERS, LIMITS, LIMITS)
def test_figures_add_both_limits(value: float, expected: float, near: float, rel: float) -> None:
    bound = exact(near) + exact(rel) * abs(exact(expected))
    inside = abs(exact(value) - exact(expected)) <= bound
    verdict = agree({"y": [value]}, {"y": [expected]}, {"abs": near, "rel": rel})
    assert (verdict != "different") is inside


@given(st.integers(-1000, 1000), st.integers(1, 500))
def test_one_step_past_the_limit_flips_the_verdict(base: int, steps: int) -> None:
    expected, limit = base / 10000, steps / 10000
    assert agree((base + steps) / 10000, expected, {"abs": limit}) == "within"
    assert agree((base + steps + 1) / 10000, expected, {"abs": limit}) == "different"


@given(NUMBERS, NUMBERS, LIMITS)
def test_an_order_holds_by_its_margin(a: float, b: float, margin: float) -> None:
    holds = exact(a) - exact(b) > exact(margin)
    assert (agree([a, b], [1e9, 0.0], {"margin": margin}) == "within") is holds


@pytest.mark.parametrize(
    ("value", "expected"),
    [([1, 2], [1]), ({"a": 1}, {"b": 1}), ("one", "two"), (None, 0.0), ("1", 1), (True, 1)],
)
def test_other_shapes_are_never_near(value: Any, expected: Any) -> None:
    assert agree(value, expected, {"abs": 1e9}) == "different"


def test_a_book_that_reproduces_is_exact(book: Book) -> None:
    report = book.verify()
    assert {entry.id: entry.verdict for entry in report.entries if entry.verdict != "exact"} == {
        "c.long": "not_run"
    }
    assert report.ok
    cells = sorted(entry.id for entry in report.entries if entry.kind == "table")
    assert len(cells) == 6
    assert "c.table/ejection fraction/AUROC" in cells


def test_the_report_is_json_with_one_entry_for_everything(book: Book) -> None:
    told = json.loads(json.dumps(book.verify().to_json()))
    keys = {"id", "kind", "chapter", "verdict", "value", "expected", "tolerance", "reason"}
    assert all(set(entry) == keys for entry in told["entries"])
    assert {entry["kind"] for entry in told["entries"]} == {"claim", "table", "figure"}
    assert told["summary"] == {"exact": 12, "within": 0, "different": 0, "not_run": 1}


@pytest.mark.parametrize(
    ("name", "told", "verdict"),
    [
        ("c_auroc", {"value": 0.9990}, "within"),
        ("c_auroc", {"value": 0.9991}, "different"),
        ("c_auroc", {"n": 905}, "different"),
        ("c_auroc", {"interval": (0.9981, 0.9996)}, "within"),
        ("c_auroc", {"interval": (0.990, 0.9995)}, "different"),
        ("c_auroc", {"interval": None}, "different"),
        ("c_auroc", {"value": "high"}, "different"),
        ("c_n", {"value": 907}, "different"),
        ("c_n", {"value": 906.0}, "different"),
        ("c_range", {"value": [0.11, 0.19]}, "within"),
        ("c_range", {"value": [0.1, 0.3]}, "different"),
        ("c_order", {"value": [0.99, 0.70]}, "within"),
        ("c_order", {"value": [0.91, 0.93]}, "different"),
        ("c_order", {"value": [0.92, 0.91]}, "different"),
        ("c_order", {"interval": (0.1, 0.2)}, "different"),
        ("c_name", {"value": "six neighbours"}, "different"),
    ],
)
def test_a_changed_value(book: Book, name: str, told: dict[str, Any], verdict: str) -> None:
    book.run(**{name: told})
    changed = book.verdicts()
    assert changed.pop(name.replace("_", ".")) == verdict
    assert "different" not in changed.values()


@pytest.mark.parametrize(
    ("height", "verdict"), [(4.0, "exact"), (4.004, "within"), (4.005, "different")]
)
def test_a_figure_is_compared_by_its_numbers(book: Book, height: float, verdict: str) -> None:
    book.run(height=height)
    assert book.verdicts()["c.curve"] == verdict


def test_a_word_in_a_figure_is_exact(book: Book) -> None:
    def rename(figure: dict[str, Any]) -> None:
        figure["axes"][0]["legend"] = figure["axes"][0]["xlabel"] = "falling"

    book.edit(f"results/{CHAPTER}/figures/c.curve.json", rename)
    assert book.verdicts()["c.curve"] == "different"


def table(book: Book, change: Any) -> dict[str, str]:
    book.edit(f"results/{CHAPTER}/tables/c.table.json", change)
    return book.verdicts()


def test_cells_have_their_own_verdict_and_column_rule(book: Book) -> None:
    def bend(held: dict[str, Any]) -> None:
        held["cells"] = [[0.9005, 11, "years"], [0.8, 20, "parts"]]

    verdicts = table(book, bend)
    assert verdicts["c.table/age/AUROC"] == "within"
    assert verdicts["c.table/age/n"] == "different"
    assert verdicts["c.table/age/unit"] == "exact"
    assert verdicts["c.table/ejection fraction/unit"] == "different"
    assert verdicts["c.table/ejection fraction/n"] == "exact"


def test_a_dropped_row_is_different(book: Book) -> None:
    verdicts = table(book, lambda held: (held["index"].pop(), held["cells"].pop()))
    assert verdicts["c.table/ejection fraction/AUROC"] == "different"


def test_an_added_column_is_different(book: Book) -> None:
    def add(held: dict[str, Any]) -> None:
        held["columns"].append("extra")
        held["cells"] = [[*row, 1] for row in held["cells"]]

    assert table(book, add)["c.table/age/extra"] == "different"


def test_rows_in_another_order_are_different(book: Book) -> None:
    verdicts = table(book, lambda held: (held["index"].reverse(), held["cells"].reverse()))
    assert verdicts["c.table/age/AUROC"] == "different"


@pytest.mark.parametrize(
    "change",
    [
        {"c.auroc": claim("metric", {"abs": 0.5})},
        {"c.auroc": claim("metric", {"rel": 0.0002})},
        {"c.auroc": claim("ratio", {"abs": 0.0002})},
        {"c.auroc": claim("metric", {"abs": 0.0002}, chapter="04_fusion")},
        {"c.auroc": claim("string", {"exact": True})},
    ],
)
def test_a_rule_that_was_not_accepted_is_different(book: Book, change: dict[str, Any]) -> None:
    book.declare(DECLARED | change)
    assert book.verdicts()["c.auroc"] == "different"


def test_a_widened_column_is_different(book: Book) -> None:
    wide = {"n": {"tolerance": {"abs": 99}, "because": "easier"}}
    book.declare(DECLARED | {"c.table": DECLARED["c.table"] | {"columns": wide}})
    assert book.verdicts()["c.table/age/AUROC"] == "different"


def test_new_words_change_no_verdict(book: Book) -> None:
    book.declare(DECLARED | {"c.auroc": DECLARED["c.auroc"] | {"wording": "Better said"}})
    assert book.verdicts()["c.auroc"] == "exact"


def test_what_is_recorded_must_be_declared_and_the_other_way_round(book: Book) -> None:
    book.declare({k: v for k, v in DECLARED.items() if k != "c.n"} | {"c.new": DECLARED["c.n"]})
    verdicts = book.verdicts()
    assert verdicts["c.n"] == "different"
    assert verdicts["c.new"] == "different"


def test_what_was_never_accepted_is_different(book: Book) -> None:
    (book.ledger / "expected" / "c.n.json").unlink()
    assert book.verdicts()["c.n"] == "different"


def test_an_output_that_is_gone_is_different(book: Book) -> None:
    (book.results / CHAPTER / "figures" / "c.curve.json").unlink()
    book.edit(f"results/{CHAPTER}/claims.json", lambda held: held.pop("c.n"))
    verdicts = book.verdicts()
    assert (verdicts["c.curve"], verdicts["c.n"]) == ("different", "different")


def test_a_chapter_that_has_not_run_is_different(book: Book) -> None:
    report = book.verify(chapters=(CHAPTER, "04_fusion"))
    assert [e.id for e in report.entries if e.verdict == "different"] == ["04_fusion"]
    (book.results / CHAPTER / "meta.json").unlink()
    verdicts = book.verdicts()
    assert set(verdicts.values()) == {"different"}
    assert "c.long" in verdicts


def test_another_profile_is_never_compared(book: Book) -> None:
    assert {e.verdict for e in book.verify(profile="smoke").entries} == {"not_run"}
    book.run(profile="smoke")
    verdicts = book.verdicts()
    assert verdicts.pop("c.long") == "not_run"
    assert set(verdicts.values()) == {"different"}


def test_an_id_of_two_chapters_is_refused(book: Book) -> None:
    (book.results / CHAPTER).rename(book.results / "04_fusion")
    book.run()
    with pytest.raises(LedgerError, match="belongs to one chapter"):
        book.verify(chapters=(CHAPTER, "04_fusion"))


BUILD, RESTORE = "run `hfgnn build` again", "restore it from version control, or accept anew"
TABLE, CURVE = f"results/{CHAPTER}/tables/c.table.json", f"results/{CHAPTER}/figures/c.curve.json"


@pytest.mark.parametrize(
    ("file", "text", "remedy"),
    [
        (f"results/{CHAPTER}/claims.json", '{"c.n": ', BUILD),
        (f"results/{CHAPTER}/claims.json", "[]", BUILD),
        (f"results/{CHAPTER}/claims.json", '{"c.n": 906}', BUILD),
        (
            f"results/{CHAPTER}/claims.json",
            '{"c.n": {"value": NaN, "n": 1, "interval": []}}',
            BUILD,
        ),
        (f"results/{CHAPTER}/claims.json", '{"c.n": {"value": 906}}', BUILD),
        (f"results/{CHAPTER}/meta.json", '{"profile": "book"}', BUILD),
        (TABLE, "3", BUILD),
        (CURVE, '{"axes": []}', BUILD),
        ("ledger/expected/c.n.json", "{", RESTORE),
        ("ledger/expected/c.n.json", "[]", RESTORE),
        ("ledger/expected/c.n.json", '{"kind": "count", "value": 906}', RESTORE),
        ("ledger/expected/c.n.json", '{"kind": ["count"]}', RESTORE),
        ("ledger/expected/c.table.json", '{"kind": "table", "table": {"index": []}}', RESTORE),
        ("ledger/expected/c.curve.json", '{"kind": "figure", "figure": 3}', RESTORE),
        ("ledger/machine.json", "{", "run `hfgnn bench`"),
        ("ledger/machine.json", '{"date": "d", "device": "d", "chapters": []}', "`hfgnn bench`"),
        (
            "ledger/machine.json",
            '{"date": "d", "device": "d", "chapters": {"a": 3}}',
            "`hfgnn bench`",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_own_remedy(
    book: Book, file: str, text: str, remedy: str
) -> None:
    (book.root / file).write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match="/".join(file.split("/")[-2:])) as caught:
        evidence(book.ledger, book.results, book.verify())
    assert str(caught.value).endswith(remedy)


@pytest.mark.parametrize("side", ["cells", "index", "columns"])
def test_a_table_with_a_part_missing_is_refused(book: Book, side: str) -> None:
    book.edit(TABLE, lambda held: held[side].pop())
    with pytest.raises(LedgerError, match="tables/c.table.json: has a part"):
        book.verify()


def test_a_file_that_is_not_utf8_is_refused(book: Book) -> None:
    (book.ledger / "expected" / "c.n.json").write_bytes(b'{"kind": "\xff"}')
    with pytest.raises(LedgerError, match="expected/c.n.json: cannot be read"):
        book.verify()


def test_accept_writes_what_was_chosen_and_nothing_else(book: Book) -> None:
    before = {p.name: p.read_bytes() for p in (book.ledger / "expected").iterdir()}
    book.run(c_auroc={"value": 0.5, "interval": None}, c_n={"value": 1})
    assert book.accept("c.aur*", reason=" a better integral ") == ["c.auroc"]
    after = {p.name: p.read_bytes() for p in (book.ledger / "expected").iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"c.auroc.json"}
    assert json.loads(after["c.auroc.json"]) == {
        "id": "c.auroc",
        "kind": "metric",
        "profile": "book",
        "value": 0.5,
        "n": 906,
        "interval": None,
        "tolerance": {"abs": 0.0002},
        "because": "The rule of this test",
        "accepted": "a better integral",
    }
    assert book.verdicts()["c.auroc"] == "exact"


@pytest.mark.parametrize(
    ("ids", "reason", "said"),
    [
        (["c.n"], " ", "reason is empty"),
        (["c.nothing"], "why", "c.nothing: is not declared"),
        (["d.*"], "why", r"d\.\*: is not declared"),
        (["c.long"], "why", "c.long: has no result"),
        (["c.n", "c.long"], "why", "c.long"),
    ],
)
def test_accept_refuses_and_leaves_all_as_it_was(
    book: Book, ids: list[str], reason: str, said: str
) -> None:
    book.run(c_n={"value": 1})
    before = {p.name: p.read_bytes() for p in (book.ledger / "expected").iterdir()}
    with pytest.raises(LedgerError, match=said):
        book.accept(*ids, reason=reason)
    assert before == {p.name: p.read_bytes() for p in (book.ledger / "expected").iterdir()}


@pytest.mark.parametrize("change", [{"profile": "smoke"}, {"c_name": {"value": 3}}])
def test_accept_writes_none_if_one_cannot_be_published(book: Book, change: dict[str, Any]) -> None:
    book.run(c_n={"value": 1}, **change)
    before = {p.name: p.read_bytes() for p in (book.ledger / "expected").iterdir()}
    with pytest.raises(LedgerError, match="c\\."):
        book.accept("c.*")
    assert before == {p.name: p.read_bytes() for p in (book.ledger / "expected").iterdir()}
