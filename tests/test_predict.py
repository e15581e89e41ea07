"""The command for one new patient: faults first and together, then an answer in words or JSON."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageOps
from typer.testing import CliRunner

from hfgnn.cli import app, predict
from hfgnn.features.fuse import CLINICAL
from hfgnn.pipeline.stage import Stage
from hfgnn.train.patient import Model, learned
from tests.conftest import Copy
from tests.data import test_intake as intake
from tests.train.test_patient import PARAMS, people

page = intake.page  # a fixture: one simulated page
GIVEN = [word for name, text in intake.GOOD.items() for word in (f"--{name}", text)]


@cache
def model() -> Model:
    """Return a small model, learned once."""
    return learned(PARAMS, people())


class Shop:
    """A store that holds one small model."""

    params = PARAMS

    def load(self, name: str) -> object:
        assert name == predict.MODEL
        return model()

    def stage(self, name: str) -> Stage:
        return Stage(name, learned, self.params)


@pytest.fixture
def shop(monkeypatch) -> None:
    monkeypatch.setattr(predict, "shop", lambda needed: Shop())


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
    assert said.count("% of what keeps the two apart is in the ECG, the rest in the values") == 5
    assert "holds the truth for 90% of people" in said


@pytest.mark.usefixtures("shop")
def test_the_same_as_one_json_object(page):
    told_ = json.loads(told("--page", str(page), *GIVEN, "--json"))
    assert 0 < told_["chance"] < 1
    assert set(told_["set"]) <= {"normal", "sick"}
    assert len(told_["neighbours"]) == 5
    assert {"id", "class", "age", "ef", "distance", "page"} <= told_["neighbours"][0].keys()
    assert list(told_["anew"]) == [*CLINICAL, "page"]
    assert "medical device" in told_["note"]
    assert told_["coverage"] == 0.9


@pytest.mark.usefixtures("shop")
def test_the_answer_is_of_this_page_and_these_values(page, tmp_path):
    other = tmp_path / "other.jpg"
    ImageOps.mirror(Image.open(page)).save(other)
    given = [(page, GIVEN), (page, ["--ef", ".6", *GIVEN[2:]]), (other, GIVEN)]
    answers = [json.loads(told("--page", str(one), *words, "--json")) for one, words in given]
    assert GIVEN[0] == "--ef"
    assert len({answer["chance"] for answer in answers}) == 3
    again = json.loads(told("--page", str(page), *GIVEN, "--json"))
    assert again == answers[0]


@pytest.mark.usefixtures("shop")
def test_words_and_json_tell_the_same(page):
    for ef in (".2", ".35", ".7"):
        given = ["--page", str(page), "--ef", ef, *GIVEN[2:]]
        said, told_ = told(*given), json.loads(told(*given, "--json"))
        tenths = round(10 * told_["chance"])
        least = {0: "Fewer than one", 10: "More than nine"}.get(tenths, f"About {tenths}")
        assert said.startswith(f"{least} of ten people like this one are sick.")
        for one in told_["neighbours"]:
            assert f"EF {one['ef']:.2f}, BNP {one['bnp']:.0f}, NYHA {one['nyha']};" in said
            assert f"; {one['page']:.0%} of what keeps the two apart" in said


def test_the_coverage_is_the_models_own(page, monkeypatch):
    class Wary(Shop):
        params = replace(PARAMS, miss=0.05)

    monkeypatch.setattr(predict, "shop", lambda needed: Wary())
    assert json.loads(told("--page", str(page), *GIVEN, "--json"))["coverage"] == 0.95
    assert "holds the truth for 95% of people" in told("--page", str(page), *GIVEN)


@pytest.mark.usefixtures("shop")
def test_the_share_of_the_page_is_that_of_the_squared_distance(page):
    """What is not the page's is what the five values make of it, reckoned here by hand."""
    near = json.loads(told("--page", str(page), *GIVEN, "--json"))["neighbours"]
    known, scale = model().people.set_index("id"), model().scales["reach"][512:]
    own = np.array([float(intake.GOOD[name]) for name in CLINICAL])
    for one in near:
        gap = (known.loc[one["id"], list(CLINICAL)].to_numpy(float) - own) / scale
        assert 1 - one["page"] == pytest.approx((gap**2).sum() / one["distance"] ** 2)


def test_a_page_not_given_is_told_with_the_other_faults():
    done = CliRunner().invoke(app, ["predict", "--ef", "35"])
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 6
    assert "did you mean 0.35?" in lines[0]
    assert lines[-1].endswith("--page is missing; give the path of the ECG page")


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
