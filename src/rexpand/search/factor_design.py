"""The factor analysis of the paper's Table 2, as data and as a file.

Two inverted bottlenecks, and three changes one upon the other at equal macs: the first
1x1 expands 6 times instead of 20, the block's input has 0.8 of its output channels
instead of 0.22, and SiLU follows the first 1x1 instead of ReLU6. The paper prints no
widths; here the budget gives them (`factor_widths`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.ranges import COUNT, IMAGES, PLACE, SEEDS
from rexpand.recipe import Recipe
from rexpand.records import ExperimentFolder
from rexpand.search.design import design_provenance
from rexpand.search.factor_widths import Factors, Frame, two_bottlenecks
from rexpand.spec import NetworkSpec

# Table 2, top to bottom (arXiv 2007.00992).
TABLE_2 = (
    Factors(
        name="baseline", expand_ratio=20.0, dim_ratio=0.22, expand_activation="relu6"
    ),
    Factors(
        name="first 1x1", expand_ratio=6.0, dim_ratio=0.22, expand_activation="relu6"
    ),
    Factors(
        name="bottleneck", expand_ratio=6.0, dim_ratio=0.8, expand_activation="relu6"
    ),
    Factors(
        name="activation", expand_ratio=6.0, dim_ratio=0.8, expand_activation="silu"
    ),
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A row of the analysis: its factors, and the network of the macs asked for."""

    factors: Factors
    spec: NetworkSpec


@dataclass(frozen=True, kw_only=True)
class FactorDesign:
    """The rows of Table 2, each trained by the same recipe for the same seeds.

    Seeds count from 0 and are the same for every row, so that rows compare seed by
    seed. `train_subset` is the number of training images (0 for all) besides those
    that the recipe holds out.
    """

    setting: str
    data: Annotated[str, PLACE]
    macs: Annotated[int, COUNT]
    seeds: Annotated[int, SEEDS]
    recipe: Recipe
    cells: tuple[Cell, ...]
    train_subset: Annotated[int, IMAGES] = 0

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


def table_2(frame: Frame, macs: int) -> tuple[Cell, ...]:
    """The four rows within a budget; BudgetError if one has no such network."""
    return tuple(
        Cell(factors=factors, spec=two_bottlenecks(factors, frame, macs))
        for factors in TABLE_2
    )


def factor_folder(path: str | Path) -> ExperimentFolder[FactorDesign]:
    """The folder of an analysis; it can be given more seeds."""
    path = Path(path)
    return ExperimentFolder(
        path=path,
        design=FactorDesign,
        name="factor analysis",
        started_by="rexpand rank factors",
        file="factors.json",
        version=2,
        may_grow=("seeds",),
    )


def create_factors(design: FactorDesign, path: str | Path) -> FactorDesign:
    """Make the folder of an analysis, or find the same one: the design that holds.

    Raises StudyError if the folder holds something else.
    """
    path = Path(path)
    folder = factor_folder(path)
    folder.check_own()
    return folder.create(design, design_provenance())
