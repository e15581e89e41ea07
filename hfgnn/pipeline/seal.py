"""Nothing to do, seen at a glance: the seal of the last finished build still holds."""

import json
import platform
import sys
from pathlib import Path

from hfgnn.data.public import public_lists
from hfgnn.ledger.results import canonical, write
from hfgnn.pipeline.key import digest, file_digest
from hfgnn.pipeline.order import Order

SEAL = "build.seal"
SOURCES = ("hfgnn", "notebooks", "book")
SETTINGS = ("_config.yml", "_toc.yml", "requirements.lock")


def untouched(order: Order) -> bool:
    """Return whether a build would find nothing to do: no file differs from the last one's."""
    try:
        held = json.loads((order.places.build / SEAL).read_text(encoding="utf-8"))
        inputs = {path: file_digest(Path(path)) for path in held["inputs"]}
        now = {"read": read(order), "left": _left(order), "inputs": inputs}
        return bool(held == now)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def seal(order: Order, before: str, inputs: dict[str, str]) -> None:
    """Remember what a finished build had read when it began, and what it has left."""
    held = {"read": before, "left": _left(order), "inputs": inputs}
    write(order.places.build / SEAL, canonical(held))


def read(order: Order) -> str:
    """Return a digest of every source that a build reads, and of this machine's kind."""
    root, cpu = order.places.root, Path("/proc/cpuinfo")
    flags = [line for line in _lines(cpu) if line.startswith("flags")][:1]
    about = [sys.version, platform.machine(), *flags, repr(sorted(order.parameters.items()))]
    about += [str(path) for path in public_lists()]  # real data may have come, or gone
    files = [root / name for name in SETTINGS]
    files += [path for name in SOURCES for path in _files(root / name)]
    return digest(canonical([about, {str(path): file_digest(path) for path in files}]))


def _left(order: Order) -> str:
    made = [*_files(order.places.results), *_files(order.places.site)]
    return digest(canonical({str(path): file_digest(path) for path in made}))


def _files(folder: Path) -> list[Path]:
    unread = {"__pycache__", ".ipynb_checkpoints"}
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if not unread & set(path.parts)]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
