"""`rexpand bench`: measurements of this machine."""

import typer

from rexpand.cli import bench_guidelines
from rexpand.cli.console import help_if_alone

app = typer.Typer(
    help="Measure this machine: ShuffleNetV2's guidelines.",
    invoke_without_command=True,
    callback=help_if_alone,
    rich_markup_mode=None,
)
app.command("guidelines")(bench_guidelines.guidelines)
