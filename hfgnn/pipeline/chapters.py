"""Chapters: pairs of files (Jupytext) that are executed (papermill) into the store.

The only module that knows Jupytext and papermill. A chapter is a leaf: it asks for stages and
makes nothing that another chapter reads. Its key holds the syntax tree of its code, not its prose.
"""

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines

from hfgnn.ledger.results import canonical, write
from hfgnn.pipeline.key import Ingredients, digest, reachable, source_digest, surroundings
from hfgnn.pipeline.notebook import (
    INJECTED,
    fingerprint,
    imports_of,
    parameters_of,
    stages_of,
    tidy,
)
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.stages import workshop
from hfgnn.pipeline.store import Entry
from hfgnn.pipeline.work import RUN_VARIABLE, STAGES_VARIABLE, Step

RUNNING = ("open", "chapters", "notebook", "work", "worker", "cradle")
RUNNER = tuple(f"hfgnn.pipeline.{name}" for name in RUNNING)
ALWAYS = ("hfgnn.ledger.desk", "hfgnn.plots.style")  # what `open_chapter` hands out
THREADS = 1
TOGETHER = 5.0  # seconds: a clone or a copy writes a pair at once, and then the script counts
EXECUTED = "executed.ipynb"
# Without the last entry a heading such as "# Why?" is read as a question to IPython.
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


def source(chapter: str, places: Places) -> NotebookNode:
    """Return the chapter as its .py states it."""
    path = places.notebooks / f"{chapter}.py"
    if not path.is_file():
        raise BuildError(f"{path.name} is not in notebooks/, but _toc.yml lists it")
    try:
        return tidy(jupytext.reads(path.read_text(encoding="utf-8"), fmt=PERCENT))
    except UnicodeDecodeError as error:
        raise BuildError(
            f"notebooks/{path.name} is not UTF-8 text ({error}); save it so"
        ) from error


def pair_up(chapter: str, places: Places) -> str:
    """Make the .ipynb and the .py say the same; return what was done, or nothing.

    The newer one wins, the script where both came at once; the other is kept aside.
    """
    script, book = (places.notebooks / f"{chapter}{end}" for end in (".py", ".ipynb"))
    wanted = source(chapter, places)
    if not book.is_file():
        write(book, nbformat.writes(wanted) + "\n")
        return f"made notebooks/{book.name} from {script.name}"
    try:
        held = tidy(nbformat.reads(book.read_text(encoding="utf-8"), as_version=4))
    except (ValueError, AttributeError, KeyError, nbformat.ValidationError) as error:
        raise BuildError(
            f"notebooks/{book.name} is no notebook ({str(error)[:80]!r}); "
            f"mend it, or delete it and it is made again from {script.name}"
        ) from error
    if _said(held) == _said(wanted):
        return ""
    ahead = book.stat().st_mtime - script.stat().st_mtime
    newer, older = (book, script) if ahead > TOGETHER else (script, book)
    lost = older.read_text(encoding="utf-8")
    write(places.build / "pairs" / f"{digest(lost)[:8]}-{older.name}", lost)
    text = jupytext.writes(held, fmt=PERCENT) if newer is book else nbformat.writes(wanted)
    write(older, _without_header(text).rstrip("\n") + "\n")
    return f"notebooks/{older.name} now says what the newer {newer.name} says (old: _build/pairs)"


def _without_header(text: str) -> str:
    return text.split("# ---\n", 2)[-1].lstrip("\n") if text.startswith("# ---\n") else text


def _said(notebook: NotebookNode) -> list[tuple[str, str, list[str]]]:
    return [(c.cell_type, c.source, list(c.metadata.get("tags", []))) for c in notebook.cells]


def settle(
    notebook: NotebookNode, chapter: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the chapter's parameters, and those among them that differ from its own defaults."""
    defaults = parameters_of(notebook, chapter)
    if missing := {"profile", "seed"} - defaults.keys():
        raise BuildError(f"{chapter} lacks the parameter {missing.pop()!r}; every chapter has both")
    for name, value in given.items():
        if name not in defaults:
            known = ", ".join(f"{k} = {v!r}" for k, v in defaults.items())
            raise BuildError(f"{chapter} has no parameter {name!r}; it has {known}")
        kind = type(defaults[name])
        if type(value) is not kind and (kind, type(value)) != (float, int):
            wanted = f"{kind.__name__}, as {defaults[name]!r} is"
            raise BuildError(f"{chapter}: parameter {name} = {value!r} must be {wanted}")
    changed = {name: value for name, value in given.items() if value != defaults[name]}
    settled = defaults | changed
    if not isinstance(settled["seed"], int) or settled["seed"] < 0:
        raise BuildError(f"{chapter}: seed = {settled['seed']!r} must be a whole number, 0 or more")
    return settled, changed


def entry(chapter: str, given: Mapping[str, Any], places: Places) -> Entry:
    """Return where the chapter's results lie, by its key."""
    return Entry(places.store, chapter, ingredients(chapter, given, places))


def ingredients(chapter: str, given: Mapping[str, Any], places: Places) -> Ingredients:
    """Return all that the chapter's results depend on; its prose is not among them."""
    notebook = source(chapter, places)
    parameters, _ = settle(notebook, chapter, given)
    shop = workshop(parameters["profile"], parameters["seed"], places)
    asked = imports_of(notebook, chapter, places.root)
    direct = [name for name in asked if not name.startswith("hfgnn.pipeline")]
    runner = {name: source_digest(name, places.root) for name in RUNNER}
    return {
        "parameters": parameters,
        "cells": fingerprint(notebook),
        "stages": {name: shop.entry(name).key for name in stages_of(notebook, chapter)},
        "module": reachable([*direct, *ALWAYS], places.root) | runner,
        "threads": THREADS,
        **surroundings(places.lock),
    }


class _Telling(NBClientEngine):  # type: ignore[misc]
    """The engine of papermill that tells how far it is."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        step, start = options.pop("step"), nb_man.cell_start

        def cell_start(cell: NotebookNode, cell_index: int, **rest: Any) -> Any:
            step(cell_index, len(nb_man.nb.cells))
            return start(cell, cell_index, **rest)

        nb_man.cell_start = cell_start
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register("hfgnn", _Telling)


def make_chapter(chapter: str, given: Mapping[str, Any], places: Places, step: Step) -> Path:
    """Execute the chapter into the store, whole or not at all, and return its folder."""
    notebook = source(chapter, places)
    parameters, changed = settle(notebook, chapter, given)

    def build(folder: Path) -> None:
        executed = _execute(chapter, notebook, changed, folder, step)
        about = {"chapter": chapter, "parameters": parameters}
        about |= {"profile": parameters["profile"], "seed": parameters["seed"]}
        write(folder / "results" / "meta.json", canonical(about))
        write(folder / EXECUTED, nbformat.writes(executed) + "\n")

    return entry(chapter, given, places).get(build)[0]


def _execute(
    chapter: str, notebook: NotebookNode, changed: dict[str, Any], folder: Path, step: Step
) -> NotebookNode:
    results = folder / "results"
    results.mkdir()
    os.environ[RUN_VARIABLE] = str(results)
    os.environ[STAGES_VARIABLE] = " ".join(stages_of(notebook, chapter))
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    scratch = folder / "scratch.ipynb"
    nbformat.write(notebook, scratch)
    try:
        executed = papermill.execute_notebook(
            str(scratch),
            str(scratch),
            parameters=changed,
            engine_name="hfgnn",
            kernel_name="python3",
            cwd=str(results),
            progress_bar=False,
            coalesce_streams=True,
            step=step,
        )
    except papermill.PapermillExecutionError as error:
        raise BuildError(_failure(chapter, notebook, error)) from error
    scratch.unlink()
    return _kept(executed)


def _failure(chapter: str, notebook: NotebookNode, error: Any) -> str:
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    place = sources.index(error.source) + 1 if error.source in sources else "parameters"
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    line = re.search(r"^-+> +\d+ +(.*)$", trace, re.MULTILINE)
    return (
        f"chapter {chapter}, code cell {place} failed: {error.ename}: {error.evalue}\n"
        f"    {line.group(1) if line else error.source.strip().splitlines()[0]}\n"
        f"Mend notebooks/{chapter}.py and build again; the last good site is untouched."
    )


def _kept(executed: NotebookNode) -> NotebookNode:
    kept = tidy(executed)
    for cell in kept.cells:
        if INJECTED in cell.metadata.get("tags", []):
            cell.source = "# parameters of this run\n" + cell.source.split("\n", 1)[-1]
    return kept


def executed(chapter: str, folder: Path) -> NotebookNode:
    """Return the executed notebook in a chapter's folder."""
    text = (folder / EXECUTED).read_text(encoding="utf-8")
    notebook: NotebookNode = nbformat.reads(text, as_version=4)
    return notebook
