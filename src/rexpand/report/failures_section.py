"""The trials of a study that failed: how many, and why."""

from rexpand.records import StudySummary, TrialSummary
from rexpand.report import formats, markup
from rexpand.report.markup import Cell, Column

_SHOWN = 20
_COLUMNS = (
    Column(title="Trial", is_number=True),
    Column(title="Channels"),
    Column(title="Reason"),
)


def failed_trials(summary: StudySummary) -> list[TrialSummary]:
    """The trials that failed, in their order."""
    return [trial for trial in summary.trials if trial.state == "failed"]


def failures_section(summary: StudySummary) -> str:
    """The first of the trials that failed, with their reasons; empty without any."""
    failed = failed_trials(summary)
    if not failed:
        return ""
    left_out = len(failed) - _SHOWN
    rest = f" {formats.plural(left_out, 'trial')} more failed." if left_out > 0 else ""
    rows = [_cells(trial) for trial in failed[:_SHOWN]]
    caption = f"Trials without a result, which count nowhere.{rest}"
    return markup.section(
        "Failed trials", markup.table(_COLUMNS, rows, caption), "failures"
    )


def failures_line(summary: StudySummary) -> str | None:
    """How many trials failed and why the first one did, as one line; None without any."""
    failed = failed_trials(summary)
    if not failed:
        return None
    first = failed[0]
    every = formats.plural(len(summary.trials), "trial")
    return f"{len(failed):,} of {every} failed; trial {first.number}: {_reason(first)}"


def _cells(trial: TrialSummary) -> list[Cell]:
    return [
        Cell(text=str(trial.number), is_number=True),
        Cell(
            text=formats.configuration(trial.channels),
            markup=markup.sparkline(trial.channels),
        ),
        Cell(text=_reason(trial)),
    ]


def _reason(trial: TrialSummary) -> str:
    return trial.failure or "another program said that it failed"
