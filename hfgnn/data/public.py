"""Where real public data lie on this machine, if they do: HFGNN_DATA, or beside the repository."""

import os
from pathlib import Path

LISTS = ("ecg-pages/pages.csv", "ptb-xl-400/ptbxl_database.csv")
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


def public_folder() -> Path:
    """Return the folder that would hold `ecg-pages` and `ptb-xl-400`."""
    return Path(os.environ.get("HFGNN_DATA") or BESIDE)


def public_lists() -> list[Path]:
    """Return the lists of records and pages that are there."""
    return sorted(public_folder().glob("*/*.csv"))


def public_files() -> tuple[Path, ...]:
    """Return the two lists that the book reads: empty if either is missing."""
    files = tuple(public_folder() / name for name in LISTS)
    return files if all(file.is_file() for file in files) else ()
