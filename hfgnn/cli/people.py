"""The verbs of the people: simulate them, look at data, make anew what the package brings along."""

import json
import re
from functools import partial
from operator import le
from pathlib import Path
from typing import Annotated

import typer

from hfgnn.cli.speech import CORES, err, say

verbs = typer.Typer()
DOORS = "By which door they came in: hospital, thesis (each of its people once), general, "
DOORS += "hypertension, post-infarct or book"
USUAL = {"pages": 600.0, "steps": 2400.0}  # seconds of two cores, to make the backbone
READERS = "Of the extra, NAME or NAME@REVISION on Hugging Face, or a folder"
POOLINGS = "tokens: mean of the text's own, at length 1; published: mean of 100, padding included"
data = typer.Typer(no_args_is_help=True, help="Look at data before anything learns from it.")
train = typer.Typer(no_args_is_help=True, help="Make anew what the package brings along.")


@verbs.command()
def simulate(
    n: Annotated[int, typer.Option("--n", min=1, help="How many people")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same people")],
    out_folder: Annotated[Path, typer.Option("--out", help="A new folder for them")],
    cohort: Annotated[str, typer.Option(help=DOORS)] = "hospital",
    pages: Annotated[bool, typer.Option("--pages", help="Print their ECGs as JPEG pages")] = False,
    size: Annotated[str, typer.Option(help="Of a page, in pixels: WxH")] = "553x393",
    cmr: Annotated[bool, typer.Option("--cmr", help="Image their hearts by MRI")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="How many processes draw people")] = CORES,
) -> None:
    """Simulate people: a table, their signals, their pages and images of the heart if you like."""
    from hfgnn.pipeline.progress import shown
    from hfgnn.world.export import refuse_what_does_not_fit, usual_seconds, written
    from hfgnn.world.population import population

    measured = _measured(size)
    try:
        config = population(cohort, people=n, seed=seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    printed = measured if pages else None
    refuse_what_does_not_fit(n, out_folder.absolute(), size=printed, cmr=cmr)
    with shown(err) as progress:
        task = f"{n} people of the cohort {cohort}"
        progress.start(task, usual_seconds(n, size=printed, cmr=cmr))
        tell = partial(progress.step, task)
        good = False
        try:
            written(config, out_folder, jobs=jobs, size=printed, step=tell, cmr=cmr)
            good = True
        finally:
            progress.finish(task, good=good)
    say(f"wrote {out_folder}")


def _measured(size: str) -> tuple[int, int]:
    from hfgnn.world.page import LARGEST, SMALLEST

    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if not found:
        raise typer.BadParameter(f"--size {size!r} is not WIDTHxHEIGHT in pixels, such as 553x393")
    width, height = int(found[1]), int(found[2])
    if not all(map(le, SMALLEST, (width, height))) or not all(map(le, (width, height), LARGEST)):
        low, high = ("x".join(map(str, ends)) for ends in (SMALLEST, LARGEST))
        raise typer.BadParameter(
            f"--size {size} is not from {low} (smaller is unreadable) to {high}"
        )
    return width, height


@data.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Class folders of page images")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report here")] = None,
) -> None:
    """Check a folder of ECG pages: what is unreadable, what is there twice. Changes nothing."""
    from hfgnn.data.folders import check as checked
    from hfgnn.ledger.results import write

    try:
        report = checked(folder)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if json_file is not None:
        write(json_file, json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n")
    for line in report.lines():
        say(line)


@train.command()
def waves(
    records: Annotated[Path, typer.Option(help="A folder of PTB-XL, with its 500 Hz files")],
    out_folder: Annotated[Path, typer.Option("--out", help="A folder for the tables")] = Path(),
) -> None:
    """Fit the simulator's waves and noise to real records; only statistics are written."""
    from hfgnn.pipeline.progress import shown
    from hfgnn.train.refit import refit

    try:
        with shown(err) as progress:
            made = refit(records, out_folder)
            progress.note(f"fitting the records in {records}: some minutes")
            for path in made:
                progress.note(f"wrote {path}")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@train.command()
def backbone(
    work: Annotated[Path, typer.Option(help="A folder for pages and checkpoints: 4 GB")],
    out_folder: Annotated[Path, typer.Option("--out", help="A folder for weights and curve")],
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cpu",
    jobs: Annotated[int, typer.Option(min=1, help="How many processes print pages")] = CORES,
) -> None:
    """Train the backbone that reads ECG pages; call it again and it goes on where it was."""
    from hfgnn.pipeline.progress import shown
    from hfgnn.train.backbone import backbone as trained
    from hfgnn.train.reader import Recipe

    task, told = "", ("rate", "qrs", "af")
    try:
        with shown(err) as progress:
            for now in trained(Recipe(), work, out_folder, jobs=jobs, device=device):
                if now.what != task:
                    task = now.what
                    progress.start(task, USUAL[task])
                progress.step(task, now.done, now.total)
                if now.scores:
                    read = ", ".join(f"{name} {now.scores[name]:.2f}" for name in told)
                    progress.note(f"step {now.done} of {now.total}: {read}")
                if now.done == now.total:
                    progress.finish(task, good=True)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    say(f"wrote {out_folder}")


@train.command("text-embeddings")
def text_embeddings(
    out_folder: Annotated[Path, typer.Option("--out", help="A folder for the table")],
    model: Annotated[str, typer.Option(help=READERS)] = "all-MiniLM-L6-v2",
    pooling: Annotated[str, typer.Option(help=POOLINGS)] = "tokens",
) -> None:
    """Let a language model read the 71 SCP-ECG statements; needs the extra `text`."""
    from hfgnn.train.statements import text_embeddings as made

    try:
        path, digest = made(model, out_folder, pooling=pooling)
    except (ImportError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    say(f"wrote {path}: as {model} reads the statements; SHA-256 {digest}")
