"""What short trainings tell of full ones, and what a rule of pruning costs and saves."""

from dataclasses import dataclass
from typing import Literal

from rexpand.records.spread import Interval

StoppingRule = Literal["median", "halving"]


@dataclass(frozen=True, kw_only=True)
class ShortTraining:
    """How the first `epochs` of a training order configurations.

    `tau` is Kendall's correlation between the accuracy of the first seed after so many
    epochs of its schedule and the final accuracy of the trial, with its interval of 95 %.
    """

    epochs: int
    tau: Interval


@dataclass(frozen=True, kw_only=True)
class StoppingOutcome:
    """What a rule did to the trials that are trained in full, or would have done.

    Means over `orders` in which the trials may come, as shares from 0 to 1: how often the
    best trial is stopped, how much of the best tenth, and how many of the study's epochs
    are saved. `points_lost` are between the best trial and the best one that is not
    stopped (None where every one is). `rungs` are the epochs after which halving compares.
    """

    rule: StoppingRule
    rungs: tuple[int, ...]
    orders: int
    best_stopped: float
    top_stopped: float
    points_lost: float | None
    epochs_saved: float


@dataclass(frozen=True, kw_only=True)
class RankingError:
    """The error that ranking by short trainings makes, measured on trials in full.

    Without pruning these are all complete `trials`, and `outcomes` say what each rule
    would have done. With it they are those that the rule spares, one in five by the
    study's seed, and the outcome is that of the `rule`.
    """

    rule: Literal["none", "median", "halving"]
    epochs: int
    trials: tuple[int, ...]
    stopped: int
    short: tuple[ShortTraining, ...]
    outcomes: tuple[StoppingOutcome, ...]
