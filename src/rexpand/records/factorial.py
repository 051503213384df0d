"""A factorial experiment in numbers: cells, effects, and what its seeds can tell."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import GAIN, PERCENT, PROBABILITY, SECONDS
from rexpand.recipe import Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.record import Measured
from rexpand.records.spread import Interval

VERSION = 1
Fraction = Literal["full", "half"]


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A factor of the design, and what its two levels are called."""

    letter: str
    name: str
    low: str
    high: str


@dataclass(frozen=True, kw_only=True)
class FactorialRow:
    """One cell: its run as Yates writes it, and the level of each factor.

    Accuracies are in percent, one for each finished seed.
    """

    run: str
    levels: tuple[str, ...]
    channels: tuple[int, ...]
    params: int
    macs: int
    seeds: tuple[int, ...]
    accuracies: tuple[Annotated[float, PERCENT], ...]
    accuracy: Interval | None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A main effect or an interaction in points of accuracy, with its interval.

    `word` has the letters of its factors, `alias` those of the effect that the design
    cannot tell it from (empty if there is none). An interaction is half of how much one
    factor's effect changes with the other. `p_value` is of the two-sided t test. Without
    an estimate of the error, from one seed, the last three are None.
    """

    word: str
    name: str
    alias: str
    effect: Annotated[float, GAIN]
    low: Measured | None
    high: Measured | None
    p_value: Annotated[float, PROBABILITY] | None


@dataclass(frozen=True, kw_only=True)
class SeedSpread:
    """What varies when only the seed does, in points of accuracy.

    `residual` is the standard deviation within a cell after the seeds are taken out as
    blocks, with its degrees of freedom: the error of every effect. `within` is that with
    the blocks left in. `between_seeds` is the standard deviation that all cells of a
    seed have in common, 0 where its estimate is negative.
    """

    residual: Measured
    degrees_of_freedom: int
    within: Measured
    between_seeds: Measured


@dataclass(frozen=True, kw_only=True)
class SeedsNeeded:
    """Seeds per cell with which an effect of so many points is found.

    By a two-sided t test at 5 %, with a power of 80 %. `low` and `high` are the seeds
    for the ends of the confidence interval of the residual spread.
    """

    effect: Annotated[float, GAIN]
    seeds: int
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class FactorialSummary:
    """Everything that the page of a factorial experiment shows.

    `complete_seeds` are finished in every cell; they alone are analysed, so that the
    design is balanced. `recipe` is that of the first cell; augmentation is a factor. No
    cell has more than `macs`, nor fewer by more than the share `tolerance`.
    `least_effect` is the effect that the complete seeds find with a power of 80 %.
    """

    name: str
    network: str
    data: str
    images: int
    evaluated_on: str
    evaluated_images: int | None
    macs: int
    tolerance: float
    fraction: Fraction
    defining_relation: str
    factors: tuple[Factor, ...]
    seeds: int
    complete_seeds: tuple[int, ...]
    recipe: Recipe
    cells: tuple[FactorialRow, ...]
    effects: tuple[Effect, ...]
    spread: SeedSpread | None
    needed: tuple[SeedsNeeded, ...]
    least_effect: Measured | None
    confidence: float
    seconds: Annotated[float, SECONDS]
    provenances: tuple[Provenance, ...]
    version: int = VERSION
