"""How far a build is: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

TOLD_EVERY = 60.0  # seconds between two lines of a log on how far a task is


class Watcher(Protocol):
    """Whoever is told what a build does."""

    def note(self, text: str) -> None:
        """Hear something worth a line."""

    def start(self, task: str, seconds: float) -> None:
        """Hear that a task starts, and how long it usually takes."""

    def step(self, task: str, done: int, of: int) -> None:
        """Hear how far a task is."""

    def tell(self, task: str, text: str) -> None:
        """Hear in words how far a task is, however often."""

    def finish(self, task: str, *, good: bool) -> None:
        """Hear that a task ended."""


class Lines:
    """Plain lines, for logs: one when a task starts, one when it ends, some between."""

    def __init__(self, console: Console) -> None:
        """Write to this console."""
        self.console, self.started = console, dict[str, float]()
        self.told = dict[str, float]()

    def note(self, text: str) -> None:
        """Write the line."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def start(self, task: str, seconds: float) -> None:
        """Say that it starts."""
        self.started[task] = time.monotonic()
        self.note(f"{task}: started, usually takes {spoken(seconds)}")

    def step(self, task: str, done: int, of: int) -> None:
        """Stay silent: a log is read afterwards."""

    def tell(self, task: str, text: str) -> None:
        """Write it, if nothing was written for a while."""
        now = time.monotonic()
        if now - self.told.get(task, self.started[task]) > TOLD_EVERY:
            self.told[task] = now
            self.note(f"{task}: {text}")

    def finish(self, task: str, *, good: bool) -> None:
        """Say how it ended."""
        took = time.monotonic() - self.started[task]
        self.note(f"{task}: {'done' if good else 'FAILED'} in {took:.1f} s")


class Bars:
    """One bar a running task, on a terminal."""

    def __init__(self, console: Console) -> None:
        """Draw on this console."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=28))
        after = (TimeElapsedColumn(), TextColumn("{task.fields[usual]}", style="dim"))
        self.progress = Progress(*columns, *after, console=console, transient=False)
        self.bars = dict[str, TaskID]()

    def note(self, text: str) -> None:
        """Write the line above the bars."""
        self.progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def start(self, task: str, seconds: float) -> None:
        """Add a bar."""
        usual = f"usually {spoken(seconds)}"
        self.bars[task] = self.progress.add_task(task, total=None, usual=usual)

    def step(self, task: str, done: int, of: int) -> None:
        """Move the bar."""
        self.progress.update(self.bars[task], completed=done, total=of)

    def tell(self, task: str, text: str) -> None:
        """Write it beside the bar."""
        self.progress.update(self.bars[task], usual=text)

    def finish(self, task: str, *, good: bool) -> None:
        """Fill the bar, or mark it."""
        bar = self.bars[task]
        if good:
            self.progress.update(bar, completed=1, total=1)
        else:
            self.progress.update(bar, description=f"[red]{task} failed")
        self.progress.stop_task(bar)


def spoken(seconds: float) -> str:
    """Return a duration as a person would say it."""
    if seconds < 1.5:
        return "a second"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@contextmanager
def shown(console: Console | None = None) -> Iterator[Watcher]:
    """Show progress while the block runs, in the way that suits where it is shown."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield Lines(console)
        return
    bars = Bars(console)
    with bars.progress:
        yield bars
