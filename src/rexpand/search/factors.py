"""The factor analysis runs: every row for every seed, kill-safe.

Seeds come in turn, each through all rows, so that an analysis that was stopped holds
rows that compare seed by seed.
"""

from collections.abc import Iterator
from pathlib import Path

from rexpand.records import Record
from rexpand.search.driver import StudyProgress
from rexpand.search.factor_design import FactorDesign
from rexpand.search.in_turn import read_record, trained
from rexpand.search.worker import Task
from rexpand.search.workers import Workers


def run_factors(
    design: FactorDesign,
    folder: Path,
    workers: Workers,
    progress: StudyProgress,
    data_root: Path | None = None,
) -> None:
    """Run an analysis to its end, from wherever its folder stands.

    Raises StudyError if another process is at work in the folder.
    """
    for _ in trained(_tasks(design, folder, data_root), folder, workers, progress):
        pass


def finished_records(
    design: FactorDesign, folder: Path
) -> tuple[tuple[Record, ...], ...]:
    """The records of each row, in the order of their seeds."""
    return tuple(
        tuple(
            record
            for seed in range(design.seeds)
            if (record := read_record(_place(folder, row, seed))) is not None
        )
        for row in range(len(design.cells))
    )


def _tasks(
    design: FactorDesign, folder: Path, data_root: Path | None
) -> Iterator[Task]:
    for seed in range(design.seeds):
        for row, cell in enumerate(design.cells):
            yield Task(
                spec=cell.spec,
                recipe=design.recipe,
                seed=seed,
                data=design.data,
                data_root=data_root,
                train_subset=design.train_subset,
                subset_seed=0,
                folder=_place(folder, row, seed),
            )


def _place(folder: Path, row: int, seed: int) -> Path:
    return folder / "rows" / f"{row}" / f"seed-{seed}"
