"""What an adaptive sampler gained from generation to generation, as a table."""

from collections.abc import Mapping

from rexpand.records import StudySummary, TrialSummary
from rexpand.report import markup
from rexpand.report.findings import finished_trials
from rexpand.report.formats import percent
from rexpand.report.markup import Cell, Column
from rexpand.report.measures import words_of


def generations_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """One row per generation; empty for a random study."""
    last = max((trial.generation for trial in summary.trials), default=0)
    if not last:
        return ""
    finished, word = finished_trials(summary), words_of(summary.measure).word
    columns = (
        Column(title="Generation", is_number=True, hint="0 is the random sample"),
        Column(title="Trials", is_number=True, hint="that are finished"),
        Column(title=f"Mean {word} (%)", is_number=True),
        Column(title=f"Best {word} (%)", is_number=True),
        Column(title="Best so far (%)", is_number=True),
    )
    rows = [_cells(finished, number) for number in range(last + 1)]
    caption = (
        "Finished trials by generation. The best of many noisy results is too high, the "
        "more so the more there are: the mean of a generation is not."
    )
    body = markup.table(columns, rows, caption, "generations")
    return markup.section(f"What {summary.sampler} proposed", body, "generations")


def _cells(finished: tuple[TrialSummary, ...], number: int) -> list[Cell]:
    own = _accuracies(finished, number, number)
    so_far = _accuracies(finished, 0, number)
    texts = [
        f"{number}",
        f"{len(own)}",
        percent(sum(own) / len(own)) if own else "",
        percent(max(own)) if own else "",
        percent(max(so_far)) if so_far else "",
    ]
    return [Cell(text=text, is_number=True) for text in texts]


def _accuracies(
    finished: tuple[TrialSummary, ...], first: int, last: int
) -> list[float]:
    return [
        trial.accuracy
        for trial in finished
        if trial.accuracy is not None and first <= trial.generation <= last
    ]
