"""The rules that every chapter keeps, each proven able to fail, and a smoke run of them all."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hfgnn.pipeline import chapters
from hfgnn.pipeline.notebook import code_cells, parameters_of, stages_of
from hfgnn.pipeline.order import listed
from hfgnn.pipeline.places import places
from tests.conftest import ROOT, Copy

HERE = places(root=ROOT)
NAMES = listed(HERE)
LIBRARIES = {"hfgnn", "numpy", "pandas", "matplotlib.pyplot", "seaborn"}
LINES, WORDS = 15, 8

Rule = Callable[[NotebookNode], list[str]]


def short_cells(notebook: NotebookNode) -> list[str]:
    """A cell has at most fifteen lines."""
    cells = code_cells(notebook)
    return [cell.source for cell in cells if len(cell.source.strip().splitlines()) > LINES]


def one_small_def(notebook: NotebookNode) -> list[str]:
    """A cell defines at most one function and no class."""
    found = []
    for cell in code_cells(notebook):
        nodes = list(ast.walk(ast.parse(cell.source)))
        functions = sum(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) for n in nodes)
        if functions > 1 or any(isinstance(n, ast.ClassDef) for n in nodes):
            found.append(cell.source)
    return found


def known_imports(notebook: NotebookNode) -> list[str]:
    """Only the libraries that a student is told of."""
    found = []
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append(str(node.module))
    return [name for name in found if name not in LIBRARIES and not name.startswith("hfgnn.")]


def no_paths(notebook: NotebookNode) -> list[str]:
    """No cell touches sys.path."""
    return [cell.source for cell in code_cells(notebook) if "sys.path" in cell.source]


def prose_leads(notebook: NotebookNode) -> list[str]:
    """There are at least eight words of prose to a line of code."""
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    words = len(re.findall(r"[A-Za-z][\w'-]*", prose))
    lines = sum(len(cell.source.strip().splitlines()) for cell in code_cells(notebook))
    return [] if words >= WORDS * lines else [f"{words} words for {lines} lines of code"]


def no_two_codes_in_a_row(notebook: NotebookNode) -> list[str]:
    """Between two results somebody says what is seen."""
    kinds = [cell.cell_type for cell in notebook.cells if cell.source.strip()]
    runs = re.findall(r"c{4,}", "".join("c" if kind == "code" else "m" for kind in kinds))
    return [f"{len(run)} code cells without a word" for run in runs]


def defined_on_its_own_line(notebook: NotebookNode) -> list[str]:
    """What a definition list explains has a line of its own, or it is no list."""
    return [
        found for cell in notebook.cells for found in re.findall(r"(?m)^[\w ]+ : \*.*", cell.source)
    ]


RULES: list[Rule] = [
    short_cells,
    one_small_def,
    known_imports,
    no_paths,
    prose_leads,
    no_two_codes_in_a_row,
    defined_on_its_own_line,
]

WRONG: dict[str, list[str]] = {
    "short_cells": ["x = 1\n" * (LINES + 1)],
    "one_small_def": ["class Patient: ..."],
    "known_imports": ["import torch"],
    "no_paths": ["import sys; sys.path.append('..')"],
    "prose_leads": ["x = 1\n" * 10],
    "no_two_codes_in_a_row": ["x = 1"] * 4,
    "defined_on_its_own_line": ["order : *Published:* pages are made first"],
}


@pytest.mark.parametrize("chapter", NAMES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_chapter_keeps_the_rule(chapter: str, rule: Rule) -> None:
    assert rule(chapters.source(chapter, HERE)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_can_fail(rule: Rule) -> None:
    cells = [new_code_cell(text) for text in WRONG[rule.__name__]]
    assert rule(new_notebook(cells=[new_markdown_cell("Two words"), *cells]))


@pytest.mark.parametrize("chapter", NAMES)
def test_the_pair_says_the_same_and_holds_no_outputs(chapter: str) -> None:
    held = (HERE.notebooks / f"{chapter}.ipynb").read_text(encoding="utf-8")
    assert held == nbformat.writes(chapters.source(chapter, HERE)) + "\n"
    assert all(not cell.outputs for cell in code_cells(nbformat.reads(held, as_version=4)))


@pytest.mark.parametrize("chapter", NAMES)
def test_a_chapter_is_a_leaf_with_the_two_parameters(chapter: str) -> None:
    source = chapters.source(chapter, HERE)
    assert parameters_of(source, chapter) == {"profile": "book", "seed": 2025}
    assert all("." in name for name in stages_of(source, chapter))


@pytest.mark.parametrize("chapter", NAMES)
def test_a_chapter_opens_with_its_question_and_card_and_ends_with_exercises(chapter: str) -> None:
    prose = [c.source for c in chapters.source(chapter, HERE).cells if c.cell_type == "markdown"]
    opening, whole = "\n".join(prose[:2]), "\n".join(prose)
    assert "?" in opening
    assert f"{{chapter-card}} {chapter}" in opening
    exercises, solutions = (
        len(re.findall(rf"{{{k}}}", whole)) for k in ("exercise", "solution-start")
    )
    exercises += len(re.findall(r"{exercise-start}", whole))
    assert 2 <= exercises <= 3
    assert solutions == exercises
    assert whole.count(":class: dropdown") >= solutions


def test_the_card_of_every_chapter_tells_time_and_memory() -> None:
    text = (ROOT / "book" / "ledger" / "machine.json").read_text(encoding="utf-8")
    told = json.loads(text)["chapters"]
    assert list(told) == listed(places()), "`hfgnn bench` measures what each chapter costs"
    assert all(cost["seconds"] > 1 and cost["megabytes"] > 100 for cost in told.values())


def test_every_notebook_is_in_the_contents() -> None:
    on_disk = {path.stem for path in HERE.notebooks.glob("*") if path.suffix in {".py", ".ipynb"}}
    assert on_disk == set(NAMES)


def test_smoke_runs_every_chapter_and_compares_nothing(built_smoke: Copy) -> None:
    site = built_smoke.root / "_build" / "smoke" / "site"
    for chapter in NAMES:
        assert (site / "notebooks" / f"{chapter}.html").is_file()
        meta = built_smoke.results("smoke")[f"{chapter}/meta.json"]
        assert json.loads(meta)["profile"] == "smoke"
    assert " 0 exact, 0 within tolerance, 0 different" in built_smoke.said
    assert not (built_smoke.root / "_build" / "results").exists()
    assert Path(built_smoke.root / "_build" / "smoke" / "results").is_dir()
