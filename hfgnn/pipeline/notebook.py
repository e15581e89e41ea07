"""What a notebook says about itself, and the forms it takes: executed, staged for the site.

All functions take nbformat notebooks and touch neither files nor kernels.
"""

import ast
import copy
import io
import re
import tokenize
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from hfgnn.ledger.results import canonical
from hfgnn.pipeline.key import code_digest, digest, module_path
from hfgnn.pipeline.places import BuildError

INJECTED = "injected-parameters"  # the tag that papermill gives to the cell it adds
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells that a person wrote, in order."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    return [cell for cell in cells if INJECTED not in cell.metadata.get("tags", [])]


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Return it with ids by position and nothing that a run or an editor leaves behind."""
    clean = copy.deepcopy(notebook)
    clean.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL), language_info={"name": "python"})
    clean.nbformat, clean.nbformat_minor = 4, 5
    for number, cell in enumerate(clean.cells):
        cell["id"] = f"cell-{number:03d}"
        tags = cell.metadata.get("tags", [])
        cell.metadata = NotebookNode(tags=tags) if tags else NotebookNode()
    return clean


def tree_of(cell: NotebookNode, where: str) -> ast.Module:
    """Return the syntax tree of a code cell."""
    try:
        return ast.parse(str(cell.source))
    except SyntaxError as error:
        raise BuildError(
            f"{where}: {error.msg} in line {error.lineno}: {error.text!r}. "
            "A chapter's cells hold plain Python, no % or ! commands"
        ) from error


def fingerprint(notebook: NotebookNode) -> list[str]:
    """Return a digest of each code cell: comments and prose leave it as it is.

    What a cell shows is part of it: a text alone is no docstring, a last semicolon is no ornament.
    """
    return [
        digest(canonical([code_digest(f"pass\n{cell.source}"), _quiet(cell.source), _how(cell)]))
        for cell in code_cells(notebook)
    ]


def _quiet(source: str) -> bool:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    said = [t.string for t in tokens if t.type != tokenize.COMMENT and t.string.strip()]
    return said[-1:] == [";"]


def _how(cell: NotebookNode) -> list[str]:
    return sorted(
        {"parameters", "raises-exception", "skip-execution"} & {*cell.metadata.get("tags", [])}
    )


def parameters_of(notebook: NotebookNode, chapter: str) -> dict[str, Any]:
    """Return the names and defaults that the cell tagged `parameters` sets."""
    tagged = [c for c in code_cells(notebook) if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise BuildError(
            f'{chapter}: {len(tagged)} cells are tagged "parameters"; '
            'it must be one, such as `# %% tags=["parameters"]` above `profile = "book"`'
        )
    tree = tree_of(tagged[0], f"{chapter}, parameters")
    return dict(_assigned(node, chapter) for node in tree.body)


def _assigned(node: ast.stmt, chapter: str) -> tuple[str, Any]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            with suppress(ValueError, TypeError):
                if isinstance(value := ast.literal_eval(node.value), str | int | float):
                    return name, value
    raise BuildError(
        f"{chapter}, parameters: `{ast.unparse(node)}` must be `name = value`, "
        "the value a plain number, text or truth value, not computed"
    )


def stages_of(notebook: NotebookNode, chapter: str) -> list[str]:
    """Return the stages that the chapter asks for by `get("name")`."""
    names: dict[str, None] = {}
    for number, cell in enumerate(code_cells(notebook), start=1):
        where = f"{chapter}, code cell {number}"
        nodes = list(ast.walk(tree_of(cell, where)))
        calls = {node.func: node for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            if isinstance(node, ast.Name) and node.id == "get" and isinstance(node.ctx, ast.Load):
                names[_stage_named(calls.get(node, node), where)] = None
    return list(names)


def _stage_named(asked: ast.expr, where: str) -> str:
    match asked:
        case ast.Call(args=[ast.Constant(value=str(name))], keywords=[]):
            return name
    raise BuildError(
        f"{where}: {ast.unparse(asked)} does not name its stage; write the name out, "
        "since the chapter's key is read from the code"
    )


def imports_of(notebook: NotebookNode, chapter: str, root: Path) -> list[str]:
    """Return the hfgnn modules that the chapter imports by name."""
    found: set[str] = set()
    for number, cell in enumerate(code_cells(notebook), start=1):
        for node in ast.walk(tree_of(cell, f"{chapter}, code cell {number}")):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    ours = {name for name in found if name == "hfgnn" or name.startswith("hfgnn.")}
    return sorted(name for name in ours if module_path(name, root).is_file())


def join(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return today's text with the stored outputs; both have the same code cells."""
    joined = tidy(source)
    for new, old in zip(code_cells(joined), code_cells(executed), strict=True):
        new.outputs, new.execution_count = old.outputs, old.execution_count
    return joined


def problems(notebook: NotebookNode, chapter: str) -> list[str]:
    """Return why this executed notebook must not be published; empty when it may."""
    found, last = [], 0
    for number, cell in enumerate(code_cells(notebook), start=1):
        where = f"{chapter}, code cell {number}"
        count = cell.get("execution_count")
        if count is None or count <= last:
            found.append(f"{where}: was not run, or not in order (count {count} after {last})")
        last = count or last
        found += [f"{where}: {trouble}" for trouble in map(_trouble, cell.outputs) if trouble]
    return found


def _trouble(output: NotebookNode) -> str:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    if output.get("name") == "stderr":
        return f"wrote a warning: {output.text.strip()[:200]}"
    if not bound(output) and re.search(r"\d", _shown(output)):
        way = "take the print out" if output.output_type == "stream" else "end the line with `;`"
        shown = _shown(output).strip()[:60]
        return f"shows the unbound output {shown!r}; hand it to record, figure or table, or {way}"
    return ""


def bound(output: NotebookNode) -> dict[str, str]:
    """Return which ledger entry an output shows: {"kind", "id"}; empty if it is none."""
    entry: dict[str, str] = output.get("metadata", {}).get("hfgnn", {})
    return entry


def _shown(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return str(output.text)
    data = dict(output.get("data", {}))
    plain = data.pop("text/plain", "")  # shown only where there is nothing richer
    return " ".join(map(str, data.values())) or str(plain)


def staged(notebook: NotebookNode) -> NotebookNode:
    """Return it for the site: claims hidden, figures and tables by directives, drawing folded."""
    page = copy.deepcopy(notebook)
    cells = []
    for cell in page.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        entries = [bound(output) for output in cell.outputs]
        cell.outputs = [out for out, entry in zip(cell.outputs, entries, strict=True) if not entry]
        if any(entry.get("kind") == "figure" for entry in entries):
            tags = dict.fromkeys([*cell.metadata.get("tags", []), "hide-input"])
            cell.metadata["tags"] = list(tags)
        shown = [entry for entry in entries if entry.get("kind") in {"figure", "table"}]
        for entry in shown:
            text = f"```{{ledger-{entry['kind']}}} {entry['id']}\n```"
            cells.append(new_markdown_cell(text))
    page.cells = cells
    return tidy(page)
