"""A grid search for the bases of compound scaling, in numbers."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.ranges import PERCENT, SECONDS
from rexpand.recipe import Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.spread import Interval

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class ScalingRow:
    """A candidate: accuracies in percent, one for each finished seed.

    `behind` is the winner's accuracy less its own, seed by seed; None for the winner.
    """

    alpha: float
    beta: float
    gamma: float
    width_mult: float
    depth_mult: float
    resolution: int
    channels: tuple[int, ...]
    params: int
    macs: int
    accuracies: tuple[Annotated[float, PERCENT], ...]
    accuracy: Interval | None
    behind: Interval | None


@dataclass(frozen=True, kw_only=True)
class ScalingSummary:
    """What was found so far; the winner has the highest mean of its seeds.

    `winner` is the place of its row; None before every candidate has a seed. `macs` is
    the budget that all candidates fill. The winner was chosen by the accuracies that are
    given here, so its interval is too high by what the choice is worth.
    """

    network: str
    phi: float
    macs: int
    data: str
    images: int
    evaluated_on: str
    recipe: Recipe
    seeds: int
    rows: tuple[ScalingRow, ...]
    winner: int | None
    confidence: float
    seconds: Annotated[float, SECONDS]
    provenances: tuple[Provenance, ...]
    version: int = VERSION

    @property
    def ties(self) -> int:
        """How many candidates the winner is not told apart from."""
        return sum(
            row.behind is not None and not (row.behind.low or 0) > 0
            for row in self.rows
        )
