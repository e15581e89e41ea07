"""What an edit makes anew, what it does not, and the known traps between papermill and the book."""

import json
import re

import pytest

from tests.conftest import Copy, contents

CHAPTER = "03_clinical"
SCRIPT = f"notebooks/{CHAPTER}.py"
TRUTH = "hfgnn/world/truth.py"
CONTROLS = "hfgnn/train/controls.py"
NOTHING = "nothing to make: all is in the store\n"


def page(copy: Copy, name: str) -> str:
    """Return a page of the copy's site."""
    return (copy.root / "_build" / "site" / name).read_text("utf-8")


def why(copy: Copy) -> dict[str, str]:
    """Return what a build would make, and the reasons it gives."""
    done = copy.hfgnn("build", "--explain")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if ": " in line]
    return dict(line.split(": ", 1) for line in lines) if done.stdout != NOTHING else {}


def test_a_prose_edit_joins_the_stored_outputs(breakable: Copy) -> None:
    results = breakable.results()
    figures = page(breakable, f"notebooks/{CHAPTER}.html").count("<svg")
    breakable.edit(SCRIPT, "# ## Exercises", "# A sentence that was not here.\n#\n# ## Exercises")
    assert why(breakable) == {}
    done = breakable.hfgnn("build")
    assert done.returncode == 0, done.stderr
    assert "nothing to make; site rendered" in done.stdout
    assert "A sentence that was not here." in page(breakable, f"notebooks/{CHAPTER}.html")
    assert page(breakable, f"notebooks/{CHAPTER}.html").count("<svg") == figures
    assert breakable.results() == results


def test_comments_and_docstrings_make_nothing_anew(breakable: Copy) -> None:
    breakable.edit(SCRIPT, "get, record, figure", "# four verbs\nget, record, figure")
    breakable.edit(TRUTH, '"""What the best', '"""Said otherwise: what the best')
    breakable.edit(CONTROLS, "\n\n\n", "\n\n\n# a remark\n\n\n")
    assert why(breakable) == {}
    done = breakable.hfgnn("build")
    assert done.returncode == 0, done.stderr
    assert "nothing to make" in done.stdout


def test_a_code_edit_makes_its_chapter_anew(breakable: Copy) -> None:
    breakable.edit(SCRIPT, "get, record, figure", "more = 1\nget, record, figure")
    reasons = why(breakable)
    assert list(reasons) == [f"chapter {CHAPTER}"]
    assert reasons[f"chapter {CHAPTER}"] == "cells changed"
    done = breakable.hfgnn("build")
    assert done.returncode == 0, done.stderr
    assert "made 1;" in done.stdout


def test_a_failing_cell_is_named_and_the_site_untouched(breakable: Copy) -> None:
    site = breakable.site()
    breakable.edit(SCRIPT, "best = get(", "1 / 0\nbest = get(")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert re.search(rf"chapter {CHAPTER}, code cell \d+ failed: ZeroDivisionError", done.stderr)
    assert "1 / 0" in done.stderr
    assert "Traceback" not in done.stderr
    assert breakable.site() == site


def test_a_broken_link_is_named_by_cell_and_line(breakable: Copy) -> None:
    breakable.edit(SCRIPT, "# ## Exercises", "# {ref}`nowhere`\n#\n# ## Exercises")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert re.search(rf"{SCRIPT}: cell \d+, line \d+: WARNING.*nowhere", done.stderr)


def test_no_page_keeps_an_old_number(breakable: Copy) -> None:
    """Trap: with the book's own glue, pages other than the chapter keep the number."""
    assert "0.9988" in page(breakable, "how_to_read.html")
    breakable.edit(
        SCRIPT,
        'record("clinical.best.auroc", best.auroc)',
        'record("clinical.best.auroc", best.auroc - 0.01)',
    )
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert "different  clinical.best.auroc" in done.stderr
    for name in ("how_to_read.html", "index.html", f"notebooks/{CHAPTER}.html"):
        shown = re.findall(r">(0\.9\d\d8)</", page(breakable, name))
        assert "0.9888" in shown, name
    assert "0.9988" not in re.findall(r">(0\.9\d\d8)</", page(breakable, "how_to_read.html"))


def test_a_warning_on_stderr_is_not_published(breakable: Copy) -> None:
    site = breakable.site()
    breakable.edit(
        SCRIPT, "get, record, figure", 'import warnings\nwarnings.warn("odd")\nget, record, figure'
    )
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert "odd" in done.stderr
    assert breakable.site() == site


def test_the_site_is_rendered_to_the_same_bytes(breakable: Copy) -> None:
    site = breakable.site()
    for path in sorted((breakable.root / "_build").glob("site*")):
        path.rename(path.with_name(f"gone-{path.name}"))
    done = breakable.hfgnn("build")
    assert done.returncode == 0, done.stderr
    assert "site rendered" in done.stdout
    assert breakable.site() == site


def test_a_site_that_somebody_changed_is_rendered_anew(breakable: Copy) -> None:
    site = breakable.site()
    (breakable.root / "_build/site/index.html").write_text("not the book", "utf-8")
    assert breakable.hfgnn("build").returncode == 0
    assert breakable.site() == site


def test_parameters_reach_the_chapter_and_leave_no_cell_on_the_page(reseeded: Copy) -> None:
    """Trap: papermill's injected cell shows up in the page."""
    run = contents(reseeded.root / "_build" / "runs" / CHAPTER)
    assert json.loads(run["meta.json"])["seed"] == 7
    assert b"seed = 7" in run["executed.ipynb"]
    assert b"injected-parameters" not in b"".join(reseeded.site().values())
    assert reseeded.hfgnn("verify").returncode == 0, "the published results are as they were"


@pytest.mark.parametrize("address", ["", "https://github.com/example/a-book"])
def test_the_address_is_one_setting(breakable: Copy, address: str) -> None:
    breakable.edit("_config.yml", 'url: ""', f'url: "{address}"')
    done = breakable.hfgnn("build")
    assert done.returncode == 0, done.stderr
    chapter = page(breakable, f"notebooks/{CHAPTER}.html")
    assert ("colab.research.google.com" in chapter) == bool(address)
    assert ("mybinder.org" in chapter) == bool(address)
    assert ("github.com/example/a-book" in chapter) == bool(address)


def test_the_readable_notebook_holds_its_claims_as_text(breakable: Copy) -> None:
    target = breakable.root / "mine.ipynb"
    assert breakable.hfgnn("notebook", "03", "--out", str(target)).returncode == 0
    cells = json.loads(target.read_text("utf-8"))["cells"]
    prose = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    assert "{claim}" not in prose
    assert "AUROC of 0.9988" in prose.replace("\n", " ")
    download = breakable.root / "_build/site/_sources/notebooks" / f"{CHAPTER}.ipynb"
    assert download.read_bytes() == target.read_bytes()
