"""What is cited is held against the package again when either has changed, and only then."""

from pathlib import Path

import pytest

from hfgnn.ledger.claims import LedgerError
from hfgnn.pipeline import cited
from hfgnn.pipeline.cited import confirmed
from hfgnn.pipeline.places import Places
from tests.conftest import ROOT

CITED = "constants:\n  n.train:\n    value: 2367\n    reason: it was published\n"
CODE = "    code: hfgnn.world.clinical:REPORTED.train\n"


@pytest.fixture
def here(tmp_path: Path) -> Places:
    for name in ("book/ledger/cited.yml", "hfgnn/world/clinical.py", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "book/ledger/cited.yml").write_text(CITED + CODE)
    return Places(tmp_path, tmp_path / "_build")


def test_it_is_done_again_when_something_changed(here, monkeypatch):
    done = []
    monkeypatch.setattr(cited, "confirm", done.append)
    for name in (None, "book/ledger/cited.yml", "hfgnn/world/clinical.py", "requirements.lock"):
        if name:
            path = here.root / name
            path.write_text(path.read_text("utf-8") + "# \n", "utf-8")
        before = len(done)
        confirmed(here)
        confirmed(here)
        assert len(done) == before + 1


def test_a_file_that_comes_or_goes_is_a_change(here, monkeypatch):
    done = []
    monkeypatch.setattr(cited, "confirm", done.append)
    confirmed(here)
    (here.root / "hfgnn" / "table.csv").write_text("1")
    confirmed(here)
    (here.root / "hfgnn" / "table.csv").unlink()
    confirmed(here)
    assert len(done) == 3


def test_what_was_refused_is_refused_again(here):
    path = here.root / "book/ledger/cited.yml"
    path.write_text(CITED.replace("2367", "2368") + CODE)
    for _ in range(2):
        with pytest.raises(LedgerError, match="cited.yml says 2368"):
            confirmed(here)
    path.write_text(CITED + CODE)
    confirmed(here)
