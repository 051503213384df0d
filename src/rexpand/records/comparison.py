"""Two networks trained alike, in numbers."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import GAIN, PERCENT, SECONDS
from rexpand.recipe import Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.spread import Interval

VERSION = 2
VerdictWord = Literal["better", "worse", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Side:
    """A network of the comparison: accuracies in percent, one per finished seed."""

    channels: tuple[int, ...]
    params: int
    macs: int
    accuracies: tuple[Annotated[float, PERCENT], ...]
    accuracy: Interval | None


@dataclass(frozen=True, kw_only=True)
class ComparisonSummary:
    """What was found so far; `gain` is after less before, over seeds that both have.

    The new network is better or worse where the interval of the gain leaves out 0.
    """

    data: str
    images: int
    evaluated_on: str
    recipe: Recipe
    seeds: int
    before: Side
    after: Side
    gains: tuple[Annotated[float, GAIN], ...]
    gain: Interval | None
    verdict: VerdictWord
    confidence: float
    seconds: Annotated[float, SECONDS]
    provenances: tuple[Provenance, ...]
    version: int = VERSION
