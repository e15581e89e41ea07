"""Tables made anew: what is cheap to see is seen at once, and what is slow comes when asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from hfgnn.cli import people
from hfgnn.data.ptbxl import DATABASE, Record
from hfgnn.train import refit as room
from hfgnn.train.refit import refit


class Read(Exception):
    """A record was read beyond the first one."""


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of which the first is there, and reading on would take minutes."""

    def records(folder: Path) -> Iterator[Record | None]:
        yield None
        raise Read

    monkeypatch.setattr(room, "records", records)


@pytest.mark.usefixtures("slow")
def test_only_the_first_record_is_read_before_a_table_is_asked_for(tmp_path: Path) -> None:
    made = refit(tmp_path, tmp_path / "out")
    assert (tmp_path / "out").is_dir()
    with pytest.raises(Read):
        next(made)


def test_a_folder_without_records_is_refused_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="give the folder that holds PTB-XL"):
        refit(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("slow")
def test_the_command_says_that_it_takes_minutes_before_it_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Read):
        people.waves(tmp_path, tmp_path / "out")
    assert "some minutes" in capsys.readouterr().err


def test_the_command_names_what_is_wrong_with_a_table(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_text("ecg_id\n1\n")
    with pytest.raises(typer.BadParameter, match=f"{DATABASE}: 1 rows, without .*download it"):
        people.waves(tmp_path, tmp_path / "out")
