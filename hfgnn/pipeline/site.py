"""The site: a staged copy of the book with the stored outputs, rendered by Jupyter Book.

It is rendered beside the last good site and takes its place only when it is whole and free of
warnings. The one setting that the repository's address needs is `repository.url` in _config.yml.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import yaml

from hfgnn.ledger.evidence import evidence
from hfgnn.ledger.results import canonical, write
from hfgnn.ledger.text import as_text
from hfgnn.ledger.verify import Report
from hfgnn.pipeline import chapters as chapter_files
from hfgnn.pipeline.cited import confirmed
from hfgnn.pipeline.key import digest, file_digest, reachable
from hfgnn.pipeline.notebook import join, problems, staged
from hfgnn.pipeline.order import settings as read_settings
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.publish import swap
from hfgnn.pipeline.store import remove

Folders = Mapping[str, Path]


def readable(chapter: str, folder: Path, shown: dict[str, Any], places: Places) -> str:
    """Return the executed chapter as a notebook file whose claims are plain text."""
    notebook = join(chapter_files.source(chapter, places), chapter_files.executed(chapter, folder))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = as_text(cell.source, shown)
    return f"{nbformat.writes(notebook)}\n"


def stage_tree(places: Places, folders: Folders, shown: dict[str, Any]) -> Path:
    """Lay out what Jupyter Book reads: book/ at the top, the executed chapters beside it."""
    tree = places.tree
    remove(tree)
    shutil.copytree(places.book, tree, ignore=shutil.ignore_patterns("ledger", ".*"))
    (tree / "notebooks").mkdir()
    troubles = []
    for chapter, folder in folders.items():
        source = chapter_files.source(chapter, places)
        whole = join(source, chapter_files.executed(chapter, folder))
        troubles += problems(whole, f"notebooks/{chapter}.py")
        page = nbformat.writes(staged(whole)) + "\n"
        (tree / "notebooks" / f"{chapter}.ipynb").write_text(page, encoding="utf-8")
    if troubles:
        raise BuildError("these outputs must not be published:\n" + "\n".join(troubles))
    # No pages of the book: only the ledger's extension reads them.
    shutil.copytree(places.results, tree / "_ledger" / "results")
    (tree / "_ledger" / "evidence.json").write_text(canonical(shown), encoding="utf-8")
    settings = configured(places)
    (tree / "_config.yml").write_text(yaml.safe_dump(settings, sort_keys=True), encoding="utf-8")
    toc = (places.root / "_toc.yml").read_text(encoding="utf-8")
    moved = re.sub(r"((?:root|file): *)book/", r"\1", toc)
    (tree / "_toc.yml").write_text(moved, encoding="utf-8")
    return tree


def configured(places: Places) -> dict[str, Any]:
    """Return _config.yml with the ledger's paths, and the links that a public address allows."""
    settings = read_settings(places.root / "_config.yml")
    sphinx = settings.setdefault("sphinx", {}).setdefault("config", {})
    sphinx["hfgnn_evidence"] = "_ledger/evidence.json"
    sphinx["hfgnn_results"] = "_ledger/results"
    address = (settings.get("repository") or {}).get("url") or ""
    if not address:
        return settings
    settings["html"] = settings.get("html", {}) | {"use_repository_button": True}
    settings["launch_buttons"] = {"colab_url": "https://colab.research.google.com"}
    settings["launch_buttons"]["binderhub_url"] = "https://mybinder.org"
    if site := settings["html"].get("baseurl"):
        more = ["sphinxext.opengraph", "sphinx_sitemap"]
        sphinx["extensions"] = [*sphinx["extensions"], *more]
        sphinx |= {"ogp_site_url": site, "ogp_site_name": settings["title"]}
    return settings


def site_key(places: Places, tree: Path) -> str:
    """Return what the site's bytes depend on: the staged tree, the renderer, the lock."""
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    parts = {path.relative_to(tree).as_posix(): digest(path.read_bytes()) for path in files}
    code = reachable(["hfgnn.ledger.role", "hfgnn.pipeline.site"], places.root)
    return digest(canonical({"tree": parts, "code": code, "lock": file_digest(places.lock)}))


def content(folder: Path) -> str:
    """Return a digest of all bytes below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest(
        canonical({p.relative_to(folder).as_posix(): digest(p.read_bytes()) for p in files})
    )


def render(tree: Path, places: Places) -> Path:
    """Run Jupyter Book over the staged tree; any warning is an error."""
    out = places.build / ".draft-site"
    remove(out)
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(tree), "--path-output", str(out)]
    settings = {"SOURCE_DATE_EPOCH": "0", "PYTHONHASHSEED": "0", "PYTHONPATH": str(places.root)}
    done = subprocess.run(
        [*command, "-W", "-n", "--keep-going", "--quiet"],
        env=os.environ | settings | {"NO_COLOR": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    html = out / "_build" / "html"
    if done.returncode or not (html / "index.html").is_file():
        raise BuildError(_complaint(done.stdout + done.stderr, tree))
    return html


def _complaint(log: str, tree: Path) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log).replace(f"{tree}/", "")
    lines = [line for line in plain.splitlines() if re.search(r"WARNING|ERROR|Error", line)]
    told = "\n".join(dict.fromkeys(lines or plain.splitlines()[-20:]))
    told = re.sub(r"(notebooks/\w+)\.ipynb", r"\1.py", told)
    told = re.sub(r"(\.py):(\d+)(\d{4}):", _in_cell, told)
    return f"the book has faults; the last good site is untouched:\n{told}"


def _in_cell(found: re.Match[str]) -> str:
    """Return a place as people count: MyST-NB numbers lines cell * 10000 + line + 1."""
    return f"{found[1]}: cell {found[2]}, line {int(found[3]) - 1}:"


def finish(html: Path, folders: Folders, shown: dict[str, Any], places: Places) -> None:
    """Make the downloads readable notebooks, and drop what differs between renderings."""
    for chapter, folder in folders.items():
        download = html / "_sources" / "notebooks" / f"{chapter}.ipynb"
        download.write_text(readable(chapter, folder, shown, places), encoding="utf-8")
    for name in (".buildinfo", ".buildinfo.bak", ".doctrees"):
        remove(html / name)


def build_site(places: Places, folders: Folders, report: Report) -> bool:
    """Render the site if anything that it shows has changed; return whether it was rendered.

    To hold what is cited against the package may take long: that is done beside the rendering.
    """
    with ThreadPoolExecutor(1) as aside:
        return _rendered(places, folders, report, aside.submit(confirmed, places))


def _rendered(places: Places, folders: Folders, report: Report, cited: "Future[None]") -> bool:
    seal = places.build / "site.seal"
    shown = evidence(places.ledger, places.results, report)
    tree = stage_tree(places, folders, shown)
    key = site_key(places, tree)
    held = seal.read_text(encoding="utf-8") if seal.is_file() else ""
    if places.site.is_dir() and held == f"{key} {content(places.site)}\n":
        cited.result()
        return False
    html = render(tree, places)
    cited.result()
    finish(html, folders, shown, places)
    swap(html, places.site)
    write(seal, f"{key} {content(places.site)}\n")
    remove(places.build / ".draft-site")
    remove(tree)
    return True
