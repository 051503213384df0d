"""What short trainings tell of full ones: the section of a study and its sentences."""

from collections.abc import Mapping

from rexpand.records import RankingError, ShortTraining, StoppingOutcome, StudySummary
from rexpand.report import formats, markup
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Epochs", is_number=True, hint="of the first seed"),
    Column(title="Share of a training", is_number=True),
    Column(title="Kendall's tau", is_number=True, hint="with the final accuracy"),
    Column(title="95 % interval", is_number=True, hint="jackknife"),
)
_RULES = {"median": "The median rule", "halving": "Successive halving"}
SCHEDULE = (
    "Short means the first epochs of the full schedule: where the learning rate falls to "
    "the end of it, a training that is stopped has not come down yet. A training with a "
    "shorter schedule of its own may order the configurations otherwise; that was not "
    "measured."
)


def pruning_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """The table, the figure and the sentences; empty where there is nothing to tell."""
    error = summary.ranking_error
    if error is None:
        return ""
    body = "".join(markup.paragraph(text) for text in pruning_findings(error))
    if error.short:
        caption = (
            "The order of the configurations after so many epochs of the first seed, "
            f"against their final one, over {formats.plural(len(error.trials), 'trial')}. "
            "The last row is what one seed tells of the mean over all seeds of a trial."
        )
        rows = [_cells(each, error.epochs) for each in error.short]
        body += figures.get("short_training", "") + markup.table(
            _COLUMNS, rows, caption
        )
        body += markup.paragraph(SCHEDULE, "note")
    return markup.section("What short trainings tell", body, "pruning")


def pruning_findings(error: RankingError) -> tuple[str, ...]:
    """On which trials the error is measured, how large it is, and what a rule does."""
    return (
        _measured_on(error),
        *([_agreement(error)] if error.short else []),
        *(_outcome(error, each) for each in error.outcomes),
    )


def _measured_on(error: RankingError) -> str:
    count = formats.plural(len(error.trials), "trial")
    if error.rule == "none":
        return (
            f"No trial was stopped early, so {count} in full tell what stopping them "
            "would have done."
        )
    numbers = formats.listed([str(number) for number in error.trials])
    return (
        f"{_RULES[error.rule]} stopped {formats.plural(error.stopped, 'trial')}. One "
        "trial in five, chosen by the study's seed and not by its accuracy, is trained in "
        f"full whatever the rule says: {numbers} so far. The error of the rule is measured "
        "on these."
    )


def _agreement(error: RankingError) -> str:
    first, last = error.short[0], error.short[-1]
    half = min(error.short, key=lambda each: abs(each.epochs - error.epochs / 3))
    parts = [
        f"after {formats.plural(each.epochs, 'epoch')} {_tau(each)}"
        for each in dict.fromkeys((first, half))
    ]
    return (
        "The order after some epochs agrees with the final one by Kendall's tau: "
        f"{formats.listed(parts)}. After all {error.epochs:,} of the first seed it is "
        f"{_tau(last)}, and no short training can be expected to tell more."
    )


def _tau(each: ShortTraining) -> str:
    tau = each.tau
    assert tau.low is not None
    assert tau.high is not None
    return f"{tau.mean:.2f} ({tau.low:.2f} to {tau.high:.2f})"


def _outcome(error: RankingError, found: StoppingOutcome) -> str:
    rule = _RULES[found.rule]
    if found.rungs:
        after = formats.listed([str(each) for each in found.rungs])
        rule += f" (the best third goes on after epoch {after})"
    saved = f"{100 * found.epochs_saved:.0f} % of the study's epochs"
    lost = (
        "no trial in full would be left"
        if found.points_lost is None
        else f"the best one left is {found.points_lost:.2f} points below the best"
    )
    if error.rule != "none":
        return (
            f"{rule} saved {saved}. Of the trials in full it would have stopped "
            f"{_stopped(found)}: {lost}."
        )
    if found.orders == 1:
        return (
            f"{rule} would have saved {saved} and stopped {_stopped(found)}: {lost}. One "
            "trial in five is spared in that."
        )
    return (
        f"{rule} depends on the order of the trials: in the mean of {found.orders:,} "
        f"random orders it would have saved {saved} and stopped "
        f"{100 * found.top_stopped:.0f} % of the best tenth, and the best trial in "
        f"{100 * found.best_stopped:.0f} % of the orders: {lost}. One trial in five is "
        "spared in that."
    )


def _stopped(found: StoppingOutcome) -> str:
    """How much of the best tenth, and whether the best trial, in one order."""
    if not found.top_stopped:
        return "none of the best tenth"
    best = "the best trial with it" if found.best_stopped else "but not the best trial"
    return f"{100 * found.top_stopped:.0f} % of the best tenth, {best}"


def _cells(each: ShortTraining, epochs: int) -> list[Cell]:
    tau = each.tau
    return [
        Cell(text=f"{each.epochs:,}", is_number=True),
        Cell(text=f"{100 * each.epochs / epochs:.0f} %", is_number=True),
        Cell(text=f"{tau.mean:.2f}", is_number=True),
        Cell(text=f"{tau.low:.2f} to {tau.high:.2f}", is_number=True),
    ]
