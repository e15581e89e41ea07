"""What a notebook says about itself, and the forms it takes."""

import ast
import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.core.displayhook import DisplayHook
from nbformat import NotebookNode
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from hfgnn.pipeline.notebook import (
    INJECTED,
    bound,
    code_cells,
    fingerprint,
    imports_of,
    join,
    parameters_of,
    problems,
    staged,
    stages_of,
    tidy,
)
from hfgnn.pipeline.places import BuildError

ROOT = Path(__file__).resolve().parents[2]
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
PARAMETERS = 'profile = "book"\nseed = 2025'


def code(source: str, *tags: str, count: int | None = None, outputs: Any = ()) -> NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(source, metadata=metadata, execution_count=count, outputs=list(outputs))


def notebook(*cells: NotebookNode | str) -> NotebookNode:
    return new_notebook(cells=[code(cell) if isinstance(cell, str) else cell for cell in cells])


def shown(data: dict[str, str], kind: str = "", id: str = "") -> NotebookNode:
    metadata = {"hfgnn": {"kind": kind, "id": id}} if kind else {}
    return new_output("display_data", data, metadata=metadata)


def parameters(source: str) -> dict[str, Any]:
    return parameters_of(notebook(code(source, "parameters"), "x = 1"), "03_clinical")


def test_parameters_are_the_plain_values_of_the_tagged_cell() -> None:
    source = f"# the usual\n{PARAMETERS}\nrate = -0.5\nquick = False  # or True"
    found = parameters(source)
    assert found == {"profile": "book", "seed": 2025, "rate": -0.5, "quick": False}
    assert list(found) == ["profile", "seed", "rate", "quick"]
    assert type(found["quick"]) is bool


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_one_cell_of_parameters(count: int) -> None:
    book = notebook("x = 1", *(code(PARAMETERS, "parameters") for _ in range(count)))
    with pytest.raises(BuildError, match=rf'03_clinical: {count} cells are tagged "parameters"'):
        parameters_of(book, "03_clinical")


@pytest.mark.parametrize(
    "line",
    [
        "seed = 2 * 3",
        "seed = int('7')",
        "seed: int = 7",
        "a = seed = 7",
        "profile, seed = 'book', 7",
        "seed += 1",
        "import numpy",
        "seeds = [1, 2]",
        "seed = None",
        "seed = {[]: 1}",
        "box.seed = 7",
    ],
)
def test_what_is_no_plain_parameter_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(BuildError, match="03_clinical, parameters: .* must be `name = value`"):
        parameters(f"{PARAMETERS}\n{line}")


def test_the_cell_that_papermill_adds_is_not_a_person_s() -> None:
    book = notebook(code(PARAMETERS, "parameters"), code("seed = 7", INJECTED), "  \n", "x = 1")
    assert [cell.source for cell in code_cells(book)] == [PARAMETERS, "x = 1"]
    assert parameters_of(book, "a")["seed"] == 2025


def test_stages_are_read_from_the_code_in_order_and_once() -> None:
    book = notebook(
        'get, record, figure, table = open_chapter("03_clinical", profile=profile, seed=seed)',
        'rivals = get("clinical.rivals")\nshares = {"a": 1}.get("a")  # get("a.remark")',
        'if rivals:\n    def f():\n        return get("b.inner"), get("clinical.rivals")',
        new_markdown_cell('get("prose")'),
        'text = "get(\\"quoted\\")"',
    )
    assert stages_of(book, "03_clinical") == ["clinical.rivals", "b.inner"]


@pytest.mark.parametrize(
    "line",
    [
        "get(name)",
        'get(f"clinical.{name}")',
        'get("clinical." + name)',
        "get()",
        'get(name="clinical.rivals")',
        'get(*["clinical.rivals"])',
        "get(3)",
        "[get(n) for n in names]",
        "load = get",
        "list(map(get, names))",
    ],
)
def test_a_stage_whose_name_is_not_written_out_is_refused(line: str) -> None:
    with pytest.raises(BuildError, match="03_clinical, code cell 2: .*name its stage"):
        stages_of(notebook("x = 1", line), "03_clinical")


def test_what_is_not_python_is_refused_with_its_cell() -> None:
    for line in ("%matplotlib inline", "!ls", "x = (1"):
        with pytest.raises(BuildError, match="03_clinical, code cell 2: .*plain Python"):
            stages_of(notebook("x = 1", line), "03_clinical")


def test_imports_are_the_modules_of_the_package_only() -> None:
    book = notebook(
        "import numpy as np\nimport hfgnn.plots.style as style\nfrom matplotlib import pyplot",
        "from hfgnn.world import clinical\nfrom hfgnn.pipeline import open_chapter",
        "def f():\n    from hfgnn.world.clinical import *\n    import hfgnnx, os",
        new_markdown_cell("import hfgnn.cli"),
    )
    expected = ["hfgnn.pipeline", "hfgnn.plots.style", "hfgnn.world", "hfgnn.world.clinical"]
    assert imports_of(book, "a", ROOT) == expected
    assert imports_of(notebook("import hfgnn"), "a", ROOT) == ["hfgnn"]


def test_prose_comments_layout_and_looks_leave_the_fingerprint() -> None:
    one = notebook("x = 1", new_markdown_cell("Before."), "def f(a):\n    return a\nf(x)")
    two = notebook(
        new_markdown_cell("Anything."),
        code("x   =   1  # a remark", "hide-input"),
        'def f(a):\n    """Say it."""\n\n    return a\n\nf(x)',
    )
    assert fingerprint(one) == fingerprint(two)
    assert len(fingerprint(one)) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1", "x = 2"),
        ("f(x)", "f(x);"),
        ("f(x)", "f(x)  ;  # quiet"),
        ("'some text'", "'another text'"),
        ("x = 1; f(x)", "x = 1; f(x);"),
        ("x = 1", "x = 1\nx"),
        ("f(x)", "f( x, )\nNone"),
    ],
)
def test_what_changes_the_outputs_changes_the_fingerprint(old: str, new: str) -> None:
    assert fingerprint(notebook("a = 0", old)) != fingerprint(notebook("a = 0", new))


def test_the_order_of_cells_and_how_they_are_run_count() -> None:
    seen = [
        notebook("x = 1", "y = 2"),
        notebook("y = 2", "x = 1"),
        notebook("x = 1\ny = 2"),
        notebook("x = 1", code("y = 2", "skip-execution")),
        notebook("x = 1", code("y = 2", "raises-exception")),
        notebook("x = 1", code("y = 2", "parameters")),
    ]
    assert len({tuple(fingerprint(book)) for book in seen}) == len(seen)


@calm
@given(
    st.lists(
        st.sampled_from(["x", "f(x)", "y = ';'", "# ; remark", ";", "  ", "\n", "'a;'"]), max_size=5
    )
)
def test_a_cell_is_quiet_when_ipython_says_so(parts: list[str]) -> None:
    """A semicolon on the last line changes the fingerprint exactly where it hides the value."""
    source = "z" + "".join(parts)
    code_part, _, _ = source.rpartition("\n")[2].partition("#")
    ended = source.removesuffix(source.rpartition("\n")[2]) + code_part + ";"
    try:
        compile(source, "cell", "exec")
        compile(ended, "cell", "exec")
    except SyntaxError:
        return
    hidden = [DisplayHook.semicolon_at_end_of_expression(text) for text in (source, ended)]
    prints = [fingerprint(notebook(text)) for text in (source, ended)]
    same_code = ast.dump(ast.parse(source)) == ast.dump(ast.parse(ended))
    assert (prints[0] == prints[1]) == (hidden[0] == hidden[1] and same_code)


def test_tidy_leaves_what_a_person_wrote_and_nothing_else() -> None:
    book = notebook(code("x = 1", "hide-input", count=3, outputs=[shown({"text/plain": "a"})]))
    book.cells[0].metadata |= {"papermill": {"duration": 0.3}, "execution": {"a": 1}}
    book.cells.append(new_markdown_cell("Prose.", metadata={"slideshow": {}}))
    book.metadata |= {"papermill": {"version": "2"}, "widgets": {}, "kernelspec": {"name": "mine"}}
    before = copy.deepcopy(book)
    clean = tidy(book)
    assert book == before
    assert [cell["id"] for cell in clean.cells] == ["cell-000", "cell-001"]
    assert [dict(cell.metadata) for cell in clean.cells] == [{"tags": ["hide-input"]}, {}]
    assert [cell.source for cell in clean.cells] == ["x = 1", "Prose."]
    assert clean.cells[0].outputs == before.cells[0].outputs
    assert clean.cells[0].execution_count == 3
    assert set(clean.metadata) == {"kernelspec", "language_info"}
    assert clean.metadata.kernelspec.name == "python3"
    nbformat.validate(clean)


@calm
@given(st.lists(st.tuples(st.sampled_from(["code", "markdown"]), st.text(max_size=20)), max_size=6))
def test_tidying_is_done_once_and_for_all(cells: list[tuple[str, str]]) -> None:
    def book() -> NotebookNode:  # nbformat gives new cells random ids
        makers = {"code": new_code_cell, "markdown": new_markdown_cell}
        return new_notebook(cells=[makers[kind](source) for kind, source in cells])

    assert nbformat.writes(tidy(book())) == nbformat.writes(tidy(tidy(book())))


def test_join_puts_the_stored_outputs_under_today_s_text() -> None:
    out = [shown({"text/plain": "a"}, "claim", "a.b")]
    executed = notebook(
        new_markdown_cell("Old prose."),
        code("x = 1", count=1),
        code("seed = 7", INJECTED, count=2),
        code("record(x)", count=3, outputs=out),
    )
    today = notebook(
        "x = 1  # said better", new_markdown_cell("New prose."), "record(x)", new_markdown_cell(".")
    )
    joined = join(today, executed)
    assert [cell.source for cell in joined.cells] == [cell.source for cell in today.cells]
    assert [cell.execution_count for cell in code_cells(joined)] == [1, 3]
    assert [cell.outputs for cell in code_cells(joined)] == [[], out]
    assert problems(joined, "a") == []
    assert all(cell.execution_count is None for cell in code_cells(today))


def test_join_refuses_notebooks_with_different_cells() -> None:
    with pytest.raises(ValueError, match="zip"):
        join(notebook("x = 1", "y = 2"), notebook(code("x = 1", count=1)))


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def result(data: dict[str, str]) -> NotebookNode:
    return new_output("execute_result", data, execution_count=1)


ALLOWED = {
    "nothing": [],
    "words": [stream("as expected")],
    "bound claim": [shown({"text/plain": "a = 0.9988"}, "claim", "a")],
    "bound table": [shown({"text/html": "<td>1</td>"}, "table", "a")],
    "bound figure": [shown({"image/png": "iVBOR0"}, "figure", "a")],
    "words in html": [result({"text/html": "<p>fine</p>", "text/plain": "<Box at 0x7f3a>"})],
}

REFUSED = {
    "error": (
        [new_output("error", ename="ValueError", evalue="no", traceback=[])],
        "ValueError: no",
    ),
    "stderr": ([stream("deprecated\n", "stderr")], "wrote a warning: deprecated"),
    "print": ([stream("AUROC 0.99")], "unbound output 'AUROC 0.99'"),
    "value": ([result({"text/plain": "0.99"})], "unbound output '0.99'"),
    "frame": ([result({"text/html": "<table><td>7</td>", "text/plain": "x"})], "unbound output"),
    "markdown": ([shown({"text/markdown": "*7*", "text/plain": "<Markdown>"})], "unbound output"),
    "latex": ([shown({"text/latex": "$7$", "text/plain": "<Math>"})], "unbound output"),
    "image": ([shown({"image/png": "iVBOR0", "text/plain": "<Figure>"})], "unbound output"),
    "other digits": ([stream("٧")], "unbound output"),
    "second of two": (
        [shown({"text/plain": "1"}, "claim", "a"), stream("2")],
        "unbound output '2'",
    ),
}


@pytest.mark.parametrize("outputs", ALLOWED.values(), ids=ALLOWED)
def test_bound_outputs_and_words_may_be_published(outputs: list[NotebookNode]) -> None:
    assert problems(notebook(code("x", count=1, outputs=outputs)), "a") == []


@pytest.mark.parametrize(("outputs", "said"), REFUSED.values(), ids=REFUSED)
def test_errors_warnings_and_unbound_digits_may_not(outputs: list[NotebookNode], said: str) -> None:
    book = notebook(code("x", count=1), code("y", count=2, outputs=outputs))
    (problem,) = problems(book, "notebooks/03_clinical.py")
    assert problem.startswith("notebooks/03_clinical.py, code cell 2: ")
    assert said in problem


@pytest.mark.parametrize(
    ("counts", "bad"),
    [([1, 2, 5], []), ([1, None, 2], [2]), ([2, 1], [2]), ([1, 1], [2]), ([None], [1])],
)
def test_every_cell_was_run_and_in_order(counts: list[int | None], bad: list[int]) -> None:
    book = notebook(*[code("x", count=count) for count in counts])
    found = problems(book, "a")
    assert [text.split(":")[0] for text in found] == [f"a, code cell {number}" for number in bad]
    assert all("was not run, or not in order" in text for text in found)


def test_on_the_site_claims_go_and_directives_follow_their_cell() -> None:
    words = stream("in words")
    outputs = [
        shown({"text/plain": "a = 1"}, "claim", "a"),
        shown({"image/png": "iVBOR0"}, "figure", "clinical.alone"),
        words,
        shown({"text/html": "<td>1</td>"}, "table", "clinical.variables"),
    ]
    book = notebook(
        new_markdown_cell("Before."),
        code("figure(...)", "hide-input", count=1, outputs=outputs),
        new_markdown_cell("After."),
        code("z = 1", count=2),
    )
    before = copy.deepcopy(book)
    page = staged(book)
    assert book == before
    assert [(cell.cell_type, cell.source) for cell in page.cells] == [
        ("markdown", "Before."),
        ("code", "figure(...)"),
        ("markdown", "```{ledger-figure} clinical.alone\n```"),
        ("markdown", "```{ledger-table} clinical.variables\n```"),
        ("markdown", "After."),
        ("code", "z = 1"),
    ]
    assert page.cells[1].outputs == [words]
    assert page.cells[1].metadata.tags == ["hide-input"]
    assert not any(bound(out) for cell in code_cells(page) for out in cell.outputs)
    assert [cell["id"] for cell in page.cells] == [f"cell-{n:03d}" for n in range(6)]
    nbformat.validate(page)
