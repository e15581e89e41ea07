"""The command line: each verb is one call of the rooms below, and only here is anything said."""

import signal
import sys

import typer

from hfgnn.cli import book, people, predict, records, sweep
from hfgnn.cli.speech import warn

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Does the Graph Help? Build the book, and check that every number in it reproduces.",
)
for room in (book, people, predict, sweep):
    app.registered_commands += room.verbs.registered_commands
app.add_typer(people.data, name="data")
app.add_typer(people.train, name="train")
app.add_typer(records.record, name="record")
INTERRUPTED = 130  # how typer ends a command on Ctrl-C


def main() -> None:
    """Run a command; faults are told in words, and Ctrl-C leaves nothing broken."""
    from hfgnn.ledger.claims import LedgerError
    from hfgnn.pipeline.places import BuildError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background too
    try:
        app()
    except (BuildError, LedgerError, OSError) as error:
        warn(f"hfgnn: {error}")
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            warn("stopped; nothing is half-written; run the same command again")
        raise
