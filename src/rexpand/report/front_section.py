"""The front of a study: its figure, its table, and how far the seeds leave it open."""

from collections.abc import Mapping

from rexpand.records import Front, FrontTrial, StudySummary
from rexpand.report import costs, formats, markup
from rexpand.report.figures import Figure
from rexpand.report.findings import finished_trials
from rexpand.report.front_rows import likeliest
from rexpand.report.markup import Cell, Column
from rexpand.report.measures import words_of

NAME = "front"
_SURE = 0.95  # of the resamples
_NARROW = 0.9  # a cost whose least over its most is above it tells trials hardly apart


def front_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """Accuracy against the first cost of the front, the second as colour."""
    from rexpand.report import charts

    front = summary.front
    if front is None:
        return ()
    words = words_of(front.measure)
    second = (
        f" The colour is {costs.words(front.costs[1])}."
        if len(front.costs) == 2
        else ""
    )
    line = (
        f"The line is the front: no finished trial costs no more and is {words.equal}."
        if len(front.costs) == 1
        else "Ringed is the front: no finished trial costs no more of both and is "
        f"{words.equal}."
    )
    knee = " The diamond is its knee." if front.knee is not None else ""
    return (
        Figure(
            name=NAME,
            title=f"{words.title} against {costs.together(front.costs)}",
            caption=f"One point per trial.{second} {line}{knee}",
            spec=charts.study_front(finished_trials(summary), front).to_dict(),
        ),
    )


def front_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """The front under its heading; empty before a trial is finished."""
    front = summary.front
    if front is None:
        return ""
    said = "".join(markup.paragraph(text) for text in front_findings(front))
    body = f"{figures.get(NAME, '')}{said}{front_table(front)}"
    return markup.section("Front", body, "front")


def front_findings(front: Front) -> tuple[str, ...]:
    """What the front holds, what the seeds leave open, its knee, its hypervolume."""
    return (
        *_narrow(front),
        _members(front),
        _knee(front),
        hypervolume_finding(front),
    )


def front_table(front: Front) -> str:
    """The trials of the front and those that may belong there."""
    columns = (
        Column(title="Trial", is_number=True),
        Column(title="Channels"),
        Column(title=f"{words_of(front.measure).title} (%)", is_number=True),
        *(Column(title=costs.title(name), is_number=True) for name in front.costs),
        Column(title="Place"),
        Column(title="On the front (%)", is_number=True, hint="of the resamples"),
        Column(title="Knee (%)", is_number=True, hint="of the resamples"),
    )
    shown = likeliest(front)
    rows = [_cells(front, row, is_on=True) for row in front.trials]
    rows += [_cells(front, row, is_on=False) for row in shown]
    left = len(front.rivals) - len(shown)
    more = f" {left:,} further trials may be on it too." if left else ""
    caption = (
        "The trials on the front, the cheapest first, and below them those that the seeds "
        f"do not tell from it, the likeliest first.{more}"
    )
    return markup.table(columns, rows, caption, "sortable")


def hypervolume_finding(front: Front) -> str:
    """The hypervolume with its interval and its reference point."""
    found = front.hypervolume
    interval = (
        ""
        if found.low is None or found.high is None
        else f" (95 % interval {found.low:.2f} to {found.high:.2f}, of the seeds alone)"
    )
    bounds = formats.listed(
        [
            f"{costs.written(name, bound)} of {costs.words(name)}"
            for name, bound in zip(front.costs, found.reference_costs, strict=True)
        ]
    )
    every = "both bounds" if len(front.costs) == 2 else "a bound"
    word = words_of(front.measure).word
    a_word = f"an {word}" if word[0] in "aeiou" else f"a {word}"
    return (
        f"Hypervolume: {found.value:.2f} points{interval}. Its reference point is {a_word} "
        f"of {found.reference_accuracy:.2f} % and {bounds}: so far above that "
        f"{word} is the best trial within {every}, its mean over all bounds from 0 to "
        "that point."
    )


def _narrow(front: Front) -> tuple[str, ...]:
    """A caution where trials hardly differ in a cost."""
    names = [
        name
        for name, span in zip(front.costs, front.spans, strict=True)
        if span > _NARROW
    ]
    if not names:
        return ()
    shares = [1 - span for span in front.spans if span > _NARROW]
    return (
        (
            f"The trials differ in {costs.together(names)} by {100 * max(shares):.1f} % at "
            "most, so this front says little: the budget fixes that cost, or nearly. Give "
            "another cost as objective."
        ),
    )


def _members(front: Front) -> str:
    count, all_ = len(front.trials), front.candidates
    verb = "is" if count == 1 else "are"
    first = (
        f"Of {formats.plural(all_, 'trial')}, {count:,} {verb} on the front of "
        f"{formats.listed([words_of(front.measure).word, *map(costs.words, front.costs)])}."
    )
    if not front.resamples:
        return f"{first} With one seed per trial nothing tells how far the seeds decide it."
    sure = sum((row.front_share or 0.0) >= _SURE for row in front.trials)
    rivals = formats.plural(len(front.rivals), "further trial")
    are = "is" if len(front.rivals) == 1 else "are"
    stay = "stays" if sure == 1 else "stay"
    return (
        f"{first} With other seeds ({front.resamples:,} resamples of the residuals) "
        f"{sure:,} of them {stay} on it 19 times in 20, and {rivals} {are} on it once in 20 "
        "times or more: those the seeds do not tell from the front."
    )


def _knee(front: Front) -> str:
    row = next((each for each in front.trials if each.trial == front.knee), None)
    if row is None:
        return (
            "The front has no knee: it holds fewer than three trials, or none of them lies "
            "beyond the line through its ends."
        )
    price = formats.listed(
        [
            f"{costs.written(name, cost)} of {costs.words(name)}"
            for name, cost in zip(front.costs, row.costs, strict=True)
        ]
    )
    share = (
        ""
        if row.knee_share is None
        else f", and in {100 * row.knee_share:.0f} % of the resamples"
    )
    return (
        f"Its knee is trial {row.trial}{share}: {formats.configuration(row.channels)}, "
        f"{row.accuracy:.2f} % with {price}. There {words_of(front.measure).word} and cost, each scaled to what "
        "the front spans, are together the nearest to the best of all (arXiv 1705.01705)."
    )


def _cells(front: Front, row: FrontTrial, *, is_on: bool) -> list[Cell]:
    place = (
        "knee" if row.trial == front.knee else "front" if is_on else "not told from it"
    )
    return [
        Cell(text=str(row.trial), value=row.trial, is_number=True),
        Cell(
            text=formats.configuration(row.channels),
            markup=markup.sparkline(row.channels),
        ),
        Cell(text=f"{row.accuracy:.2f}", value=row.accuracy, is_number=True),
        *(
            Cell(text=costs.written(name, cost), value=cost, is_number=True)
            for name, cost in zip(front.costs, row.costs, strict=True)
        ),
        Cell(text=place),
        _share(row.front_share),
        _share(row.knee_share),
    ]


def _share(share: float | None) -> Cell:
    text = "" if share is None else f"{100 * share:.0f}"
    return Cell(text=text, value=share, is_number=True)
