"""A fine-tuning in numbers: the rates that were tried, and the seeds at the chosen one."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.ranges import COUNT, IMAGES, LEARNING_RATE, PERCENT, RESOLUTION, SECONDS
from rexpand.recipe import Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.record import Measured
from rexpand.records.spread import Interval

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TriedRate:
    """A learning rate of the grid, judged on the held-out training images.

    Accuracies in percent and losses, one for each seed of the grid that is finished;
    `diverged` counts those whose loss became infinite or no number.
    """

    learning_rate: Annotated[float, LEARNING_RATE]
    accuracies: tuple[Annotated[float, PERCENT], ...]
    losses: tuple[Measured, ...]
    diverged: Annotated[int, COUNT] = 0


@dataclass(frozen=True, kw_only=True)
class FineTuningSummary:
    """What was found so far.

    `learning_rate` is the chosen one, None before the grid is finished. `accuracies` are
    in percent on the test images after the last epoch, one for each finished seed;
    `accuracy` is their mean with Student's t interval of `confidence`. The grid trained
    without `held_out` of the `images`, which the seeds learn from too. `started_from`
    says where the weights are from; None for fresh ones.
    """

    network: str
    data: str
    started_from: str | None
    recipe: Recipe
    resolution: Annotated[int, RESOLUTION]
    params: Annotated[int, COUNT]
    macs: Annotated[int, COUNT]
    images: Annotated[int, IMAGES]
    held_out: Annotated[int, IMAGES]
    evaluated_images: Annotated[int, IMAGES] | None
    grid: tuple[TriedRate, ...]
    learning_rate: Annotated[float, LEARNING_RATE] | None
    seeds: int
    accuracies: tuple[Annotated[float, PERCENT], ...]
    losses: tuple[Measured, ...]
    accuracy: Interval | None
    confidence: float
    seconds: Annotated[float, SECONDS]
    provenances: tuple[Provenance, ...]
    version: int = VERSION

    @property
    def is_at_the_edge(self) -> bool:
        """Whether a rate beyond the grid may be better: the chosen one is its end."""
        rates = [tried.learning_rate for tried in self.grid]
        return len(rates) > 1 and self.learning_rate in (min(rates), max(rates))
