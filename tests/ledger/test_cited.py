"""What cited.yml quotes and the package also holds is the same number."""

from pkgutil import resolve_name
from typing import Any

import pytest

from hfgnn.ledger.claims import Constant, Published, read_cited
from tests.conftest import ROOT

CITED = read_cited(ROOT / "book" / "ledger" / "cited.yml")
ENTRIES = [*CITED.literature.values(), *CITED.constants.values()]


def held(path: str) -> Any:
    """Follow "module:name.key.0.attribute" through attributes, keys and positions."""
    module, _, steps = path.partition(":")
    value = resolve_name(module)
    for step in steps.split("."):
        if hasattr(value, step):
            value = getattr(value, step)
        else:
            value = value[int(step) if step.isdecimal() else step]
    return value


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.code], ids=lambda entry: entry.id)
def test_the_code_holds_what_is_cited(entry: Published | Constant) -> None:
    value = held(entry.code)
    assert (list(value) if isinstance(value, tuple) else value) == entry.value


def test_every_published_value_names_a_work_of_the_bibliography() -> None:
    works = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    missing = {e.id for e in CITED.literature.values() if f"{{{e.bibkey}," not in works}
    assert not missing
