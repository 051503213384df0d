"""The figures of what a study could spend less: short trainings, and proxies."""

from rexpand.records import StudySummary
from rexpand.report.figures import Figure


def spending_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """Those that the study has data for."""
    return (*_short_training(summary), *_proxies(summary))


def _short_training(summary: StudySummary) -> tuple[Figure, ...]:
    from rexpand.report import charts

    chart, error = charts.tau_by_epoch(summary), summary.ranking_error
    if chart is None or error is None:
        return ()
    return (
        Figure(
            name="short_training",
            title="What short trainings tell of the final order",
            caption=(
                "Kendall's tau between the accuracy after so many epochs of the first seed "
                f"and the final accuracy of {len(error.trials):,} trials in full; the band "
                "is its interval of 95 %. Dashed: where halving compares."
            ),
            spec=chart.to_dict(),
        ),
    )


def _proxies(summary: StudySummary) -> tuple[Figure, ...]:
    from rexpand.report import charts

    chart, found = charts.proxy_taus(summary), summary.proxies
    if chart is None or found is None:
        return ()
    return (
        Figure(
            name="proxies",
            title="Proxies",
            caption=(
                f"Kendall's tau of each with the trained accuracy of {len(found.trials):,} "
                "trials, and its interval of 95 % (bootstrap over configurations)."
            ),
            spec=chart.to_dict(),
        ),
    )
