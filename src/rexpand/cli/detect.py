"""`rexpand detect`: detectors and instance segmentation."""

import typer

from rexpand.cli import detect_evaluate, detect_export, detect_show, detect_train
from rexpand.cli.console import help_if_alone

app = typer.Typer(
    help="Find objects in images, with boxes or masks.",
    invoke_without_command=True,
    callback=help_if_alone,
)
app.command("train")(detect_train.train)
app.command("evaluate")(detect_evaluate.evaluate)
app.command("show")(detect_show.show)
app.command("export")(detect_export.export)
