"""Small pages to be checked: letterhead and grid are everyone's, the trace is one person's."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw


def drawn(rng: np.random.Generator) -> bytes:
    page = Image.new("RGB", (553, 393), "white")
    pen = ImageDraw.Draw(page)
    for x in range(0, 553, 10):
        pen.line((x, 60, x, 393), fill=(240, 200, 200))
    for y in range(60, 393, 10):
        pen.line((0, y, 553, y), fill=(240, 200, 200))
    pen.rectangle((0, 0, 553, 55), fill=(247, 162, 172))
    pen.text((90, 15), "Sandhaven Heart Hospital", fill="black", font_size=28)
    for row in range(4):
        beat = rng.uniform(25, 60)
        time = (np.arange(530) + rng.uniform(0, beat)) % beat
        height = rng.uniform(10, 50) * np.exp(-(((time - beat / 3) / 2) ** 2))
        height += rng.uniform(-8, 15) * np.exp(-(((time - beat * 0.7) / 5) ** 2))
        y = 110 + 80 * row - height + rng.standard_normal(530) / 2
        pen.line(list(zip(range(10, 540), y.tolist(), strict=True)), fill="black", width=2)
    file = BytesIO()
    page.save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture(scope="session")
def drawn_pages() -> dict[str, list[bytes]]:
    rng = np.random.default_rng(4)
    return {label: [drawn(rng) for _ in range(12)] for label in ("MI", "Normal")}
