"""Bars on a terminal, plain lines elsewhere."""

import io
import re

import pytest
from rich.console import Console

from hfgnn.pipeline.progress import Bars, Lines, Watcher, shown, spoken


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system="standard")


def text(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def two_tasks(progress: Watcher) -> None:
    progress.note("2 to make, about 27 s of [work]")
    progress.start("stage clinical.rivals", 25.0)
    progress.start("chapter 03_clinical", 100.0)
    progress.step("chapter 03_clinical", 3, 12)
    progress.finish("stage clinical.rivals", good=True)
    progress.finish("chapter 03_clinical", good=False)


def test_a_log_gets_plain_lines_one_at_each_start_and_end() -> None:
    log = console(terminal=False)
    with shown(log) as progress:
        assert isinstance(progress, Lines)
        two_tasks(progress)
    lines = [re.sub(r"in \d+\.\d s", "in T", line) for line in text(log).splitlines()]
    assert lines == [
        "2 to make, about 27 s of [work]",
        "stage clinical.rivals: started, usually takes 25 s",
        "chapter 03_clinical: started, usually takes 2 min",
        "stage clinical.rivals: done in T",
        "chapter 03_clinical: FAILED in T",
    ]
    assert "\x1b" not in text(log)
    assert "\r" not in text(log)


def test_a_long_line_of_a_log_is_not_broken() -> None:
    log = console(terminal=False)
    with shown(log) as progress:
        progress.note("word " * 60)
    assert len(text(log).splitlines()) == 1


def test_a_terminal_gets_bars_that_move() -> None:
    terminal = console(terminal=True)
    with shown(terminal) as progress:
        assert isinstance(progress, Bars)
        two_tasks(progress)
        (stage, chapter) = progress.progress.tasks
        assert (stage.completed, stage.total, stage.finished) == (1, 1, True)
        assert (chapter.completed, chapter.total, chapter.finished) == (3, 12, False)
        assert "failed" in chapter.description
        assert chapter.stop_time is not None
    drawn = text(terminal)
    assert "\x1b[" in drawn
    assert "clinical.rivals" in drawn
    assert "usually 25 s" in drawn
    assert "about 27 s of [work]" in drawn


def test_a_bar_advances_with_each_step() -> None:
    terminal = console(terminal=True)
    with shown(terminal) as progress:
        assert isinstance(progress, Bars)
        progress.start("chapter 03_clinical", 5)
        seen = []
        for done in range(4):
            progress.step("chapter 03_clinical", done, 4)
            seen.append(progress.progress.tasks[0].percentage)
    assert seen == [0, 25, 50, 75]


def test_a_fault_in_the_block_ends_the_bars_and_goes_on() -> None:
    terminal = console(terminal=True)
    with pytest.raises(KeyError), shown(terminal) as progress:
        progress.step("stage that never started", 1, 2)
    assert text(terminal).endswith("\x1b[?25h")  # the cursor is shown again


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "a second"), (2, "2 s"), (89.4, "89 s"), (120, "2 min"), (600, "10 min")],
)
def test_a_duration_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert spoken(seconds) == said
