"""The tables of a study as rows of text and numbers; the page only lays them out."""

from dataclasses import dataclass

from rexpand.records import GroupSummary, StudySummary, TrialSummary, sample_std
from rexpand.report import formats


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """A row of the paper's Table 3, with the line fitted to the mean channels."""

    group: str
    trials: int
    accuracy: str
    params: str
    macs: str
    best: str
    best_accuracy: str
    slope: str
    intercept: str
    r_squared: str


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """A trial as written (`accuracy`, `params`, ...), with its channels to draw.

    What has not been measured or predicted is the empty string. `is_front` marks the trials of
    `StudySummary.front`.
    """

    number: int
    channels: tuple[int, ...]
    configuration: str
    shape: str
    accuracy: str
    accuracy_percent: float | None
    seeds: int
    params: str
    params_count: int
    macs: str
    macs_count: int
    latency: str
    latency_ms: float | None
    nuclear_norm: str
    time: str
    seconds: float
    group: str
    state: str
    is_front: bool


def group_rows(summary: StudySummary) -> tuple[GroupRow, ...]:
    """Table 3 for this study, one row per group."""
    return tuple(_group_row(group) for group in summary.groups)


def trial_rows(summary: StudySummary) -> tuple[TrialRow, ...]:
    """Every trial, the most accurate first, those without an accuracy last."""
    members = summary.front.trials if summary.front else ()
    front = {row.trial for row in members}
    trials = sorted(summary.trials, key=_rank)
    return tuple(_trial_row(trial, trial.number in front) for trial in trials)


def _group_row(group: GroupSummary) -> GroupRow:
    return GroupRow(
        group=group.name,
        trials=len(group.trials),
        accuracy=formats.percent_spread(group.accuracy_mean, group.accuracy_std),
        params=formats.count_spread(group.params_mean, group.params_std),
        macs=formats.count_spread(group.macs_mean, group.macs_std),
        best=formats.configuration(group.best_channels),
        best_accuracy=formats.percent(group.best_accuracy),
        slope=f"{group.slope:.2f}",
        intercept=f"{group.intercept:.1f}",
        r_squared=f"{group.r_squared:.2f}",
    )


def _trial_row(trial: TrialSummary, is_front: bool) -> TrialRow:
    norm, latency = trial.nuclear_norm, trial.predicted_latency_ms
    return TrialRow(
        number=trial.number,
        channels=trial.channels,
        configuration=formats.configuration(trial.channels),
        shape=trial.shape,
        accuracy=_accuracy(trial),
        accuracy_percent=trial.accuracy,
        seeds=len(trial.accuracies),
        params=formats.count(trial.params),
        params_count=trial.params,
        macs=formats.count(trial.macs),
        macs_count=trial.macs,
        latency="" if latency is None else f"{latency:.3g}",
        latency_ms=latency,
        nuclear_norm="" if norm is None else f"{norm:.1f}",
        time=formats.duration(trial.seconds),
        seconds=trial.seconds,
        group=trial.group or "",
        state=formats.state(trial),
        is_front=is_front,
    )


def _accuracy(trial: TrialSummary) -> str:
    if trial.accuracy is None:
        return ""
    return formats.percent_spread(trial.accuracy, sample_std(trial.accuracies))


def _rank(trial: TrialSummary) -> tuple[float, int]:
    missing = float("inf")
    return missing if trial.accuracy is None else -trial.accuracy, trial.number
