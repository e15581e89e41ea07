"""The built site as a reader meets it: from the file system, offline, by keyboard, in the dark.

`site` is the folder of a built site (conftest.py). The first half reads the HTML; the second
opens it in a system Chromium and is skipped, with the reason, where there is none.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

STATIC = Path(__file__).parents[1] / "book" / "_static"
PROSE = {"index", "how_to_read", "reproduce", "notation", "glossary", "references", "ledger"}
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
ARGUMENTS = "--no-sandbox --disable-gpu --disable-background-networking --no-first-run"
QUIET = "--disable-component-update --disable-sync --force-prefers-reduced-motion"
PHONE: ViewportSize = {"width": 360, "height": 740}
Mode = Literal["light", "dark"]


def pages(site: Path) -> list[Path]:
    """Return every page of the site; the notebooks' pages lie one folder down."""
    found = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    assert found, f"{site} holds no page; build the book first"
    return found


def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def text_of(tag: Tag, attribute: str) -> str:
    return str(tag.get(attribute) or "").strip()


def targets(page: Path) -> set[str]:
    """Return what a link to this page may name after its #."""
    return {str(tag["id"]) for tag in soup(page).select("[id]")} | {""}


# ---- the HTML itself ----


def test_every_page_is_there(site: Path) -> None:
    names = {page.stem for page in pages(site)}
    assert names >= PROSE | {"03_clinical"}


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    strangers = [
        f"{page.name}: {tag.name} {text_of(tag, where)}"
        for page in pages(site)
        for name, where in LOADED.items()
        for tag in soup(page).find_all(name)
        if re.match(r"(https?:)?//", text_of(tag, where))
    ]
    sheets = [*site.rglob("*.css")]
    imports = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//")
    strangers += [sheet.name for sheet in sheets if imports.search(sheet.read_text("utf-8"))]
    assert not strangers


def test_no_page_carries_a_stranger_s_repository(site: Path) -> None:
    for page in pages(site):
        html = page.read_text(encoding="utf-8")
        assert not re.search(r"thebe|binder-examples|unpkg|executablebooks|ethical-ad", html)


def test_internal_links_and_anchors_resolve(site: Path) -> None:
    known = {page.resolve(): targets(page) for page in pages(site)}
    broken = []
    for page in pages(site):
        for link in soup(page).select("a[href]"):
            parts = urlsplit(text_of(link, "href"))
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
            anchors = known.get(target)
            if not target.exists() or (
                anchors is not None and unquote(parts.fragment) not in anchors
            ):
                broken.append(f"{page.name}: {text_of(link, 'href')}")
    assert not broken


def test_every_picture_says_what_it_shows(site: Path) -> None:
    for page in pages(site):
        for image in soup(page).select("img, svg[role=img]"):
            words = text_of(image, "alt" if image.name == "img" else "aria-label")
            assert len(words.split()) >= 4, f"{page.name}: {image.name} says only {words!r}"
            assert not re.search(r"\.(png|svg|jpe?g)$|_images/", words), f"{page.name}: {words}"


def test_every_figure_has_a_caption_a_drawing_and_its_files(site: Path) -> None:
    figures = [figure for page in pages(site) for figure in soup(page).select("figure.hf-figure")]
    assert figures
    for figure in figures:
        assert figure.select_one("svg[role=img]")
        caption = " ".join(tag.get_text() for tag in figure.select("figcaption .caption-text"))
        assert len(caption.split()) >= 4
        files = {Path(text_of(link, "href")).suffix for link in figure.select("a[download]")}
        assert files == {".json", ".svg"}


def test_every_bound_number_is_a_link_with_its_evidence(site: Path) -> None:
    links = [link for page in pages(site) for link in soup(page).select("a[data-evidence]")]
    assert links
    for link in links:
        evidence = json.loads(text_of(link, "data-evidence"))
        assert evidence
        assert all(isinstance(value, str) for value in evidence.values())
        assert re.search(r"\.html(#.+)?$|^#.+", text_of(link, "href"))


def test_mathjax_comes_once_and_only_where_there_are_formulas(site: Path) -> None:
    for page in pages(site):
        html = soup(page)
        scripts = [tag for tag in html.select("script[src]") if "mathjax" in text_of(tag, "src")]
        formulas = bool(html.select("article .math"))
        asked = {1} if formulas else {0, int(page.stem == "index")}  # the root counts its children
        assert len(scripts) in asked, page.name


def test_the_book_s_own_files_stay_small() -> None:
    fonts = sum(path.stat().st_size for path in (STATIC / "fonts").glob("*.woff2"))
    script = (STATIC / "book.js").read_text(encoding="utf-8")
    assert fonts <= 400_000
    assert len(script.splitlines()) < 200
    assert not re.search(r"\bfetch\(|XMLHttpRequest|import\(", script)


# ---- the site in a browser ----


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A system Chromium without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        reason = "no system Chromium: install one to test the pages as they are displayed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        arguments = f"{ARGUMENTS} {QUIET}".split()
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


def claims_page(page: Page, site: Path) -> Page:
    page.goto((site / "notebooks" / "03_clinical.html").as_uri())
    return page


def test_no_request_leaves_and_no_console_error(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    errors: list[str] = []
    failed: list[tuple[str, str | None]] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: failed.append((request.url, request.failure)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    for path in pages(site):
        page.goto(path.as_uri(), wait_until="load")
        page.wait_for_timeout(200)
    page.close()
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert not errors
    left = "net::ERR_ABORTED"  # by a page for the next one: Chromium may still ask for the icon
    assert not [(url, why) for url, why in failed if why != left]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious(site: Path, browser: Browser, mode: Mode) -> None:
    page = browser.new_page(color_scheme=mode)
    grave = []
    for path in pages(site):
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        for found in Axe().run(page).response["violations"]:
            if found["impact"] in {"serious", "critical"}:
                where = [node["target"] for node in found["nodes"][:3]]
                grave.append(f"{path.name}: {found['id']} {where}")
    page.close()
    assert not grave


def test_a_phone_never_scrolls_the_page_sideways(site: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    wide = []
    for path in pages(site):
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(path.name)
    page.close()
    assert not wide


def test_what_scrolls_sideways_takes_the_keyboard(site: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    stuck = """() => [...document.querySelectorAll('article *')].filter(e =>
      ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
      && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && e.tabIndex < 0)
      .map(e => e.className || e.tagName)"""
    for path in pages(site):
        page.goto(path.as_uri())
        page.wait_for_timeout(400)
        assert page.evaluate(stuck) == [], path.name
    page.close()


def test_tab_opens_the_evidence_and_escape_closes_it(site: Path, browser: Browser) -> None:
    page = claims_page(browser.new_page(), site)
    focused = "document.activeElement.matches('a[data-evidence]')"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(focused):
            break
    assert page.evaluate(focused), "eighty steps of Tab reach no bound number"
    card = page.locator(
        "#" + page.evaluate("document.activeElement.getAttribute('aria-describedby')")
    )
    assert card.is_visible()
    assert card.inner_text().strip()
    page.keyboard.press("Escape")
    assert card.is_hidden()
    assert page.evaluate(focused)
    page.close()


def test_the_card_stays_while_the_pointer_is_on_it(site: Path, browser: Browser) -> None:
    page = claims_page(browser.new_page(), site)
    page.locator("article a[data-evidence]").first.hover()
    card = page.locator(".hf-card")
    card.wait_for(state="visible")
    card.hover()
    page.wait_for_timeout(600)
    assert card.is_visible()
    page.mouse.move(1, 1)
    card.wait_for(state="hidden")
    page.close()


def test_a_first_tap_opens_the_card_and_a_second_follows(site: Path, browser: Browser) -> None:
    page = claims_page(browser.new_page(viewport=PHONE, has_touch=True), site)
    link = page.locator("article p a[data-evidence]").first
    link.tap()
    box = page.locator(".hf-card").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert "03_clinical.html" in page.url
    link.tap()
    page.wait_for_url(re.compile("(ledger|references|reproduce).html"))
    page.close()


def test_search_finds_a_word_from_the_file_system(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + "?q=homophily")
    page.locator("#search-results li a").first.wait_for()
    hits = page.locator("#search-results li a").all_inner_texts()
    assert any("Glossary" in hit or "homophily" in hit for hit in hits)
    page.close()


def test_without_javascript_a_bound_number_is_a_plain_link(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = claims_page(context.new_page(), site)
    page.locator("article p a.hf-claim").first.click()
    assert re.search(r"ledger\.html#.+", page.url)
    assert page.locator(".hf-ledger").is_visible()
    context.close()


def test_formulas_are_drawn_without_a_network(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "notation.html").as_uri())
    page.locator("mjx-container svg").first.wait_for()
    assert page.locator("mjx-container svg").count() > 20
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    page.close()


def test_the_ledger_s_filter_hides_what_is_not_asked_for(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "ledger.html").as_uri())
    entries = page.locator(".hf-ledger [data-verdict]:visible")
    everything = entries.count()
    page.locator(".hf-filter input[type=search]").fill("no such words at all")
    assert everything > 0
    assert entries.count() == 0
    page.locator(".hf-filter input[type=search]").fill("")
    page.locator(".hf-filter input[value=exact]").uncheck()
    assert page.locator(".hf-ledger [data-verdict=exact]:visible").count() == 0
    page.close()


CONTRAST = """figure => {
  const light = c => {
    const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const ink = light(getComputedStyle(figure.querySelector("text")).fill);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return Math.max(ink, paper) / Math.min(ink, paper);
}"""


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_figures_are_legible_on_the_page_itself(
    site: Path, browser: Browser, mode: Mode, script: bool
) -> None:
    page = claims_page(browser.new_page(color_scheme=mode, java_script_enabled=script), site)
    page.wait_for_timeout(300)
    for figure in page.locator("figure.hf-figure").all():
        drawing = figure.locator("svg[role=img]")
        assert drawing.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert figure.evaluate(CONTRAST) >= 4.5
    page.close()
