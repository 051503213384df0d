"""The front of a study: accuracy against one or two costs."""

from dataclasses import dataclass
from typing import Literal

from rexpand.records.provenance import Provenance

VERSION = 1  # of a comparison of fronts
# What trials are ranked by, in percent; a field that is called accuracy holds it.
MeasureName = Literal["accuracy", "box_ap"]


@dataclass(frozen=True, kw_only=True)
class FrontTrial:
    """A trial that is on the front, or that another choice of seeds may put there.

    `costs` are in the order of the front's own. The shares are of the resamples in which
    the trial is on the front, and in which it is the knee; None with one seed per trial.
    """

    trial: int
    channels: tuple[int, ...]
    accuracy: float
    costs: tuple[float, ...]
    front_share: float | None
    knee_share: float | None


@dataclass(frozen=True, kw_only=True)
class Hypervolume:
    """How much of the space between a reference point and the best a front dominates.

    `value` is in points of accuracy: how far the best trial within a bound is above
    `reference_accuracy`, its mean over all bounds from 0 to `reference_costs`. Times the
    product of those costs it is the volume itself. The interval of 95 % is of what the
    seeds change; None with one seed per trial.
    """

    value: float
    low: float | None
    high: float | None
    reference_accuracy: float
    reference_costs: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Front:
    """The trials of a study that no other one equals or beats in accuracy and costs.

    `trials` are the cheapest first, by the first of the `costs`. `rivals` are others
    that are on the front in 5 % of `resamples` or more: the seeds do not tell them from
    it. `knee` is the trial where the front turns, None where it does not. `spans` are
    the least of each cost over the most, among the `candidates` that were compared.
    """

    costs: tuple[str, ...]
    candidates: int
    trials: tuple[FrontTrial, ...]
    rivals: tuple[FrontTrial, ...]
    knee: int | None
    hypervolume: Hypervolume
    spans: tuple[float, ...]
    resamples: int
    measure: MeasureName = "accuracy"


@dataclass(frozen=True, kw_only=True)
class StudyFront:
    """One of several studies whose fronts are compared."""

    study: str
    network: str
    data: str
    front: Front
    provenances: tuple[Provenance, ...]


@dataclass(frozen=True, kw_only=True)
class HypervolumeDifference:
    """The first study's hypervolume less the second's, with its interval of 95 %."""

    first: str
    second: str
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class FrontComparison:
    """The fronts of several studies, with hypervolumes at one reference point."""

    studies: tuple[StudyFront, ...]
    differences: tuple[HypervolumeDifference, ...]
    version: int = VERSION
