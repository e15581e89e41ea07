"""Each thing that can be wrong with a file: named as it is; and what is right is not refused."""

from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hfgnn.data import clean
from hfgnn.data.clean import Rejected, check_kind, check_name, grey, picture, written

NOISE = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)


def saved(mode="RGB", form="JPEG", size=(160, 120), **options):
    file = BytesIO()
    Image.fromarray(NOISE).resize(size).convert(mode).save(file, form, **options)
    return file.getvalue()


def reason(data, suffix=".jpg"):
    with pytest.raises(Rejected) as caught:
        picture(data, suffix=suffix)
    assert clean.REMEDIES[caught.value.reason] in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(
    ("form", "suffix"),
    [("JPEG", ".jpeg"), ("PNG", ".PNG"), ("BMP", ".bmp"), ("TIFF", ".tif"), ("WEBP", ".webp")],
)
def test_grey_and_colour_are_accepted_in_every_format(mode, form, suffix):
    if (mode, form) == ("L", "WEBP"):
        pytest.skip("WebP has no grey: Pillow writes RGB")
    image = picture(saved(mode, form), suffix=suffix)
    assert (image.mode, image.size) == ("L", (160, 120))


@pytest.mark.parametrize(
    ("mode", "form"),
    [("CMYK", "JPEG"), ("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("I;16", "PNG")],
)
def test_other_modes_are_not(mode, form):
    data = saved("L" if mode == "I;16" else mode, form)
    if mode == "I;16":
        file = BytesIO()
        Image.fromarray(NOISE[..., 0].astype(np.uint16)).save(file, "PNG")
        data = file.getvalue()
    assert reason(data, "." + form.lower().replace("jpeg", "jpg")) == "wrong mode"


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 2}])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_truncated_jpeg_is_damaged_wherever_it_ends(share, options):
    data = saved(size=(700, 500), **options)
    assert picture(data, suffix=".jpg").size == (700, 500)
    assert reason(data[: int(share * len(data))]) == "damaged"


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "WEBP"])
def test_so_are_the_others(form):
    data = saved(form=form)
    assert reason(data[: len(data) * 2 // 3], f".{form.lower()}") in ("damaged", "not an image")


def test_no_byte_of_a_header_makes_it_fail_otherwise():
    for form in ("JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP"):
        data = saved("L", form)
        rng = np.random.default_rng(1)
        for _ in range(150):
            broken = bytearray(data)
            for place in rng.integers(0, min(400, len(data)), 3):
                broken[place] = int(rng.integers(256))
            with suppress(Rejected):
                picture(bytes(broken), suffix=clean.FORMATS[form][0])


def test_99_pixels_are_too_small_and_100_are_not():
    assert reason(saved(size=(99, 500))) == "too small"
    assert reason(saved(size=(500, 99))) == "too small"
    assert picture(saved(size=(100, 100)), suffix=".jpg").size == (100, 100)


def test_a_bomb_is_refused_by_its_header(monkeypatch):
    data = saved(size=(400, 300))
    monkeypatch.setattr(clean, "PIXELS", 400 * 300)
    assert picture(data, suffix=".jpg").size == (400, 300)
    monkeypatch.setattr(clean, "PIXELS", 400 * 300 - 1)
    assert reason(data) == "bomb"
    monkeypatch.setattr(clean, "PIXELS", 10**9)
    for limit in (100_000, 50_000):  # Pillow would warn of the one and refuse the other
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        assert reason(data) == "bomb"


def test_the_content_counts_and_not_the_name():
    assert reason(saved(form="PNG"), ".jpg") == "wrong extension"
    assert reason(b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(500), ".jpg") == "not an image"
    assert reason(b"<svg/>") == "not an image"


def test_a_film_is_not_a_page():
    frames = [Image.fromarray(NOISE[..., k]) for k in range(3)]
    for form, suffix in (("GIF", ".gif"), ("TIFF", ".tiff"), ("WEBP", ".webp")):
        file = BytesIO()
        frames[0].save(file, form, save_all=True, append_images=frames[1:])
        assert reason(file.getvalue(), suffix) == "several frames"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("MI/a\nb.jpg", "control characters"),
        ("MI/\u202egpj.exe.jpg", "control characters"),
        ("MI\x7f/a.jpg", "control characters"),
        (b"MI/\xff.jpg".decode("utf-8", "surrogateescape"), "not UTF-8"),
        (".git/a.jpg", "hidden"),
        ("../a.jpg", "hidden"),
        ("MI/CON.jpg", "reserved name"),
        ("lpt1/a.jpg", "reserved name"),
        ("MI/a?.jpg", "reserved name"),
        ("MI /a.jpg", "reserved name"),
        ("MI/" + "x" * 194 + ".jpg", "too long a name"),
    ],
)
def test_odd_names_are_refused(name, reason):
    with pytest.raises(Rejected) as caught:
        check_name(name)
    assert caught.value.reason == reason
    assert str(caught.value).isprintable()
    str(caught.value).encode()


@pytest.mark.parametrize(
    "name",
    [
        "MI/MI(1) - Copy - Copy.jpg",
        "Патология/снимок.jpg",
        "MI/console.jpg",
        "MI/" + "x" * 193 + ".jpg",
    ],
)
def test_the_names_that_people_give_are_not(name):
    check_name(name)
    assert written(name) == name


def test_links_are_never_followed(tmp_path):
    (tmp_path / "there.jpg").write_bytes(b"x")
    for name, aim in (("in", "there.jpg"), ("out", ".."), ("broken", "nowhere"), ("loop", "loop")):
        try:
            (tmp_path / name).symlink_to(aim)
        except OSError:
            pytest.skip("this user may not make links here")
        with pytest.raises(Rejected, match=r"^link"):
            check_kind(tmp_path / name)
    with pytest.raises(Rejected, match="unreadable"):
        check_kind(tmp_path / "gone.jpg")
    check_kind(tmp_path / "there.jpg")


def test_a_draft_looks_like_the_whole():
    """Judged by a scaled-down decode, so that it is quick; it is the same picture."""
    waves = np.sin(np.arange(1600) / 60)[None] * np.cos(np.arange(1200) / 45)[:, None]
    file = BytesIO()
    Image.fromarray((127 + 100 * waves).astype(np.uint8)).convert("RGB").save(file, "JPEG")
    image = picture(file.getvalue(), suffix=".jpg")
    assert image.size == (800, 600)
    whole = np.asarray(Image.open(file).convert("L").resize((276, 196), Image.Resampling.LANCZOS))
    assert np.abs(grey(image, (276, 196)).astype(int) - whole).max() <= 2
