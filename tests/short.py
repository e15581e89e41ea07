"""The book with one of its chapters only: what tests of the machinery build, break and build again.

Everything in it is the book's own. Left out are the other chapters, what the ledger holds of them,
and links to them.
"""

import re
from pathlib import Path

import yaml

KEPT = "03_clinical"  # no other chapter is made as fast
PROSE = ("book/reproduce",)  # a page that speaks of another chapter
LABEL = re.compile(r"^#? ?\(([a-z0-9-]+)\)=$", re.MULTILINE)


def shorten(root: Path) -> None:
    """Leave one chapter in a copy of the repository."""
    dropped = [path for path in (root / "notebooks").glob("[0-9]*") if path.stem != KEPT]
    labels = {label for path in dropped for label in LABEL.findall(path.read_text("utf-8"))}
    for path in dropped:
        path.unlink()
    gone = {f"notebooks/{path.stem}" for path in dropped} | {*PROSE}
    labels |= {
        label for page in PROSE for label in LABEL.findall((root / f"{page}.md").read_text())
    }
    _toc(root / "_toc.yml", gone)
    for page in PROSE:
        (root / f"{page}.md").unlink()
    claims = _ledger(root / "book" / "ledger")
    for path in [*(root / "book").glob("*.md"), root / "notebooks" / f"{KEPT}.py"]:
        text = _unbound(_unlinked(path.read_text("utf-8"), gone, labels), claims)
        path.write_text(text, encoding="utf-8")
    (root / "notebooks" / f"{KEPT}.ipynb").unlink()  # the build makes it again from the script


def _toc(path: Path, gone: set[str]) -> None:
    toc = yaml.safe_load(path.read_text("utf-8"))
    for part in toc["parts"]:
        part["chapters"] = [page for page in part["chapters"] if page["file"] not in gone]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    path.write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")


def _unlinked(text: str, gone: set[str], labels: set[str]) -> str:
    """Return a page's text with the names in place of links that would lead nowhere."""

    def named(link: re.Match[str]) -> str:
        words, _, target = link[2].rstrip(">").rpartition("<")
        return (words.strip() or "another page") if target in gone | labels else link[0]

    text = re.sub(r"\{(doc|ref|numref)\}`([^`]+)`", named, text)
    cards = "|".join(sorted(labels))
    return re.sub(rf"^:link: (?:{cards})\n:link-type: ref\n", "", text, flags=re.MULTILINE)


def _unbound(text: str, claims: set[str]) -> str:
    """Return a page's text with words in place of numbers that another chapter gives."""

    def worded(role: re.Match[str]) -> str:
        return role[0] if re.split(r"[/:!]", role[1])[0] in claims else "a number"

    return re.sub(r"\{claim\}`([^`]+)`", worded, text)


def _ledger(ledger: Path) -> set[str]:
    """Leave one chapter's claims, and return their names."""
    claims = yaml.safe_load((ledger / "claims.yml").read_text("utf-8"))
    kept = {name: claim for name, claim in claims.items() if claim["chapter"] == KEPT}
    (ledger / "claims.yml").write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")
    for path in (ledger / "expected").glob("*.json"):
        if path.stem not in kept:
            path.unlink()
    return set(kept)
