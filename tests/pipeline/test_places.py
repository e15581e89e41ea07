"""Builds keep out of each other's way, and small files are whole."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hfgnn.ledger.results import write
from hfgnn.pipeline import places as module
from hfgnn.pipeline.places import BuildError, Places, places, repository

ROOT = Path(__file__).resolve().parents[2]


def test_the_repository_is_the_one_that_holds_this_package() -> None:
    assert repository() == ROOT
    assert places() == Places(ROOT, ROOT / "_build")


def test_a_package_without_its_book_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "places.py"))
    with pytest.raises(BuildError, match=r"holds no _toc\.yml: .* Clone it"):
        repository()


def test_no_other_build_touches_the_published_one(tmp_path: Path) -> None:
    builds = [places(root=tmp_path, profile=name) for name in ("book", "smoke", "paper")]
    builds.append(places(root=tmp_path, cold=True))
    for part in ("store", "locks", "results", "tree", "site"):
        assert len({getattr(build, part) for build in builds}) == 4
    for build in builds:
        assert build.build.is_relative_to(tmp_path / "_build")
        assert build.lock == tmp_path / "requirements.lock"
        assert build.ledger == tmp_path / "book" / "ledger"
        assert build.notebooks == tmp_path / "notebooks"


def test_a_text_is_written_in_utf_8_with_the_folders_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "ein Ordner" / "µ.json"
    write(path, "Größe\n")
    write(path, "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        write(path, "new \udc80\n")
    assert path.read_text() == "old\n"


def test_many_writers_at_once_leave_one_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "pair.ipynb"
    program = """
        import sys
        from pathlib import Path
        from hfgnn.ledger.results import write
        for _ in range(400):
            write(Path(sys.argv[1]), sys.argv[2] * 5000)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    writers = [subprocess.Popen([*command, letter], cwd=ROOT) for letter in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    text = path.read_text()
    assert len(text) == 5000
    assert len(set(text)) == 1
    assert list(tmp_path.iterdir()) == [path]
