"""How the latency of a study's trials is measured, as data and as a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.ranges import FORWARD_BATCH, LATENCY_MS, NAME, ROUNDS, THREADS, WIDTH
from rexpand.records import ExperimentFolder

VERSION = 1
FILE = "latency.json"


@dataclass(frozen=True, kw_only=True)
class LatencyDesign:
    """Every trial against the reference, so many rounds each, under one runtime.

    `reference` are the channels of the study's first trial, `cpu` is the machine's.
    Trials above `most_ms` are not ranked; it may change at any time.
    """

    runtime: Annotated[str, NAME]
    threads: Annotated[int, THREADS]
    batch_size: Annotated[int, FORWARD_BATCH]
    rounds: Annotated[int, ROUNDS]
    cpu: str
    reference: tuple[Annotated[int, WIDTH], ...]
    most_ms: Annotated[float, LATENCY_MS] | None = None

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


def latency_folder(study: Path, runtime: str) -> ExperimentFolder[LatencyDesign]:
    """The folder of what was measured of a study under a runtime."""
    return ExperimentFolder(
        path=study / "latency" / runtime,
        design=LatencyDesign,
        name="measurement",
        started_by="rexpand search measure",
        file=FILE,
        version=VERSION,
        may_change=("most_ms",),
        results="batch-*.json",
    )


def latency_folders(study: Path) -> list[ExperimentFolder[LatencyDesign]]:
    """Those that a study has, by the names of their runtimes."""
    found = sorted(study.glob(f"latency/*/{FILE}"))
    return [latency_folder(study, path.parent.name) for path in found]
