"""`rexpand report`: pages and figures from what runs left behind."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Pages and figures from run folders.", no_args_is_help=True)


@app.command()
def study(folder: Annotated[Path, typer.Argument(help="The study's folder.")]) -> None:
    """The page of a study: what `rexpand search report` writes."""
    from rexpand.report import write_study_report
    from rexpand.search.summary import summarise

    print(f"wrote {write_study_report(summarise(folder), folder).page}")


@app.command()
def training(
    folder: Annotated[
        Path,
        typer.Argument(help="A folder of `rexpand train`: all seeds, or one seed-N."),
    ],
) -> None:
    """The page of a training: curves, every seed, machine and versions."""
    from rexpand.errors import StudyError
    from rexpand.records import Record, read_record
    from rexpand.report import write_training_report

    paths = [folder / "record.json"]
    if not paths[0].is_file():
        paths = sorted(folder.glob("seed-*/record.json"))
    if not paths:
        raise StudyError(
            f"{folder} holds no record.json; give a folder of `rexpand train`"
        )
    records = [read_record(Record, path) for path in paths]
    records.sort(key=lambda record: record.seed)
    print(f"wrote {write_training_report(records, folder).page}")


@app.command()
def channels(
    networks: Annotated[
        list[str],
        typer.Argument(metavar="NETWORK...", help="Names, spec files or checkpoints."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")] = Path(
        "runs/channels"
    ),
) -> None:
    """Channels of networks against block index, a line and its R2 for each."""
    from rexpand.records import this_provenance
    from rexpand.report import write_channels_report
    from rexpand.spec import Source

    specs = [Source.parse(name).known_spec() for name in networks]
    origin = this_provenance(("rexpand", "numpy"), threads=None)
    print(f"wrote {write_channels_report(specs, out, origin).page}")
