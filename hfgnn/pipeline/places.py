"""Where things lie: the one module that knows the folders of the repository and of a build."""

from dataclasses import dataclass
from pathlib import Path


class BuildError(RuntimeError):
    """Something that the person can mend; the message names the value, the rule and the remedy."""


@dataclass(frozen=True)
class Places:
    """The folders of one repository and of one build of it.

    `root` holds the sources, `build` everything that can be made again from them.
    """

    root: Path
    build: Path

    @property
    def notebooks(self) -> Path:
        """The chapters, as pairs of .py (edited) and .ipynb (for GitHub, Colab, Binder)."""
        return self.root / "notebooks"

    @property
    def book(self) -> Path:
        """The prose pages, their style, and the ledger."""
        return self.root / "book"

    @property
    def ledger(self) -> Path:
        """What is claimed, what is cited, and what was accepted."""
        return self.book / "ledger"

    @property
    def lock(self) -> Path:
        """The pinned environment, part of every key."""
        return self.root / "requirements.lock"

    @property
    def store(self) -> Path:
        """Results of stages and chapters, one folder a key."""
        return self.build / "store"

    @property
    def locks(self) -> Path:
        """One lock file for each thing that two builds could make at once."""
        return self.build / "locks"

    @property
    def results(self) -> Path:
        """What the chapters recorded in the latest build: the input of `hfgnn verify`."""
        return self.build / "results"

    @property
    def tree(self) -> Path:
        """The staged copy that Jupyter Book reads."""
        return self.build / "tree"

    @property
    def site(self) -> Path:
        """The last good site."""
        return self.build / "site"


def repository() -> Path:
    """Return the repository that this package was imported from."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "_toc.yml").is_file():
        raise BuildError(
            f"{root} holds no _toc.yml: hfgnn works from its own repository. "
            "Clone it and install it in place with `make book` or `pip install -e .`"
        )
    return root


def places(profile: str = "book", *, root: Path | None = None, cold: bool = False) -> Places:
    """Return the folders of a build; other profiles and cold runs never touch the published one."""
    root = root or repository()
    build = root / "_build"
    if cold:
        return Places(root, build / "cold")
    return Places(root, build if profile == "book" else build / profile)
