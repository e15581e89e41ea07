"""A folder of pages with every fault that `hfgnn.data.clean` knows: what an audit must find."""

import os
import struct
import zlib
from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageEnhance

from hfgnn.data.clean import LONGEST, MOST, SMALLEST, written

Rng = np.random.Generator
EXACT, NEAR = "exact copy", "near copy"


def plant(
    target: Path,
    pages: Mapping[str, list[bytes]],
    rng: Rng,
    *,
    kinds: Collection[str] | None = None,
) -> pd.DataFrame:
    """Write JPEG pages into class folders, and one file or more of each fault and kind of copy.

    Returns kind (a reason of REMEDIES, EXACT or NEAR) and file; `attrs["skipped"]` tells why a
    kind that this system or its file system cannot hold is not there.
    """
    if target.exists():
        raise FileExistsError(f"{target} is there already; give a new folder")
    if not pages or not all(pages.values()):
        raise ValueError("plant needs a page or more of each class; give their JPEG bytes")
    for label, several in pages.items():
        (target / label).mkdir(parents=True)
        for number, data in enumerate(several):
            (target / label / f"Page {number:03d}.jpg").write_bytes(data)
    rows, skipped = [], {}
    for kind in FAULTS if kinds is None else kinds:
        for maker in FAULTS[kind]:
            label = str(rng.choice(sorted(pages)))
            number = int(rng.integers(len(pages[label])))
            try:
                path = maker(target / label, number, pages[label][number], rng)
            except (OSError, ValueError, AttributeError) as error:
                skipped[kind] = f"{type(error).__name__}: {error}"
            else:
                rows.append((kind, written(path.relative_to(target).as_posix())))
    planted = pd.DataFrame(rows, columns=["kind", "file"])
    planted.attrs["skipped"] = skipped
    return planted


Maker = Callable[[Path, int, bytes, Rng], Path]


def _named(name: str) -> Maker:
    """A page under a name that it should not have."""

    def maker(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
        if os.name == "nt":
            raise OSError("Windows has no file of such a name")
        path = folder / name.format(number)
        if path.exists():  # the file system takes two spellings for one name
            raise OSError("here case does not count in names")
        path.write_bytes(data)
        return path

    return maker


def _holding(name: str, content: Callable[[bytes, Rng], bytes]) -> Maker:
    """A file whose content is made from a page."""

    def maker(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
        path = folder / name.format(number)
        path.write_bytes(content(data, rng))
        return path

    return maker


def _saved(
    name: str, change: Callable[[Image.Image, Rng], Image.Image], **options: object
) -> Maker:
    """A page that was changed and saved again."""

    def content(data: bytes, rng: Rng) -> bytes:
        file = BytesIO()
        change(Image.open(BytesIO(data)), rng).save(file, Image.EXTENSION[_suffix(name)], **options)
        return file.getvalue()

    return _holding(name, content)


def _suffix(name: str) -> str:
    Image.init()
    return Path(name).suffix


def _link(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
    path = folder / "linked.jpg"
    path.symlink_to(Path("../.."), target_is_directory=True)  # out of the folder, and a loop
    return path


def _pipe(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
    path = folder / "pipe.jpg"
    os.mkfifo(path)
    return path


def _forbidden(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
    path = folder / "forbidden.jpg"
    path.write_bytes(data)
    path.chmod(0)
    if os.access(path, os.R_OK):
        path.unlink()
        raise OSError("this user may read everything")
    return path


def _huge(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
    path = folder / "huge.bmp"
    with path.open("wb") as file:
        file.truncate(MOST + 1)  # a hole, which takes no room on most disks
    return path


def _misplaced(folder: Path, number: int, data: bytes, rng: Rng) -> Path:
    path = folder.parent / "misplaced.jpg"
    path.write_bytes(data)
    return path


def _lying_header(data: bytes, rng: Rng) -> bytes:
    """A few bytes of PNG that claim 60,000 x 60,000 pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        for body in (head, b"IDAT" + zlib.compress(bytes(1000)), b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def _cut(data: bytes, rng: Rng) -> bytes:
    return data[: int(len(data) * rng.uniform(0.3, 0.9))]


def _converted(mode: str) -> Callable[[Image.Image, Rng], Image.Image]:
    return lambda page, rng: page.convert(mode)


def _scaled(page: Image.Image, rng: Rng) -> Image.Image:
    scale = rng.uniform(0.6, 1.3)
    return page.resize((round(page.width * scale), round(page.height * scale)))


def _lit(page: Image.Image, rng: Rng) -> Image.Image:
    return ImageEnhance.Brightness(page).enhance(rng.uniform(0.85, 1.1))


def _turned(page: Image.Image, rng: Rng) -> Image.Image:
    angle = rng.uniform(0.1, 0.3) * rng.choice([-1, 1])
    return page.rotate(float(angle), Image.Resampling.BICUBIC, fillcolor="white")


FAULTS: dict[str, tuple[Maker, ...]] = {
    "link": (_link,),
    "not a file": (_pipe,),
    "control characters": (_named("page\x1b[31m{}.jpg"),),
    "not UTF-8": (_named(b"p\xe4ge {}.jpg".decode("utf-8", "surrogateescape")),),
    "hidden": (_holding(".page {}.jpg", lambda data, rng: data),),
    "reserved name": (_named("aux.jpg"), _named("page {} 12:30.jpg")),
    "too long a name": (_named("x" * LONGEST + ".jpg"),),
    "name twice": (_named("page {:03d}.jpg"),),
    "wrong place": (_misplaced,),
    "unknown extension": (_holding("notes.txt", lambda data, rng: b"ask the clinic"),),
    "unreadable": (_forbidden,),
    "empty": (_holding("empty.jpg", lambda data, rng: b""),),
    "too many bytes": (_huge,),
    "not an image": (_holding("noise.jpg", lambda data, rng: rng.bytes(5000)),),
    "wrong extension": (_holding("page {}.png", lambda data, rng: data),),
    "bomb": (_holding("bomb.png", _lying_header),),
    "too small": (_saved("icon.jpg", lambda page, rng: page.resize((SMALLEST - 1, SMALLEST))),),
    "several frames": (
        _saved(
            "film.tif", _converted("L"), save_all=True, append_images=[Image.new("L", (300, 200))]
        ),
    ),
    "wrong mode": (
        _saved("ink.jpg", _converted("CMYK")),
        _saved("palette.png", _converted("P")),
        _saved("glass.png", _converted("RGBA")),
    ),
    "damaged": (_holding("cut {}.jpg", _cut),),
    EXACT: (_holding("Page {:03d} - Copy.jpg", lambda data, rng: data),),
    NEAR: (
        _saved("saved again {}.jpg", lambda page, rng: page, quality=60),
        _saved("scaled {}.jpg", _scaled, quality=85),
        _saved("lit {}.jpg", _lit, quality=85),
        _saved("turned {}.jpg", _turned, quality=85),
    ),
}
