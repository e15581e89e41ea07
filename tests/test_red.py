"""Mutation tests of the verifier: each planted fault must turn the build red, and nothing else.

Every test starts from a finished, green build; `breakable` is a copy of it.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Copy, shortened

CHAPTER = "03_clinical"
SCRIPT = f"notebooks/{CHAPTER}.py"


def expected(copy: Copy) -> dict[str, dict[str, Any]]:
    """Return the accepted entries by id."""
    folder = copy.root / "book" / "ledger" / "expected"
    return {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}


def a_metric(copy: Copy) -> tuple[str, dict[str, Any]]:
    """Return a metric of the chapter whose accepted tolerance is absolute."""
    own = json.loads((copy.root / "_build/results" / CHAPTER / "claims.json").read_text("utf-8"))
    return next(
        (name, entry)
        for name, entry in sorted(expected(copy).items())
        if name in own and entry["kind"] == "metric" and "abs" in entry["tolerance"]
    )


def save(path: Path, value: Any) -> None:
    """Write JSON."""
    path.write_text(json.dumps(value), encoding="utf-8")


def verdicts(copy: Copy) -> dict[str, dict[str, Any]]:
    """Verify the copy, check that exit code and JSON agree, and return the entries by id."""
    report = copy.root / "report.json"
    done = copy.hfgnn("verify", "--json", str(report))
    told = json.loads(report.read_text("utf-8"))
    red = told["summary"]["different"]
    assert done.returncode == (1 if red else 0), done.stdout + done.stderr
    assert sum(told["summary"].values()) == len(told["entries"])
    return {entry["id"]: entry for entry in told["entries"]}


def only_red(copy: Copy) -> list[str]:
    """Return the ids whose verdict is `different`."""
    return [name for name, entry in verdicts(copy).items() if entry["verdict"] == "different"]


@pytest.mark.parametrize(("times", "red"), [(1.02, True), (0.98, False)])
def test_a_value_moved_by_just_over_its_tolerance(breakable: Copy, times: float, red: bool) -> None:
    name, entry = a_metric(breakable)
    path = breakable.root / "_build" / "results" / CHAPTER / "claims.json"
    claims = json.loads(path.read_text("utf-8"))
    claims[name]["value"] = entry["value"] + times * entry["tolerance"]["abs"]
    save(path, claims)
    assert only_red(breakable) == ([name] if red else [])


def test_a_dropped_claim(breakable: Copy) -> None:
    name, _ = a_metric(breakable)
    path = breakable.root / "_build" / "results" / CHAPTER / "claims.json"
    claims = json.loads(path.read_text("utf-8"))
    del claims[name]
    save(path, claims)
    assert only_red(breakable) == [name]


def test_a_dropped_claim_in_the_chapter_builds_a_site_with_a_red_badge(breakable: Copy) -> None:
    text = (breakable.root / SCRIPT).read_text("utf-8")
    line = next(
        line for line in text.splitlines() if re.fullmatch(r'record\("[\w.]+", [^#]*\)', line)
    )
    name = line.split('"')[1]
    breakable.edit(SCRIPT, line, "pass")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert f"different  {name}" in done.stderr
    page = (breakable.root / "_build/site/ledger.html").read_text("utf-8")
    assert "hf-different" in page


@pytest.mark.parametrize("kind", ["figures", "tables"])
def test_a_dropped_figure_or_table(breakable: Copy, kind: str) -> None:
    folder = breakable.root / "_build" / "results" / CHAPTER / kind
    lost = sorted(folder.glob("*.json"))[0]
    lost.unlink()
    red = only_red(breakable)
    assert red
    assert all(name == lost.stem or name.startswith(f"{lost.stem}/") for name in red)


def test_a_figure_with_the_data_of_another(breakable: Copy) -> None:
    folder = breakable.root / "_build" / "results" / CHAPTER / "figures"
    first, second = sorted(folder.glob("*.json"))[:2]
    one, other = (json.loads(path.read_text("utf-8")) for path in (first, second))
    save(first, one | {"axes": other["axes"]})
    assert only_red(breakable) == [one["id"]]


def test_a_figure_with_one_point_moved(breakable: Copy) -> None:
    for path in sorted((breakable.root / "_build/results" / CHAPTER / "figures").glob("*.json")):
        text = path.read_text("utf-8")
        axes = json.loads(text)["axes"]
        numbers = re.findall(r"\d\.\d{4,}", json.dumps(axes))
        if numbers:
            path.write_text(text.replace(numbers[0], f"{float(numbers[0]) + 0.5:.6f}", 1), "utf-8")
            assert only_red(breakable) == [path.stem]
            return
    pytest.fail("no figure holds a number")


def test_a_table_cell_changed(breakable: Copy) -> None:
    folder = breakable.root / "_build" / "results" / CHAPTER / "tables"
    tables = {path: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    path, row, column = next(
        (path, i, j)
        for path, table in tables.items()
        for i, cells in enumerate(table["cells"])
        for j, cell in enumerate(cells)
        if isinstance(cell, float)
    )
    table = tables[path]
    table["cells"][row][column] += 0.5
    save(path, table)
    cell = f"{table['id']}/{table['index'][row]}/{table['columns'][column]}"
    assert only_red(breakable) == [cell]


def test_a_tolerance_widened_without_accept(breakable: Copy) -> None:
    name, entry = a_metric(breakable)
    path = breakable.root / "book" / "ledger" / "claims.yml"
    claims = yaml.safe_load(path.read_text("utf-8"))
    claims[name]["tolerance"] = {"abs": entry["tolerance"]["abs"] * 10}
    path.write_text(yaml.safe_dump(claims), encoding="utf-8")
    assert only_red(breakable) == [name]
    done = breakable.hfgnn("build")
    assert done.returncode == 1, "the build is red too"
    assert name in done.stderr


def test_a_chapter_that_was_not_run(breakable: Copy) -> None:
    for path in (breakable.root / "_build" / "results" / CHAPTER).rglob("*.json"):
        path.unlink()
    found = verdicts(breakable)
    own = {name for name, entry in found.items() if entry["chapter"] == CHAPTER}
    assert {found[name]["verdict"] for name in own} == {"different"}
    assert "different" not in {found[name]["verdict"] for name in found.keys() - own}


def test_a_number_typed_in_prose(breakable: Copy) -> None:
    site = breakable.site()
    text = (breakable.root / SCRIPT).read_text("utf-8")
    role = re.search(r"\{claim\}`[^`]+`", text)
    assert role is not None
    breakable.edit(SCRIPT, role.group(), "0.9988")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert "0.9988" in done.stderr
    assert SCRIPT in done.stderr
    assert breakable.site() == site, "the last good site is untouched"


@pytest.mark.parametrize("page", ["book/index.md", "book/how_to_read.md"])
def test_a_number_typed_on_a_prose_page(breakable: Copy, page: str) -> None:
    file = breakable.root / page
    file.write_text(file.read_text("utf-8") + "\nIt is right in 98 of 100 cases.\n", "utf-8")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert "98" in done.stderr


def test_a_cited_number_that_the_package_does_not_hold(breakable: Copy) -> None:
    breakable.edit("book/ledger/cited.yml", "678", "679")
    for command in ("build", "verify"):
        done = breakable.hfgnn(command)
        assert done.returncode == 1
        assert "679" in done.stderr
        assert "678" in done.stderr


def test_a_value_of_yesterdays_code_is_not_accepted(breakable: Copy) -> None:
    before = expected(breakable)
    breakable.edit(SCRIPT, "get, record, figure", "more = 1\nget, record, figure")
    done = breakable.hfgnn("accept", "clinical.*", "--reason", "it looks right")
    assert done.returncode == 1
    assert "changed since the results were made" in done.stderr
    assert expected(breakable) == before


def test_an_output_that_nothing_binds(breakable: Copy) -> None:
    text = (breakable.root / SCRIPT).read_text("utf-8")
    breakable.edit(SCRIPT, "\nget, record", "\nprint(0.9988)\nget, record")
    assert text != (breakable.root / SCRIPT).read_text("utf-8")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert "0.9988" in done.stderr
    assert "unbound" in done.stderr


def test_a_student_who_changes_the_seed_gets_a_site_with_red_badges(
    reseeded: Copy, tmp_path: Path
) -> None:
    copy = shortened(tmp_path / "hfgnn", build=reseeded.root / "_build")
    before = copy.site()
    copy.edit(SCRIPT, "seed = 2025", "seed = 7")
    done = copy.hfgnn("build")
    assert done.returncode == 1
    after = copy.site()
    assert after != before
    assert b"hf-different" in after[f"notebooks/{CHAPTER}.html"]
    assert b"hf-exact" in after[f"notebooks/{CHAPTER}.html"], "what needs no draw is still exact"
