"""What a person asks of a build: which chapters, in which profile, with which parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hfgnn.pipeline.places import BuildError, Places


def listed(places: Places) -> list[str]:
    """Return the chapters in the order of _toc.yml."""
    toc = yaml.safe_load((places.root / "_toc.yml").read_text(encoding="utf-8"))
    files = [page["file"] for page in _pages(toc)]
    return [Path(file).name for file in files if file.startswith("notebooks/")]


def _pages(toc: Any) -> list[dict[str, str]]:
    if isinstance(toc, list):
        return [page for part in toc for page in _pages(part)]
    inner = [page for key in ("parts", "chapters", "sections") for page in _pages(toc.get(key, []))]
    return [toc, *inner] if "file" in toc else inner


def named(text: str, places: Places) -> str:
    """Return the chapter that a person means by `03`, `clinical` or `03_clinical`."""
    chapters = listed(places)
    found = [c for c in chapters if text in (c, c.split("_")[0], c.split("_", 1)[-1])]
    if not found:
        raise BuildError(f"chapter {text!r} is not known: _toc.yml lists {', '.join(chapters)}")
    return found[0]


@dataclass(frozen=True)
class Order:
    """What a person asked for."""

    places: Places
    profile: str = ""  # empty: each notebook's own default
    chapters: tuple[str, ...] = ()  # empty: all of _toc.yml
    given: Mapping[str, Any] = field(default_factory=dict)
    jobs: int = 1

    @property
    def parameters(self) -> dict[str, Any]:
        """What replaces the notebooks' own defaults."""
        return dict(self.given) | ({"profile": self.profile} if self.profile else {})

    @property
    def wanted(self) -> tuple[str, ...]:
        """The chapters to make."""
        return self.chapters or tuple(listed(self.places))
