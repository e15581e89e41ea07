"""The extension in a small book: right is free of warnings, wrong is a warning and so a failure."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from hfgnn.ledger.evidence import evidence
from tests.conftest import ROOT
from tests.ledger.conftest import CHAPTER, Book

CONF = """
extensions = ["myst_nb", "sphinxcontrib.bibtex", "hfgnn.ledger.role"]
bibtex_bibfiles = ["references.bib"]
html_theme = "basic"
numfig = True
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
hfgnn_evidence = "_ledger/evidence.json"
hfgnn_results = "_ledger/results"
exclude_patterns = ["_ledger"]
"""
PAGES = {
    "index.md": """# Home

The best is {claim}`c.auroc` {claim}`c.auroc!interval` of {const}`n.published`, not
{lit}`thesis.accuracy` {cite}`bouaoune2025`; {claim}`c.long`. V1, 12-lead, `0.5`, $x = 3$,
[a link](https://example.org/2025), {ref}`ledger`, {numref}`tab-c-table`.

```python
x = 906
```

```{headline-claims}
```

```{toctree}
notebooks/03_clinical
ledger
references
```
""",
    "notebooks/03_clinical.md": """# Clinical {claim}`c.auroc`

```{chapter-card} 03_clinical
```

See {numref}`fig-c-curve` and {numref}`tab-c-table`.

```{ledger-figure} c.curve
```

```{ledger-table} c.table
```
""",
    "ledger.md": "(ledger)=\n# The ledger\n\n```{ledger}\n```\n",
    "references.md": "# References\n\n```{bibliography}\n```\n",
    "references.bib": "@misc{bouaoune2025, author={B}, title={A thesis}, year={2025}}\n",
}
pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The elements of a page, each as (tag, attributes), and its texts."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open_links = self.nested = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "a":
            self.nested += self.open_links > 0
            self.open_links += 1

    def handle_endtag(self, tag: str) -> None:
        self.open_links -= tag == "a"

    def of_class(self, name: str) -> list[dict[str, str]]:
        return [attrs for _, attrs in self.elements if name in attrs.get("class", "").split()]

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]


def lay_out(book: Book, pages: dict[str, str]) -> Path:
    source = book.root / "book"
    for name, text in ({"conf.py": CONF} | pages).items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    held = source / "_ledger"
    held.mkdir(exist_ok=True)
    shown = evidence(book.ledger, book.results, book.verify())
    (held / "evidence.json").write_text(json.dumps(shown), encoding="utf-8")
    if not (held / "results").exists():
        book.results.rename(held / "results")
        book.results.symlink_to(held / "results")
    return source


def build(source: Path, out: str = "site", *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-q", *more]
    target = source.parent / out
    return subprocess.run(
        [*command, str(source), str(target)],
        capture_output=True,
        text=True,
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def site(book: Book) -> Path:
    done = build(lay_out(book, PAGES))
    assert done.returncode == 0, done.stderr
    return book.root / "site"


def test_the_small_book_holds_together(site: Path, book: Book) -> None:
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        assert page.nested == 0, f"a link inside a link on {path.name}"
        assert len(page.ids) == len(set(page.ids)), f"an id stands twice on {path.name}"
        for _, attrs in page.elements:
            address = urlsplit(attrs.get("href", ""))
            if (
                address.scheme
                or not (address.path or address.fragment)
                or "_sources" in address.path
            ):
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            assert target.is_file(), f"{path.name}: {attrs['href']}"
            if address.fragment and target.suffix == ".html":
                assert address.fragment in pages[target].ids, f"{path.name}: {attrs['href']}"
    check_numbers(pages[site / "index.html"])
    check_displays(pages[site / "notebooks/03_clinical.html"], site)
    check_ledger(pages[site / "ledger.html"], site, book)
    check_same_bytes(site, book)


def check_numbers(page: Page) -> None:
    claims = page.of_class("hf-claim")
    assert claims[0]["href"] == "ledger.html#c.auroc"
    assert "hf-exact" in claims[0]["class"]
    told = json.loads(claims[0]["data-evidence"])
    assert (told["Value"], told["Cases"], told["Verdict"]) == ("0.9988", "906", "exact")
    assert {"hf-not_run", "hf-badge"} <= set(claims[2]["class"].split())
    assert page.of_class("hf-lit")[0]["href"] == "references.html"
    assert page.of_class("hf-const")[0]["href"] == "ledger.html#const-n.published"


def check_displays(page: Page, site: Path) -> None:
    text = (site / "notebooks/03_clinical.html").read_text(encoding="utf-8")
    assert "Fig. 1" in text
    assert "Table 1" in text
    svg = next(attrs for tag, attrs in page.elements if tag == "svg")
    assert (svg["role"], svg["aria-label"]) == ("img", "A line that rises")
    assert "stroke: light-dark(#1f77b4,#88ccff)" in text
    assert "#fig-c-curve-svg *{" in text  # a rule of the drawing stays inside it
    region = next(a for a in page.of_class("hf-table") if a.get("role") == "region")
    assert (region["tabindex"], region["aria-label"]) == ("0", "The variables")
    cells = [a["href"] for a in page.of_class("hf-claim") if "c.table" in a.get("href", "")]
    assert len(cells) == 4  # the numbers; texts are no links
    assert cells[0] == "../ledger.html#c.table-age-AUROC"
    assert "<h1>Clinical <span" in text  # no link in a heading


def check_ledger(page: Page, site: Path, book: Book) -> None:
    entries = {
        attrs["id"]: attrs["data-verdict"] for _, attrs in page.elements if "data-verdict" in attrs
    }
    wanted = {re.sub(r"[/ ]", "-", name): verdict for name, verdict in book.verdicts().items()}
    assert list(entries.items()) == list(wanted.items())  # in the order of claims.yml
    text = (site / "ledger.html").read_text(encoding="utf-8")
    assert '<h2><a href="notebooks/03_clinical.html">Clinical 0.9988</a></h2>' in text
    assert '<data value="[0.93, 0.91]" title="[0.93, 0.91]">0.93 against 0.91</data>' in text
    assert page.of_class("hf-filter")[0] == {"class": "hf-filter", "hidden": ""}
    counted = re.search(r"(\d+) of the (\d+) numbers", text)
    assert counted is not None
    # Home has five, the chapter's title one, and its table four.
    assert counted.groups() == ("10", "10")


def check_same_bytes(site: Path, book: Book) -> None:
    """A second build, by two processes, gives the same bytes; none name a place on disk."""
    again = build(book.root / "book", "again", "-j", "2")
    assert again.returncode == 0, again.stderr
    for path in sorted(p for p in site.rglob("*") if p.is_file() and ".doctrees" not in p.parts):
        if path.name not in (".buildinfo", "environment.pickle"):
            other = book.root / "again" / path.relative_to(site)
            assert path.read_bytes() == other.read_bytes(), path.name
            assert str(book.root).encode() not in path.read_bytes(), path.name


def test_new_evidence_reaches_pages_that_were_not_edited(book: Book, site: Path) -> None:
    book.run(c_auroc={"value": 0.5})
    done = build(lay_out(book, {}))
    assert done.returncode == 0, done.stderr
    first = Page(site / "index.html").of_class("hf-claim")[0]
    assert "hf-different" in first["class"]
    assert ">0.5000</a>" in (site / "index.html").read_text(encoding="utf-8")


def test_the_ledger_shows_a_difference_that_the_format_would_hide(book: Book) -> None:
    book.run(c_auroc={"value": 0.99881})
    done = build(lay_out(book, PAGES))
    assert done.returncode == 0, done.stderr
    text = (book.root / "site/ledger.html").read_text(encoding="utf-8")
    assert ">0.99881</data>" in text
    assert ">0.9988</data>" in text


WRONG = {
    "an unknown claim": ("{claim}`c.nothing`", "c.nothing"),
    "an unknown cell": ("{claim}`c.table/age/nothing`", "c.table/age/nothing"),
    "an unknown source": ("{lit}`thesis.nothing`", "thesis.nothing"),
    "an unknown definition": ("{const}`n.nothing`", "n.nothing"),
    "a format that does not fit": ("{claim}`c.name:.2f`", "'.2f' does not fit"),
    "a bare number": ("The best is 0.9988 here.", "bare number '0.9988'"),
    "a bare number in bold": ("It is **906**.", "bare number '906'"),
    "a bare number in a heading": ("## All 906 people", "bare number '906'"),
    "a bare number in a cell": ("| a |\n|---|\n| 97 % |", "bare number '97'"),
    "a bare number in a link's words": ("[all 906](https://example.org)", "bare number '906'"),
    "a bare number in a reference's words": ("{ref}`all 906 <ledger>`", "bare number '906'"),
    "a bare number in raw HTML": ("<p>About 906 people</p>", "bare number '906'"),
    "a bare number in a note": (":::{note}\nIt was ½.\n:::", "bare number '½'"),
    "a bare number in a title of raw HTML": ('A <span title="acc 0.97">b</span>', "number '0.97'"),
    "a bare number in an abbreviation": ("{abbr}`AUC (0.97)`", "bare number '0.97'"),
    "a bare number in a link's title": ('[a](https://example.org "acc 0.97")', "number '0.97'"),
    "a bare number in alternative text": ("![a 906 b](pic.png)", "bare number '906'"),
    "an unknown figure": ("```{ledger-figure} c.nothing\n```", "c.nothing"),
    "an unknown table": ("```{ledger-table} c.nothing\n```", "c.nothing"),
}


def test_each_fault_is_a_warning_that_names_page_and_fault(book: Book) -> None:
    texts = {
        f"wrong{n:02}.md": f"---\norphan: true\n---\n# A page\n\n{text}\n"
        for n, (text, _) in enumerate(WRONG.values())
    }
    source = lay_out(book, PAGES | texts)
    (source / "pic.png").write_bytes(b"")
    (source / "conf.py").write_text(CONF + 'myst_enable_extensions = ["colon_fence"]\n')
    done = build(source)
    assert done.returncode != 0
    warned = done.stderr.splitlines()
    for number, (name, (_, said)) in enumerate(WRONG.items()):
        lines = [line for line in warned if f"wrong{number:02}.md:" in line]
        assert any(said in line for line in lines), f"{name}: {lines}"
    right = [line for line in warned if "WARNING" in line and "wrong" not in line]
    assert all("index.md" in line for line in right), right  # its maths is off in this build


def test_a_fault_in_a_notebook_is_at_a_line_of_a_cell(book: Book) -> None:
    text = "# A page\n\nThe best is 0.9988.\n\n{claim}`c.nothing`\n\n```{ledger-table} c.none\n```"
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text}]
    page = {"cells": cells, "metadata": {"orphan": True}, "nbformat": 4, "nbformat_minor": 4}
    source = lay_out(book, PAGES)
    (source / "faulty.ipynb").write_text(json.dumps(page), encoding="utf-8")
    done = build(source)
    for line, said in ((3, "bare number '0.9988'"), (5, "'c.nothing'"), (7, "c.none: no such")):
        found = [x for x in done.stderr.splitlines() if said in x]
        assert f"faulty.ipynb: cell 1, line {line}: WARNING" in found[0], done.stderr
    assert ":1000" not in done.stderr


def test_the_words_of_a_figure_pass_the_gate(book: Book) -> None:
    words = {"alt": "It rises to 4", "caption": "It rises to 5 or {claim}`c.nothing`"}
    book.edit(f"results/{CHAPTER}/figures/c.curve.json", lambda held: held.update(words))
    done = build(lay_out(book, PAGES))
    assert done.returncode != 0
    for said in ("bare number '4 (c.curve)'", "bare number '5'", "'c.nothing' is not known"):
        assert any("03_clinical.md:" in x and said in x for x in done.stderr.splitlines()), said


def test_roles_in_the_words_of_a_figure_are_resolved(book: Book) -> None:
    words = {"alt": "It rises to {claim}`c.auroc`", "caption": "Up to {claim}`c.auroc:.2f`"}
    book.edit(f"results/{CHAPTER}/figures/c.curve.json", lambda held: held.update(words))
    done = build(lay_out(book, PAGES))
    assert done.returncode == 0, done.stderr
    text = (book.root / "site/notebooks/03_clinical.html").read_text(encoding="utf-8")
    assert 'aria-label="It rises to 0.9988"' in text
    assert re.search(r"<figcaption>.*Up to <a[^>]*>1\.00</a>", text, re.DOTALL)


def test_a_source_must_be_in_the_bibliography(book: Book) -> None:
    other = PAGES | {"references.bib": "@misc{else2020, author={E}, title={T}, year={2020}}\n"}
    done = build(lay_out(book, other))
    assert done.returncode != 0
    assert "bibkey 'bouaoune2025' is not in references.bib" in done.stderr
