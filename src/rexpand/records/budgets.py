"""Studies of one network within several budgets, side by side (the paper's Figure 4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from rexpand.records.provenance import Provenance
from rexpand.records.study import GroupSummary
from rexpand.records.study_statistics import ShapeAccuracy, ShapeComparison

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class BudgetStudy:
    """What a study found within its budget.

    `bounds` are those of the budget that are set, by name. So many of its `trials` are `finished`. `top` is the best tenth of these with the line
    through its mean channels, None of fewer than three. `shapes` and `comparisons` are of
    all that are finished.
    """

    name: str
    bounds: Mapping[str, float]
    trials: int
    finished: int
    seeds: int
    top: GroupSummary | None
    shapes: tuple[ShapeAccuracy, ...]
    comparisons: tuple[ShapeComparison, ...]


@dataclass(frozen=True, kw_only=True)
class BudgetComparison:
    """Studies of a network on one data set, the smallest budget first.

    `differences` say in words where their recipes or numbers of seeds are not the same,
    so that their accuracies cannot be compared.
    """

    network: str
    data: str
    studies: tuple[BudgetStudy, ...]
    differences: tuple[str, ...]
    provenances: tuple[Provenance, ...]
    version: int = VERSION
