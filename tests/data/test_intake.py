"""What a new patient brings: units, ranges and the page, each fault in words, all at once."""

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hfgnn.data.intake import VALUES, taken
from hfgnn.features.fuse import CLINICAL
from hfgnn.features.resnet import backbone, features, small
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
        ("ef", ".3_5", "'.3_5' is no number"),
        ("bnp", "4_00", "'4_00' is no number"),
        ("age", "\uff17\uff10", "is no number"),  # digits, but of another script
        ("ef", "35%", "is no number; give the ejection fraction as a fraction, from 0.05 to 0.85"),
        ("ef", "35 %", "did you mean 0.35?"),
        ("ef", "0,35", "did you mean 0.35?"),
        ("sbp", "14,5", "did you mean 145?"),
        ("bnp", "2", "2 is out of range; give BNP in pg/mL, from 5 to 5000: give 5 for anything"),
        ("bnp", "<5", "did you mean 5?"),
        ("bnp", "<3", "give 5 for anything below"),
    ],
)
def test_a_bad_value_is_told_with_rule_and_remedy(page, name, text, words):
    faults = taken(page, GOOD | {name: text}).faults
    assert len(faults) == 1
    assert faults[0].startswith(f"--{name} ")
    assert words in faults[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [("bnp", "5,000"), ("bnp", "-2"), ("nyha", "2,5"), ("ef", "1"), ("age", "2"), ("sbp", "nan%")],
)
def test_nothing_is_suggested_that_would_not_be_right(page, name, text):
    (fault,) = taken(page, GOOD | {name: text}).faults
    assert "did you mean" not in fault
    assert "anything below" not in fault


@pytest.mark.parametrize("text", ["1" * 400, "x\ny" + "q" * 400, "\x1b[2Jred"])
def test_an_odd_text_is_told_again_on_one_short_line(page, text):
    (fault,) = taken(page, GOOD | {"bnp": text}).faults
    assert fault.isprintable()
    assert len(fault) < 120


@pytest.mark.parametrize("name", GOOD)
def test_both_ends_of_a_range_are_taken(page, name):
    for end in (VALUES[name].low, VALUES[name].high):
        assert not taken(page, GOOD | {name: f"{end:g}"}).faults


def test_all_faults_are_told_at_once(tmp_path):
    assert len(taken(tmp_path / "none.jpg", dict.fromkeys(GOOD, "")).faults) == 6
    for unreached in (tmp_path / f"{'n' * 300}.jpg", tmp_path / "a\0.jpg", tmp_path, "", " "):
        faults = taken(unreached, dict.fromkeys(GOOD, "")).faults
        assert len(faults) == 6
        assert faults[-1].startswith("--page ")
        assert "; give the path of" in faults[-1]
        assert faults[-1].isprintable()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever runs this may read all")
def test_a_page_in_a_folder_without_rights_is_told_with_the_rest(page, tmp_path):
    (tmp_path / "page.jpg").write_bytes(page.read_bytes())
    tmp_path.chmod(0)
    try:
        faults = taken(tmp_path / "page.jpg", GOOD | {"ef": "35"}).faults
    finally:
        tmp_path.chmod(0o700)
    assert len(faults) == 2
    assert "cannot be reached" in faults[1]


def as_file(image: Image.Image, kind: str = "JPEG", **options) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"hello", "not an image"),
        ("a.txt", b"hello", "unknown extension: .txt; give a picture: JPEG or PNG"),
        ("a", b"hello", "unknown extension: none; give a picture: JPEG or PNG"),
        ("a.heic", b"hello", "unknown extension: .heic; give a picture: JPEG or PNG"),
        ("a.png", as_file(Image.new("RGB", (600, 400))), "wrong extension"),
        ("a.jpg", as_file(Image.new("RGB", (90, 60))), "too small"),
        ("a.jpg", as_file(Image.new("RGB", (600, 400), "white")), "does not look like an ECG"),
        ("a.jpg", as_file(Image.new("RGB", (400, 600), "white")), "stands upright"),
        ("a.jpg", as_file(Image.new("RGB", (600, 400), "white"))[:-600], "damaged"),
        (
            "a.png",
            as_file(Image.effect_noise((600, 400), 9).convert("LA"), "PNG")[:-900],
            "damaged",
        ),
        ("a.jpg", as_file(Image.new("CMYK", (600, 400))), "save it as an ordinary JPEG (RGB)"),
        ("a.png", as_file(Image.new("I;16", (600, 400)), "PNG"), "an ordinary JPEG (RGB)"),
        ("a.png", as_file(Image.new("RGBA", (90, 60)), "PNG"), "too small"),
    ],
)
def test_a_bad_page_is_told(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    (fault,) = taken(tmp_path / name, GOOD).faults
    assert "--page" in fault
    assert words in fault
    assert "remove" not in fault


@pytest.mark.parametrize("name", ["a.jpg", "a"])
def test_a_folder_is_no_page(tmp_path, name):
    (tmp_path / name).mkdir()
    (fault,) = taken(tmp_path / name, GOOD).faults
    assert fault.endswith("it is a folder; give the path of a picture")


@pytest.mark.skipif(os.name == "nt", reason="this system has no pipes among its files")
def test_a_pipe_is_no_page_and_nobody_is_told_to_remove_it(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    (fault,) = taken(tmp_path / "a.jpg", GOOD).faults
    assert "not a file" in fault
    assert "give the path of a picture" in fault
    assert "remove" not in fault


STORED = {  # how the pixels lie in the file for a viewer to turn them upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def read(path: Path) -> np.ndarray:
    """Return the small page that the network is given for a file, which has to be accepted."""
    found = taken(path, GOOD)
    assert found.faults == ()
    return small(found.page)


@pytest.mark.parametrize("stored", STORED)
def test_a_page_is_read_as_viewers_show_it(page, tmp_path, stored):
    plain, exif = Image.open(page), Image.Exif()
    exif[0x0112] = stored
    lying = plain.transpose(STORED[stored])
    (tmp_path / "a.png").write_bytes(as_file(plain, "PNG"))
    (tmp_path / "b.png").write_bytes(as_file(lying, "PNG", exif=exif))
    (tmp_path / "b.jpg").write_bytes(as_file(lying, exif=exif, quality=95))
    upright = read(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "b.png"), upright)
    net = backbone("ecg")
    wanted, found = features(np.stack([upright, read(tmp_path / "b.jpg")]), net)
    ignored = features(small(lying)[None], net)[0]  # what was read before: it is far away
    off, far = (np.linalg.norm(other - wanted) for other in (found, ignored))
    assert off < 0.05 * np.linalg.norm(wanted)
    assert far > 5 * off


def test_a_page_that_a_viewer_shows_upright_is_refused(page, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a.jpg").write_bytes(as_file(Image.open(page), exif=exif))
    assert "stands upright (" in taken(tmp_path / "a.jpg", GOOD).faults[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_that_cannot_be_read_does_no_harm(page, tmp_path, kind, recwarn):
    name = {"JPEG": "a.jpg", "PNG": "a.png", "WEBP": "a.webp"}[kind]
    file = as_file(Image.open(page), kind, exif=b"Exif\0\0no such thing", quality=95)
    (tmp_path / name).write_bytes(file)
    assert np.abs(read(tmp_path / name) - small(page.read_bytes()).astype(float)).mean() < 2
    assert not recwarn


@pytest.fixture(scope="module")
def layers(page) -> dict[str, tuple[Image.Image, dict[str, int | tuple[int, ...]]]]:
    """Return one grey page in several modes; where it has transparency, the paper is a hole."""
    grey = np.array(Image.open(page).convert("L"))
    grey[grey >= 245], grey[grey < 3] = 255, 3
    paper = grey == 255
    ink, held = np.where(paper, 0, grey), np.where(paper, 0, 255).astype(np.uint8)
    colours = Image.fromarray(ink, "P")
    colours.putpalette([light for light in range(256) for _ in range(3)])
    return {
        "RGB": (Image.fromarray(np.dstack([grey] * 3)), {}),
        "RGBA": (Image.fromarray(np.dstack([ink, ink, ink, held])), {}),
        "LA": (Image.fromarray(np.dstack([ink, held])), {}),
        "P": (colours, {"transparency": 0}),
        "L": (Image.fromarray(ink), {"transparency": 0}),
        "RGB with a hole": (Image.fromarray(np.dstack([ink] * 3)), {"transparency": (0, 0, 0)}),
    }


@pytest.mark.parametrize("name", ["RGBA", "LA", "P", "L", "RGB with a hole"])
def test_what_is_transparent_is_read_on_white(layers, tmp_path, name):
    for key in ("RGB", name):
        image, options = layers[key]
        (tmp_path / f"{key}.png").write_bytes(as_file(image, "PNG", **options))
    np.testing.assert_array_equal(read(tmp_path / f"{name}.png"), read(tmp_path / "RGB.png"))


def test_a_gif_and_a_screenshot_turned_by_its_exif_are_read(layers, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    (tmp_path / "a.png").write_bytes(as_file(layers["RGB"][0], "PNG"))
    (tmp_path / "b.gif").write_bytes(as_file(layers["P"][0], "GIF", transparency=0))
    lying = layers["RGBA"][0].transpose(STORED[3])
    (tmp_path / "b.png").write_bytes(as_file(lying, "PNG", exif=exif))
    for name in ("b.gif", "b.png"):
        np.testing.assert_array_equal(read(tmp_path / name), read(tmp_path / "a.png"))


def test_a_page_of_one_bit_a_pixel_is_read(layers, tmp_path):
    black = layers["RGB"][0].convert("L").point(lambda light: 255 * (light > 128))
    (tmp_path / "a.png").write_bytes(as_file(black.convert("RGB"), "PNG"))
    (tmp_path / "b.tif").write_bytes(as_file(black.convert("1"), "TIFF"))
    np.testing.assert_array_equal(read(tmp_path / "b.tif"), read(tmp_path / "a.png"))


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
