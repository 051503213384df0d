"""Networks that are trained for the same seeds, so that they compare pairwise.

Seeds come in turn, each for every network: an experiment that was stopped holds
networks that compare seed by seed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rexpand.recipe import Recipe
from rexpand.records import Record
from rexpand.search.task import Task, Weights, finished_records
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

    It begins with `weights`, or else with fresh ones. `folder` keeps a folder for each
    of its seeds.
    """

    name: str
    spec: NetworkSpec
    recipe: Recipe
    folder: Path
    weights: Weights | None = None


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
        )
        for seed in range(design.seeds)
        for arm in arms
    ]


def arm_records(design: SeededDesign, arm: Arm) -> list[Record]:
    """The records of an arm's finished seeds, in the order of the seeds."""
    return finished_records(arm_tasks(design, [arm]))
