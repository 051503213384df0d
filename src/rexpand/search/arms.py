"""Networks that are trained for the same seeds, so that they compare pairwise.

Seeds come in turn, each for every network: an experiment that was stopped holds
networks that compare seed by seed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rexpand.recipe import Recipe
from rexpand.records import ExperimentFolder, Record, Workers
from rexpand.search.task import (
    StudyProgress,
    Task,
    Weights,
    finished_records,
    trained,
)
from rexpand.spec import NetworkSpec


class SeededDesign(Protocol):
    """What all arms of an experiment have in common; seeds count from 0."""

    @property
    def data(self) -> str: ...

    @property
    def train_subset(self) -> int: ...

    @property
    def seeds(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One network of an experiment and how it is trained.

    It begins with `weights`, or else with fresh ones, and `teacher` teaches it. `folder` keeps a folder for each
    of its seeds. With `allow_change` a seed that was begun by another recipe goes on.
    """

    name: str
    spec: NetworkSpec
    recipe: Recipe
    folder: Path
    weights: Weights | None = None
    teacher: Weights | None = None
    allow_change: bool = False


def arm_tasks(
    design: SeededDesign, arms: Iterable[Arm], data_root: str | Path | None = None
) -> list[Task]:
    """The trainings of every arm, seed by seed."""
    arms = tuple(arms)
    root = None if data_root is None else Path(data_root)
    return [
        Task(
            trial=arm.name,
            spec=arm.spec,
            recipe=arm.recipe,
            seed=seed,
            data=design.data,
            data_root=root,
            train_subset=design.train_subset,
            subset_seed=0,
            folder=arm.folder / f"seed-{seed}",
            weights=arm.weights,
            teacher=arm.teacher,
            allow_change=arm.allow_change,
        )
        for seed in range(design.seeds)
        for arm in arms
    ]


def arm_records(design: SeededDesign, arm: Arm) -> list[Record]:
    """The records of an arm's finished seeds, in the order of the seeds."""
    return finished_records(arm_tasks(design, [arm]))


def train_arms(
    place: ExperimentFolder[Any],
    design: SeededDesign,
    arms: Iterable[Arm],
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None,
) -> None:
    """Train every arm for every seed, from wherever the experiment's folder stands.

    Raises StudyError if another process is at work there.
    """
    for _ in trained(place, arm_tasks(design, arms, data_root), workers, progress):
        pass


def records_of_arms(
    design: SeededDesign, arms: Iterable[Arm]
) -> tuple[tuple[Record, ...], ...]:
    """The records of each arm, in the order of their seeds."""
    return tuple(tuple(arm_records(design, arm)) for arm in arms)
