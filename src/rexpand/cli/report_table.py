"""`rexpand report table`: the pages of the studies that a table holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import print_json
from rexpand.cli.options import Json
from rexpand.cli.places import page_folder

if TYPE_CHECKING:
    from rexpand.records import StudySummary
    from rexpand.report import ReportFiles


def table(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A table of `rexpand search table`.")
    ],
    out: Annotated[
        Path, page_folder("--out", help="A folder that gets one for each study.")
    ] = Path("runs/table"),
    as_json: Json = False,
) -> None:
    """Write the pages of the studies in a table."""
    from rexpand.report import write_study_report
    from rexpand.search.table import read_table, summary_of

    found = read_table(file)
    summaries = [summary_of(found, study.name) for study in found.studies]
    written = [write_study_report(each, out / each.name) for each in summaries]
    if len({(each.network, each.data) for each in summaries}) == 1 < len(summaries):
        written.append(_budgets(summaries, out))
    pages = [str(each.page) for each in written]
    if as_json:
        print_json({"reports": pages})
        return
    for page in pages:
        print(f"wrote {page}")


def _budgets(summaries: "list[StudySummary]", out: Path) -> "ReportFiles":
    from rexpand.report import write_budgets_report
    from rexpand.search.budgets import side_by_side

    return write_budgets_report(side_by_side(summaries), out)
