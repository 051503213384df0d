"""The measured latency of a study's trials, in sentences."""

from collections.abc import Iterator, Mapping
from statistics import median

from rexpand.records import StudyLatency, StudySummary, TrialSummary
from rexpand.report import formats, markup


def measured_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """A paragraph for each runtime; empty where nothing was measured."""
    if not summary.measured:
        return ""
    body = "".join(
        markup.paragraph(" ".join(measured_findings(summary, each)))
        for each in summary.measured
    )
    return markup.section("Measured latency", body, "latency")


def measured_findings(summary: StudySummary, measured: StudyLatency) -> Iterator[str]:
    """What was measured and where, who is above the bound, what disturbed it."""
    yield (
        f"{formats.plural(measured.trials, 'trial')} of {len(summary.trials):,} ran under "
        f"{measured.runtime} with {formats.plural(measured.threads, 'thread')} and batch "
        f"size {measured.batch_size} on {measured.cpu}: {measured.rounds} rounds each, in "
        f"which they took turns with trial {measured.reference} "
        f"({measured.reference_ms.median:.3g} ms, half of its readings within "
        f"{measured.reference_ms.low:.3g} to {measured.reference_ms.high:.3g}). The "
        "latency of a trial is its median ratio to that one in the same rounds, times "
        "those milliseconds."
    )
    if width := _width(summary.trials, measured.runtime):
        yield (
            "The interval of 95 % of such a median is "
            f"{100 * width:.1f} % of it wide, for half of the trials."
        )
    if measured.most_ms is not None:
        yield _over(summary, measured)
    if error := _prediction_error(summary, measured):
        yield error
    if measured.disturbed:
        share = f"{measured.disturbed:,} of {formats.plural(measured.batches, 'batch')}"
        share = share.replace("batchs", "batches")
        reasons = "; ".join(measured.problems)
        yield (
            f"The machine was not steady during {share} ({reasons}): measure on one that "
            "does nothing else before you rely on small differences."
        )


def _over(summary: StudySummary, measured: StudyLatency) -> str:
    untrained = sum(
        not trial.is_feasible and not trial.accuracies and trial.state == "pruned"
        for trial in summary.trials
    )
    are = "is" if measured.over == 1 else "are"
    trained = f" {untrained:,} were for that reason never trained." if untrained else ""
    return (
        f"{formats.plural(measured.over, 'trial')} {are} above the bound of "
        f"{measured.most_ms:.4g} ms, and therefore in no group, front or statistic here."
        f"{trained}"
    )


def _width(trials: tuple[TrialSummary, ...], runtime: str) -> float | None:
    """The middle of the relative widths of the medians' intervals."""
    spreads = [
        each.latency_ms
        for trial in trials
        for each in trial.latencies
        if each.runtime == runtime
    ]
    if not spreads:
        return None
    return median((each.most - each.least) / each.median for each in spreads)


def _prediction_error(summary: StudySummary, measured: StudyLatency) -> str:
    """How far the latency table's predictions were off, of the same runtime."""
    source = summary.latency
    if source is None or source.runtime != measured.runtime:
        return ""
    errors = [
        abs(trial.predicted_latency_ms / each.latency_ms.median - 1)
        for trial in summary.trials
        for each in trial.latencies
        if each.runtime == measured.runtime and trial.predicted_latency_ms is not None
    ]
    if not errors:
        return ""
    where = (
        ""
        if source.cpu == measured.cpu
        else f" The table is of another machine: {source.cpu}."
    )
    return (
        f"The latency table's predictions are off by {100 * median(errors):.1f} % in the "
        f"middle and {100 * max(errors):.1f} % at most.{where}"
    )
