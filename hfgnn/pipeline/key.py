"""What a result depends on, and the key that follows from it.

key = sha256 of: parameters, upstream keys, input files, the docstring-free syntax tree of every
hfgnn module that the code can reach, the data that lies beside those modules, the lock file,
Python's minor version, the CPU capability.
"""

import ast
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import grimp

from hfgnn.ledger.results import canonical

CPU_VARIABLE = "HFGNN_CPU"  # handed to child processes, so that torch is asked once a build

PROSE_AND_CODE = {".md", ".py", ".pyc", ".txt"}  # what a result cannot depend on, or by its tree

Ingredients = dict[str, Any]


def digest(content: str | bytes) -> str:
    """Return the sha256 of a text or of bytes."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def key_of(ingredients: Ingredients) -> str:
    """Return the key of a result made from these ingredients."""
    return digest(canonical(ingredients))


def code_digest(source: str) -> str:
    """Return a digest that comments, blank lines and docstrings leave as it is."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_docstring(node)
    return digest(ast.dump(tree, include_attributes=False))


def _drop_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> None:
    first = node.body[0] if node.body else None
    match first:
        case ast.Expr(value=ast.Constant(value=str())):
            node.body = node.body[1:]


@cache
def _graph(root: Path) -> grimp.ImportGraph:
    return grimp.build_graph("hfgnn", cache_dir=None)


def module_path(module: str, root: Path) -> Path:
    """Return the file of an hfgnn module."""
    stem = root.joinpath(*module.split("."))
    return stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")


def reachable(modules: Iterable[str], root: Path) -> dict[str, str]:
    """Return the hfgnn modules that run when these are imported, and their data, digested."""
    graph, seen, ahead = _graph(root), set[str](), list(modules)
    while ahead:
        if (module := ahead.pop()) not in seen:
            seen.add(module)
            ahead += graph.find_modules_directly_imported_by(module)
            ahead += [parent for parent in [module.rpartition(".")[0]] if parent]
    code = {module: source_digest(module, root) for module in sorted(seen)}
    return code | _tables({module_path(module, root).parent for module in seen}, root)


def _tables(rooms: Iterable[Path], root: Path) -> dict[str, str]:
    """Digest the data files in the folders of these rooms: fitted tables, fonts, weights."""
    inner = sorted({path for room in rooms for path in room.glob("*/*")})
    data = (path for path in inner if path.is_file() and path.suffix not in PROSE_AND_CODE)
    return {path.relative_to(root).as_posix(): file_digest(path) for path in data}


@cache
def source_digest(module: str, root: Path) -> str:
    """Return the digest of one module's code."""
    return code_digest(module_path(module, root).read_text(encoding="utf-8"))


def file_digest(path: Path) -> str:
    """Return the digest of a file's bytes, read once as long as the file stays as it is."""
    status = path.stat()
    return _file_digest(path, status.st_mtime_ns, status.st_size, status.st_ino)


@cache
def _file_digest(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def surroundings(lock: Path) -> dict[str, str]:
    """Return what every result depends on: the lock, Python's minor version, the CPU capability."""
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"lock": file_digest(lock), "python": minor, "cpu": cpu_capability()}


@cache
def cpu_capability() -> str:
    """Return the vector instructions that torch uses here, asked in a process of its own."""
    if CPU_VARIABLE not in os.environ and "torch" in sys.modules:  # it need not be loaded twice
        return str(sys.modules["torch"].backends.cpu.get_cpu_capability())
    if CPU_VARIABLE not in os.environ:
        ask = "import torch; print(torch.backends.cpu.get_cpu_capability())"
        done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
        os.environ[CPU_VARIABLE] = done.stdout.strip() or f"unknown: {done.stderr[-200:]}"
    return os.environ[CPU_VARIABLE]


def changes(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> list[str]:
    """Return what differs between two sets of ingredients, a line each: the text of `--explain`."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        before, after, where = old.get(name), new.get(name), f"{at}{name}"
        if name not in old or name not in new:
            lines.append(f"{where} {'is new' if name in new else 'is gone'}")
        elif before == after:
            continue
        elif isinstance(before, dict) and isinstance(after, dict):
            lines += changes(before, after, f"{where} ")
        elif len(str(before)) == 64 == len(str(after)) or isinstance(before, list):
            lines.append(f"{where} changed")
        else:
            lines.append(f"{where}: {before} → {after}")
    return lines
