"""`rexpand report`: pages and figures from the records of earlier runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli import report_table
from rexpand.cli.console import help_if_alone, print_json
from rexpand.cli.networks import network_argument
from rexpand.cli.options import Json
from rexpand.cli.places import page_folder

if TYPE_CHECKING:
    from rexpand.report import ReportFiles

app = typer.Typer(
    help="Write the pages of earlier runs again.",
    invoke_without_command=True,
    callback=help_if_alone,
)


@app.command()
def study(
    folder: Annotated[
        Path, typer.Argument(metavar="STUDY", help="The study's folder.")
    ],
    as_json: Json = False,
) -> None:
    """Write the page of a study, as `rexpand search report` does."""
    from rexpand.report import write_study_report
    from rexpand.search.summary import summarise

    _say(write_study_report(summarise(folder), folder), as_json)


@app.command()
def training(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="A folder of `rexpand train`: the whole run, or one seed-N.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Write the page of a training: curves, mistakes, seeds, machine."""
    from rexpand.errors import StudyError
    from rexpand.records import Record, judgement_of, read_record, together
    from rexpand.records.record import RECORD
    from rexpand.report import write_training_report

    paths = [folder / RECORD]
    if not paths[0].is_file():
        paths = sorted(folder.glob(f"seed-*/{RECORD}"))
    if not paths:
        raise StudyError(
            f"{folder} holds no {RECORD}; give a folder of `rexpand train`"
        )
    records = [read_record(Record, path) for path in paths]
    records.sort(key=lambda record: record.seed)
    judgement = together([judgement_of(path.parent) for path in paths])
    _say(write_training_report(records, folder, judgement), as_json)


@app.command()
def detection(
    folder: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A folder of `rexpand detect train`."),
    ],
    as_json: Json = False,
) -> None:
    """Write the page of a detector: what it finds, and its mistakes."""
    from rexpand.errors import StudyError
    from rexpand.records import DetectionRecord, detection_mistakes_of, read_record
    from rexpand.records.record import RECORD
    from rexpand.report import result_of, write_detection_report

    path = folder / RECORD
    if not path.is_file():
        raise StudyError(
            f"{folder} holds no {RECORD}; give a folder of `rexpand detect train`"
        )
    result = result_of(
        read_record(DetectionRecord, path), detection_mistakes_of(folder)
    )
    _say(write_detection_report(result, folder), as_json)


@app.command()
def channels(
    networks: Annotated[
        list[str],
        network_argument(
            metavar="NETWORK",
            help="Names from `rexpand list`, spec files or checkpoints.",
        ),
    ],
    out: Annotated[Path, page_folder("--out", help="The run folder.")] = Path(
        "runs/channels"
    ),
    as_json: Json = False,
) -> None:
    """Plot channels against block index, with a fitted line and R2."""
    from rexpand.records import this_provenance
    from rexpand.report import write_channels_report
    from rexpand.spec import Source

    specs = [Source.parse(name).known_spec() for name in networks]
    origin = this_provenance(("rexpand", "numpy"), threads=None)
    _say(write_channels_report(specs, out, origin), as_json)


@app.command()
def latency(
    records: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="latency.json of `rexpand bench --out`, of one machine or of several.",
        ),
    ],
    out: Annotated[
        Path, page_folder("--out", own=["latency.json"], help="The run folder.")
    ] = Path("runs/latency"),
    as_json: Json = False,
) -> None:
    """Write one page of the latencies of several machines."""
    from rexpand.cli.bench_tables import note_unsteady, show
    from rexpand.records import LatencyStudy, read_record
    from rexpand.report import write_latency_report

    studies = [read_record(LatencyStudy, path) for path in records]
    if not as_json:
        show(studies)
    for each in studies:
        note_unsteady(each)
    _say(write_latency_report(studies, out), as_json)


app.command("table")(report_table.table)


def _say(files: "ReportFiles", as_json: bool) -> None:
    """Name what was written."""
    if as_json:
        print_json(
            {"report": str(files.page), "figures": [*map(str, files.svg)]},
        )
        return
    print(f"wrote {files.page}")
