"""The verbs of the book: make it, compare it, publish a value, look into the store."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from hfgnn.cli.speech import CORES, JOBS, PROFILE, err, out, say, warn

verbs = typer.Typer()
GIVEN = Annotated[list[str] | None, typer.Option("-p", help="A parameter: name=value")]


@verbs.command()
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

    say("\n".join(explain(order, plan(order))) or "nothing to make: all is in the store")


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
            warn(f"different  {entry.id}: {entry.reason}")
    names = {"within": "within tolerance", "not_run": "not run here"}
    counts = (f"{count} {names.get(name, name)}" for name, count in report.summary.items())
    say(f"verify: {', '.join(counts)}")
    if last:
        say(last)
    raise typer.Exit(0 if report.ok else 1)


@verbs.command()
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


@verbs.command()
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


@verbs.command()
def accept(
    ids: Annotated[list[str], typer.Argument(help="Ids, or shell patterns such as 'clinical.*'")],
    reason: Annotated[str, typer.Option(help="Why the published value changes")],
) -> None:
    """Make today's values the published ones, for a reason that is kept with them."""
    from hfgnn.pipeline.book import accepted

    say("\n".join(f"accepted {name}" for name in accepted(ids, reason)))


@verbs.command()
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


@verbs.command()
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
    say(f"wrote {target}")


@verbs.command()
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
    say(f"removed {len(doomed)} {'folder' if len(doomed) == 1 else 'folders'}")


@verbs.command()
def bench() -> None:
    """Time each chapter from an empty store on this machine; the book shows the result."""
    from hfgnn.pipeline.bench import measure
    from hfgnn.pipeline.places import places
    from hfgnn.pipeline.progress import shown

    with shown(err) as progress:
        path = measure(places(), progress)
    say(f"wrote {path}")
