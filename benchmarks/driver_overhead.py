"""What a driver costs a trial besides its training, in a study of many trials.

Claim: the driver of `rexpand search run` takes under 20 ms a trial at 10,000 trials in
the study, whether it is stored in its journal file, in SQLite or in PostgreSQL. The real
driver queues them all and runs the first of them; its workers give at once the record of
one training that ran before, so that all the time is the driver's: taking the trial,
reporting its epochs, ending it. `--postgresql URL` names a database that may be written
to.
"""

import os
import time
from argparse import Namespace
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from interleave import Report, duration, parser
from rexpand.budget import Budget
from rexpand.recipe import RECIPES
from rexpand.records import Record
from rexpand.search.design import StudyDesign, create_study
from rexpand.search.driver import search
from rexpand.search.task import Task
from rexpand.search.worker import evaluate
from rexpand.search.workers import Nobody
from rexpand.spec import network

_RUN = 300  # trials


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--trials", type=int, default=10_000, help="of the study")
    options.add_argument("--postgresql", metavar="URL", help="of a database")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("optuna", "sqlalchemy", "psycopg"))
    with TemporaryDirectory() as folder:
        record = _trained(Path(folder) / "training")
        for name, storage in _storages(chosen, Path(folder)).items():
            for turn in range(report.rounds):
                _measure(
                    report,
                    chosen,
                    name,
                    storage,
                    record,
                    Path(folder, name, f"{os.getpid()}-{turn}"),
                )
    report.close()


def _storages(options: Namespace, folder: Path) -> dict[str, str | None]:
    found: dict[str, str | None] = {
        "journal": None,
        "sqlite": f"sqlite:///{folder / 'studies.db'}",
    }
    if options.postgresql:
        found["postgresql"] = options.postgresql
    return found


def _design(trials: int) -> StudyDesign:
    return StudyDesign(
        spec=network("search_18").for_images(resolution=8, in_channels=1),
        data="digits",
        budget=Budget(macs=2_000_000),
        trials=trials,
        seeds=1,
        recipe=RECIPES["digits"].with_epochs(2),
        train_subset=100,
    )


def _trained(folder: Path) -> Record:
    """The record of one training of two epochs."""
    design = _design(1)
    return evaluate(
        Task(
            trial="trial 0",
            spec=design.spec.with_classes(10),
            recipe=design.recipe,
            seed=0,
            data=design.data,
            data_root=None,
            train_subset=design.train_subset,
            subset_seed=0,
            folder=folder,
        )
    )


class _Enough(Exception):
    """So many trials were run."""


class _Instant(AbstractContextManager["_Instant"]):
    """Workers that give a record at once; when each task came is kept."""

    slots = 1

    def __init__(self, record: Record) -> None:
        self._record = record
        self.times: list[float] = []

    def submit(self, task: Task) -> "Future[Record]":
        self.times.append(time.perf_counter())
        if len(self.times) > _RUN:
            raise _Enough
        future: Future[Record] = Future()
        future.set_result(replace(self._record, seed=task.seed))
        return future

    def __exit__(self, *_: object) -> None: ...


def _measure(
    report: Report,
    options: Namespace,
    name: str,
    storage: str | None,
    record: Record,
    folder: Path,
) -> None:
    design = _design(50 if options.smoke else options.trials)
    workers = _Instant(record)
    create_study(design, folder, storage)
    started = time.perf_counter()
    with suppress(_Enough):
        search(design, folder, workers, Nobody())
    queued = workers.times[0] - started
    each = np.diff(workers.times)
    low, median, high = np.percentile(each, (25, 50, 75)).tolist()
    report.finding(
        f"{name}_seconds",
        {"trials": design.trials, "queued": queued, "each": each.tolist()},
        f"{name}: {design.trials:,} trials queued in {duration(queued)}; of the first "
        f"{len(each):,} a trial took {duration(median)} (quartiles {duration(low)} to "
        f"{duration(high)}); target 20 ms",
    )


if __name__ == "__main__":
    main()
