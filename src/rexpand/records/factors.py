"""A factor analysis in numbers: the rows of the paper's Table 2, ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rexpand.ranges import PERCENT, SECONDS
from rexpand.recipe import Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.record import Measured
from rexpand.records.spread import Interval

VERSION = 2


@dataclass(frozen=True, kw_only=True)
class FactorRow:
    """One network of the analysis: accuracies in percent, one for each finished seed.

    `stem` and `channels` are the widths that the budget gave. The gains are the
    differences from the row above, seed by seed; None in the first row. Nuclear norm
    and effective rank are those of the penultimate features of the held-out images.
    """

    name: str
    expand_ratio: float
    dim_ratio: float
    activation: str
    stem: int
    channels: tuple[int, ...]
    params: int
    macs: int
    seeds: tuple[int, ...]
    accuracies: tuple[Annotated[float, PERCENT], ...]
    nuclear_norms: tuple[Measured, ...]
    effective_ranks: tuple[Measured, ...]
    accuracy: Interval | None
    nuclear_norm: Interval | None
    effective_rank: Interval | None
    accuracy_gain: Interval | None
    nuclear_norm_gain: Interval | None
    published_accuracy: float
    published_nuclear_norm: float


@dataclass(frozen=True, kw_only=True)
class FactorSummary:
    """Everything that the page of a factor analysis shows.

    `images` were trained on, `held_out` judged; `correlations` are Spearman's with
    accuracy over all runs; `confidence` is the level of every interval, 0.95.
    """

    name: str
    setting: str
    data: str
    images: int
    evaluated_on: str
    held_out: int
    macs: int
    seeds: int
    recipe: Recipe
    rows: tuple[FactorRow, ...]
    correlations: Mapping[str, Measured]
    confidence: float
    seconds: Annotated[float, SECONDS]
    provenances: tuple[Provenance, ...]
    version: int = VERSION
