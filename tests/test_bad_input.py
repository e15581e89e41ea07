"""Bad input: an error that names the value, the rule and the remedy; nothing lost, no traceback."""

from pathlib import Path

import pytest

from tests.conftest import Copy

SCRIPT = "notebooks/03_clinical.py"
PEOPLE = ["simulate", "--n", "3", "--seed", "1"]
BACKBONE = ["train", "backbone", "--work"]
STATEMENTS = ["train", "text-embeddings", "--out", "a"]

WORDS = [
    (["build", "--profile", "bok"], ["'bok'", "smoke, book, paper"]),
    (["run", "99"], ["'99'", "03_clinical"]),
    (["run", "03", "-p", "sed=7"], ["'sed'", "seed = 2025"]),
    (["run", "03", "-p", "seed=x"], ["seed = 'x'", "int"]),
    (["run", "03", "-p", "seed=-1"], ["seed = -1", "0 or more"]),
    (["run", "03", "-p", "profile=bok"], ["'bok'", "smoke, book, paper"]),
    (["stages", "--profile", "bok"], ["'bok'", "smoke, book, paper"]),
    (["notebook", "55"], ["'55'", "03_clinical"]),
    (["verify"], ["results", "hfgnn build"]),
    (["accept", "clinical.*", "--reason", " "], ["reason", "empty"]),
    (["simulate", "--n", "0", "--seed", "1", "--out", "a"], ["--n", "greater than or equal to 1"]),
    (
        ["simulate", "--n", "3", "--seed", "-1", "--out", "a"],
        ["--seed", "greater than or equal to 0"],
    ),
    ([*PEOPLE, "--out", "a", "--cohort", "clinic"], ["'clinic'", "hospital, thesis"]),
    ([*PEOPLE, "--out", "a", "--pages", "--size", "1x1"], ["--size 1x1", "200x142"]),
    ([*PEOPLE, "--out", "a", "--size", "99999x9"], ["--size 99999x9", "8000x8000"]),
    ([*PEOPLE, "--out", "a", "--size", "large"], ["'large'", "553x393"]),
    ([*PEOPLE, "--out", "book"], ["book", "name another one"]),
    ([*PEOPLE, "--out", "_toc.yml/a"], ["_toc.yml", "is a file"]),
    (["simulate", "--n", "9" * 12, "--seed", "1", "--out", "a"], ["GB free", "fewer people"]),
    (["data", "check", "nowhere"], ["nowhere", "no folder"]),
    (["data", "check", "_toc.yml"], ["_toc.yml", "no folder"]),
    (["data", "check", "notebooks"], ["notebooks", "can be accepted", "unknown"]),
    (["train", "waves", "--records", "nowhere"], ["nowhere", "PTB-XL"]),
    (["train", "backbone", "--work", "a"], ["--out", "Missing"]),
    ([*BACKBONE, "a", "--out", "a", "--device", "gpu"], ["'gpu'", "choose cpu"]),
    ([*BACKBONE, "_toc.yml", "--out", "book"], ["_toc.yml", "exists", "name another one"]),
    ([*BACKBONE, "a", "--out", "_toc.yml"], ["_toc.yml", "exists", "name another one"]),
    ([*BACKBONE, "a", "--out", "_toc.yml/b"], ["_toc.yml", "name another one"]),
    (["train", "text-embeddings"], ["--out", "Missing"]),
    ([*STATEMENTS, "--pooling", "max"], ["'max'", "choose one of tokens, published"]),
]

FILES = [
    ("_toc.yml", "[]", ["_toc.yml", "list"]),
    ("_toc.yml", "root: book/index\n", ["_toc.yml", "no chapter"]),
    ("_toc.yml", "root: [", ["_toc.yml", "YAML"]),
    ("_toc.yml", "root: book/index\nchapters: [7]\n", ["_toc.yml", "7"]),
    (SCRIPT, "# %%\nx = 1\n", ["03_clinical", '"parameters"']),
    (SCRIPT, '# %% tags=["parameters"]\nprofile = "book"\n', ["03_clinical", "'seed'"]),
    (SCRIPT, '# %% tags=["parameters"]\nprofile = "book"\nseed = 1\n# %%\n1 +\n', ["code cell 2"]),
    (
        SCRIPT,
        '# %% tags=["parameters"]\nprofile = "book"\nseed = 1\n# %%\nget("a.b")\n',
        ["'a.b'", "clinical.ceiling"],
    ),
    ("notebooks/03_clinical.ipynb", "<<<<<<< mine", ["03_clinical.ipynb", "mend it"]),
    ("notebooks/03_clinical.ipynb", "[]", ["03_clinical.ipynb", "mend it"]),
]


@pytest.mark.parametrize(("words", "told"), WORDS, ids=lambda value: " ".join(value)[:40])
def test_words_that_mean_nothing(fresh: Copy, words: list[str], told: list[str]) -> None:
    done = fresh.hfgnn(*words)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.replace("│", " ").split())  # a box breaks lines
    for part in told:
        assert part in said
    assert not (fresh.root / "_build" / "site").exists()
    assert not (fresh.root / "a").exists()


@pytest.mark.parametrize(("name", "text", "told"), FILES)
def test_files_that_are_not_what_they_should_be(
    fresh: Copy, name: str, text: str, told: list[str]
) -> None:
    (fresh.root / name).write_text(text, encoding="utf-8")
    done = fresh.hfgnn("build")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for part in told:
        assert part in done.stderr


def test_a_work_folder_whose_pages_are_damaged(fresh: Copy) -> None:
    (fresh.root / "work").mkdir()
    (fresh.root / "work" / "pages.npy").write_text("no pages", encoding="utf-8")
    done = fresh.hfgnn(*BACKBONE, "work", "--out", "weights")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.replace("│", " ").split())
    assert "pages.npy cannot be read" in said
    assert "delete it" in said


def test_a_script_that_is_not_utf8(fresh: Copy) -> None:
    (fresh.root / SCRIPT).write_bytes(b"# %% [markdown]\n# caf\xe9\n")
    done = fresh.hfgnn("build")
    assert done.returncode == 1
    assert "UTF-8" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lock_that_is_not_there(fresh: Copy) -> None:
    (fresh.root / "requirements.lock").unlink()
    done = fresh.hfgnn("build")
    assert done.returncode == 1
    assert "requirements.lock" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["title: [", "- a list", ""])
def test_settings_that_are_none_leave_the_site_and_the_results(breakable: Copy, text: str) -> None:
    site, results = breakable.site(), breakable.results()
    Path(breakable.root / "_config.yml").write_text(text, encoding="utf-8")
    done = breakable.hfgnn("build")
    assert done.returncode == 1
    assert "_config.yml" in done.stderr
    assert "Traceback" not in done.stderr
    assert (breakable.site(), breakable.results()) == (site, results)
