"""Nothing to do, seen at a glance: the seal of the last finished build still holds."""

import json
import platform
import sys
from pathlib import Path

from hfgnn.pipeline.key import canonical, digest, file_digest
from hfgnn.pipeline.order import Order
from hfgnn.pipeline.places import write_text

SEAL = "build.seal"
SOURCES = ("hfgnn", "notebooks", "book")
SETTINGS = ("_config.yml", "_toc.yml", "requirements.lock")


def untouched(order: Order) -> bool:
    """Return whether a build would find nothing to do: no file differs from the last one's."""
    try:
        held = json.loads((order.places.build / SEAL).read_text(encoding="utf-8"))
        inputs = {path: file_digest(Path(path)) for path in held["inputs"]}
        return bool(held["inputs"] == inputs and held["all"] == _fingerprint(order))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def seal(order: Order, inputs: dict[str, str]) -> None:
    """Remember what this finished build read, external input files too, and what it left."""
    held = {"all": _fingerprint(order), "inputs": inputs}
    write_text(order.places.build / SEAL, canonical(held))


def _fingerprint(order: Order) -> str:
    """Return a digest of everything that a build reads or leaves, and of this machine's kind."""
    places = order.places
    sources = [path for name in SOURCES for path in _files(places.root / name)]
    sources += [places.root / name for name in SETTINGS]
    made = [*_files(places.results), *_files(places.site)]
    cpu = Path("/proc/cpuinfo")
    flags = [line for line in _lines(cpu) if line.startswith("flags")][:1]
    about = [sys.version, platform.machine(), *flags, repr(sorted(order.parameters.items()))]
    return digest(canonical([about, {str(path): file_digest(path) for path in sources + made}]))


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and ".ipynb_checkpoints" not in path.parts
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
