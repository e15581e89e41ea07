"""The order of the work: what a long chain waits for goes first, and nothing before its needs."""

from pathlib import Path

import pytest
from rich.console import Console

from hfgnn.pipeline import build
from hfgnn.pipeline.build import run, seconds_behind
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.progress import Lines
from hfgnn.pipeline.work import Task


def task(name: str, seconds: float, *needs: str) -> Task:
    """Return a task whose entry is its name."""
    return Task("stage", name, "smoke", 7, name, seconds=seconds, needs=needs)


TASKS = [
    task("short", 5),
    task("long", 30),
    task("first", 4),
    task("second", 20, "first"),
    task("third", 20, "second", "short"),
]


def test_a_chain_is_as_long_as_its_longest_way() -> None:
    found = {one.name: seconds_behind(one, TASKS) for one in TASKS}
    assert found == {"short": 25, "long": 30, "first": 44, "second": 40, "third": 20}


def test_the_longest_chain_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = list[str]()

    def perform(_: object, one: Task, *__: object) -> float:
        done.append(one.name)
        if one.name == "short":
            raise BuildError("short fails")
        return 0.0

    monkeypatch.setattr(build.Crew, "perform", perform)
    with pytest.raises(BuildError, match="short fails"):
        run(TASKS, Places(tmp_path, tmp_path), jobs=1, progress=Lines(Console(quiet=True)))
    assert done == ["first", "second", "long", "short"], "third needed what failed"
