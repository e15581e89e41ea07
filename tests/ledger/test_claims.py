"""What claims.yml and cited.yml may hold; each refusal names the entry and a remedy."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from hfgnn.ledger.claims import LedgerError, read_cited, read_claims

GOOD: dict[str, Any] = {
    "kind": "metric",
    "chapter": "03_clinical",
    "wording": "The best possible AUROC",
    "format": ".4f",
    "tolerance": {"abs": 0.0002},
    "because": "the integral is exact to four decimals",
    "tier": "book",
    "headline": True,
}


def write(folder: Path, entries: Any) -> Path:
    path = folder / "claims.yml"
    text = entries if isinstance(entries, str) else yaml.safe_dump(entries)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_entry_is_read_as_it_was_written(tmp_path: Path) -> None:
    claim = read_claims(write(tmp_path, {"clinical.best.auroc": GOOD}))["clinical.best.auroc"]
    assert {key: getattr(claim, key) for key in GOOD} == GOOD
    assert claim.id == "clinical.best.auroc"
    assert claim.columns == {}


def test_an_empty_file_declares_nothing(tmp_path: Path) -> None:
    assert read_claims(write(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tolerence": {"abs": 1}}, "unknown key"),
        ({"kind": "accuracy"}, "unknown kind 'accuracy'"),
        ({"kind": None}, "has no kind"),
        ({"tolerance": None}, "has no tolerance"),
        ({"because": ""}, "has no because"),
        ({"wording": None}, "has no wording"),
        ({"chapter": 3}, "not a text"),
        ({"tier": "laptop"}, "unknown tier"),
        ({"headline": "yes"}, "headline"),
        ({"kind": "order"}, "does not fit a order"),
        ({"kind": "string"}, "does not fit a string"),
        ({"kind": "count", "tolerance": {"rel": 0.1}}, "does not fit a count"),
        ({"tolerance": {"margin": 0.1}}, "does not fit a metric"),
        ({"tolerance": 0.1}, "does not fit"),
        ({"tolerance": {}}, "does not fit"),
        ({"tolerance": {"abs": 0.1, "rel": 0.1}}, "says two things"),
        ({"tolerance": {"abs": -0.1}}, "not negative"),
        ({"tolerance": {"abs": float("inf")}}, "finite"),
        ({"tolerance": {"abs": True}}, "finite"),
        ({"tolerance": {"abs": "0.1"}}, "finite"),
        ({"tolerance": {"exact": False}}, "exact: true"),
        ({"columns": {"AUROC": {"tolerance": {"abs": 0.1}, "because": "x"}}}, "no columns"),
        ({"kind": "table", "columns": {"exact": 3}}, "columns is {'exact': 3}"),
        ({"kind": "table", "columns": ["AUROC"]}, "columns is ['AUROC']"),
        ({"kind": "table", "columns": None}, "columns is None"),
        ({"kind": "table", "columns": {"AUROC": {"tolerance": {"abs": 0.1}}}}, "column 'AUROC'"),
        (
            {"kind": "table", "columns": {"n": {"tolerance": {"margin": 1}, "because": "x"}}},
            "column n",
        ),
    ],
)
def test_a_faulty_entry_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(LedgerError, match="clinical.auroc") as caught:
        read_claims(write(tmp_path, {"clinical.auroc": GOOD | change}))
    assert said in str(caught.value)
    assert ";" in str(caught.value)  # a remedy follows the fault


@pytest.mark.parametrize("name", ["Clinical", "a-b", "a b", "a..b", "a/b", ".a"])
def test_an_id_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LedgerError, match="is no id"):
        read_claims(write(tmp_path, {name: GOOD}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a.b: {kind: metric}\na.b: {kind: count}\n", "a.b: stands twice"),
        ("a.b: {kind: metric, kind: count}\n", "kind: stands twice"),
        ("a.b: [1\n", "is not YAML"),
        ("- a\n", "holds a list"),
        ("a.b: 3\n", "write a mapping"),
        ("a.b: 2020-13-45\n", "is not YAML"),
        ("a.b: !!python/object/apply:os.getcwd []\n", "is not YAML"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        read_claims(write(tmp_path, text))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claims.yml").write_bytes("a.b: é".encode("latin-1"))
    with pytest.raises(LedgerError, match=r"claims\.yml: is not YAML .* save it as UTF-8"):
        read_claims(tmp_path / "claims.yml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"claims\.yml: the file is missing"):
        read_claims(tmp_path / "claims.yml")


def test_cited_values_keep_their_source_and_reason(tmp_path: Path) -> None:
    published = {"value": 0.97, "bibkey": "a2025", "place": "table 4"}
    path = write(
        tmp_path,
        {"literature": {"a.b": published}, "constants": {"n": {"value": 5, "reason": "so"}}},
    )
    cited = read_cited(path)
    assert cited.literature["a.b"].place == "table 4"
    assert (cited.constants["n"].value, cited.constants["n"].reason) == (5, "so")


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"literature": {"a": {"value": 1, "bibkey": "k"}}}, "a: has no place"),
        ({"literature": {"a": {"value": 1, "place": "p"}}}, "a: has no bibkey"),
        ({"constants": {"a": {"value": 1}}}, "a: has no reason"),
        ({"constants": {"a": {"value": 1, "reason": "r", "page": 3}}}, "unknown key"),
        ({"constant": {}}, "unknown section"),
        ({"constant": {}, 3: {}}, "unknown section"),
        ({"literature": ["a"]}, "literature: holds"),
        ({"constants": {"a": {"value": {"b": 1}, "reason": "r"}}}, "a: value is"),
        ({"constants": {"a": {"value": float("nan"), "reason": "r"}}}, "a: value is nan"),
    ],
)
def test_a_value_without_its_source_is_refused(tmp_path: Path, sections: Any, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        read_cited(write(tmp_path, sections))
