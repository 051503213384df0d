"""The factor analysis runs: every row for every seed, kill-safe."""

from pathlib import Path

from rexpand.records import Record, Workers
from rexpand.search.arms import Arm, arm_records, arm_tasks
from rexpand.search.factor_design import FactorDesign, factor_folder
from rexpand.search.task import StudyProgress, Task, trained


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
    tasks = arm_tasks(design, _arms(design, folder), data_root)
    for _ in trained(factor_folder(folder), tasks, workers, progress):
        pass


def row_records(
    design: FactorDesign, folder: str | Path
) -> tuple[tuple[Record, ...], ...]:
    """The records of each row, in the order of their seeds."""
    return tuple(tuple(arm_records(design, arm)) for arm in _arms(design, folder))


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
