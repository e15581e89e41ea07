"""What a sweep's cells come to: the tables of a record, and what it says that they are of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Load = Callable[[str], Any]  # a cell's result, by its name


@dataclass(frozen=True)
class Gathered:
    """A record that is ready to be written."""

    files: Mapping[str, Path]
    tables: Mapping[str, "pd.DataFrame"]
    of: Mapping[str, Any]
    command: str

    def keep(self, folder: Path | None = None) -> Path:
        """Write it where builds read it, or to another folder; return where."""
        from hfgnn.train.records import keep

        where = {n: (folder / n if folder else path) for n, path in self.files.items()}
        keep(where, self.tables, self.of, self.command)
        return next(iter(where.values())).parent
