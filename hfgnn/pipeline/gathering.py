"""What a sweep's cells come to: the tables of a record, and what it says that they are of."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hfgnn.pipeline.store import remove

if TYPE_CHECKING:
    import pandas as pd

HOW = "how.json"  # tells of the tables beside it, and is written last
Load = Callable[[str], Any]  # a cell's result, by its name


@dataclass(frozen=True)
class Gathered:
    """A record that is ready to be written."""

    files: Mapping[str, Path]
    tables: Mapping[str, "pd.DataFrame"]
    of: Mapping[str, Any]
    command: str

    def keep(self, folder: Path, draft: Path) -> bool:
        """Write it to a draft and move that to its folder; return whether it tells of news.

        What lies there is replaced when the new one is whole, and not if it says the same. What a
        crash leaves in between is no record: `HOW` goes first and comes last.
        """
        from hfgnn.train.records import keep

        remove(draft)
        keep({name: draft / name for name in self.files}, self.tables, self.of, self.command)
        news = not self._same(draft, folder)
        if news:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / HOW).unlink(missing_ok=True)
            for name in [*(name for name in self.files if name != HOW), HOW]:
                shutil.move(draft / name, folder / name)
        remove(draft)
        return news

    def _same(self, draft: Path, folder: Path) -> bool:
        """Tell whether both hold the same but for when and where they were made."""
        if not all((folder / name).is_file() for name in self.files):
            return False
        new, old = told(draft), told(folder)
        tables = [name for name in self.files if name != HOW]
        if any(new.get(part) != old.get(part) for part in ("of", "command")):
            return False
        return all((draft / n).read_bytes() == (folder / n).read_bytes() for n in tables)


def told(folder: Path) -> dict[str, Any]:
    """Return how the record in a folder was made; nothing, if none is there or it is damaged."""
    try:
        held = json.loads((folder / HOW).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}
