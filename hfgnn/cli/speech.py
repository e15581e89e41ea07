"""How the command line speaks, and the options that several verbs share."""

import os
from typing import Annotated

import typer
from rich.console import Console

CORES = min(2, os.cpu_count() or 1)  # more gains little: the book has few chapters
PROFILE = Annotated[str, typer.Option(help="smoke, book or paper")]
JOBS = Annotated[int, typer.Option(min=1, help="How many stages or chapters at a time")]

out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


def say(text: str) -> None:
    """Say what was asked for."""
    out.print(text, markup=False, highlight=False)


def warn(text: str) -> None:
    """Say what went wrong."""
    err.print(text, markup=False, highlight=False)
