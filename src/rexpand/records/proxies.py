"""Proxies of accuracy: what is known of a network before it is trained."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import COUNT, IMAGES, PERCENT, SECONDS, SEED, SEEDS, TRIAL
from rexpand.records.provenance import Provenance
from rexpand.records.record import Measured
from rexpand.records.spread import Interval

VERSION = 1
FILE = "proxies.json"  # in the folder of a study
ProxyName = Literal[
    "params",
    "macs",
    "activations",
    "nuclear_norm",
    "effective_rank",
    "synflow",
    "naswot",
]


@dataclass(frozen=True, kw_only=True)
class ProxyScores:
    """What a proxy gives for each trial, and how that orders them by accuracy.

    `scores` are means over initialisations; of what is counted there is one. `tau` is
    Kendall's with the trained accuracy, with its interval of 95 %. `margin` is tau less
    the larger one of params and macs, None for these themselves. `agreement` is the mean
    tau of two initialisations (None of one). `seconds` are those for a configuration.
    """

    name: ProxyName
    is_counted: bool
    scores: tuple[Measured, ...]
    tau: Interval
    margin: Interval | None
    agreement: Measured | None
    seconds: Annotated[float, SECONDS]

    def __post_init__(self) -> None:
        for found in (self.tau, self.margin):
            if found is not None and (found.low is None or found.high is None):
                raise ValueError(f"an interval of {self.name} has no ends")

    @property
    def is_better(self) -> bool:
        """Whether it beats params and macs by more than chance."""
        return self.margin is not None and (self.margin.low or 0.0) > 0

    @property
    def is_worse(self) -> bool:
        """Whether the better one of params and macs beats it by more than chance."""
        return self.margin is not None and (self.margin.high or 0.0) < 0


@dataclass(frozen=True, kw_only=True)
class ProxyComparison:
    """Proxies of the finished trials of a study, against their trained accuracies.

    `initialisations` are the seeds of the weights, which training seeds of the same
    numbers begin with; `images` is how many training images a proxy sees.
    `training_seconds` is the mean of a trial's trainings, over all its seeds. The
    intervals are by the bootstrap over configurations.
    """

    study: str
    data: str
    resolution: int
    images: Annotated[int, IMAGES]
    initialisations: tuple[Annotated[int, SEED], ...]
    seeds: Annotated[int, SEEDS]
    trials: tuple[Annotated[int, TRIAL], ...]
    accuracies: tuple[Annotated[float, PERCENT], ...]
    params: tuple[Annotated[int, COUNT], ...]
    macs: tuple[Annotated[int, COUNT], ...]
    proxies: tuple[ProxyScores, ...]
    seed_tau: float | None
    training_seconds: Annotated[float, SECONDS]
    provenance: Provenance
    version: int = VERSION

    def __post_init__(self) -> None:
        columns = [self.accuracies, self.params, self.macs]
        columns += [each.scores for each in self.proxies]
        if not self.trials or any(len(each) != len(self.trials) for each in columns):
            raise ValueError("it has not one value of everything for each trial")
        if min(*self.params, *self.macs) < 1:
            raise ValueError("a trial has no params or no macs")
