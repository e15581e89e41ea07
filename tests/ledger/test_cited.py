"""What cited.yml quotes and the package also holds is the same number, or nothing is shown."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from hfgnn.ledger.claims import LedgerError
from hfgnn.ledger.evidence import confirm
from tests.conftest import ROOT

LEDGER = ROOT / "book" / "ledger"
TRAIN, CLIP = "hfgnn.world.clinical:REPORTED.train", "hfgnn.world.clinical:PUBLISHED.0.low"


def cite(folder: Path, value: Any, code: str) -> None:
    entry = {"value": value, "reason": "it was published", "code": code}
    (folder / "cited.yml").write_text(yaml.safe_dump({"constants": {"n.train": entry}}))


def test_the_code_holds_what_the_book_cites() -> None:
    assert sum(bool(entry.code) for entry in confirm(LEDGER).both) > 30


@pytest.mark.parametrize(("value", "code"), [(2367, TRAIN), (0.2, CLIP)])
def test_a_value_that_the_code_holds_passes(tmp_path: Path, value: float, code: str) -> None:
    cite(tmp_path, value, code)
    assert confirm(tmp_path).constants["n.train"].value == value


def test_an_edited_value_is_refused(tmp_path: Path) -> None:
    cite(tmp_path, 2368, TRAIN)
    said = f"n.train: cited.yml says 2368, {TRAIN} holds 2367; mend the one"
    with pytest.raises(LedgerError, match=said):
        confirm(tmp_path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("os:sep", "names no value of hfgnn"),
        ("hfgnn:__version__", "names no value of hfgnn"),
        ("hfgnnx.world:A", "names no value of hfgnn"),
        ("hfgnn.world.clinical", "names no value of hfgnn"),
        ("hfgnn.seeding:generator()", "names no value of hfgnn"),
        ("hfgnn.nothing:A", "leads nowhere"),
        ("hfgnn.world.clinical:NOTHING", "leads nowhere"),
        ("hfgnn.world.clinical:PUBLISHED.99", "leads nowhere"),
        ("hfgnn.world.clinical:REPORTED.0", "leads nowhere"),
    ],
)
def test_code_that_names_no_value_of_the_package_is_refused(
    tmp_path: Path, code: str, said: str
) -> None:
    cite(tmp_path, 5, code)
    with pytest.raises(LedgerError, match=f"n.train.*{said}"):
        confirm(tmp_path)


def test_every_published_value_names_a_work_of_the_bibliography() -> None:
    works = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    literature = confirm(LEDGER).literature
    assert not {e.bibkey for e in literature.values() if f"{{{e.bibkey}," not in works}
