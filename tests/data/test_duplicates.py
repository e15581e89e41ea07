"""Duplicates: the arithmetic against brute force, the thresholds against real pages."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from hfgnn.data.clean import grey, picture
from hfgnn.data.duplicates import (
    LIKENESS,
    SIZE,
    Likeness,
    close_pairs,
    fingerprint,
    near,
    numbered,
    worst_tile,
)


def small(data):
    return grey(picture(data, suffix=".jpg"), SIZE)


def test_close_pairs_are_those_of_a_double_loop():
    rng = np.random.default_rng(0)
    prints = rng.integers(0, 2**64, (70, 16), dtype=np.uint64)
    prints[35:] = prints[:35] ^ (rng.random((35, 16)) < 0.5).astype(np.uint64)
    prints[-1] = prints[0]
    bits = np.unpackbits(prints.view(np.uint8).reshape(70, -1), axis=1)
    apart = (bits[:, None] != bits).sum(axis=2)
    for limit in (0, 5, 480):
        wanted = {(i, j) for i in range(70) for j in range(i + 1, 70) if apart[i, j] <= limit}
        parts = list(close_pairs(prints, limit, chunk=16))
        found = [tuple(pair) for part in parts for pair in part.tolist()]
        assert len(found) == len(set(found))
        assert set(found) == wanted
        for part in parts:
            assert (np.diff(apart[part[:, 0], part[:, 1]]) >= 0).all()


def test_the_worst_tile_is_that_of_a_slow_search():
    rng = np.random.default_rng(1)
    law = Likeness(tiles=(2, 3), reach=2, blur=0, flat=0)
    a = rng.integers(0, 255, (40, 60), dtype=np.uint8)
    b = np.roll(a, (1, -2), axis=(0, 1)) // 2 + rng.integers(0, 90, (40, 60), dtype=np.uint8)
    tiles = []
    for y in (2, 20):
        for x in (2, 20, 38):
            moved = [
                np.corrcoef(
                    a[y : y + 18, x : x + 18].ravel(),
                    b[y + dy : y + dy + 18, x + dx : x + dx + 18].ravel(),
                )[0, 1]
                for dy in range(-2, 3)
                for dx in range(-2, 3)
            ]
            tiles.append(max(moved))
    assert worst_tile(a, b, law) == pytest.approx(min(tiles), abs=1e-5)


def test_empty_pages_are_alike_and_differ_from_written_ones():
    white = np.full((196, 276), 255, np.uint8)
    written = white.copy()
    written[90:100, 40:200] = 0
    assert worst_tile(white, white - 3) == 1
    assert worst_tile(white, written) < 0.5
    assert worst_tile(written, white) < 0.5


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abcdefg")), min_size=1, max_size=30))
def test_numbered_joins_what_shares_a_key(rows):
    numbers = np.array([a for a, _ in rows])
    letters = np.array([b for _, b in rows])
    found = numbered(numbers, letters)
    parent = list(range(len(rows)))  # a slow closure
    for _ in rows:
        for i in range(len(rows)):
            for j in range(len(rows)):
                if numbers[i] == numbers[j] or letters[i] == letters[j]:
                    parent[i] = parent[j] = min(parent[i], parent[j])
    assert np.array_equal(found[:, None] == found, np.array(parent)[:, None] == parent)
    assert np.array_equal(np.unique(found), np.arange(found.max() + 1))
    assert found[0] == 0


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(8)))
def test_groups_do_not_depend_on_the_order(drawn_pages, order):
    pages = drawn_pages["MI"][:5]
    data = [*pages, pages[0], _saved(pages[1], quality=50), _saved(pages[1], quality=95)]
    pictures = [small(data[i]) for i in order]
    group = near(np.stack([fingerprint(p) for p in pictures]), pictures.__getitem__)
    wanted = np.array([0, 1, 2, 3, 4, 0, 1, 1])[list(order)]
    assert np.array_equal(group[:, None] == group, wanted[:, None] == wanted)


def _saved(data, change=lambda page: page, quality=85):
    file = BytesIO()
    change(Image.open(BytesIO(data)).convert("RGB")).save(file, "JPEG", quality=quality)
    return file.getvalue()


COPIES = {
    "poor": (lambda page: page, 30),
    "half": (lambda page: page.resize((page.width // 2, page.height // 2)), 85),
    "larger": (lambda page: page.resize((page.width * 3 // 2, page.height * 3 // 2)), 85),
    "brighter": (lambda page: ImageEnhance.Brightness(page).enhance(1.15), 75),
    "darker": (lambda page: ImageEnhance.Brightness(page).enhance(0.85), 75),
    "paler": (lambda page: ImageEnhance.Contrast(page).enhance(0.7), 75),
    "turned": (lambda page: page.rotate(0.25, Image.Resampling.BICUBIC, fillcolor="white"), 75),
    "moved": (
        lambda page: page.transform(page.size, 0, (1, 0, 3, 0, 1, 2), fillcolor="white"),
        75,
    ),
}


@pytest.fixture(scope="module")
def real_pages(real_data):
    paths = sorted((real_data / "ecg-pages").glob("*.jpg"))
    if len(paths) != 437:
        pytest.skip(f"{len(paths)} pages, not the 437 that the thresholds were measured on")
    return [path.read_bytes() for path in paths]


@pytest.mark.data
@pytest.mark.slow
def test_no_two_real_pages_are_taken_for_one(real_pages):
    pictures = [small(data) for data in real_pages]
    prints = np.stack([fingerprint(p) for p in pictures])
    loose = np.concatenate(list(close_pairs(prints, 110)))
    assert len(loose) > 300  # perceptual hashes alone would call some of these one page
    scores = [worst_tile(pictures[i], pictures[j]) for i, j in loose]
    assert max(scores) < LIKENESS.correlation - 0.02
    assert np.array_equal(near(prints, pictures.__getitem__), np.arange(437))


@pytest.mark.data
@pytest.mark.parametrize("kind", COPIES)
def test_copies_of_real_pages_are_found(real_pages, kind):
    change, quality = COPIES[kind]
    for data in real_pages[::30]:
        page, copy = small(data), small(_saved(data, change, quality))
        apart = int(np.bitwise_count(fingerprint(page) ^ fingerprint(copy)).sum())
        assert apart <= LIKENESS.bits - 15
        assert worst_tile(page, copy) >= LIKENESS.correlation + 0.01
