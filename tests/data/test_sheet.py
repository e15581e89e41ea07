"""Does a picture look like an ECG page? Simulated and real ones do; other pictures do not."""

from dataclasses import replace
from io import BytesIO
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_sample_images

from hfgnn.data.sheet import is_sheet, shades, traces
from hfgnn.seeding import rng
from hfgnn.train.pages import PagesParams, sheets
from hfgnn.world.page import CLEAN, COLOURS, GRIDS, LAYOUTS, jpeg, page, styles
from hfgnn.world.population import block

SIZE = (1106, 786)


def written(size: int) -> Image.Image:
    """Return a page of text."""
    image = Image.new("RGB", SIZE, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for y in range(40, SIZE[1] - 40, round(1.3 * size)):
        draw.text((40, y), "seen in the clinic with pain and no fever " * 4, "black", font=font)
    return image


def ruled(table: bool) -> Image.Image:
    """Return millimetre paper with nothing on it, or a table's lines."""
    image = Image.new("RGB", SIZE, "white")
    draw, step = ImageDraw.Draw(image), 60 if table else 4
    colour = "black" if table else (240, 160, 160)
    for x in range(0, SIZE[0], step):
        draw.line([(x, 0), (x, SIZE[1])], fill=colour)
    for y in range(0, SIZE[1], step):
        draw.line([(0, y), (SIZE[0], y)], fill=colour)
    return image


def noise(rows: int) -> Image.Image:
    """Return noise of as many cells."""
    cells = rng(rows, "noise").integers(0, 256, (rows, rows, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize(SIZE, Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def people() -> tuple[PagesParams, object]:
    params = PagesParams(11, people=60)
    return params, block(params.population, 0)


@pytest.mark.parametrize("size", [CLEAN.size, (1106, 786)])
def test_simulated_pages_of_every_style_are_accepted(people, size):
    params, found = people
    rows = np.arange(40)
    printed = sheets(params.population, found, 0, rows, size)
    accepted = [is_sheet(Image.open(BytesIO(sheet))) for sheet in printed]
    assert np.mean(accepted) >= 0.97


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_and_no_paper_is_refused(people, layout):
    params, found = people
    looks = styles(14, rng(5, "looks"), size=CLEAN.size)
    papers = product(COLOURS, GRIDS)
    accepted = []
    for signals, look, (colour, sheet) in zip(found.ecg, looks, papers, strict=False):
        look = replace(look, layout=layout, colour=colour, sheet=sheet)
        accepted.append(is_sheet(Image.open(BytesIO(jpeg(page(signals, look), look)))))
    assert len(accepted) == len(COLOURS) * len(GRIDS)
    assert np.mean(accepted) >= 0.9


def test_pages_too_small_to_read_are_mostly_accepted_still(people):
    params, found = people
    printed = sheets(params.population, found, 0, np.arange(40), (200, 142))
    assert np.mean([is_sheet(Image.open(BytesIO(sheet))) for sheet in printed]) >= 0.9


@pytest.mark.data
def test_real_pages_are_accepted(real_data):
    """The rule was chosen on as many real pages as every eighth from the first: on others here."""
    files = sorted((real_data / "ecg-pages").glob("*.jpg"))[4::8]
    assert len(files) >= 50
    assert np.mean([is_sheet(Image.open(file)) for file in files]) >= 0.98


def hills(number: int) -> Image.Image:
    """Return a landscape of gradients: a sky and four ridges, each lighter towards its foot."""
    (y, x), stream = np.mgrid[: SIZE[1], : SIZE[0]], rng(number, "hills")
    light = 230 - y / 9
    for ridge in range(1, 5):
        top = 150 * ridge + stream.uniform(20, 80) * np.sin(x / stream.uniform(30, 200))
        light = np.where(y > top, 200 - 30 * ridge + (y - top) / 9, light)
    return Image.fromarray(light.clip(0, 255).astype(np.uint8))


NOT = {
    "small print": written(12),
    "large print": written(30),
    "table": ruled(table=True),
    "empty millimetre paper": ruled(table=False),
    "white": Image.new("RGB", SIZE, "white"),
    "black": Image.new("RGB", SIZE, "black"),
    "one colour": Image.new("RGB", SIZE, (240, 160, 160)),
    "gradient": Image.linear_gradient("L").resize(SIZE),
    "round gradient": Image.radial_gradient("L").resize(SIZE),
    "noise": noise(700),
    "coarse noise": noise(12),
    "temple": Image.fromarray(load_sample_images().images[0]),
    "flower": Image.fromarray(load_sample_images().images[1]),
}


@pytest.mark.parametrize("name", NOT)
def test_other_pictures_are_refused(name):
    assert not is_sheet(NOT[name])


def test_of_hills_one_behind_the_other_a_few_are_taken_for_a_page():
    """Four edges from side to side are what the rule counts: one in five such pictures passes."""
    assert np.mean([is_sheet(hills(number)) for number in range(20)]) <= 0.25


def test_a_page_without_a_heartbeat_is_refused(people):
    """Straight lines are ruled, not written by a heart."""
    assert not is_sheet(page(np.zeros((12, 2500), np.float32)))


def test_traces_are_counted():
    image = Image.new("L", (560, 400), 255)
    draw, x = ImageDraw.Draw(image), np.arange(560)
    for row in (80, 160, 240):
        wave = row + 12 * np.sin(x / 9)
        draw.line(list(zip(x.tolist(), wave.tolist(), strict=True)), fill=0, width=2)
    assert traces(shades(image)) == pytest.approx(3, abs=0.4)
