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
    from hfgnn.pipeline.book import build_book
    from hfgnn.pipeline.build import Order, plan
    from hfgnn.pipeline.build import explain as reasons
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.profiles import profile_named
    from hfgnn.pipeline.progress import shown

    here = places(profile_named(profile).name if profile else "book")
    order = Order(here, profile=profile, jobs=jobs)
    if explain:
        _say("\n".join(reasons(order, plan(order))) or "nothing to make: all is in the store")
        return
    with shown(err) as progress:
        built = build_book(order, progress)
    _report(built.report)
    how = f"made {built.made}" if built.made else "nothing to make"
    _say(f"{how}; site {'rendered' if built.rendered else 'as it was'}: {here.site}/index.html")
    raise typer.Exit(0 if built.report.ok else 1)


@app.command()
def run(chapter: str, p: GIVEN = None, profile: PROFILE = "", jobs: JOBS = 1) -> None:
    """Run one chapter, with parameters of your own if you like, and compare its numbers."""
    from hfgnn.pipeline.build import Order, make, run_apart
    from hfgnn.pipeline.chapters import named
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.profiles import profile_named
    from hfgnn.pipeline.progress import shown

    if profile:
        profile_named(profile)
    here = places()
    name = named(chapter, here)
    order = Order(here, profile=profile, chapters=(name,), given=_parsed(p or []), jobs=jobs)
    with shown(err) as progress:
        make(order, progress)
    report, folder = run_apart(order, name)
    _report(report)
    _say(f"the executed notebook and its numbers: {folder}")
    raise typer.Exit(0 if report.ok else 1)


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
        from hfgnn.pipeline.chapters import write_text

        write_text(json_file, json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n")
    _report(report)
    raise typer.Exit(0 if report.ok else 1)


def _report(report: Any) -> None:
    """Say what differs, then the four counts."""
    for entry in report.entries:
        if entry.verdict == "different":
            _warn(f"different  {entry.id}: {entry.reason}")
    counts = ", ".join(f"{count} {name}" for name, count in report.summary.items())
    _say(
        f"verify: {counts.replace('not_run', 'not run here').replace('within', 'within tolerance')}"
    )


@app.command()
def accept(
    ids: Annotated[list[str], typer.Argument(help="Ids, or shell patterns such as 'clinical.*'")],
    reason: Annotated[str, typer.Option(help="Why the published value changes")],
) -> None:
    """Make today's values the published ones, for a reason that is kept with them."""
    from hfgnn.ledger.verify import accept as accepted
    from hfgnn.pipeline.chapters import listed
    from hfgnn.pipeline.places import places

    here = places()
    done = accepted(here.ledger, here.results, ids=ids, reason=reason, chapters=listed(here))
    _say("\n".join(f"accepted {name}" for name in done))


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
    from hfgnn.pipeline.book import notebook_text
    from hfgnn.pipeline.chapters import named, write_text
    from hfgnn.pipeline.places import places

    here = places()
    name = named(chapter, here)
    target = out_file or Path(f"{name}.executed.ipynb")
    write_text(target, notebook_text(name, here))
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
    try:
        app()
    except (BuildError, LedgerError) as error:
        _warn(f"hfgnn: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        _warn("stopped; nothing is half-written, run the same command to go on")
        sys.exit(130)


if __name__ == "__main__":
    main()
