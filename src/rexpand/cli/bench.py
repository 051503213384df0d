"""`rexpand bench`: measurements of this machine."""

import typer

from rexpand.cli import bench_guidelines

app = typer.Typer(
    help="Measure this machine: ShuffleNetV2's guidelines.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("guidelines")(bench_guidelines.guidelines)
