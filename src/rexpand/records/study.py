"""A study in numbers: what the search found, ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.recipe import DetectorTrialRecipe, Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.proxies import ProxyComparison
from rexpand.records.study_front import Front, MeasureName
from rexpand.records.study_latency import StudyLatency, TrialLatency
from rexpand.records.study_pruning import RankingError
from rexpand.records.study_shapes import ShapeSummary
from rexpand.records.study_statistics import (
    ErrorDistribution,
    RankingNoise,
    ShapeAccuracy,
    ShapeComparison,
)
from rexpand.shown import Shown

VERSION = 5
GroupName = Literal["top", "middle", "bottom"]
TrialState = Literal["complete", "pruned", "failed", "running", "waiting"]


@dataclass(frozen=True, kw_only=True)
class TrialSummary:
    """One configuration: accuracies are in percent, one for each finished seed; those of
    a detector are COCO's average precision of boxes (`StudySummary.measure`).

    `accuracy` is their mean; it is None until a seed has finished. `shape` is the
    stratum that the sampler drew the configuration from, or "proposed", `weight` what it
    counts in a mean, so that every shape counts alike. `generation` is 0 for the random
    sample, and counts what an adaptive sampler proposed later. `predicted_latency_ms` is
    what a latency table predicts, None in a study without one; `latencies` were measured,
    one for each runtime. A trial is feasible if none of those is above the bound of its
    runtime. What is not is in no group, front or statistic.
    `failure` is the reason why it failed.
    """

    number: int
    channels: tuple[int, ...]
    shape: str
    weight: float
    params: int
    macs: int
    activations: int
    memory_access: int
    state: TrialState
    seeds: tuple[int, ...]
    accuracies: tuple[float, ...]
    accuracy: float | None
    nuclear_norm: float | None
    seconds: float
    group: GroupName | None = None
    effective_rank: float | None = None
    predicted_latency_ms: float | None = None
    generation: int = 0
    latencies: tuple[TrialLatency, ...] = ()
    is_feasible: bool = True
    failure: str | None = None

    @property
    def is_ranked(self) -> bool:
        """Whether it is complete, and no measured latency is above its bound."""
        return self.state == "complete" and self.is_feasible


@dataclass(frozen=True, kw_only=True)
class LineBand:
    """The intervals of 95 % of a fitted line, by the bootstrap over a group's trials.

    `low` to `high` is where the line passes at each block.
    """

    slope_low: float
    slope_high: float
    intercept_low: float
    intercept_high: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class GroupSummary:
    """Means over the trials of a group, and the line fitted to its mean channels.

    Trials count by their weights. Each `_std` is the sample's standard deviation, over as many values as there are
    trials; one trial has none, and no `band`. `slope` is in channels per block, for blocks counted
    from 0.
    """

    name: GroupName
    trials: tuple[int, ...]
    accuracy_mean: float
    accuracy_std: float | None
    params_mean: float
    params_std: float | None
    macs_mean: float
    macs_std: float | None
    channels_mean: tuple[float, ...]
    channels_std: tuple[float | None, ...]
    slope: float
    intercept: float
    r_squared: float
    band: LineBand | None
    best_channels: tuple[int, ...]
    best_accuracy: float


@dataclass(frozen=True, kw_only=True)
class PermutationTest:
    """Do the mean channels of two groups differ by more than chance?

    `distance` is the root mean square difference of the groups' mean channels;
    `p_value` the share of `permutations` random regroupings that differ as much.
    """

    first: GroupName
    second: GroupName
    distance: float
    p_value: float
    permutations: int


@dataclass(frozen=True, kw_only=True)
class LatencySource:
    """Whose latency a study predicts: a table, by its hash, and what it was measured on."""

    table: str
    runtime: str
    threads: int
    batch_size: int
    cpu: str


@dataclass(frozen=True, kw_only=True, repr=False)
class StudySummary(Shown):
    """Everything that the report of a study shows.

    `shortfalls` say in words which shapes have less than their share of the trials, and
    which ones cannot fill both bounds. `noise` is None with one seed per trial, `front`
    before a trial is finished. `ranking_error` tells of short trainings and of pruning,
    `proxies` what scores of untrained networks tell, where they were asked. Of an adaptive
    `sampler` the groups, tests, correlations, noise, distribution and shapes are of the
    random trials alone: those that were proposed are no sample of the shapes. A study of
    detectors has the name of its `detector`.
    """

    _view: ClassVar[str] = "rexpand.report.views.studies:STUDY"

    name: str
    network: str
    data: str
    budget_macs: int | None
    budget_params: int | None
    recipe: Recipe | DetectorTrialRecipe
    seeds: int
    trials: tuple[TrialSummary, ...]
    shapes: tuple[ShapeSummary, ...]
    shortfalls: tuple[str, ...]
    groups: tuple[GroupSummary, ...]
    tests: tuple[PermutationTest, ...]
    correlations: Mapping[str, float]
    noise: RankingNoise | None
    distribution: ErrorDistribution | None
    shape_accuracies: tuple[ShapeAccuracy, ...]
    shape_comparisons: tuple[ShapeComparison, ...]
    provenances: tuple[Provenance, ...]
    budget_latency_ms: float | None = None
    budget_activations: int | None = None
    budget_memory_access: int | None = None
    latency: LatencySource | None = None
    ranking_error: RankingError | None = None
    proxies: ProxyComparison | None = None
    measured: tuple[StudyLatency, ...] = ()
    front: Front | None = None
    sampler: str = "random"
    detector: str | None = None
    version: int = VERSION

    @property
    def measure(self) -> MeasureName:
        """What the trials are ranked by: top-1 accuracy, or the box AP of detectors."""
        return measure_of(self.recipe)

    @property
    def bounds(self) -> Mapping[str, float]:
        """The bounds of the budget that are set, by name."""
        pairs = (
            ("macs", self.budget_macs),
            ("params", self.budget_params),
            ("activations", self.budget_activations),
            ("memory_access", self.budget_memory_access),
            ("latency_ms", self.budget_latency_ms),
        )
        return {name: bound for name, bound in pairs if bound is not None}

    @property
    def random_trials(self) -> tuple[TrialSummary, ...]:
        """The trials of the random sample: all, or the first generation."""
        return tuple(each for each in self.trials if each.generation == 0)

    @property
    def best(self) -> TrialSummary | None:
        """The best finished trial that is feasible; None if there is none."""
        finished = [
            each
            for each in self.trials
            if each.accuracy is not None and each.is_feasible
        ]
        return max(finished, key=lambda each: each.accuracy or 0.0, default=None)

    def __repr__(self) -> str:
        """One line: how many trials of what are finished, and the best of them."""
        finished = sum(each.accuracy is not None for each in self.trials)
        best = self.best
        name = "" if self.measure == "accuracy" else "box AP "
        found = (
            ""
            if best is None
            else f"; best {name}{best.accuracy:.2f} % by {best.channels}"
        )
        return (
            f"<StudySummary {self.name}: {finished} of {len(self.trials)} trials of "
            f"{self.network} on {self.data} finished{found}>"
        )


def measure_of(recipe: Recipe | DetectorTrialRecipe) -> MeasureName:
    """What the trials that are trained by a recipe are ranked by."""
    return "box_ap" if isinstance(recipe, DetectorTrialRecipe) else "accuracy"
