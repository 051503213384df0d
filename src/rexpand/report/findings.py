"""What a study found, in plain words with its numbers, and what it did not show."""

from rexpand.records import (
    GroupSummary,
    PermutationTest,
    StudySummary,
    TrialSummary,
    sample_std,
)
from rexpand.report import formats
from rexpand.report.measures import words_of

# The customary level. The exact p stands beside every sentence that uses it.
_SIGNIFICANT = 0.05

# With fewer finished trials a tenth of them is too small a group to compare.
_FEW_TRIALS = 30


def finished_trials(summary: StudySummary) -> tuple[TrialSummary, ...]:
    """The complete trials that are feasible, in the order of their numbers."""
    return tuple(
        trial
        for trial in summary.trials
        if trial.is_ranked and trial.accuracy is not None
    )


def finished_random_trials(summary: StudySummary) -> tuple[TrialSummary, ...]:
    """Those of the random sample, of which the statistics are: all, or a generation."""
    return tuple(t for t in finished_trials(summary) if t.generation == 0)


def best_trial(summary: StudySummary) -> TrialSummary | None:
    """The best complete trial; None before one has finished."""
    return max(finished_trials(summary), key=_accuracy, default=None)


def finding(summary: StudySummary) -> str:
    """The best configuration, and whether good and bad ones differ in channels."""
    best = best_trial(summary)
    if best is None:
        return "No trial has finished yet, so there is nothing to compare."
    finished = len(finished_trials(summary))
    among = f"Among {finished:,} finished trials" if finished > 1 else "With one trial"
    words = words_of(summary.measure)
    claim = f"is the {words.best}:" if finished > 1 else "reaches"
    of = "" if words.word == "accuracy" else f" {words.word}"
    seeds = formats.plural(len(best.accuracies), "seed")
    first = (
        f"{among}{_within(summary)}, {formats.configuration(best.channels)} {claim} "
        f"{formats.percent(_accuracy(best))} %{of} on {summary.data} "
        f"(mean of {seeds}){_above(summary, best)}."
    )
    return " ".join([first, *(_difference(test) for test in _top_bottom(summary))])


def line_finding(group: GroupSummary) -> str:
    """How well the line through the mean channels of a group is known."""
    band = group.band
    assert band is not None  # of a single trial there is none
    return (
        f"The line of the {group.name} group has slope {group.slope:.2f} (95 % interval "
        f"{band.slope_low:.2f} to {band.slope_high:.2f}, bootstrap over its trials) and "
        f"intercept {group.intercept:.1f} ({band.intercept_low:.1f} to "
        f"{band.intercept_high:.1f})."
    )


def sampler_finding(summary: StudySummary) -> str:
    """Which trials the statistics are of; empty where all trials are a random sample."""
    proposed = sum(trial.generation > 0 for trial in summary.trials)
    if not proposed:
        return ""
    random = formats.plural(len(summary.trials) - proposed, "trial")
    return (
        f"The sampler {summary.sampler} proposed {formats.plural(proposed, 'trial')} from "
        "the results of earlier ones, so those are no sample of the shapes. The groups, "
        "lines, tests, correlations, distributions, shapes and the noise of the ranking "
        f"are of the first {random} alone, which are random."
    )


def cautions(summary: StudySummary) -> tuple[str, ...]:
    """What limits the finding, the weightiest first."""
    finished = len(finished_random_trials(summary))
    best = best_trial(summary)
    if best is None:
        return ()
    found = []
    if summary.seeds == 1:
        found.append(
            "Each configuration was trained with one seed, so the ranking mixes "
            "channels with the luck of one seed."
        )
    if finished < _FEW_TRIALS:
        found.append(
            f"Only {formats.plural(finished, _kind(summary))} finished; groups this small "
            "say little about channels in general."
        )
    if sampler := sampler_finding(summary):
        found.append(sampler)
    unfinished = sum(trial.state in ("running", "waiting") for trial in summary.trials)
    if unfinished:
        found.append(f"Still to finish: {formats.plural(unfinished, 'trial')}.")
    failed = sum(trial.state == "failed" for trial in summary.trials)
    if failed:
        found.append(
            f"{formats.plural(failed, 'trial')} failed and count nowhere; the reasons "
            "are in the list of failed trials."
        )
    if len(finished_trials(summary)) > 1:
        found.append(_selection(summary, best))
    return tuple(found)


def _kind(summary: StudySummary) -> str:
    """What the trials are called that the statistics are of."""
    return "trial" if summary.sampler == "random" else "random trial"


def _accuracy(trial: TrialSummary) -> float:
    return -1.0 if trial.accuracy is None else trial.accuracy


def _within(summary: StudySummary) -> str:
    if not summary.bounds:
        return ""
    return f" for a budget of {formats.budget(summary.bounds)}"


def _above(summary: StudySummary, best: TrialSummary) -> str:
    gaps = [
        f"{_accuracy(best) - group.accuracy_mean:.1f} points above the mean of the "
        f"{group.name} group"
        for group in summary.groups
        if group.name != "top"
    ]
    return f", {' and '.join(gaps)}" if gaps else ""


def _top_bottom(summary: StudySummary) -> list[PermutationTest]:
    pair = {"top", "bottom"}
    return [test for test in summary.tests if {test.first, test.second} == pair]


def _difference(test: PermutationTest) -> str:
    p = formats.p_value(test.p_value, test.permutations)
    by = f"{test.distance:.1f} channels (root mean square over the blocks)"
    if test.p_value < _SIGNIFICANT:
        return (
            f"The mean channels of the top and bottom groups differ by {by}, more than "
            f"chance readily explains ({p})."
        )
    return (
        f"The mean channels of the top and bottom groups differ by {by}, which chance "
        f"alone may explain ({p})."
    )


def _selection(summary: StudySummary, best: TrialSummary) -> str:
    near = _near(summary, best)
    beside = f" {near}" if near else ""
    return (
        f"The best {words_of(summary.measure).word} is the highest of those measured, hence a little too high: "
        f"train the configuration again with fresh seeds before you quote it.{beside}"
    )


def _near(summary: StudySummary, best: TrialSummary) -> str:
    """How many trials the best one does not beat by its own spread over seeds."""
    spread = sample_std(best.accuracies)
    if spread is None:
        return ""
    least = _accuracy(best) - spread
    others = sum(_accuracy(trial) >= least for trial in finished_trials(summary)) - 1
    if not others:
        return ""
    verb = "lies" if others == 1 else "lie"
    return (
        f"{formats.plural(others, 'other configuration')} {verb} within its spread "
        f"over seeds, {spread:.2f} points."
    )
