"""`rexpand`: the verbs, and how mistakes are reported.

The verbs import their rooms when they run, so that `--help` answers at once.
"""

import errno
import sys
from typing import NoReturn

import typer

from rexpand.cli import (
    bench,
    cost,
    data,
    evaluate,
    lint,
    listing,
    rank,
    report,
    search,
    solve,
    train,
    upgrade,
)
from rexpand.cli import round as rounding
from rexpand.errors import MistakeError, RexpandError

app = typer.Typer(
    name="rexpand",
    help="Design the channel dimensions of efficient CNNs: cost, solve, search, train.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # a tenth of a second before the first line of help
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(listing.list_networks)
app.command("cost")(cost.cost)
app.command("solve")(solve.solve)
app.add_typer(search.app, name="search")
app.add_typer(rank.app, name="rank")
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("upgrade")(upgrade.upgrade)
app.command("round")(rounding.round_channels)
app.command("lint")(lint.lint)
app.add_typer(bench.app, name="bench")
app.add_typer(report.app, name="report")
app.add_typer(data.app, name="data")


def run() -> NoReturn:
    """The console script: exit code 0, 1 if the run failed, 2 for the user's mistake."""
    sys.path.append("")  # NETWORK may be a factory in the folder of the command
    try:
        app()
    except MistakeError as mistake:
        _leave(str(mistake), 2)
    except RexpandError as failure:
        _leave(str(failure), 1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _leave(
            "the disk is full; the last complete checkpoint is kept: free some space "
            "and run the same command again",
            2,
        )
    sys.exit(0)


def _leave(message: str, code: int) -> NoReturn:
    print(f"rexpand: {message}", file=sys.stderr)
    sys.exit(code)
