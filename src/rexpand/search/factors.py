"""The factor analysis runs: every row for every seed, kill-safe.

Seeds come in turn, each through all rows, so that an analysis that was stopped holds
rows that compare seed by seed.
"""

from pathlib import Path

from rexpand.records import Record, Workers
from rexpand.search.factor_design import FactorDesign, factor_folder
from rexpand.search.task import StudyProgress, Task, finished_records, trained


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
    data_root = None if data_root is None else Path(data_root)
    folder = Path(folder)
    tasks = [
        _task(design, folder, row, seed, data_root)
        for seed in range(design.seeds)
        for row in range(len(design.cells))
    ]
    for _ in trained(factor_folder(folder), tasks, workers, progress):
        pass


def row_records(
    design: FactorDesign, folder: str | Path
) -> tuple[tuple[Record, ...], ...]:
    """The records of each row, in the order of their seeds."""
    folder = Path(folder)
    return tuple(
        tuple(
            finished_records(
                _task(design, folder, row, seed) for seed in range(design.seeds)
            )
        )
        for row in range(len(design.cells))
    )


def _task(
    design: FactorDesign,
    folder: Path,
    row: int,
    seed: int,
    data_root: Path | None = None,
) -> Task:
    return Task(
        trial=f"row {row}",
        spec=design.cells[row].spec,
        recipe=design.recipe,
        seed=seed,
        data=design.data,
        data_root=data_root,
        train_subset=design.train_subset,
        subset_seed=0,
        folder=folder / "rows" / f"{row}" / f"seed-{seed}",
    )
