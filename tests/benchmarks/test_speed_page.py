"""Pages a second: what two cores have to draw and encode, measured as the time of one core.

Pages are Pillow's scalar work, of which the thesis's way with a patient has little; so a machine is
also given what Pillow takes there for bare pages: traces, tilt, blur and file, with nothing else.
"""

import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from hfgnn.seeding import rng
from hfgnn.world.page import PageStyle, jpeg, page, styles

CAPTION = {"ID": "P000123", "Sex": "female", "Age": "63 y", "Date": "2019-03-12", "Rate": "72 /min"}
ECG = np.random.default_rng(0).normal(0, 0.1, (12, 2500)).cumsum(axis=1).clip(-2, 2)
OVER = {553: 3, 2213: 2}  # times as wide is the sheet on which ink is drawn
TILT = (1.0, 0.02, -9.0, -0.02, 1.0, 9.0, 1e-5, 1e-5)
HALF_AGAIN = 1.5  # bare pages may a page cost, with its lettering, stamps, light and style


def printed(looks: tuple[PageStyle, ...]) -> int:
    return sum(len(jpeg(page(ECG, style, caption=CAPTION), style)) for style in looks)


def bare(size: tuple[int, int], n: int) -> int:
    """Return the bytes of n pages by Pillow alone: three rows of four leads, one long strip."""
    (wide, high), over, length = size, OVER[size[0]], 0
    rows = [np.hstack([lead[625 * k : 625 * (k + 1)] for lead in ECG[k::3]]) for k in range(3)]
    x = np.linspace(0.05, 0.95, 2500) * wide * over
    for _ in range(n):
        ink = Image.new("L", (wide * over, high * over))
        draw = ImageDraw.Draw(ink)
        for row, y in enumerate([*(r[:2500] for r in rows), ECG[1]], start=1):
            y = (row / 5 - y / 30) * high * over
            at = np.linspace(0, 2499, len(y)).astype(int)
            draw.line(np.column_stack([x[at], y]).ravel().tolist(), fill=255, width=2 * over - 1)
        sheet = Image.new("RGB", size, "white")
        sheet.paste("black", mask=ink.reduce(over))
        how = Image.Transform.PERSPECTIVE, TILT, Image.Resampling.BILINEAR
        sheet = sheet.transform(size, *how).filter(ImageFilter.BoxBlur(0.5))
        file = BytesIO()
        sheet.save(file, "JPEG", quality=85)
        length += file.tell()
    return length


@pytest.mark.slow
@pytest.mark.parametrize(("size", "n", "a_second"), [((553, 393), 100, 100), ((2213, 1572), 12, 5)])
def test_two_cores_print_enough_pages_a_second(benchmark, pace, size, n, a_second):
    looks, took, pillow = styles(n, rng(2025, "speed"), size=size), [], []

    def timed() -> None:
        for work, own in ((lambda: printed(looks), took), (lambda: bare(size, n), pillow)):
            start = time.process_time()
            work()
            own.append(time.process_time() - start)

    printed(looks)
    benchmark.pedantic(timed, rounds=3)
    assert min(took) <= max(2 * n / a_second * pace, HALF_AGAIN * min(pillow)), (took, pillow)
