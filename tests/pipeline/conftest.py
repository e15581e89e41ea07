"""A small repository for the tests of the pipeline: real code and lock, chapters of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hfgnn.pipeline import key
from hfgnn.pipeline.places import Places

ROOT = Path(__file__).resolve().parents[2]

CHAPTER = """\
# %% [markdown]
# # A chapter
# What it asks.

# %% tags=["parameters"]
profile = "smoke"
seed = 7

# %%
from hfgnn.pipeline import open_chapter

get, record, figure, table = open_chapter("01_small", profile=profile, seed=seed)

# %%
# a remark
record("small.seed", seed)
"""

TOC = """\
format: jb-book
root: book/index
chapters:
  - file: notebooks/01_small
"""


@pytest.fixture
def here(tmp_path: Path) -> Places:
    """Return a repository with one chapter, in a folder whose name has a space and an umlaut."""
    root = tmp_path / "Küche und Bad"
    (root / "notebooks").mkdir(parents=True)
    (root / "hfgnn").symlink_to(ROOT / "hfgnn")
    (root / "notebooks" / "01_small.py").write_text(CHAPTER, encoding="utf-8")
    (root / "_toc.yml").write_text(TOC, encoding="utf-8")
    (root / "requirements.lock").write_text("numpy==2\n", encoding="utf-8")
    return Places(root, root / "_build")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a root with a copy of the package, to edit."""
    ignored = shutil.ignore_patterns("__pycache__", "fonts")
    shutil.copytree(ROOT / "hfgnn", tmp_path / "copy" / "hfgnn", ignore=ignored)
    shutil.copy(ROOT / "requirements.lock", tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def afresh() -> Callable[[], None]:
    """Return what makes the process look at every file again, as a new one would."""

    def forget() -> None:
        key.source_digest.cache_clear()
        key._file_digest.cache_clear()  # two edits in one tick of the clock look like one

    return forget
