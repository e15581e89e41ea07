"""A chapter is a pair of files that say the same, and its run is whole, strict and repeatable."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from hfgnn.pipeline import chapters
from hfgnn.pipeline.chapters import entry, executed, ingredients, pair_up, settle, source
from hfgnn.pipeline.notebook import INJECTED, code_cells, problems
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.store import Entry
from hfgnn.pipeline.work import Task
from hfgnn.pipeline.worker import Crew

NAME = "01_small"


def script(here: Places) -> Path:
    return here.notebooks / f"{NAME}.py"


def book(here: Places) -> Path:
    return here.notebooks / f"{NAME}.ipynb"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def aged(path: Path, seconds: int) -> None:
    os.utime(path, (10**9 + seconds, 10**9 + seconds))


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_a_missing_notebook_is_made_without_outputs(here: Places) -> None:
    assert pair_up(NAME, here) == f"made notebooks/{NAME}.ipynb from {NAME}.py"
    notebook = nbformat.read(book(here), as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code", "code"]
    assert notebook.cells[0].source == "# A chapter\nWhat it asks."
    assert notebook.cells[1].metadata.tags == ["parameters"]
    assert notebook.cells[3].source == '# a remark\nrecord("small.seed", seed)'
    assert all(cell.outputs == [] and not cell.execution_count for cell in notebook.cells[1:])


def test_a_pair_that_agrees_is_left_alone(here: Places) -> None:
    pair_up(NAME, here)
    for path in (script(here), book(here)):
        before = path.read_bytes(), path.stat().st_mtime_ns
        assert pair_up(NAME, here) == ""
        assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_making_the_notebook_twice_gives_the_same_bytes(here: Places) -> None:
    pair_up(NAME, here)
    first = book(here).read_bytes()
    book(here).unlink()
    pair_up(NAME, here)
    assert book(here).read_bytes() == first


def test_of_a_pair_that_was_cloned_the_script_counts(here: Places) -> None:
    pair_up(NAME, here)
    edit(script(here), "What it asks.", "What it asks, better.")
    aged(script(here), 0)
    aged(book(here), 1)
    pair_up(NAME, here)
    assert sources(book(here))[0] == "# A chapter\nWhat it asks, better."


def kept(here: Places, ending: str) -> list[Path]:
    """Return the texts that lost, each under a name of its own."""
    return sorted((here.build / "pairs").glob(f"*-{NAME}{ending}"))


def test_each_text_that_loses_is_kept(here: Places) -> None:
    pair_up(NAME, here)
    for round in range(2):
        edit(book(here), "What it asks", f"What {round} asks")
        aged(book(here), 10 * round)
        aged(script(here), 10 * round + 5)
        pair_up(NAME, here)
    assert len(kept(here, ".ipynb")) == 2


def test_a_newer_script_is_written_to_the_notebook_and_the_old_one_kept(here: Places) -> None:
    pair_up(NAME, here)
    old = book(here).read_bytes()
    edit(script(here), "What it asks.", "What it asks, better.")
    aged(book(here), 0)
    aged(script(here), 10)
    said = pair_up(NAME, here)
    assert said.startswith(f"notebooks/{NAME}.ipynb now says what the newer {NAME}.py says")
    assert sources(book(here))[0] == "# A chapter\nWhat it asks, better."
    assert [path.read_bytes() for path in kept(here, ".ipynb")] == [old]
    assert pair_up(NAME, here) == ""


def test_a_newer_notebook_is_written_to_the_script_and_the_old_one_kept(here: Places) -> None:
    pair_up(NAME, here)
    old = script(here).read_bytes()
    notebook = nbformat.read(book(here), as_version=4)
    notebook.cells[0].source += "\n\n## Warum?\nÄ $x^2$ ?"
    notebook.cells[3].source += "\nif seed:\n    later = 1\n"
    notebook.metadata.kernelspec = {"name": "mine", "display_name": "Mine", "language": "python"}
    nbformat.write(notebook, book(here))
    aged(script(here), 0)
    aged(book(here), 10)
    said = pair_up(NAME, here)
    assert said.startswith(f"notebooks/{NAME}.py now says what the newer {NAME}.ipynb says")
    text = script(here).read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n# # A chapter\n")
    assert '# %% tags=["parameters"]\n' in text
    assert "# ## Warum?\n# Ä $x^2$ ?\n" in text
    assert text.endswith("if seed:\n    later = 1\n")
    assert "kernelspec" not in text
    assert [path.read_bytes() for path in kept(here, ".py")] == [old]
    wanted = [cell.source.rstrip() for cell in notebook.cells]
    assert [cell.source for cell in source(NAME, here).cells] == wanted


def test_a_change_of_tags_is_a_change(here: Places) -> None:
    pair_up(NAME, here)
    edit(script(here), "# %%\n# a remark", '# %% tags=["hide-input"]\n# a remark')
    aged(book(here), 0)
    assert pair_up(NAME, here)
    assert nbformat.read(book(here), as_version=4).cells[3].metadata.tags == ["hide-input"]


def test_a_listed_chapter_without_its_script_is_named(here: Places) -> None:
    with pytest.raises(BuildError, match=r"02_gone\.py is not in notebooks/"):
        source("02_gone", here)


def test_reading_a_script_twice_gives_one_notebook(here: Places) -> None:
    one, two = (nbformat.writes(source(NAME, here)) for _ in range(2))
    assert one == two


def test_parameters_that_equal_the_defaults_are_not_changed(here: Places) -> None:
    notebook = source(NAME, here)
    usual = {"profile": "smoke", "seed": 7}
    assert settle(notebook, NAME, {}) == (usual, {})
    assert settle(notebook, NAME, {"seed": 7}) == (usual, {})
    assert settle(notebook, NAME, {"seed": 8}) == (usual | {"seed": 8}, {"seed": 8})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sead": 7}, "has no parameter 'sead'; it has profile = 'smoke', seed = 7"),
        ({"seed": "7"}, "parameter seed = '7' must be int, as 7 is"),
        ({"seed": 7.0}, "parameter seed = 7.0 must be int"),
        ({"seed": True}, "parameter seed = True must be int"),
        ({"seed": None}, "parameter seed = None must be int"),
        ({"profile": 3}, "parameter profile = 3 must be str"),
        ({"quick": 1}, "parameter quick = 1 must be bool"),
    ],
)
def test_a_parameter_of_another_name_or_kind_is_refused(
    here: Places, given: dict[str, object], said: str
) -> None:
    edit(script(here), "seed = 7\n", "seed = 7\nquick = False\n")
    with pytest.raises(BuildError) as refused:
        settle(source(NAME, here), NAME, given)
    assert said in str(refused.value)


def key(here: Places, **given: object) -> str:
    return entry(NAME, given, here).key


def test_the_key_of_a_chapter_holds_its_code_and_not_its_prose(here: Places) -> None:
    before = key(here)
    edit(script(here), "What it asks.", "What it asks, better.")
    edit(script(here), "# a remark", "# another remark")
    assert key(here) == before
    assert key(here, seed=7) == before
    assert key(here, seed=8) != before
    edit(script(here), 'record("small.seed", seed)', 'record("small.seed", seed + 1)')
    assert key(here) != before


def test_the_key_of_a_chapter_holds_the_stages_it_asks_for(here: Places) -> None:
    edit(script(here), "# a remark\n", '# a remark\nget("clinical.sampled")\n')
    asked = ingredients(NAME, {}, here)["stages"]
    assert list(asked) == ["clinical.sampled"]
    assert ingredients(NAME, {"seed": 8}, here)["stages"] != asked  # it is drawn from the seed
    edit(script(here), "clinical.sampled", "clinical.sampeld")
    with pytest.raises(BuildError, match="'clinical.sampeld' is not known"):
        key(here)


def test_the_key_of_a_chapter_holds_the_modules_it_imports_and_those_it_is_given(
    here: Places, copy: Path, afresh: Callable[[], None]
) -> None:
    (here.root / "hfgnn").unlink()
    (copy / "hfgnn").rename(here.root / "hfgnn")

    def after(module: str) -> str:
        path = here.root / "hfgnn" / module
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\nEXTRA = 1\n", encoding="utf-8")
        afresh()
        changed = key(here)
        path.write_text(text, encoding="utf-8")
        afresh()
        return changed

    before = key(here)
    for given in ("ledger/desk.py", "ledger/claims.py", "plots/style.py", "pipeline/chapters.py"):
        assert after(given) != before, given
    for apart in ("cli/book.py", "pipeline/site.py", "ledger/verify.py", "evaluate/metrics.py"):
        assert after(apart) == before, apart
    edit(script(here), "# a remark\n", "# a remark\nfrom hfgnn.evaluate import metrics\n")
    before = key(here)
    assert after("evaluate/metrics.py") != before


def run(here: Places, **given: object) -> Entry:
    crew = Crew(here)
    try:
        crew.perform(Task("chapter", NAME, "smoke", 7, NAME, parameters=dict(given)))
    finally:
        crew.close()
    return entry(NAME, given, here)


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_two_runs_are_byte_identical_and_whole(here: Places) -> None:
    edit(script(here), "# a remark\n", "# a remark\nprint('one')\nprint('two')\n")
    first = run(here)
    second = run(Places(here.root, here.root / "anders"))
    assert first.sound
    assert first.key == second.key
    assert first.folder != second.folder
    assert files(first.folder) == files(second.folder)
    assert set(files(first.folder)) == {
        "executed.ipynb",
        "ingredients.json",
        "manifest.json",
        "results/claims.json",
        "results/meta.json",
    }
    meta = json.loads((first.folder / "results" / "meta.json").read_text())
    usual = {"profile": "smoke", "seed": 7}
    assert meta == {"chapter": NAME, "parameters": usual} | usual
    claims = json.loads((first.folder / "results" / "claims.json").read_text())
    assert claims == {"small.seed": {"value": 7, "n": None, "interval": None}}


def test_a_run_keeps_no_trace_of_its_time_or_place(here: Places) -> None:
    notebook = executed(NAME, run(here).folder)
    nbformat.validate(notebook)
    assert problems(notebook, NAME) == []
    assert [cell["id"] for cell in notebook.cells] == [f"cell-{n:03d}" for n in range(4)]
    assert [cell.execution_count for cell in code_cells(notebook)] == [1, 2, 3]
    text = nbformat.writes(notebook)
    for trace in ("papermill", "duration", "start_time", str(here.root), str(here.build)):
        assert trace not in text
    (output,) = code_cells(notebook)[2].outputs
    assert output.metadata.hfgnn == {"kind": "claim", "id": "small.seed"}


def test_a_changed_parameter_is_used_and_shown_in_a_cell_of_its_own(here: Places) -> None:
    made = run(here, seed=8)
    notebook = executed(NAME, made.folder)
    (injected,) = [c for c in notebook.cells if INJECTED in c.metadata.get("tags", [])]
    assert injected.source == "# parameters of this run\nseed = 8\n"
    assert notebook.cells.index(injected) == 2
    claims = json.loads((made.folder / "results" / "claims.json").read_text())
    assert claims["small.seed"]["value"] == 8
    meta = json.loads((made.folder / "results" / "meta.json").read_text())
    assert meta["parameters"] == {"profile": "smoke", "seed": 8}
    assert made.folder != entry(NAME, {}, here).folder
    assert not entry(NAME, {}, here).whole


def test_a_failing_cell_is_named_and_nothing_is_kept(here: Places) -> None:
    text = script(here).read_text(encoding="utf-8")
    text += '\n# %%\nfigures = {"a": 1}\nvalue = figures["b"]\n\n# %%\nnever = 1\n'
    script(here).write_text(text, encoding="utf-8")
    with pytest.raises(BuildError) as failed:
        run(here)
    said = str(failed.value)
    assert f"chapter {NAME}, code cell 4 failed: KeyError: 'b'" in said
    assert 'value = figures["b"]' in said
    assert f"notebooks/{NAME}.py" in said
    assert "\x1b" not in said
    assert list(here.store.iterdir()) == []


def test_a_kernel_that_dies_is_a_fault_in_words(here: Places) -> None:
    edit(script(here), "# a remark\n", "import os\nos.kill(os.getpid(), 9)\n")
    with pytest.raises(BuildError, match=f"(?s)chapter {NAME}.*[Kk]ernel died"):
        run(here)
    assert list(here.store.iterdir()) == []


def test_the_runner_s_own_code_is_named_among_the_modules(here: Places) -> None:
    named = set(ingredients(NAME, {}, here)["module"])
    assert {*chapters.RUNNER, *chapters.ALWAYS, "hfgnn.ledger.claims"} <= named
