"""Records: tables that take too long for every build, made once and kept with what they are of."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import torch

RECORDED = Path(__file__).parents[2] / "book" / "ledger" / "recorded"
HOW = "how.json"


@contextmanager
def trusted(path: Path, command: str) -> Iterator[None]:
    """Say of whatever is wrong with a file of a record that it is damaged, and what mends it."""
    try:
        yield
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:  # Arrow's, too
        raise ValueError(
            f"{path.name} is damaged ({error}); make it anew with `{command}`"
        ) from error


def kept(
    files: Mapping[str, Path], of: Mapping[str, Any], command: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]] | None:
    """Return the tables and how they were made, if all are there and are of this; see `keep`."""
    if not all(path.is_file() for path in files.values()):
        return None
    with trusted(files[HOW], command):
        how: dict[str, Any] = json.loads(files[HOW].read_text(encoding="utf-8"))
        if how["of"] != of:
            return None
    tables = {}
    for name in files.keys() - {HOW}:
        with trusted(files[name], command):
            tables[name] = pd.read_parquet(files[name])
    return tables, how


def keep(
    files: Mapping[str, Path],
    tables: Mapping[str, pd.DataFrame],
    of: Mapping[str, Any],
    command: str,
) -> None:
    """Write the tables, and beside them what they are of, by which command, where and when.

    What a crash leaves half-written is no record: the file that tells of it comes last.
    """
    kind = platform.machine(), torch.backends.cpu.get_cpu_capability(), f"{os.cpu_count()} cores"
    how = {
        "of": of,
        "command": command,
        "device": " ".join(kind),
        "made": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
    }
    files[HOW].parent.mkdir(parents=True, exist_ok=True)
    files[HOW].unlink(missing_ok=True)
    for name, table in tables.items():
        words = [str(c) for c in table if not pd.api.types.is_numeric_dtype(table[c])]
        # Numbers rarely recur; whole ones are small, and half of their bytes are nought.
        table.to_parquet(files[name], index=False, use_dictionary=words, compression="zstd")
    files[HOW].write_text(json.dumps(how, indent=1) + "\n", encoding="utf-8")
