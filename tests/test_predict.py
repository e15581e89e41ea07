"""The command for one new patient: faults first and together, then an answer in words or JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hfgnn.cli import app, predict
from hfgnn.features.fuse import CLINICAL
from hfgnn.train.pages import PagesParams, sheets
from hfgnn.train.patient import learned
from hfgnn.world.population import block
from tests.conftest import Copy
from tests.train.test_patient import PARAMS, people

GIVEN = ["--ef", ".35", "--bnp", "400", "--nyha", "3", "--sbp", "110", "--age", "70"]


class Shop:
    """A store that holds one small model."""

    def load(self, name: str) -> object:
        assert name == "patient.model"
        return learned(PARAMS, people())


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    params = PagesParams(11, people=10)
    found = block(params.population, 0)
    path = tmp_path_factory.mktemp("pages") / "page.jpg"
    path.write_bytes(next(sheets(params.population, found, 0, np.arange(1), params.size)))
    return path


@pytest.fixture
def shop(monkeypatch) -> None:
    monkeypatch.setattr(predict, "_shop", Shop)


def told(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["predict", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_all_faults_are_told_at_once_and_nothing_is_written_or_loaded(fresh: Copy):
    bad = ["--ef", "35", "--bnp", "x", "--nyha", "2.5", "--sbp", "14.5"]
    before = {path for path in fresh.root.rglob("*") if "__pycache__" not in path.parts}
    done = fresh.hfgnn("predict", "--page", "none.jpg", *bad)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("hfgnn predict: --") for line in lines)
    assert "did you mean 0.35?" in lines[0]
    assert "in mmHg" in lines[3]
    assert {p for p in fresh.root.rglob("*") if "__pycache__" not in p.parts} == before


def test_nothing_that_learns_is_imported_before_the_values_are_checked(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "hfgnn.features.resnet", None)  # importing it would raise
    done = CliRunner().invoke(app, ["predict", "--page", "none.jpg", "--ef", "35"])
    assert done.exit_code == 2


@pytest.mark.usefixtures("shop")
def test_it_answers_in_plain_words(page):
    said = told("--page", str(page), *GIVEN)
    for words in ("of ten people like this one are sick", "nearest", "moved the answer most"):
        assert words in said
    assert "not a medical device" in said
    assert "simulated" in said
    assert said.count("of the distance the page is") == 5


@pytest.mark.usefixtures("shop")
def test_the_same_as_one_json_object(page):
    told_ = json.loads(told("--page", str(page), *GIVEN, "--json"))
    assert 0 < told_["chance"] < 1
    assert set(told_["set"]) <= {"normal", "sick"}
    assert len(told_["neighbours"]) == 5
    assert {"id", "class", "age", "ef", "distance", "page"} <= told_["neighbours"][0].keys()
    assert list(told_["anew"]) == [*CLINICAL, "page"]
    assert "medical device" in told_["note"]


@pytest.mark.usefixtures("shop")
def test_who_is_outside_the_training_range_is_warned(page):
    odd = ["--ef", ".06", "--bnp", "4999", "--nyha", "4", "--sbp", "250", "--age", "104"]
    assert "Beware: sbp 250 is outside what the model knows" in told("--page", str(page), *odd)


@pytest.mark.slow
def test_the_books_own_model_answers_from_the_store(built: Copy, page):
    done = built.hfgnn("predict", "--page", str(page), *GIVEN)
    assert done.returncode == 0, done.stderr
    assert "made first" not in done.stderr
    assert "of ten people" in done.stdout
