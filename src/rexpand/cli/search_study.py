"""`rexpand search report`: what a study found, in words and as a document."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note, print_json, print_table
from rexpand.cli.objective_options import (
    Objectives,
    ReferencePoint,
    names_of,
    point_of,
)
from rexpand.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rexpand.records import Front, StudySummary
    from rexpand.records.study_front import MeasureName


Study = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")]


def report(
    study: Study,
    objectives: Objectives = None,
    reference: ReferencePoint = None,
    as_json: Json = False,
) -> None:
    """Print the groups and the front of a study, and write its page."""
    from rexpand.report import write_study_report
    from rexpand.search.summary import summarise

    names = names_of(objectives)
    summary = summarise(study, names, point_of(reference, names))
    files = write_study_report(summary, study)
    if as_json:
        print_json(study_document(summary, str(files.page)))
        return
    print_groups(summary)
    print_spending(summary)
    if summary.front is not None:
        print()
        print_front(summary.front)
    print(f"wrote {files.page}")


def print_groups(summary: "StudySummary") -> None:
    """The paper's Table 3 for a study, which trials it is of if not of all, and failures."""
    from rexpand.report import failures_line, group_rows, sampler_finding

    if said := sampler_finding(summary):
        note(said)
    rows = [asdict(row) for row in group_rows(summary)]
    if rows:
        print_table(_named(rows[0], summary.measure), ([*row.values()] for row in rows))
    if failures := failures_line(summary):
        note(failures)


def print_spending(summary: "StudySummary") -> None:
    """What short trainings tell, and what proxies do, in words."""
    from rexpand.report import proxy_findings, pruning_findings

    error, proxies = summary.ranking_error, summary.proxies
    for text in pruning_findings(error) if error else ():
        print(text)
    for text in proxy_findings(proxies) if proxies else ():
        print(text)


def print_front(front: "Front") -> None:
    """The trials of a front, its knee and its hypervolume."""
    from rexpand.report import front_findings, front_rows

    rows = [asdict(row) for row in front_rows(front)]
    print_table(_named(rows[0], front.measure), ([*row.values()] for row in rows))
    for text in front_findings(front):
        print(text)


def study_document(summary: "StudySummary", page: str | None) -> dict[str, object]:
    """What `--json` prints of a study."""
    return {**asdict(summary), "measure": summary.measure, "report": page}


def _named(names: "Iterable[str]", measure: "MeasureName") -> list[str]:
    """The heads of columns, those of the accuracy called what it is."""
    return [name.replace("accuracy", measure) for name in names]
