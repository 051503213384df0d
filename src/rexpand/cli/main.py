"""`rexpand`: the verbs, and how mistakes are reported.

The verbs import their rooms when they run, so that `--help` answers at once.
"""

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from rexpand.cli import (
    bench,
    cost,
    data,
    design,
    detect,
    evaluate,
    explain,
    explore,
    export,
    finetune,
    lint,
    listing,
    predict,
    push,
    rank,
    report,
    reproduce,
    scale,
    search,
    solve,
    train,
    upgrade,
)
from rexpand.cli import round as rounding
from rexpand.cli.console import help_if_alone
from rexpand.cli.several import check_shared, hush
from rexpand.cli.wall import leave_alone, run_command
from rexpand.cli.ways_out import with_options

_TRACEBACK = "--traceback"

app = typer.Typer(
    name="rexpand",
    help="Design the channel dimensions of efficient CNNs: cost, solve, search, train.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # a tenth of a second before the first line of help
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(listing.list_networks)
app.command("cost")(cost.cost)
app.command("explore")(explore.explore)
app.command("solve")(solve.solve)
app.command("scale")(scale.scale)
app.add_typer(search.app, name="search")
app.add_typer(rank.app, name="rank")
app.add_typer(train.app, name="train")
app.command("design")(design.design)
app.command("finetune")(finetune.finetune)
app.command("evaluate")(evaluate.evaluate)
app.command("explain")(explain.explain)
app.command("predict")(predict.predict)
app.command("push")(push.push)
app.command("upgrade")(upgrade.upgrade)
app.command("round")(rounding.round_channels)
app.command("lint")(lint.lint)
app.command("reproduce")(reproduce.reproduce)
app.command("export")(export.export)
app.add_typer(bench.app, name="bench")
app.add_typer(report.app, name="report")
app.add_typer(data.app, name="data")
app.add_typer(detect.app, name="detect")


@app.callback(invoke_without_command=True)
def rexpand(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.")
    ] = False,
    traceback: Annotated[
        bool,
        typer.Option(
            _TRACEBACK,
            help="Before or after the verb: show where a failure came from.",
        ),
    ] = False,
) -> None:
    """Print the version, or the help of a command without a verb."""
    if version:
        from rexpand import __version__

        print(f"rexpand {__version__}")
        raise typer.Exit
    help_if_alone(context)


def run() -> NoReturn:
    """The console script: exit code 0, 1 if the run failed, 2 for the user's mistake."""
    sys.path.append("")  # NETWORK may be a factory in the folder of the command
    if _TRACEBACK not in sys.argv:
        hush()
    try:
        run_typed(sys.argv[1:])
    except SystemExit as end:
        leave_alone(end.code)
    except KeyboardInterrupt:  # between the command's end and the program's
        leave_alone(130)


def run_typed(typed: Sequence[str]) -> NoReturn:
    """Run what was typed after the program's name; ends in SystemExit."""
    arguments = [each for each in typed if each != _TRACEBACK]
    command = get_command(app)

    def run_verb() -> object:
        check_shared(arguments)
        return command.main(arguments, prog_name="rexpand", standalone_mode=False)

    run_command(
        run_verb,
        shows_traceback=_TRACEBACK in typed,
        reworded=lambda message: with_options(message, command, arguments),
    )
