"""`rexpand search`: the search of the paper."""

import typer

from rexpand.cli import (
    search_compare,
    search_export,
    search_fronts,
    search_measure,
    search_proxies,
    search_run,
    search_study,
    search_table,
)
from rexpand.cli.console import help_if_alone

app = typer.Typer(
    help="Search the channels of a network within a budget.",
    invoke_without_command=True,
    callback=help_if_alone,
)
app.command("run")(search_run.run)
app.command("resume")(search_run.resume)
app.command("report")(search_study.report)
app.command("compare")(search_compare.compare)
app.command("measure")(search_measure.measure)
app.command("fronts")(search_fronts.fronts)
app.command("export")(search_export.export)
app.command("table")(search_table.table)
app.command("proxies")(search_proxies.proxies)
