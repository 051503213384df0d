"""The steps of a design as its folder knows them: done once, and read afterwards."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from rexpand.codec import to_document
from rexpand.design.order import DesignOrder, order_folder
from rexpand.records import (
    ExperimentFolder,
    Record,
    Workers,
    read_record,
    write_atomic,
)
from rexpand.records.design import DesignPlan
from rexpand.search.arms import Arm, arm_tasks
from rexpand.search.task import SearchProgress, Task, finished_records, trained

Value = TypeVar("Value")


class Crew(Protocol):
    """Who trains for a design, step by step, and hears of it."""

    def step(
        self, name: str
    ) -> AbstractContextManager[tuple[Workers[Task, Record], SearchProgress]]:
        """The workers of a step and who hears of its trials, for as long as it lasts."""

    def begin(self, plan: DesignPlan) -> None:
        """The plan holds: made now, or by an earlier process."""

    def tell(self, message: str) -> None:
        """Something was decided, or is about to begin."""


@dataclass(frozen=True, kw_only=True)
class Alike:
    """What all trainings of a step have in common, a `search.arms.SeededDesign`."""

    data: str
    seeds: int = 1
    train_subset: int = 0


@dataclass(frozen=True, kw_only=True)
class Course:
    """A design under way: what was asked for, where it lies, who works."""

    order: DesignOrder
    folder: Path
    data_root: Path | None
    crew: Crew

    @property
    def place(self) -> ExperimentFolder[DesignOrder]:
        """The folder as an experiment's."""
        return order_folder(self.folder)

    def trained(self, name: str, alike: Alike, arms: Sequence[Arm]) -> float:
        """Train what is left of some arms; the seconds that all of them took, together."""
        tasks = arm_tasks(alike, arms, self.data_root)
        with self.crew.step(name) as (workers, progress):
            slots = max(workers.slots, 1)
            for _ in trained(self.place, tasks, workers, progress):
                pass
        return sum(each.seconds for each in finished_records(tasks)) / slots

    def done(self, kind: type[Value], file: str, make: Callable[[], Value]) -> Value:
        """The record of a step: read where it is there, else made and written."""
        path = self.folder / file
        if not path.exists():
            write_atomic(path, to_document(make()))
        return read_record(kind, path)
