"""What a person asks of a build: which chapters, in which profile, with which parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hfgnn.pipeline.places import BuildError, Places


def listed(places: Places) -> list[str]:
    """Return the chapters in the order of _toc.yml."""
    files = [str(page["file"]) for page in _pages(settings(places.root / "_toc.yml"))]
    chapters = [Path(file).name for file in files if file.startswith("notebooks/")]
    if not chapters:
        raise BuildError(
            "_toc.yml lists no chapter: name one, as in `- file: notebooks/03_clinical`"
        )
    return chapters


def settings(path: Path) -> dict[str, Any]:
    """Return what a YAML file of the book's settings holds."""
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BuildError(f"{path.name} is not readable as YAML: {error}") from error
    if not isinstance(held, dict):
        raise BuildError(f"{path.name} holds {type(held).__name__}, it must be names with values")
    return held


def _pages(toc: Any) -> list[dict[str, str]]:
    if isinstance(toc, list):
        return [page for part in toc for page in _pages(part)]
    if not isinstance(toc, dict):
        raise BuildError(f"_toc.yml: {toc!r} must be a page, such as `file: notebooks/03_clinical`")
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
