"""What a chapter holds in its hands: get a stage's result; record a claim, a figure, a table."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hfgnn.pipeline.places import BuildError, Places, places


class OpenChapter(NamedTuple):
    """The four verbs of a chapter, in the order in which it unpacks them."""

    get: Callable[[str], Any]
    record: Callable[..., None]
    figure: Callable[..., None]
    table: Callable[..., None]


def open_chapter(chapter: str, *, profile: str, seed: int) -> OpenChapter:
    """Open a chapter for reading and writing.

    In Jupyter it shows what it records; in a build it also writes it to the ledger's results.
    """
    from hfgnn.ledger.desk import Desk  # these two bring matplotlib, which `hfgnn build`
    from hfgnn.plots import style  # does not need: they are imported where they are used

    run = os.environ.get("HFGNN_RUN")
    folder = Path(run) if run else None
    style.apply()
    desk = Desk(chapter, profile=profile, seed=seed, folder=folder, theme=style.THEME)
    return OpenChapter(_getter(profile, seed), desk.record, desk.figure, desk.table)


def _getter(profile: str, seed: int) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        """Return a stage's result; what is missing is built first, upstream ones too."""
        declared = os.environ.get("HFGNN_STAGES")
        if declared is not None and name not in declared.split():
            raise BuildError(
                f"get({name!r}): the chapter's key does not hold this stage; "
                "unpack `get, record, figure, table = open_chapter(...)` and write the name out"
            )
        from hfgnn.pipeline.build import make_stages
        from hfgnn.pipeline.progress import shown
        from hfgnn.pipeline.stages import workshop

        shop = workshop(profile, seed, _build(profile))
        if missing := shop.missing([name]):
            with shown() as progress:
                make_stages(shop, missing, profile=profile, seed=seed, progress=progress)
        return shop.load(name)

    return get


def _build(profile: str) -> Places:
    here = places(profile)
    asked = os.environ.get("HFGNN_BUILD")
    return Places(here.root, Path(asked)) if asked else here
