"""What the factorial experiment was asked to do, as data and as a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.ranges import COUNT, IMAGES, PLACE, SEEDS, SHARE
from rexpand.recipe import Recipe
from rexpand.records import ExperimentFolder, Record, Workers
from rexpand.records.factorial import Fraction
from rexpand.search.arms import Arm, records_of_arms, train_arms
from rexpand.search.design import design_provenance
from rexpand.search.factorial import Factorial
from rexpand.search.factorial_cells import FACTORS, FactorialCell, factorial_cells
from rexpand.search.task import StudyProgress, Task
from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class FactorialDesign:
    """The cells of a factorial design, each trained for the same seeds.

    Seeds count from 0. The same seed gives every cell the same images in the same order,
    so seeds are blocks. No cell has more than `macs`, nor fewer by more than the share
    `tolerance`. `train_subset` is the number of training images (0 for all) besides
    those that the recipe holds out.
    """

    fraction: Fraction
    network: str
    data: Annotated[str, PLACE]
    macs: Annotated[int, COUNT]
    tolerance: Annotated[float, SHARE]
    seeds: Annotated[int, SEEDS]
    cells: tuple[FactorialCell, ...]
    train_subset: Annotated[int, IMAGES] = 0

    def __post_init__(self) -> None:
        check_fields(self, StudyError)

    @property
    def factorial(self) -> Factorial:
        """Which runs the cells are, and which effects they tell apart."""
        return Factorial(factors=len(FACTORS), fraction=self.fraction)


def factorial_design(
    network: NetworkSpec,
    *,
    fraction: Fraction,
    macs: int,
    tolerance: float,
    seeds: int,
    recipe: Recipe,
    data: str,
    train_subset: int = 0,
) -> FactorialDesign:
    """The design whose cells are made of a network and a recipe (`factorial_cells`)."""
    factorial = Factorial(factors=len(FACTORS), fraction=fraction)
    return FactorialDesign(
        fraction=fraction,
        network=network.name,
        data=data,
        macs=macs,
        tolerance=tolerance,
        seeds=seeds,
        cells=factorial_cells(factorial, network, recipe, macs, tolerance),
        train_subset=train_subset,
    )


def factorial_folder(path: str | Path) -> ExperimentFolder[FactorialDesign]:
    """The folder of a factorial experiment; it can be given more seeds."""
    path = Path(path)
    return ExperimentFolder(
        path=path,
        design=FactorialDesign,
        name="factorial experiment",
        started_by="rexpand train factors",
        file="factorial.json",
        version=1,
        may_grow=("seeds",),
    )


def create_factorial(design: FactorialDesign, path: str | Path) -> FactorialDesign:
    """Make the folder of an experiment, or find the same one: the design that holds.

    Raises StudyError if the folder holds something else.
    """
    folder = factorial_folder(path)
    folder.check_own()
    return folder.create(design, design_provenance())


def run_factorial(
    design: FactorialDesign,
    folder: str | Path,
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None = None,
) -> None:
    """Train every cell for every seed, from wherever the folder stands.

    Raises StudyError if another process is at work in the folder.
    """
    arms, place = _arms(design, folder), factorial_folder(folder)
    train_arms(place, design, arms, workers, progress, data_root)


def cell_records(
    design: FactorialDesign, folder: str | Path
) -> tuple[tuple[Record, ...], ...]:
    """The records of each cell, in the order of their seeds."""
    return records_of_arms(design, _arms(design, folder))


def _arms(design: FactorialDesign, folder: str | Path) -> tuple[Arm, ...]:
    return tuple(
        Arm(
            name=f"cell {number}",
            spec=cell.spec,
            recipe=cell.recipe,
            folder=Path(folder, "cells", f"{number}"),
        )
        for number, cell in enumerate(design.cells)
    )
