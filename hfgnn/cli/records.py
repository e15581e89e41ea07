"""What is too long for every build and is therefore recorded: each record is made by one verb."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from hfgnn.cli.speech import CORES, JOBS, err, say

WORK = Annotated[Path, typer.Option(file_okay=False, help="A folder for what is done so far")]
record = typer.Typer(no_args_is_help=True, help="Make anew what is too long for every build.")


def shop(needed: str = "") -> Any:
    """Return the book's stages, the needed one among them, made first if it is not there."""
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.stages import SEED, workshop

    house = workshop("book", SEED, places())
    if needed and not house.entry(needed).sound:
        from hfgnn.pipeline.build import make_stages
        from hfgnn.pipeline.progress import shown

        with shown(err) as progress:
            progress.note(f"{needed} is not there yet: it is made first, once")
            names = house.missing([needed])
            make_stages(house, names, profile="book", seed=SEED, progress=progress)
    return house


def _ready(stage: str, *needed: str) -> tuple[Any, ...]:
    """Return a stage's parameters, and the results of others, made first if they are not there."""
    from hfgnn.pipeline.later import now

    *_, house = (shop(name) for name in needed or ("",))
    return now(house.stage(stage).params), *(house.load(name) for name in needed)


def _made(task: str, seconds: float, steps: Iterator[tuple[int, int]], folder: Path) -> None:
    """Show how far a record is while it is made, and say where it lies."""
    from hfgnn.pipeline.progress import shown

    with shown(err) as progress:
        progress.start(task, seconds)
        for done, total in steps:
            progress.step(task, done, total)
        progress.finish(task, good=True)
    say(f"wrote {folder}")


@record.command("patient")
def record_patient(
    work: WORK,
    jobs: JOBS = CORES,
) -> None:
    """Ask the model of chapter 07 about 12,000 new people: a quarter of an hour of two cores.

    What it says of them is recorded under book/ledger/recorded/. Cut off, it goes on where it was.
    """
    from hfgnn.train.newcomers import FILES, recorded

    params, model, pages = _ready("patient.fresh", "patient.model", "thesis.pages")
    steps = recorded(params, model, pages, work, jobs=jobs)
    _made("new people", params.people * 0.075, steps, FILES["how.json"].parent)


@record.command("gnn")
def record_gnn(jobs: JOBS = CORES) -> None:
    """Make every comparison of chapter 06, with a graph and without: four minutes of one core.

    Their scores are recorded under book/ledger/recorded/; a build makes some of them again.
    """
    from hfgnn.train.again import FILES, PARTS, recorded

    params, pools, pages = _ready("gnn.both", "augmentation.pools", "thesis.pages")
    steps = ((part, len(PARTS)) for part in recorded(params, pages, pools, jobs=jobs))
    _made("comparisons", 240, steps, FILES["how.json"].parent)


@record.command("dual")
def record_dual(
    work: WORK,
    jobs: JOBS = CORES,
) -> None:
    """Train every arm of chapter 08 in four studies: about an hour of two cores.

    How each ranks the newcomers is recorded under book/ledger/recorded/. Cut off, it goes on where
    it was; a build makes some arms again.
    """
    from hfgnn.train.ranks import FILES, recorded

    params, newcomers = _ready("dual.arms", "dual.newcomers")
    steps = recorded(params, newcomers, work, jobs=jobs)
    _made("arms", 1000.0 * params.studies, steps, FILES["how.json"].parent)


@record.command("weights")
def record_weights() -> None:
    """Train the two arms of chapter 08 that are looked at: six minutes of one core.

    Their weights are recorded under book/ledger/recorded/; builds and other records begin with
    them.
    """
    from hfgnn.train.left import FILES, recorded

    params, *people = _ready("dual.mended", "dual.hospital", "dual.study", "dual.newcomers")
    _made("two arms", 360.0, recorded(params, *people), FILES["how.json"].parent)


@record.command("maps")
def record_maps(jobs: JOBS = CORES) -> None:
    """Train two networks of chapter 08 four times more, with other dice: ten minutes of two cores.

    What their maps of attention say is recorded under book/ledger/recorded/.
    """
    from hfgnn.train.atlas import FILES, recorded

    needed = ("dual.hospital", "dual.study", "dual.newcomers", "dual.lesson", "dual.mended")
    params, *given = _ready("dual.atlas", *needed)
    steps = ((done, params.trainings - 1) for done in recorded(params, *given, jobs=jobs))
    _made("trainings", 150.0 * params.trainings, steps, FILES["how.json"].parent)


@record.command("folds")
def record_folds(jobs: JOBS = CORES) -> None:
    """Read six small studies by the published protocol: a quarter of an hour of two cores.

    What each fold's model says of everybody is recorded under book/ledger/recorded/; a build trains
    one of them again.
    """
    from hfgnn.train.small_study import FILES, recorded

    params, start = _ready("dual.folds", "dual.placed")
    steps = ((number, params.studies) for number in recorded(params, start, jobs=jobs))
    _made("small studies", 150.0 * params.studies, steps, FILES["how.json"].parent)


@record.command("retrieval")
def record_retrieval(
    records: Annotated[Path, typer.Option(help="A folder of PTB-XL, with its 500 Hz files")],
) -> None:
    """Let texts search real ECGs, learned from a folder of PTB-XL: four minutes for 400 records.

    How many of the nearest have the statement is recorded under book/ledger/recorded/.
    """
    from hfgnn.data.ptbxl import DATABASE
    from hfgnn.train.retrieval import FILES, recorded

    if not (table := records / DATABASE).is_file():  # before anything long is made
        raise typer.BadParameter(f"{table} is not there; give the folder that holds PTB-XL")
    params, hospital = _ready("dual.real", "dual.hospital")
    try:
        _made("texts", 240.0, recorded(params, records, hospital), FILES["how.json"].parent)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error


@record.command("rare")
def record_rare(work: WORK, jobs: JOBS = CORES) -> None:
    """Take every way of chapter 09 in three studies: an hour or more of two cores.

    What each says of who is ill is recorded under book/ledger/recorded/. Cut off, it goes on where
    it was; a build takes some of them again.
    """
    from hfgnn.train.calls import FILES, recorded

    params, newcomers = _ready("selfsup.gains", "selfsup.newcomers")
    steps = recorded(params, newcomers, work, jobs=jobs)
    _made("ways", 2000.0 * params.studies, steps, FILES["how.json"].parent)


@record.command("autoencoder")
def record_autoencoder(
    records: Annotated[Path, typer.Option(help="A folder of PTB-XL, with its 500 Hz files")],
    jobs: JOBS = CORES,
) -> None:
    """Teach the masked autoencoder in six other ways: half an hour of two cores.

    How well records are filled in is recorded under book/ledger/recorded/.
    """
    from hfgnn.data.ptbxl import DATABASE
    from hfgnn.train.fillings import FILES, recorded

    if not (table := records / DATABASE).is_file():  # before anything long is made
        raise typer.BadParameter(f"{table} is not there; give the folder that holds PTB-XL")
    needed = ("selfsup.people", "selfsup.newcomers", "selfsup.filled")
    params, *given = _ready("selfsup.fillings", *needed)
    try:
        steps = recorded(params, records, *given, jobs=jobs)
        _made("ways to teach", 1800.0, steps, FILES["how.json"].parent)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
