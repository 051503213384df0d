"""The two tables of a study's page, as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rexpand.records import StudySummary
from rexpand.report import costs, formats, markup
from rexpand.report.findings import line_finding
from rexpand.report.markup import Cell, Column
from rexpand.report.measures import words_of
from rexpand.report.tables import GroupRow, TrialRow, group_rows, trial_rows

_GROUP_COLUMNS = (
    Column(title="Group"),
    Column(title="Trials", is_number=True),
    Column(title="Accuracy (%)", is_number=True),
    Column(title="Params", is_number=True),
    Column(title="Macs", is_number=True),
    Column(title="Best configuration"),
    Column(title="Best accuracy (%)", is_number=True),
    Column(title="Slope", is_number=True, hint="channels per block"),
    Column(title="Intercept", is_number=True, hint="channels, at the first block"),
    Column(title="R²", is_number=True),
)
_TRIAL_COLUMNS = (
    Column(title="Trial", is_number=True),
    Column(title="Channels"),
    Column(title="Shape", hint="the stratum that it was sampled from"),
    Column(
        title="Accuracy (%)",
        is_number=True,
        hint="mean ± standard deviation over seeds",
    ),
    Column(title="Seeds", is_number=True),
    Column(title="Params", is_number=True),
    Column(title="Macs", is_number=True),
    Column(
        title="Latency (ms)", is_number=True, hint="predicted by the table of blocks"
    ),
    Column(title="Nuclear norm", is_number=True),
    Column(title="Time", is_number=True),
    Column(title="Group"),
    Column(title="State"),
)
_CONTROLS = (
    '<div class="controls"><label>Filter <input type="search" id="filter" '
    'placeholder="channels, shape, state …" autocomplete="off"></label>'
    '<label>Group <select id="group"><option value="">all</option>'
    "<option>top</option><option>middle</option><option>bottom</option></select>"
    '</label><output id="shown" for="filter group" aria-live="polite"></output></div>'
)


def groups_table(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """Table 3 under its heading; empty for a study without groups."""
    if not summary.groups:
        return ""
    caption = (
        "Mean ± one standard deviation over the trials of each group. The line is fitted "
        "to the group's mean channels, with blocks counted from 0."
    )
    rows = [_group_cells(row) for row in group_rows(summary)]
    tests = "".join(
        markup.paragraph(
            f"{test.first.capitalize()} against {test.second}: the mean channels differ by "
            f"{test.distance:.1f} (root mean square over the blocks), "
            f"{formats.p_value(test.p_value, test.permutations)} in "
            f"{test.permutations:,} random regroupings.",
            "note",
        )
        for test in summary.tests
    )
    bands = "".join(
        markup.paragraph(line_finding(group), "note")
        for group in summary.groups
        if group.band is not None
    )
    columns = _measured(_GROUP_COLUMNS, summary)
    body = markup.table(columns, rows, caption, "groups") + tests + bands
    return markup.section("Groups", body, "groups")


def trials_table(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """Every trial under its heading, to be sorted and filtered."""
    rows = trial_rows(summary)
    filled = (any(row.latency for row in rows), any(row.nuclear_norm for row in rows))
    optional = zip(("Latency (ms)", "Nuclear norm"), filled, strict=True)
    empty = [title for title, is_filled in optional if not is_filled]
    columns = [each for each in _TRIAL_COLUMNS if each.title not in empty]
    caption = "All trials."
    if summary.front is not None:
        against = costs.together(summary.front.costs)
        word = words_of(summary.measure).word
        caption += f" A star marks the Pareto front of {word} and {against}."
    cells = [_trial_cells(row, *filled) for row in rows]
    body = _CONTROLS + markup.table(
        _measured(columns, summary), cells, caption, "sortable"
    )
    return markup.section("Trials", body, "trials")


def _measured(columns: Sequence[Column], summary: StudySummary) -> list[Column]:
    """The columns, those of the accuracy named after what trials are ranked by."""
    words = words_of(summary.measure)
    names = {
        "Accuracy (%)": f"{words.title} (%)",
        "Best accuracy (%)": f"Best {words.word} (%)",
    }
    return [replace(each, title=names.get(each.title, each.title)) for each in columns]


def _group_cells(row: GroupRow) -> list[Cell]:
    dot = f'<i class="dot {row.group}"></i>'
    return [
        Cell(text=row.group, markup=dot),
        Cell(text=str(row.trials), is_number=True),
        Cell(text=row.accuracy, is_number=True),
        Cell(text=row.params, is_number=True),
        Cell(text=row.macs, is_number=True),
        Cell(text=row.best),
        Cell(text=row.best_accuracy, is_number=True),
        Cell(text=row.slope, is_number=True),
        Cell(text=row.intercept, is_number=True),
        Cell(text=row.r_squared, is_number=True),
    ]


def _trial_cells(row: TrialRow, has_latency: bool, has_norm: bool) -> list[Cell]:
    dot = f'<i class="dot {row.group}"></i>' if row.group else ""
    star = " ★" if row.is_front else ""
    norm = float(row.nuclear_norm) if row.nuclear_norm else None
    latency = Cell(text=row.latency, value=row.latency_ms, is_number=True)
    rank = Cell(text=row.nuclear_norm, value=norm, is_number=True)
    return [
        Cell(text=str(row.number), value=row.number, is_number=True),
        Cell(text=row.configuration + star, markup=markup.sparkline(row.channels)),
        Cell(text=row.shape),
        Cell(text=row.accuracy, value=row.accuracy_percent, is_number=True),
        Cell(text=str(row.seeds), value=row.seeds, is_number=True),
        Cell(text=row.params, value=row.params_count, is_number=True),
        Cell(text=row.macs, value=row.macs_count, is_number=True),
        *([latency] if has_latency else []),
        *([rank] if has_norm else []),
        Cell(text=row.time, value=row.seconds, is_number=True),
        Cell(text=row.group, markup=dot),
        Cell(text=row.state),
    ]
