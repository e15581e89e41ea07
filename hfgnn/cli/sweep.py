"""The verb of sweeps: many cells, here or on a cluster, gathered into a record."""

from typing import Annotated

import typer

from hfgnn.cli.speech import CORES, PROFILE, err, say

verbs = typer.Typer()


@verbs.command()
def sweep(
    name: Annotated[str, typer.Argument(help="Which; without it, all are listed")] = "",
    seeds: Annotated[int | None, typer.Option(min=1, help="How many, if not as usual")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="How many cells at a time")] = None,
    cluster: Annotated[str | None, typer.Option(help="A Dask scheduler, tcp://HOST:PORT")] = None,
    profile: PROFILE = "book",
) -> None:
    """Make a record anew, cell by cell; cut off, it goes on where it was.

    With its usual seeds and at the book's size it is the book's own, in book/ledger/recorded/, and
    replaces the one there once it is whole. Any other lies in _build/ and replaces nothing.

    A cluster's workers share this folder and its environment: `dask scheduler`, then `dask worker`.
    """
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.progress import shown
    from hfgnn.pipeline.stages import SEED
    from hfgnn.pipeline.sweeps import SWEEPS, Asked, make

    if not name:
        say("\n".join(f"{one:12} {what.about}" for one, what in SWEEPS.items()))
        return
    if cluster is not None and jobs:
        raise typer.BadParameter("--jobs is for this machine and --cluster has workers; give one")
    asked, here = Asked(name, profile, SEED, seeds or 0), places(profile)
    crew = None
    if cluster is not None:
        from hfgnn.pipeline.cluster import Cluster

        crew = Cluster(cluster, here)
    many = crew.jobs if crew else jobs or CORES
    with shown(err) as progress:
        became = make(asked, here, jobs=many, progress=progress, crew=crew)
    say(became)
