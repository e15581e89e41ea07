"""The command line: each verb is one call of the pipeline, and only here is anything said."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Does the Graph Help? Build the book, and check that every number in it reproduces.",
)
INTERRUPTED = 130  # how typer ends a command on Ctrl-C
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

CORES = min(2, os.cpu_count() or 1)  # more gains little: the book has few chapters
PROFILE = Annotated[str, typer.Option(help="smoke, book or paper")]
JOBS = Annotated[int, typer.Option(min=1, help="How many stages or chapters at a time")]
GIVEN = Annotated[list[str] | None, typer.Option("-p", help="A parameter: name=value")]


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False)


def _warn(text: str) -> None:
    err.print(text, markup=False, highlight=False)


@app.command()
def build(
    profile: PROFILE = "",
    jobs: JOBS = CORES,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, do nothing")] = False,
) -> None:
    """Make what is missing, compare it with what was accepted, and render the site."""
    from hfgnn.pipeline.order import Order
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.profiles import profile_named
    from hfgnn.pipeline.publish import verified
    from hfgnn.pipeline.seal import untouched

    here = places(profile_named(profile).name if profile else "book")
    order = Order(here, profile=profile, jobs=jobs)
    if explain:
        _explain(order)
    elif untouched(order):
        _conclude(verified(here, profile), f"nothing to make; site as it was: {here.site}")
    else:
        _build(order)


def _explain(order: Any) -> None:
    from hfgnn.pipeline.build import explain, plan

    _say("\n".join(explain(order, plan(order))) or "nothing to make: all is in the store")


def _build(order: Any) -> None:
    from hfgnn.pipeline.book import build_book
    from hfgnn.pipeline.progress import shown

    with shown(err) as progress:
        built = build_book(order, progress)
    how = f"made {built.made}" if built.made else "nothing to make"
    site = f"site {'rendered' if built.rendered else 'as it was'}: {order.places.site}"
    _conclude(built.report, f"{how}; {site}")


def _conclude(report: Any, last: str = "") -> None:
    """Say what differs, then the four counts, and leave with 1 if anything is different."""
    for entry in report.entries:
        if entry.verdict == "different":
            _warn(f"different  {entry.id}: {entry.reason}")
    names = {"within": "within tolerance", "not_run": "not run here"}
    counts = (f"{count} {names.get(name, name)}" for name, count in report.summary.items())
    _say(f"verify: {', '.join(counts)}")
    if last:
        _say(last)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def run(chapter: str, p: GIVEN = None, profile: PROFILE = "", jobs: JOBS = 1) -> None:
    """Run one chapter, with parameters of your own if you like, and compare its numbers."""
    from hfgnn.pipeline.build import make
    from hfgnn.pipeline.order import Order, named
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.profiles import profile_named
    from hfgnn.pipeline.progress import shown
    from hfgnn.pipeline.publish import run_apart

    given = _parsed(p or [])
    profile = str(given.pop("profile", profile))
    if profile:
        profile_named(profile)
    here = places()
    name = named(chapter, here)
    order = Order(here, profile=profile, chapters=(name,), given=given, jobs=jobs)
    with shown(err) as progress:
        make(order, progress)
    report, folder = run_apart(order, name)
    _conclude(report, f"the executed notebook and its numbers: {folder}")


def _parsed(pairs: list[str]) -> dict[str, Any]:
    import yaml

    parsed = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{pair!r} is not name=value, such as seed=7")
        parsed[name.strip()] = yaml.safe_load(value)
    return parsed


@app.command()
def verify(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report here")] = None,
    cold: Annotated[bool, typer.Option("--cold", help="Execute everything anew first")] = False,
    jobs: JOBS = CORES,
) -> None:
    """Compare every claim, table and figure of the latest build with what was accepted."""
    from hfgnn.pipeline.book import reviewed
    from hfgnn.pipeline.progress import shown

    with shown(err) as progress:
        report = reviewed(cold=cold, jobs=jobs, progress=progress)
    if json_file is not None:
        from hfgnn.ledger.results import write

        write(json_file, json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n")
    _conclude(report)


@app.command()
def accept(
    ids: Annotated[list[str], typer.Argument(help="Ids, or shell patterns such as 'clinical.*'")],
    reason: Annotated[str, typer.Option(help="Why the published value changes")],
) -> None:
    """Make today's values the published ones, for a reason that is kept with them."""
    from hfgnn.pipeline.book import accepted

    _say("\n".join(f"accepted {name}" for name in accepted(ids, reason)))


@app.command()
def stages(profile: PROFILE = "book") -> None:
    """List the stages: name, key, state, seconds, bytes."""
    from hfgnn.pipeline.book import inventory
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.profiles import profile_named

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("stage", "key", "state", "seconds", "bytes"):
        table.add_column(column, justify="right" if column in ("seconds", "bytes") else "left")
    for row in inventory(places(profile_named(profile).name), profile):
        table.add_row(*row)
    out.print(table)


@app.command()
def notebook(chapter: str, out_file: Annotated[Path | None, typer.Option("--out")] = None) -> None:
    """Write the executed chapter as a notebook whose claims are plain text."""
    from hfgnn.ledger.results import write
    from hfgnn.pipeline.book import notebook_text
    from hfgnn.pipeline.order import named
    from hfgnn.pipeline.places import places

    here = places()
    name = named(chapter, here)
    target = out_file or Path(f"{name}.executed.ipynb")
    write(target, notebook_text(name, here))
    _say(f"wrote {target}")


@app.command()
def clean(
    everything: Annotated[bool, typer.Option("--all", help="Remove the whole build")] = False,
) -> None:
    """Remove stored results that nothing uses any more."""
    from hfgnn.pipeline.book import unused
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.store import remove

    here = places()
    doomed = [here.build] if everything else unused(here)
    for path in doomed:
        remove(path)
    _say(f"removed {len(doomed)} {'folder' if len(doomed) == 1 else 'folders'}")


@app.command()
def bench() -> None:
    """Time each chapter from an empty store on this machine; the book shows the result."""
    from hfgnn.pipeline.bench import measure
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.progress import shown

    with shown(err) as progress:
        path = measure(places(), progress)
    _say(f"wrote {path}")


def main() -> None:
    """Run a command; faults are told in words, and Ctrl-C leaves nothing broken."""
    from hfgnn.ledger.claims import LedgerError
    from hfgnn.pipeline.places import BuildError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background too
    try:
        app()
    except (BuildError, LedgerError, OSError) as error:
        _warn(f"hfgnn: {error}")
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _warn("stopped; nothing is half-written, run the same command to go on")
        raise


if __name__ == "__main__":
    main()
