"""`rexpand search compare`: studies of one network within several budgets."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rexpand.cli.console import note, print_json, print_table
from rexpand.cli.options import Json
from rexpand.cli.places import page_folder


def compare(
    studies: Annotated[
        list[Path],
        typer.Argument(
            metavar="STUDY...",
            help="Folders of studies of one network on one data set.",
        ),
    ],
    out: Annotated[
        Path, page_folder("--out", help="Where to write the page and the figures.")
    ] = Path("runs/budgets"),
    as_json: Json = False,
) -> None:
    """Show studies within several budgets side by side.

    Writes report.html and figures. Each study has the line through the channels of its best tenth, and the accuracy of its
    shapes with intervals (the paper's Figure 4).
    """
    from rexpand.report import budget_rows, shape_budget_rows, write_budgets_report
    from rexpand.search.budgets import compare_studies

    found = compare_studies(studies)
    files = write_budgets_report(found, out)
    if as_json:
        print_json({**asdict(found), "report": str(files.page)})
        return
    for each in found.differences:
        note(each)
    for rows in (budget_rows(found), shape_budget_rows(found)):
        table = [asdict(row) for row in rows]
        if table:
            print_table([*table[0]], ([*row.values()] for row in table))
    print(f"wrote {files.page}")
