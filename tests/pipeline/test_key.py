"""A key changes with what a result depends on, and with nothing else."""

import ast
import hashlib
import json
import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hfgnn.ledger.results import canonical
from hfgnn.pipeline.key import (
    changes,
    code_digest,
    digest,
    file_digest,
    key_of,
    module_path,
    reachable,
    source_digest,
    surroundings,
)

ROOT = Path(__file__).resolve().parents[2]
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine

CODE = '''\
"""What the module is."""

LIMIT = 3


@staticmethod
def area(width, height=2, *, unit="m"):
    """Return the area."""
    said = f"{width:.2f} {unit}"
    for step in range(LIMIT):
        width += step
    return width * height, said


class Box:
    """A box."""

    side = 1

    async def open(self):
        """Open it."""
        return self.side > 0
'''

SAME = {
    "comment": ("LIMIT = 3", "LIMIT = 3  # as published"),
    "comment line": ("LIMIT = 3", "# why\nLIMIT = 3"),
    "blank lines": ("LIMIT = 3", "\n\nLIMIT = 3\n"),
    "module docstring": ("What the module is.", "Something else."),
    "function docstring": ("Return the area.", "Return it.\n\n    At length."),
    "class docstring": ("A box.", "A crate."),
    "coroutine docstring": ("Open it.", "Open the box."),
    "no docstring": ('    """Return the area."""\n', ""),
    "spacing": ("width * height, said", "(width  *  height,\n            said)"),
    "quotes": ('unit="m"', "unit='m'"),
}

OTHER = {
    "constant": ("LIMIT = 3", "LIMIT = 4"),
    "int for float": ("LIMIT = 3", "LIMIT = 3.0"),
    "default": ("height=2", "height=3"),
    "keyword default": ('unit="m"', 'unit="cm"'),
    "name": ("LIMIT = 3", "LIMITS = 3"),
    "argument": ("width, height=2", "height, width=2"),
    "keyword-only": ("*, unit", "unit"),
    "operator": ("width * height", "width + height"),
    "f-string text": (" {unit}", "_{unit}"),
    "f-string format": (".2f", ".3f"),
    "decorator": ("@staticmethod", "@classmethod"),
    "no decorator": ("@staticmethod\n", ""),
    "async": ("async def", "def"),
    "bound": ("self.side > 0", "self.side >= 0"),
    "a later text": ("    side = 1", '    side = 1\n    "not a docstring"'),
    "order": ("LIMIT = 3", "pass\nLIMIT = 3"),
    "indentation": ("    return width *", "        return width *"),
    "f-string for docstring": ('"""A box."""', 'f"""A box."""'),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_comments_docstrings_and_layout_leave_the_digest(old: str, new: str) -> None:
    assert old in CODE
    assert code_digest(CODE.replace(old, new)) == code_digest(CODE)


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER)
def test_any_change_of_the_code_changes_the_digest(old: str, new: str) -> None:
    assert old in CODE
    assert code_digest(CODE.replace(old, new)) != code_digest(CODE)


def test_every_constant_of_the_real_package_counts() -> None:
    """Change each number of a real module in turn: each digest is new."""
    source = (ROOT / "hfgnn/pipeline/profiles.py").read_text(encoding="utf-8")
    numbers = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and type(node.value) is int
    ]
    lines, seen = source.splitlines(keepends=True), {code_digest(source)}
    for node in numbers:
        changed, line = list(lines), lines[node.lineno - 1]
        changed[node.lineno - 1] = line[: node.col_offset] + "9" + line[node.col_offset :]
        seen.add(code_digest("".join(changed)))
    assert len(numbers) > 3
    assert len(seen) == len(numbers) + 1


def imported(module: str) -> set[str]:
    """The modules of hfgnn that one module names in its imports, by reading it."""
    tree = ast.parse(module_path(module, ROOT).read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            names |= {node.module or "", *(f"{node.module}.{a.name}" for a in node.names)}
    ours = {name for name in names if name.split(".")[0] == "hfgnn"}
    return {name for name in ours if module_path(name, ROOT).is_file()}


def closure(module: str) -> set[str]:
    """What runs when a module is imported and all its functions are called; parents come first."""
    seen: set[str] = set()
    ahead = {module}
    while ahead:
        one = ahead.pop()
        seen.add(one)
        parents = {one.rsplit(".", 1)[0]} if "." in one else set()
        ahead |= (imported(one) | parents) - seen
    return seen


MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "hfgnn").rglob("*.py")
)


SOME = sorted({*MODULES[::4], "hfgnn.seeding", "hfgnn.world", "hfgnn.cli"})  # all take minutes


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_reaches_is_what_its_import_statements_lead_to(module: str) -> None:
    assert {name for name in reachable([module], ROOT) if "/" not in name} == closure(module)


def test_imports_inside_functions_and_of_parents_count() -> None:
    reached = set(reachable(["hfgnn.pipeline.places"], ROOT))
    assert {"hfgnn", "hfgnn.pipeline", "hfgnn.pipeline.open"} <= reached  # by way of the parent
    assert "hfgnn.ledger.desk" in reached  # open_chapter imports it in its body


def test_what_several_modules_reach_is_the_union_in_one_order() -> None:
    first, second = "hfgnn.pipeline.stages", "hfgnn.cli"
    both = reachable([first, second], ROOT)
    assert both == reachable([second, first], ROOT)
    assert both == reachable([first], ROOT) | reachable([second], ROOT)
    assert list(both) == sorted(both)


def test_an_edit_shows_in_those_that_reach_it_and_in_no_other(
    copy: Path, afresh: Callable[[], None]
) -> None:
    before = {module: reachable([module], copy) for module in SOME}
    edited = copy / "hfgnn" / "seeding.py"
    edited.write_text(edited.read_text(encoding="utf-8") + "\nEXTRA = 1\n", encoding="utf-8")
    afresh()
    after = {module: reachable([module], copy) for module in SOME}
    touched = {module for module in SOME if before[module] != after[module]}
    assert touched == {module for module in SOME if "hfgnn.seeding" in closure(module)}
    assert 1 < len(touched) < len(SOME)


def test_a_table_shows_in_those_that_reach_its_room_and_in_no_other(
    copy: Path, afresh: Callable[[], None]
) -> None:
    before = {module: reachable([module], copy) for module in SOME}
    table = copy / "hfgnn" / "world" / "tables" / "planted.npz"
    table.parent.mkdir(exist_ok=True)
    table.write_bytes(b"numbers")
    (table.parent / "PLANTED.md").write_text("where they come from\n", encoding="utf-8")
    afresh()
    after = {module: reachable([module], copy) for module in SOME}
    added = {"hfgnn/world/tables/planted.npz"}
    touched = {module for module in SOME if after[module].keys() - before[module].keys()}
    assert all(after[module].keys() - before[module].keys() == added for module in touched)
    assert touched == {m for m in SOME if any(n.startswith("hfgnn.world") for n in closure(m))}
    assert 1 < len(touched) < len(SOME)


def test_a_docstring_or_comment_edit_shows_nowhere(copy: Path, afresh: Callable[[], None]) -> None:
    before = reachable(MODULES, copy)
    for path in (copy / "hfgnn").rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace('"""', '"""Well: ', 1)
        path.write_text(text + "\n# an afterthought\n", encoding="utf-8")
    afresh()
    assert reachable(MODULES, copy) == before


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)  # fmt: skip


@calm
@given(plain)
def test_canonical_text_gives_the_value_back(value: object) -> None:
    assert json.loads(canonical(value)) == value


@calm
@given(st.dictionaries(st.text(), plain, min_size=2))
def test_the_order_of_names_does_not_matter(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert key_of(turned) == key_of(value) == hashlib.sha256(canonical(value).encode()).hexdigest()


@calm
@given(st.dictionaries(st.text(), st.integers()), st.text(), st.integers())
def test_another_value_is_another_key(value: dict[str, int], name: str, number: int) -> None:
    assert (key_of({**value, name: number}) == key_of(value)) == (value.get(name) == number)


def test_a_number_that_does_not_exist_is_no_ingredient() -> None:
    with pytest.raises(ValueError, match="JSON"):
        key_of({"x": float("nan")})


def test_texts_and_files_are_digested_as_sha256(tmp_path: Path) -> None:
    path = tmp_path / "Größe (1).csv"
    path.write_bytes(bytes(range(256)) * 5000)
    assert file_digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest("µ") == hashlib.sha256("µ".encode()).hexdigest() == digest("µ".encode())


def test_a_file_that_changes_within_a_build_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text("old")
    os.utime(path, (1, 1))
    before = file_digest(path)
    assert file_digest(path) == before
    path.write_text("new")
    assert file_digest(path) == hashlib.sha256(b"new").hexdigest() != before


def test_a_module_is_a_file_or_a_folder(tmp_path: Path) -> None:
    (tmp_path / "hfgnn" / "world").mkdir(parents=True)
    assert module_path("hfgnn.world", tmp_path) == tmp_path / "hfgnn/world/__init__.py"
    assert module_path("hfgnn.world.page", tmp_path) == tmp_path / "hfgnn/world/page.py"


def test_the_surroundings_hold_the_lock(tmp_path: Path) -> None:
    first, second = tmp_path / "a.lock", tmp_path / "b.lock"
    first.write_text("numpy==2.4\n")
    second.write_text("numpy==2.5\n")
    one, two = surroundings(first), surroundings(second)
    assert one["lock"] != two["lock"]
    assert one | {"lock": ""} == two | {"lock": ""}
    assert set(one) == {"lock", "python", "cpu"}
    assert all(one.values())


def test_the_source_of_each_module_is_what_is_digested() -> None:
    source = (ROOT / "hfgnn/pipeline/key.py").read_text(encoding="utf-8")
    assert source_digest("hfgnn.pipeline.key", ROOT) == code_digest(source)


def test_changes_say_what_came_what_went_and_what_differs() -> None:
    old = {
        "parameters": {"seed": 1, "gone": 2, "same": 3},
        "module": {"hfgnn.seeding": "a" * 64, "hfgnn.world": "b" * 64},
        "cells": ["a", "b"],
        "python": "3.11",
    }
    new = {
        "parameters": {"seed": 2, "same": 3, "fresh": 0},
        "module": {"hfgnn.seeding": "c" * 64, "hfgnn.world": "b" * 64},
        "cells": ["a", "c"],
        "python": "3.12",
    }
    assert changes(old, new) == textwrap.dedent("""\
        cells changed
        module hfgnn.seeding changed
        parameters fresh is new
        parameters gone is gone
        parameters seed: 1 → 2
        python: 3.11 → 3.12""").splitlines()  # fmt: skip
    assert changes(old, old) == []


@calm
@given(st.dictionaries(st.text(), plain), st.dictionaries(st.text(), plain))
def test_there_is_a_line_wherever_two_sets_differ(
    old: dict[str, object], new: dict[str, object]
) -> None:
    assert bool(changes(old, new)) == (old != new)
