"""What a notebook says about itself, and the forms it takes: executed, staged for the site.

All functions take nbformat notebooks and touch neither files nor kernels.
"""

import ast
import copy
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from hfgnn.pipeline.key import code_digest, module_path
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
    clean.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    clean.nbformat, clean.nbformat_minor = 4, 5
    for number, cell in enumerate(clean.cells):
        cell["id"] = f"cell-{number:03d}"
        tags = cell.metadata.get("tags", [])
        cell.metadata = NotebookNode(tags=tags) if tags else NotebookNode()
    return clean


def tree_of(cell: NotebookNode, where: str) -> ast.Module:
    """Return the syntax tree of a code cell."""
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        raise BuildError(
            f"{where}: {error.msg} in line {error.lineno}: {error.text!r}. "
            "A chapter's cells hold plain Python, no % or ! commands"
        ) from error


def fingerprint(notebook: NotebookNode) -> list[str]:
    """Return a digest of each code cell: comments and prose leave it as it is."""
    return [code_digest(cell.source) for cell in code_cells(notebook)]


def parameters_of(notebook: NotebookNode, chapter: str) -> dict[str, Any]:
    """Return the names and defaults that the cell tagged `parameters` sets."""
    tagged = [c for c in code_cells(notebook) if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise BuildError(
            f'{chapter}: {len(tagged)} cells are tagged "parameters"; '
            'it must be one, such as `# %% tags=["parameters"]` above `profile = "book"`'
        )
    found = {}
    for node in tree_of(tagged[0], f"{chapter}, parameters").body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                name = node.targets[0].id
                raise BuildError(
                    f"{chapter}: parameter {name} = {ast.unparse(node.value)} is computed; "
                    "a parameter is a plain number, text or truth value"
                ) from None
    return found


def stages_of(notebook: NotebookNode, chapter: str) -> list[str]:
    """Return the stages that the chapter asks for by `get("name")`."""
    names: dict[str, None] = {}
    for number, cell in enumerate(code_cells(notebook), start=1):
        for node in ast.walk(tree_of(cell, f"{chapter}, code cell {number}")):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id != "get":
                continue
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                raise BuildError(
                    f"{chapter}, code cell {number}: get({ast.unparse(node)[4:-1]}) does not name "
                    "its stage; write the name out, since the chapter's key is read from the code"
                )
            names[str(node.args[0].value)] = None
    return list(names)


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
        return (
            f"shows the unbound output {_shown(output).strip()[:60]!r}; "
            "hand it to record, figure or table, or end the line with a semicolon"
        )
    return ""


def bound(output: NotebookNode) -> dict[str, str]:
    """Return which ledger entry an output shows: {"kind", "id"}; empty if it is none."""
    entry: dict[str, str] = output.get("metadata", {}).get("hfgnn", {})
    return entry


def _shown(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return str(output.text)
    data = output.get("data", {})
    return str(data.get("text/html", data.get("text/plain", data)))


def staged(notebook: NotebookNode) -> NotebookNode:
    """Return it for the site: claims hidden, figures and tables drawn by directives."""
    page = copy.deepcopy(notebook)
    cells = []
    for cell in page.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        entries = [bound(output) for output in cell.outputs]
        cell.outputs = [out for out, entry in zip(cell.outputs, entries, strict=True) if not entry]
        shown = [entry for entry in entries if entry.get("kind") in {"figure", "table"}]
        for entry in shown:
            text = f"```{{ledger-{entry['kind']}}} {entry['id']}\n```"
            cells.append(new_markdown_cell(text))
    page.cells = cells
    return tidy(page)
