"""The factor analysis runs: every row for every seed, kill-safe."""

from pathlib import Path

from rexpand.records import Record, Workers
from rexpand.search.arms import Arm, records_of_arms, train_arms
from rexpand.search.factor_design import FactorDesign, factor_folder
from rexpand.search.task import StudyProgress, Task


def run_factors(
    design: FactorDesign,
    folder: str | Path,
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None = None,
) -> None:
    """Run an analysis to its end, from wherever its folder stands.

    Raises StudyError if another process is at work in the folder.
    """
    arms, place = _arms(design, folder), factor_folder(folder)
    train_arms(place, design, arms, workers, progress, data_root)


def row_records(
    design: FactorDesign, folder: str | Path
) -> tuple[tuple[Record, ...], ...]:
    """The records of each row, in the order of their seeds."""
    return records_of_arms(design, _arms(design, folder))


def _arms(design: FactorDesign, folder: str | Path) -> tuple[Arm, ...]:
    return tuple(
        Arm(
            name=f"row {row}",
            spec=cell.spec,
            recipe=design.recipe,
            folder=Path(folder, "rows", f"{row}"),
        )
        for row, cell in enumerate(design.cells)
    )
