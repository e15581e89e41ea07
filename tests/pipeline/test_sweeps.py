"""Sweeps end with the same bytes however often they are killed, and whoever makes their cells."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from hfgnn.pipeline import sweeps
from hfgnn.pipeline.gathering import HOW, Gathered, told
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.profiles import profile_named
from hfgnn.pipeline.progress import Bars, Lines, shown
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.pipeline.sweeps import SWEEPS, Asked, Tally
from hfgnn.pipeline.work import Task
from hfgnn.train import answer, asked, audit_dual, audit_selfsup, audit_thesis, covered, records
from hfgnn.train.records import RECORDED
from tests.conftest import Copy, contents
from tests.planted import CELLS, DRAWN, SEEDS, beside, cells, planted, record, store

KILLS = 10


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy of the repository that has one sweep more."""
    return planted(tmp_path_factory.mktemp("sweeps") / "hfgnn")


@pytest.fixture(scope="module")
def kept(tiny: Copy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of all that a sweep has made that nothing disturbed, two cells at a time."""
    done = tiny.hfgnn("sweep", "tiny", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert len(cells(tiny)) == CELLS
    assert done.stdout == f"wrote {tiny.root}/book/ledger/recorded/tiny\n"
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(tiny.root / "_build", folder / "_build")
    shutil.copytree(recorded(tiny), folder / "tiny")
    return folder


@pytest.fixture
def empty(tiny: Copy, kept: Path) -> Copy:
    """Return the copy without a cell and without a record."""
    shutil.rmtree(tiny.root / "_build")
    shutil.rmtree(recorded(tiny), ignore_errors=True)
    return tiny


@pytest.fixture
def full(empty: Copy, kept: Path) -> Copy:
    """Return the copy with all cells and the record."""
    shutil.copytree(kept / "_build", empty.root / "_build")
    shutil.copytree(kept / "tiny", recorded(empty))
    return empty


@pytest.fixture(scope="module")
def whole(kept: Path) -> dict[str, bytes]:
    """Return the record's bytes."""
    return undated(contents(kept / "tiny"))


def recorded(copy: Copy) -> Path:
    """Return where the record lies."""
    return copy.root / "book/ledger/recorded/tiny"


def undated(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out on which day a record was made: a test may see midnight."""
    text = files[HOW].decode()
    assert re.search(r'"made": "\d{4}-\d\d-\d\d"', text)
    return files | {HOW: re.sub(r'"made": "[-\d]+"', "", text).encode()}


def until(copy: Copy, process: subprocess.Popen[str], many: int) -> None:
    """Wait until so many cells are whole."""
    deadline = time.monotonic() + 60
    while len(cells(copy)) < many and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.poll() is None, process.communicate()[0]


def kill(process: subprocess.Popen[str], *, alone: bool) -> None:
    """Kill a sweep, with all its processes or without; it must have been at work."""
    if alone:
        os.kill(process.pid, signal.SIGKILL)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.slow
def test_killed_ten_times_it_ends_as_one_that_was_never_killed(
    empty: Copy, whole: dict[str, bytes]
) -> None:
    """At random moments: before any cell, between them, and when all are there to be gathered."""
    luck, seen = np.random.default_rng(5), list[int]()
    among = np.sort(luck.choice(np.arange(1, CELLS - 1), size=KILLS - 2, replace=False))
    for number, many in enumerate([0, *among, CELLS]):
        process = empty.start("sweep", "tiny", "--jobs", str(1 + number % 2))
        until(empty, process, many)
        time.sleep(luck.uniform(0, 0.3))
        kill(process, alone=number % 3 == 1)
        seen.append(len(cells(empty)))
        assert not record(empty), "a record before all was gathered"
    assert seen == sorted(seen)
    assert len(set(seen)) >= KILLS // 2, "kills must fall among the cells"
    times = {path.name: path.stat().st_mtime_ns for path in store(empty).glob("[!.]*")}
    done = empty.hfgnn("sweep", "tiny")
    assert done.returncode == 0, done.stderr
    assert undated(record(empty)) == whole
    assert times == {path.name: path.stat().st_mtime_ns for path in store(empty).glob("*")}, (
        "a cell that was there was made again, or a draft was left"
    )


def test_one_at_a_time_they_are_the_same_and_one_that_fails_stops_what_needs_it_alone(
    empty: Copy, whole: dict[str, bytes]
) -> None:
    (beside(empty) / "tiny.1.2").touch()
    done = empty.hfgnn("sweep", "tiny", "--jobs", "1")
    assert done.returncode == 1
    assert "tiny.1.2 is to fail" in done.stderr
    assert "stage tiny.1.2 failed" in done.stderr
    assert not record(empty)
    assert len(cells(empty)) == CELLS - 2, "all but it and the sum that needs it"
    (beside(empty) / "tiny.1.2").unlink()
    assert empty.hfgnn("sweep", "tiny", "--jobs", "1").returncode == 0
    assert undated(record(empty)) == whole


def test_two_at_once_make_each_cell_once_and_end_well(empty: Copy, whole: dict[str, bytes]) -> None:
    both = [empty.start("sweep", "tiny", "--jobs", "1") for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(said)
    assert undated(record(empty)) == whole
    drawn = [name for path in beside(empty).glob("[0-9]*") for name in path.read_text().split()]
    assert len(set(drawn)) == len(drawn) == CELLS - SEEDS, "a cell was made twice"
    assert not list(store(empty).glob(".draft-*"))


def test_other_seeds_lie_elsewhere_and_the_record_stays(full: Copy) -> None:
    before, made = record(full), cells(full)
    done = full.hfgnn("sweep", "tiny", "--seeds", "2")
    assert done.returncode == 0, done.stderr
    folder = full.root / "_build" / "sweeps" / "tiny-2"
    assert done.stdout == f"wrote {folder}\n"
    assert record(full) == before
    assert cells(full) == made, "cells of two seeds are among those of three"
    three = pd.read_parquet(recorded(full) / "tiny.parquet")
    two = pd.read_parquet(folder / "tiny.parquet")
    pd.testing.assert_frame_equal(two, three[: len(three) * 2 // SEEDS])


def test_a_record_that_says_the_same_stays_and_another_is_replaced(
    full: Copy, whole: dict[str, bytes]
) -> None:
    how = recorded(full) / HOW
    old = re.sub(r'"made": "[-\d]+"', '"made": "2001-02-03"', how.read_text())
    how.write_text(old)
    done = full.hfgnn("sweep", "tiny")
    assert done.returncode == 0
    assert "a record of 2001-02-03 is already in" in done.stderr
    assert "says the same already, and stays as it was" in done.stdout
    assert how.read_text() == old
    how.write_text(old.replace('"seeds": 3', '"seeds": 4'))
    done = full.hfgnn("sweep", "tiny")
    assert "wrote" in done.stdout
    assert undated(record(full)) == whole


def test_cells_of_a_sweep_are_not_cleaned_away(full: Copy) -> None:
    made = cells(full)
    (store(full) / "tiny.0.0-0123").mkdir()  # of other code
    done = full.hfgnn("clean")
    assert done.stdout == "removed 1 folder\n", done.stderr
    assert cells(full) == made
    assert not (store(full) / "tiny.0.0-0123").exists()


def test_interrupted_it_ends_soon_and_says_what_to_do(empty: Copy) -> None:
    (beside(empty) / "sleep").write_text("20")
    process = empty.start("sweep", "tiny", "--jobs", "2")
    deadline = time.monotonic() + 60
    while len(list(beside(empty).iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert time.monotonic() - started < 10
    assert "run the same command again" in said
    assert "Traceback" not in said


WORDS = [
    (["sweep", "regime"], ["'regime'", "ablations", "coverage", "regimes"]),
    (["sweep", "tiny", "--seeds", "0"], ["--seeds", "greater than or equal to 1"]),
    (["sweep", "tiny", "--jobs", "0"], ["--jobs", "greater than or equal to 1"]),
    (["sweep", "tiny", "--jobs", "2", "--cluster", "tcp://a:1"], ["--jobs", "--cluster"]),
    (["sweep", "tiny", "--profile", "bok"], ["'bok'", "smoke, book, paper"]),
    (["sweep", "coverage", "--seeds", "3"], ["--seeds 3", "coverage repeats nothing"]),
]


@pytest.mark.parametrize(("words", "expected"), WORDS, ids=lambda value: " ".join(value)[:40])
def test_words_that_mean_nothing(tiny: Copy, words: list[str], expected: list[str]) -> None:
    done = tiny.hfgnn(*words)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.replace("│", " ").split())  # a box breaks lines
    for part in expected:
        assert part in said


def test_without_a_name_all_are_listed_with_their_time(tiny: Copy) -> None:
    said = tiny.hfgnn("sweep").stdout
    for name, sweep in SWEEPS.items():
        assert re.search(rf"^{name} .*(hour|minutes)", said, re.MULTILINE)
        assert sweep.about in said


# What needs no process


@pytest.mark.parametrize("name", SWEEPS)
def test_every_sweep_can_be_planned_in_every_profile_from_stages_that_are_there(name: str) -> None:
    for profile in ("smoke", "book"):
        one = Asked(name, profile, SEED)
        shop = sweeps.workshop(one, Places(Path("nowhere"), Path("nowhere")))
        names = [cell.name for cell in one.cells()]
        assert set(names) <= set(shop.order(names))
        book = [stage.name for stage in catalogue(profile_named(profile), SEED)]
        assert len(set(names) | set(book)) == len(names) + len(book), "a name is taken"


RECORDS = {
    "ablations": (asked.FILES, asked.COMMAND),
    "audit-dual": (audit_dual.WORK.files, audit_dual.WORK.command),
    "audit-selfsup": (audit_selfsup.WORK.files, audit_selfsup.WORK.command),
    "audit-thesis": (audit_thesis.WORK.files, audit_thesis.WORK.command),
    "coverage": (covered.FILES, covered.COMMAND),
    "regimes": (answer.FILES, answer.COMMAND),
}


def test_a_sweep_writes_what_a_stage_reads_and_names_itself(tmp_path: Path) -> None:
    assert SWEEPS.keys() == RECORDS.keys()
    for name, (files, command) in RECORDS.items():
        folder = Asked(name, "book", SEED).folder(Places(RECORDED.parents[2], tmp_path))
        assert {path.parent for path in files.values()} == {folder}
        assert HOW == records.HOW in files
        assert command == f"hfgnn sweep {name}"


@pytest.mark.parametrize("name", [name for name, sweep in SWEEPS.items() if sweep.seeds])
def test_more_seeds_hold_the_cells_of_fewer(name: str) -> None:
    few, more = (Asked(name, "smoke", SEED, seeds).cells() for seeds in (2, 3))
    held = {cell.name: cell for cell in more}
    assert len(few) < len(more)
    assert all(held[cell.name] == cell for cell in few)


def test_only_the_usual_seeds_at_the_books_size_are_the_books_own(here: Places) -> None:
    own = here.ledger / "recorded" / "regimes"
    assert Asked("regimes", "book", SEED).folder(here) == own
    assert Asked("regimes", "book", SEED, SWEEPS["regimes"].seeds).folder(here) == own
    others = [Asked("regimes", "book", SEED, 2), Asked("regimes", "book", SEED + 1)]
    for other in (*others, Asked("regimes", "smoke", SEED)):
        assert other.folder(here).is_relative_to(here.build / "sweeps")
    with pytest.raises(BuildError, match="-1 seeds; give 1 or more"):
        Asked("regimes", "book", SEED, -1)


def gathered(value: float) -> Gathered:
    files = {name: Path(name) for name in ("a.parquet", "b.parquet", HOW)}
    table = pd.DataFrame({"x": [value, 2.0]})
    return Gathered(files, {"a.parquet": table, "b.parquet": table}, {"of": [1, (2,)]}, "do it")


def test_a_record_is_replaced_only_when_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each place where writing can be cut off there is the old record, the new one, or none."""
    folder, draft, moved = tmp_path / "there", tmp_path / "draft", list[str]()
    assert gathered(1.0).keep(folder, draft)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "README.md").write_text("what else lies there")
    move = shutil.move

    def cut(allowed: int) -> None:
        def moving(source: Path, target: Path) -> None:
            assert not (folder / HOW).exists(), "it would tell of files that are not its own"
            if len(moved) == allowed:
                raise KeyboardInterrupt
            moved.append(target.name)
            move(source, target)

        monkeypatch.setattr(shutil, "move", moving)

    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", no_room)
        with pytest.raises(OSError, match="full"):
            gathered(3.0).keep(folder, draft)
    assert {n: (folder / n).read_bytes() for n in before} == before
    for allowed in range(3):
        moved.clear()
        cut(allowed)
        with pytest.raises(KeyboardInterrupt):
            gathered(3.0).keep(folder, draft)
        assert told(folder) == {}
    moved.clear()
    cut(3)
    assert gathered(3.0).keep(folder, draft)
    assert moved == ["a.parquet", "b.parquet", HOW]
    assert pd.read_parquet(folder / "b.parquet")["x"].tolist() == [3.0, 2.0]
    assert json.loads((folder / HOW).read_text())["of"] == {"of": [1, [2]]}
    assert (folder / "README.md").exists()
    assert not draft.exists()
    assert not gathered(3.0).keep(folder, draft), "the same again is no news"


def no_room(*_: object, **__: object) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("text", ["", "[]", "{", "\udcff"])
def test_a_damaged_record_tells_nothing_and_is_written_anew(tmp_path: Path, text: str) -> None:
    gathered(1.0).keep(tmp_path / "there", tmp_path / "draft")
    (tmp_path / "there" / HOW).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert told(tmp_path / "there") == {}
    assert gathered(1.0).keep(tmp_path / "there", tmp_path / "draft")


def tasks(*seconds: float) -> list[Task]:
    return [Task("stage", f"c{n}", "smoke", 7, f"c{n}-0", seconds=s) for n, s in enumerate(seconds)]


def swept(console: Console, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tell of a sweep of ten cells, of which six are there, and return the texts beside its bar."""
    clock, texts = [0.0], list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def work(tally: Tally) -> None:
        with tally.shown(jobs=2):
            for n in range(4):
                tally.start(f"stage c{n}", 100.0)
                clock[0] += 50.0 * (n + 1)
                tally.finish(f"stage c{n}", good=n != 2)
                if isinstance(tally.progress, Bars):
                    (bar,) = tally.progress.progress.tasks
                    texts.append(f"{bar.completed:.0f} {bar.fields['usual']}")
            raise BuildError("c2 failed")

    with shown(console) as progress, pytest.raises(BuildError, match="c2 failed"):
        work(Tally(progress, "tiny", tasks(100, 200, 300, 400), 10))
    return texts


def test_a_terminal_shows_cells_done_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=120)
    assert swept(terminal, monkeypatch) == [
        "7 7 of 10 cells, about 8 min left",  # 100 of 1000 expected seconds took 50
        "8 8 of 10 cells, about 6 min left",  # 300 of 1000 took 150
        "8 8 of 10 cells, about 6 min left",  # one that failed is not done
        "9 9 of 10 cells",  # nothing else can be made
    ]


def test_a_log_has_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Console(file=io.StringIO(), width=120)
    swept(log, monkeypatch)
    assert isinstance(log.file, io.StringIO)
    assert log.file.getvalue().splitlines() == [
        "tiny: 6 of 10 cells are there, 4 to make",
        "tiny: started, usually takes 8 min",
        "tiny: 8 of 10 cells, about 6 min left",
        "tiny: stage c2 failed; what does not need it goes on",
        "tiny: 9 of 10 cells",
        "tiny: FAILED in 500.0 s",
    ]


def test_a_sweep_with_nothing_left_shows_no_bar() -> None:
    log = Console(file=io.StringIO(), width=120)
    with Tally(Lines(log), "tiny", [], 10).shown(jobs=2):
        pass
    assert isinstance(log.file, io.StringIO)
    assert log.file.getvalue() == "tiny: 10 of 10 cells are there, 0 to make\n"


def test_the_planted_sweep_is_as_large_as_it_says() -> None:
    assert CELLS == SEEDS * (DRAWN + 1) > KILLS
