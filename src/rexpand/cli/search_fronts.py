"""`rexpand search fronts`: the fronts of studies at one reference point."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import print_json, print_table
from rexpand.cli.objective_options import (
    Objectives,
    ReferencePoint,
    names_of,
    point_of,
)
from rexpand.cli.options import Json
from rexpand.cli.places import page_folder

if TYPE_CHECKING:
    from rexpand.records import FrontComparison


def fronts(
    studies: Annotated[
        list[Path], typer.Argument(metavar="STUDY...", help="Folders of studies.")
    ],
    objectives: Objectives = None,
    reference: ReferencePoint = None,
    out: Annotated[Path, page_folder("--out", help="The folder of the page.")] = Path(
        "runs/fronts"
    ),
    as_json: Json = False,
) -> None:
    """Compare the fronts of studies by their hypervolumes.

    The studies are of the same data, and the hypervolumes have one reference point. Intervals are of what other seeds would change, not
    of which configurations were drawn.
    """
    from rexpand.report import write_fronts_report
    from rexpand.search.front_comparison import compared_fronts

    names = names_of(objectives)
    found = compared_fronts(studies, names, point_of(reference, names))
    files = write_fronts_report(found, out)
    if as_json:
        print_json({**asdict(found), "report": str(files.page)})
        return
    _show(found)
    print(f"wrote {files.page}")


def _show(found: "FrontComparison") -> None:
    from rexpand.report import fronts_findings, fronts_rows

    rows = [asdict(row) for row in fronts_rows(found)]
    print_table([*rows[0]], ([*row.values()] for row in rows))
    for text in fronts_findings(found):
        print(text)
