"""What a new patient brings: units, ranges and the page, each fault in words, all at once."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hfgnn.data.intake import VALUES, taken
from hfgnn.features.fuse import CLINICAL
from hfgnn.train.pages import PagesParams, sheets
from hfgnn.world.bedside import BEDSIDE
from hfgnn.world.page import CLEAN
from hfgnn.world.population import block

GOOD = {"ef": ".35", "bnp": "400", "nyha": "3", "sbp": "110", "age": "70"}


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    params = PagesParams(11, people=10)
    people = block(params.population, 0)
    path = tmp_path_factory.mktemp("pages") / "page.jpg"
    path.write_bytes(next(sheets(params.population, people, 0, np.arange(1), CLEAN.size)))
    return path


def test_a_good_patient_is_taken(page):
    found = taken(page, GOOD)
    assert found.faults == ()
    assert found.values == (0.35, 400, 3, 110, 70)
    assert found.page == page.read_bytes()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ef", "35", "did you mean 0.35?"),
        ("ef", "0.86", "as a fraction, from 0.05 to 0.85"),
        ("ef", "nan", "out of range"),
        ("bnp", "x", "'x' is no number; give BNP in pg/mL"),
        ("bnp", "inf", "out of range"),
        ("nyha", "2.5", "whole number, from 1 to 4"),
        ("nyha", "0", "out of range"),
        ("sbp", "14.5", "in mmHg, from 70 to 260: did you mean 145?"),
        ("sbp", "300", "in mmHg"),
        ("age", "17", "from 18 to 105"),
        ("age", " ", "is missing"),
    ],
)
def test_a_bad_value_is_told_with_rule_and_remedy(page, name, text, words):
    faults = taken(page, GOOD | {name: text}).faults
    assert len(faults) == 1
    assert faults[0].startswith(f"--{name} ")
    assert words in faults[0]


@pytest.mark.parametrize("name", GOOD)
def test_both_ends_of_a_range_are_taken(page, name):
    for end in (VALUES[name].low, VALUES[name].high):
        assert not taken(page, GOOD | {name: f"{end:g}"}).faults


def test_all_faults_are_told_at_once(tmp_path):
    assert len(taken(tmp_path / "none.jpg", dict.fromkeys(GOOD, "")).faults) == 6


def as_file(image: Image.Image, kind: str = "JPEG") -> bytes:
    file = BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"hello", "not an image"),
        ("a.txt", b"hello", "unknown extension"),
        ("a.png", as_file(Image.new("RGB", (600, 400))), "wrong extension"),
        ("a.jpg", as_file(Image.new("RGB", (90, 60))), "too small"),
        ("a.jpg", as_file(Image.new("RGB", (600, 400), "white")), "does not look like an ECG"),
        ("a.jpg", as_file(Image.new("RGB", (400, 600), "white")), "stands upright"),
        ("a.jpg", as_file(Image.new("RGB", (600, 400), "white"))[:-600], "damaged"),
    ],
)
def test_a_bad_page_is_told(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    (fault,) = taken(tmp_path / name, GOOD).faults
    assert "--page" in fault
    assert words in fault


def test_a_folder_is_no_page(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    assert "not a file" in taken(tmp_path / "a.jpg", GOOD).faults[0]


def test_a_page_behind_a_link_is_taken(page, tmp_path):
    (tmp_path / "link.jpg").symlink_to(page)
    assert not taken(tmp_path / "link.jpg", GOOD).faults


def test_the_ranges_are_those_of_the_simulated_instruments():
    assert tuple(VALUES) == CLINICAL
    law = BEDSIDE
    wanted = {"ef": (law.ef_low, law.ef_high), "bnp": (law.bnp_low, law.bnp_high)}
    wanted |= {"sbp": (law.sbp_low, law.sbp_high)}
    for name, ends in wanted.items():
        assert (VALUES[name].low, VALUES[name].high) == ends
