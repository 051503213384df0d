"""A walk through the trials of a study: which come, in which order, and what is said."""

from html import escape
from typing import Literal

from rexpand.records import GroupSummary, StudySummary, TrialSummary
from rexpand.report import formats, group_rows, markup, trial_rows

Which = Literal["all", "top", "middle", "bottom"]
WHICH: tuple[Which, ...] = ("all", "top", "middle", "bottom")

_GROUPS = (
    markup.Column(title="Group"),
    markup.Column(title="Trials", is_number=True),
    markup.Column(title="Accuracy (%)", is_number=True),
    markup.Column(title="Macs", is_number=True),
    markup.Column(title="Slope", is_number=True, hint="channels per block"),
    markup.Column(title="Intercept", is_number=True, hint="channels"),
    markup.Column(title="R²", is_number=True),
)


def walk(summary: StudySummary, which: str = "all") -> tuple[TrialSummary, ...]:
    """The trials of a group or all, the most accurate first, unfinished ones last."""
    by_number = {trial.number: trial for trial in summary.trials}
    ranked = [by_number[row.number] for row in trial_rows(summary)]
    return tuple(trial for trial in ranked if which in ("all", trial.group))


def place_of(summary: StudySummary, which: str, number: int) -> int | None:
    """The place of a trial in the walk, counted from 1; None if it does not come."""
    numbers = [trial.number for trial in walk(summary, which)]
    return numbers.index(number) + 1 if number in numbers else None


def trial_html(summary: StudySummary, which: str, place: int) -> str:
    """The trial at a place of the walk: what it is and what it reached."""
    trials = walk(summary, which)
    trial = trials[place - 1]
    (row,) = (each for each in trial_rows(summary) if each.number == trial.number)
    facts = (
        ("place", f"{place:,} of {len(trials):,}"),
        ("accuracy (%)", row.accuracy or "none yet"),
        ("macs", row.macs),
        ("params", row.params),
        ("group", row.group or "none"),
        ("state", row.state),
    )
    star = " On the Pareto front." if row.is_front else ""
    return (
        f'<h2>Trial {trial.number}</h2><p class="rx-note">'
        f"{escape(row.configuration)}, {escape(row.shape)}.{star}</p>"
        f'<dl class="rx-readings rx-facts">{"".join(_fact(*fact) for fact in facts)}</dl>'
    )


def groups_html(summary: StudySummary) -> str:
    """The groups and their fitted lines; a word where there are none."""
    if not summary.groups:
        return markup.paragraph(
            "No groups yet: they need more finished trials.", "rx-note"
        )
    rows = [
        [
            markup.Cell(text=row.group),
            *(
                markup.Cell(text=text, is_number=True)
                for text in (
                    str(row.trials), row.accuracy, row.macs,
                    row.slope, row.intercept, row.r_squared,
                )
            ),
        ]
        for row in group_rows(summary)
    ]  # fmt: skip
    lines = "".join(map(_line, summary.groups))
    caption = "Mean ± one standard deviation; the line is fitted to the mean channels."
    return markup.table(_GROUPS, rows, caption) + lines


def _line(group: GroupSummary) -> str:
    band = group.band
    if band is None:
        return ""
    return markup.paragraph(
        f"{group.name.capitalize()}: slope {group.slope:.2f} "
        f"({band.slope_low:.2f} to {band.slope_high:.2f}), intercept "
        f"{group.intercept:.1f} ({band.intercept_low:.1f} to {band.intercept_high:.1f}), "
        f"the best {formats.configuration(group.best_channels)}.",
        "rx-note",
    )


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
