"""The figures of a study with their words, ready for a page and for files."""

from dataclasses import dataclass
from typing import Any, Literal

from rexpand.records import StudySummary
from rexpand.report.findings import finished_trials
from rexpand.report.measures import words_of

# Whose figures stand where on the page; every other section names its own.
ACCURACY = (
    *("accuracy_macs", "accuracy_params", "accuracy_latency", "nuclear_norm"),
    *("error_distribution", "configurations"),
)
COVERAGE = ("drawn_channels", "drawn_growth", "drawn_shares")
_COVERAGE_TEXTS = (
    (
        "Channels that were drawn",
        (
            "The median channels of each shape against block index, over all trials, "
            "finished or not; the bands hold four fifths of them."
        ),
    ),
    (
        "Growth that was drawn",
        "One mark per configuration: its last width over its first.",
    ),
    (
        "Both bounds",
        (
            "How much of the macs and of the params each configuration uses. No point "
            "lies beyond 100 %."
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A Vega-Lite specification and what is said of it.

    `name` is the stem of its files; `is_wide` gives it the page's full width.
    """

    name: str
    title: str
    caption: str
    spec: dict[str, Any]
    is_wide: bool = True


def coverage_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """The figures of what was drawn, which need no finished trial."""
    from rexpand.report import charts

    drawn = charts.drawn_channels(summary), charts.drawn_growth(summary)
    shares = charts.drawn_shares(summary)
    texts = zip(COVERAGE, _COVERAGE_TEXTS, (*drawn, shares), strict=True)
    return tuple(
        Figure(
            name=name,
            title=title,
            caption=caption,
            spec=chart.to_dict(),
            is_wide=name == "drawn_channels" or shares is None,
        )
        for name, (title, caption), chart in texts
        if chart is not None
    )


def channels_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """The mean channels of the groups."""
    from rexpand.report import charts

    chart = charts.mean_channels(summary)
    if chart is None:
        return ()
    return (
        Figure(
            name="mean_channels",
            title="Channels of the best, middle and worst trials",
            caption=(
                "Mean channels of each group of trials against block index; the bands "
                "are one standard deviation either way. Dashed: the line fitted to the "
                "top group; dotted: its interval of 95 % (bootstrap). Drawn as Figure 2 of arXiv 2007.00992."
            ),
            spec=chart.to_dict(),
        ),
    )


def cost_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """Accuracy against macs and params, but for what the front's own figure shows."""
    from rexpand.report import charts

    hollow = (
        "Hollow: not ranked, as its state says. " if _has_unfinished(summary) else ""
    )
    words = words_of(summary.measure)
    texts: tuple[tuple[Literal["macs", "params"], str, str], ...] = (
        (
            "macs",
            f"{words.title} against multiply-accumulates",
            (
                f"One point per trial. {hollow}The line is the Pareto front: no finished trial "
                f"is both cheaper and {words.better}. A click on a point finds its row."
            ),
        ),
        (
            "params",
            f"{words.title} against parameters",
            f"The same trials, with their Pareto front. {hollow}".strip(),
        ),
    )
    shown = summary.front.costs if summary.front else ()
    return tuple(
        Figure(
            name=f"accuracy_{cost}",
            title=title,
            caption=caption,
            spec=chart.to_dict(),
            is_wide=len(shown) == 1 and shown[0] in ("macs", "params"),
        )
        for cost, title, caption in texts
        if shown != (cost,)
        and (chart := charts.accuracy_against_cost(summary, cost)) is not None
    )


def latency_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """Accuracy against predicted latency."""
    from rexpand.report import charts

    if summary.latency is None:
        return ()
    chart = charts.accuracy_against_cost(summary, "predicted_latency_ms")
    if chart is None:
        return ()
    return (
        Figure(
            name="accuracy_latency",
            title="Accuracy against predicted latency",
            caption=(
                "The same trials. Their latency was not measured: it is what the table of "
                f"measured blocks predicts for {summary.latency.runtime}. "
                "The line is the Pareto front."
            ),
            spec=chart.to_dict(),
            is_wide=False,
        ),
    )


def nuclear_norm_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """Accuracy against the nuclear norm."""
    from rexpand.report import charts

    chart = charts.accuracy_against_nuclear_norm(summary)
    if chart is None:
        return ()
    return (
        Figure(
            name="nuclear_norm",
            title="Accuracy against nuclear norm",
            caption=(
                "The nuclear norm of the penultimate features stands for their rank. "
                "Drawn as Figure 5 (left) of arXiv 2007.00992."
            ),
            spec=chart.to_dict(),
            is_wide=False,
        ),
    )


def distribution_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """The error distribution function."""
    from rexpand.report import charts

    chart, found = charts.error_distribution(summary), summary.distribution
    if chart is None or found is None:
        return ()
    return (
        Figure(
            name="error_distribution",
            title="Error distribution function",
            caption=(
                "The share of the finished trials with at most an error, as in arXiv "
                "1905.13214. With a confidence of 95 % the whole curve of all "
                f"configurations lies in the band, {100 * found.reach:.1f} points either "
                "way."
            ),
            spec=chart.to_dict(),
            is_wide=not nuclear_norm_figures(summary),
        ),
    )


def shape_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """The error distribution of each shape."""
    from rexpand.report import charts

    chart = charts.shape_distributions(summary)
    if chart is None:
        return ()
    return (
        Figure(
            name="shape_distributions",
            title="Error distribution of each shape",
            caption=(
                "The share of a shape's finished trials with at most an error. A curve "
                "further left has more good networks."
            ),
            spec=chart.to_dict(),
        ),
    )


def configuration_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """Every configuration as a line."""
    from rexpand.report import charts

    chart = charts.all_configurations(summary)
    if chart is None:
        return ()
    words = words_of(summary.measure)
    most, finished = charts.MOST_LINES, len(finished_trials(summary))
    thinned = f" (at most {most}, evenly by rank)" if finished > most else ""
    return (
        Figure(
            name="configurations",
            title="Every configuration",
            caption=(
                f"One line per finished trial, coloured by {words.word}{thinned}; the "
                f"{words.best} one is drawn bold."
            ),
            spec=chart.to_dict(),
        ),
    )


def _has_unfinished(summary: StudySummary) -> bool:
    return any(
        not trial.is_ranked and trial.accuracy is not None for trial in summary.trials
    )
