"""What makes records: what each command asks for and says, and bad arguments."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from hfgnn.cli import app, records
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import BOOK
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.train import atlas, calls, fillings, left, ranks, retrieval, small_study

STAGES = {stage.name: stage for stage in catalogue(BOOK, SEED)}
ROOMS = {"dual": ranks, "folds": small_study, "maps": atlas, "retrieval": retrieval}
ROOMS |= {"autoencoder": fillings, "weights": left, "rare": calls}
ASKED = {"dual": "dual.arms", "folds": "dual.folds", "maps": "dual.atlas"}
ASKED |= {"retrieval": "dual.real", "autoencoder": "selfsup.fillings", "weights": "dual.mended"}
ASKED |= {"rare": "selfsup.gains"}


class House:
    """The book's stages, of which nothing is made: a result is its stage's name."""

    def __init__(self) -> None:
        self.needed: list[str] = []

    def __call__(self, needed: str = "") -> "House":
        """Return itself, and remember what had to be there."""
        self.needed += [needed] if needed else []
        return self

    def stage(self, name: str) -> object:
        """Return the stage of that name."""
        return STAGES[name]

    def load(self, name: str) -> str:
        """Return what stands for the result."""
        assert name in STAGES
        assert name in self.needed, f"{name} may not be there yet"
        return f"result of {name}"


@pytest.fixture
def house(monkeypatch) -> House:
    """Return stages of which nothing is made."""
    found = House()
    monkeypatch.setattr(records, "shop", found)
    monkeypatch.setenv("COLUMNS", "200")
    return found


@pytest.fixture
def nothing_made(tmp_path, monkeypatch) -> Path:
    """Return an empty folder to work in; making a stage would be an error."""

    def made(needed: str) -> None:
        raise AssertionError(f"{needed} is made before the arguments are checked")

    monkeypatch.setattr(records, "shop", made)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stub(monkeypatch, name: str, folder: Path, steps: list) -> list:
    """Let a record be made of nothing, in that folder; return what it was asked for."""
    asked: list = []

    def recorded(*given: object, **named: object) -> Iterator:
        asked.append((given, named))
        yield from steps

    monkeypatch.setattr(ROOMS[name], "recorded", recorded)
    files = {file: folder / file for file in ROOMS[name].FILES}
    monkeypatch.setattr(ROOMS[name], "FILES", files)
    return asked


def test_the_arms_are_asked_about_the_newcomers(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "dual", tmp_path / "there", [(1, 84), (84, 84)])
    words = ["record", "dual", "--work", str(tmp_path / "work"), "--jobs", "1"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    params = now(STAGES["dual.arms"].params)
    newcomers = "result of dual.newcomers"
    assert asked == [((params, newcomers, tmp_path / "work"), {"jobs": 1})]
    assert f"wrote {tmp_path / 'there'}" in done.stdout
    assert house.needed == ["dual.newcomers"]
    assert now(STAGES["dual.newcomers"].params) == params.of.asked


def test_folds_begin_with_what_every_build_teaches(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "folds", tmp_path / "there", [1, 2, 3, 4, 5, 6])
    done = CliRunner().invoke(app, ["record", "folds", "--jobs", "2"])
    assert done.exit_code == 0, done.output
    params, start = now(STAGES["dual.folds"].params), STAGES["dual.folds"].needs[1]
    assert asked == [((params, f"result of {start}"), {"jobs": 2})]
    assert f"wrote {tmp_path / 'there'}" in done.stdout
    assert house.needed == [start]


def test_other_trainings_meet_the_same_people(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "maps", tmp_path / "there", [1, 2, 3, 4])
    done = CliRunner().invoke(app, ["record", "maps", "--jobs", "2"])
    assert done.exit_code == 0, done.output
    params = now(STAGES["dual.atlas"].params)
    needed = [f"dual.{n}" for n in ("hospital", "study", "newcomers", "lesson", "mended")]
    assert asked == [((params, *(f"result of {name}" for name in needed)), {"jobs": 2})]
    assert f"wrote {tmp_path / 'there'}" in done.stdout
    assert house.needed == needed
    assert now(STAGES["dual.maps"].params) == params
    for name in ("lesson", "mended"):
        both = now(STAGES[f"dual.{name}"].params)
        assert (both.stays, both.tuned) == (params.of.of, params.of.tuned)


def test_the_arms_whose_weights_are_kept_meet_the_people_of_the_book(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "weights", tmp_path / "there", [(1, 3), (3, 3)])
    done = CliRunner().invoke(app, ["record", "weights"])
    assert done.exit_code == 0, done.output
    needed = [f"dual.{name}" for name in ("hospital", "study", "newcomers")]
    params = now(STAGES["dual.mended"].params)
    assert asked == [((params, *(f"result of {name}" for name in needed)), {})]
    assert {now(STAGES[f"dual.{n}"].params) for n in ("lesson", "placed", "again")} == {params}
    assert f"wrote {tmp_path / 'there'}" in done.stdout
    assert house.needed == needed


def test_texts_search_the_folder_that_was_given(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "retrieval", tmp_path / "there", [(4, 4)])
    (tmp_path / "ptbxl_database.csv").write_text("ecg_id\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["record", "retrieval", "--records", str(tmp_path)])
    assert done.exit_code == 0, done.output
    params = now(STAGES["dual.real"].params)
    assert asked == [((params, tmp_path, "result of dual.hospital"), {})]
    assert f"wrote {tmp_path / 'there'}" in done.stdout
    assert now(STAGES["dual.lesson"].params).stays.lesson == params.lesson


def test_every_way_is_asked_about_the_newcomers(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "rare", tmp_path / "there", [(1, 75), (75, 75)])
    words = ["record", "rare", "--work", str(tmp_path / "work"), "--jobs", "2"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    params = now(STAGES["selfsup.gains"].params)
    newcomers = "result of selfsup.newcomers"
    assert asked == [((params, newcomers, tmp_path / "work"), {"jobs": 2})]
    assert house.needed == ["selfsup.newcomers"]
    assert now(STAGES["selfsup.newcomers"].params) == params.newcomers
    assert now(STAGES["selfsup.people"].params) == params.people
    assert now(STAGES["selfsup.filled"].params) == params.begun.filled


def test_real_records_are_filled_in_beside_simulated_ones(house, monkeypatch, tmp_path):
    asked = stub(monkeypatch, "autoencoder", tmp_path / "there", [(1, 7), (7, 7)])
    (tmp_path / "ptbxl_database.csv").write_text("ecg_id\n", encoding="utf-8")
    words = ["record", "autoencoder", "--records", str(tmp_path), "--jobs", "2"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    params = now(STAGES["selfsup.fillings"].params)
    needed = ["selfsup.people", "selfsup.newcomers", "selfsup.filled"]
    given = (params, tmp_path, *(f"result of {name}" for name in needed))
    assert asked == [(given, {"jobs": 2})]
    assert f"wrote {tmp_path / 'there'}" in done.stdout
    assert house.needed == needed
    assert now(STAGES["selfsup.filled"].params) == params.of


@pytest.mark.parametrize("name", ROOMS)
def test_each_command_is_the_one_that_its_record_tells_of(house, monkeypatch, tmp_path, name):
    """Whoever is told to make a record anew can type just that."""
    words = ROOMS[name].COMMAND.split()
    assert words[:3] == ["hfgnn", "record", name]
    done = CliRunner().invoke(app, ["record", name, "--help"])
    assert done.exit_code == 0
    for option in words[3:]:
        assert option == "FOLDER" or option in done.stdout
    folder = ROOMS[name].FILES["how.json"].parent
    assert folder.parts[-4:] == ("book", "ledger", "recorded", name)
    stage = STAGES[ASKED[name]]
    for path in stage.inputs:
        assert path.parent.name == name


# Bad arguments


@pytest.mark.parametrize("kind", ["nowhere", "no table", "other columns", "no signals", "a file"])
def test_a_folder_without_records_is_told_with_a_remedy(house, tmp_path, monkeypatch, kind):
    files = {file: tmp_path / "kept" / file for file in retrieval.FILES}
    monkeypatch.setattr(retrieval, "FILES", files)
    folder = tmp_path / "NOWHERE"
    table, remedy = folder / "ptbxl_database.csv", "give the folder that holds PTB-XL"
    if kind == "a file":
        folder.write_text("mine", encoding="utf-8")
    elif kind != "nowhere":
        folder.mkdir()
    if kind == "other columns":
        table.write_text("ecg_id\n1\n", encoding="utf-8")
        remedy = "download it again"
    if kind == "no signals":
        table.write_text(
            "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_hr\n"
            "1,1,50,0,{},1,records500/00001_hr\n",
            encoding="utf-8",
        )
        remedy = "download them into it"
    done = CliRunner().invoke(app, ["record", "retrieval", "--records", str(folder)])
    assert done.exit_code == 2
    said = " ".join(done.stderr.replace("│", " ").split())
    assert "NOWHERE" in said
    assert remedy in said
    assert "wrote" not in done.stdout
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dual"], "Missing option '--work'"),
        (["dual", "w"], "Missing option '--work'"),
        (["dual", "--work", "w", "--jobs", "0"], "'--jobs': Input should be greater than or equal"),
        (["folds", "--jobs", "0"], "'--jobs': Input should be greater than or equal to 1"),
        (["folds", "--jobs", "two"], "'--jobs': Input should be a valid integer"),
        (["folds", "w"], "unexpected extra argument"),
        (["maps", "--jobs", "0"], "'--jobs': Input should be greater than or equal to 1"),
        (["retrieval"], "Missing option '--records'"),
        (["retrieval", "w"], "Missing option '--records'"),
        (["autoencoder"], "Missing option '--records'"),
        (["autoencoder", "--records", "nowhere"], "give the folder that holds PTB-XL"),
    ],
)
def test_bad_arguments_are_told_and_nothing_is_made(nothing_made, words, told):
    done = CliRunner().invoke(app, ["record", *words])
    assert done.exit_code == 2
    assert told in done.stderr
    assert not list(nothing_made.iterdir())


def test_a_file_is_no_folder_to_work_in_and_this_is_told_at_once(nothing_made):
    (nothing_made / "w").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(app, ["record", "dual", "--work", "w"])
    assert done.exit_code == 2
    assert "file" in done.stderr
    assert (nothing_made / "w").read_text(encoding="utf-8") == "mine"


def test_all_verbs_are_listed_with_what_they_do():
    done = CliRunner().invoke(app, ["record", "--help"], env={"COLUMNS": "200"})
    for name in ROOMS:
        assert f" {name} " in done.stdout


def test_a_stage_that_is_there_is_not_made_again(monkeypatch):
    """`shop` makes what is needed once, and only then."""
    from hfgnn.pipeline import build, stages

    sound, made = [True], []
    workshop = SimpleNamespace(
        entry=lambda _: SimpleNamespace(sound=sound[0]), missing=lambda names: ["below", *names]
    )
    monkeypatch.setattr(stages, "workshop", lambda *_: workshop)
    monkeypatch.setattr(
        build, "make_stages", lambda house, names, **named: made.append((house, names, named))
    )
    assert records.shop("dual.newcomers") is workshop
    assert not made
    sound[0] = False
    assert records.shop() is workshop, "where nothing is needed nothing is made"
    assert not made
    assert records.shop("dual.newcomers") is workshop
    assert made[0][:2] == (workshop, ["below", "dual.newcomers"])
    assert made[0][2]["profile"] == "book"
    assert len(made) == 1
