"""What an image file must be before anything learns from it: each rejection has reason and remedy.

Nothing is followed, changed or deleted, and no more than MOST bytes or PIXELS are held at once. The
bytes that were read are what is judged: name, digest and picture cannot be of different files. A
JPEG that is damaged inside, but whole, decodes without complaint; only its looks can tell.
"""

import os
import re
import stat
import unicodedata
import warnings
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SMALLEST = 100  # pixels a side: the thesis's rule
MOST = 64 * 2**20  # bytes of a file: a scanned page has one or two million
PIXELS = 50_000_000  # of a picture: fourteen of the collection's pages; Pillow allows more
LONGEST = 200  # characters of a path in the folder: Windows gives 260 to all of it
FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe"),
    "PNG": (".png",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
}
EXTENSIONS = {extension for several in FORMATS.values() for extension in several}
MODES = ("RGB", "L")  # three bytes or one a pixel, each a brightness: what a network is fed
RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?")
FORBIDDEN = re.compile(r'[<>:"|?*\\]|[ .]$')
DRAFT = (552, 392)  # pixels: a JPEG is decoded at the smallest of its scales that is no smaller

REMEDIES = {
    "link": "put the file itself here: links are never followed, wherever they point",
    "not a file": "remove it: a pipe, socket or device holds no picture",
    "control characters": "rename it: such a name can take over a terminal",
    "not UTF-8": "rename it in UTF-8: other systems cannot even name it",
    "hidden": "rename it without the leading dot, or remove it: systems keep their own notes so",
    "reserved name": "rename it: Windows refuses this name, so a copy of the folder would lack it",
    "too long a name": f"shorten the path to {LONGEST} characters: Windows and archives cut it",
    "name twice": "rename one: where case does not count, one file overwrites the other",
    "wrong place": "put it into a class folder: FOLDER/class/file or FOLDER/train/class/file",
    "unknown extension": "convert it to JPEG or PNG, or remove it if it is no picture",
    "unreadable": "give yourself the right to read it, or copy it anew",
    "empty": "copy it anew: it has no bytes",
    "too many bytes": f"save it smaller: a page needs less than {MOST // 2**20} MiB",
    "not an image": "copy it anew or remove it: its content is no picture that is known here",
    "wrong extension": "rename it after its content",
    "bomb": f"scale it down: a page has at most {PIXELS:,} pixels, and this would fill the memory",
    "too small": f"scan it anew: a page has at least {SMALLEST}x{SMALLEST} pixels",
    "several frames": "save each frame as a file: only the first would be seen",
    "wrong mode": "save it as RGB or grey (L), after looking at what that does to it",
    "damaged": "copy it anew: it ends too early or cannot be decoded",
}


class Rejected(ValueError):
    """A file that is left out: a reason, which is a key of REMEDIES, and what was found."""

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(f"{reason}: {found}; {REMEDIES[reason]}")
        self.reason, self.found = reason, found


def written(name: str) -> str:
    """Return a name as it can be printed and stored: what is not plain text is escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def spelled_alike(name: str) -> str:
    """Return what two names share that some system takes for one: case and composition apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def check_name(name: str) -> None:
    """Refuse a path in the folder, with slashes, that other systems cannot hold or show."""
    if any(0xDC80 <= ord(character) <= 0xDCFF for character in name):
        raise Rejected("not UTF-8", written(name))
    if any(unicodedata.category(character) in ("Cc", "Cf") for character in name):
        raise Rejected("control characters", written(name))
    parts = PurePosixPath(name).parts
    for part in parts:
        if part.startswith("."):
            raise Rejected("hidden", part)
        if RESERVED.fullmatch(part) or FORBIDDEN.search(part):
            raise Rejected("reserved name", part)
    if len(name) > LONGEST:
        raise Rejected("too long a name", f"{len(name)} characters")


def check_extension(name: str) -> str:
    """Return the extension in lower case; refuse what does not even claim to be a picture."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in EXTENSIONS:
        raise Rejected("unknown extension", suffix or "none")
    return suffix


def check_kind(path: Path) -> None:
    """Refuse what is not a plain file of a bearable size; a link is looked at, never followed."""
    try:
        kind = path.lstat()
        if stat.S_ISLNK(kind.st_mode):
            raise Rejected("link", f"to {written(str(path.readlink()))}")
    except OSError as error:
        raise Rejected("unreadable", error.strerror or str(error)) from error
    if not stat.S_ISREG(kind.st_mode):
        raise Rejected("not a file", stat.filemode(kind.st_mode))
    if kind.st_size > MOST:
        raise Rejected("too many bytes", f"{kind.st_size:,}")


def _without_following(path: str, flags: int) -> int:
    """Open what was checked even if someone swaps it for a link or a pipe in between."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a file, which are at least one."""
    try:
        with open(path, "rb", opener=_without_following) as file:  # noqa: PTH123
            data = file.read(MOST)
    except OSError as error:
        raise Rejected("unreadable", error.strerror or str(error)) from error
    if not data:
        raise Rejected("empty", "0 bytes")
    return data


def picture(data: bytes, *, suffix: str, least: tuple[int, int] = DRAFT) -> Image.Image:
    """Return the grey picture in these bytes, of a JPEG no more than `least` needs; or reject."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)  # odd EXIF is not odd pixels
        image = _opened(data)
        try:
            _check_header(image, suffix.lower())
            image.draft("L", least)
            image.load()
        except Rejected:
            raise
        except Exception as error:  # what decoders meet in broken files is of any kind
            raise Rejected("damaged", str(error)) from error
        return image.convert("L")


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=list(FORMATS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected("bomb", str(error)) from error
    except Exception as error:
        raise Rejected("not an image", f"starts with {data[:8]!r}") from error


def _check_header(image: Image.Image, suffix: str) -> None:
    width, height = image.size
    frames = getattr(image, "n_frames", 1)
    kind = "JPEG" if image.format == "MPO" else str(image.format)  # a JPEG with more behind it
    if suffix not in FORMATS[kind]:
        raise Rejected("wrong extension", f"{suffix} holds {kind}")
    if width * height > PIXELS:
        raise Rejected("bomb", f"{width}x{height}")
    if min(width, height) < SMALLEST:
        raise Rejected("too small", f"{width}x{height}")
    if frames != 1:
        raise Rejected("several frames", f"{frames} frames")
    if image.mode not in MODES:
        raise Rejected("wrong mode", image.mode)


def grey(image: Image.Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture as uint8 [height, width] for a size (width, height)."""
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS), dtype=np.uint8)
