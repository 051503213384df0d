"""The page of `rexpand upgrade`: the verdict, the channels before and after, the seeds."""

from pathlib import Path

from rexpand.cost import cost_of
from rexpand.records import ComparisonSummary, Provenance
from rexpand.report import formats, markup
from rexpand.report.channels_page import channels_figure, networks_table
from rexpand.report.document import document, provenance, recipe
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column
from rexpand.report.networks import network_row
from rexpand.spec import NetworkSpec, SpecLike, as_spec

_SEEDS = (
    Column(title="Seed", is_number=True),
    Column(title="Before (%)", is_number=True),
    Column(title="After (%)", is_number=True),
    Column(title="Gain (points)", is_number=True),
)


def write_upgrade_report(
    before: SpecLike,
    after: SpecLike,
    folder: str | Path,
    *,
    kept: str,
    comparison: ComparisonSummary | None = None,
    origin: Provenance | None = None,
) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does.

    `kept` says what stayed, such as "macs kept"; `comparison` holds the trainings;
    `origin` is what computed the channels, where no training tells it.
    """
    before, after, folder = as_spec(before), as_spec(after), Path(folder)
    figures = upgrade_figures(before, after, comparison)
    page = upgrade_page(
        before, after, figures, kept=kept, comparison=comparison, origin=origin
    )
    return write_report(page, figures, folder)


def upgrade_figures(
    before: NetworkSpec, after: NetworkSpec, comparison: ComparisonSummary | None
) -> tuple[Figure, ...]:
    """The channels of both; with trainings, the gain and the accuracy of each seed."""
    from rexpand.report import charts

    channels = channels_figure([network_row(before), network_row(after)])
    if comparison is None or comparison.gain is None:
        return (channels,)
    gain = charts.gain_interval(comparison)
    pairs = charts.paired_accuracies(comparison)
    assert gain is not None  # a gain is that of a pair
    assert pairs is not None
    interval = f"{100 * comparison.confidence:.0f} % interval (Student's t)"
    return (
        Figure(
            name="gain",
            title="Gain of the new channels",
            caption=f"After less before, seed by seed; the mean and its {interval}.",
            spec=gain.to_dict(),
            is_wide=False,
        ),
        Figure(
            name="pairs",
            title="Accuracy before and after",
            caption=f"One line per seed, on the {comparison.evaluated_on} images.",
            spec=pairs.to_dict(),
            is_wide=False,
        ),
        channels,
    )


def upgrade_page(
    before: SpecLike,
    after: SpecLike,
    figures: tuple[Figure, ...],
    *,
    kept: str,
    comparison: ComparisonSummary | None = None,
    origin: Provenance | None = None,
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    before, after = as_spec(before), as_spec(after)
    rows = [network_row(before), network_row(after)]
    shown = [markup.figure(n, figure) for n, figure in enumerate(figures, start=1)]
    body = [
        markup.facts(_facts(before, after, comparison)),
        _accuracy(comparison, shown[:-1]) if comparison and shown[:-1] else "",
        markup.section("Channels", shown[-1] + networks_table(rows), "channels"),
    ]
    if comparison:
        body.append(recipe(comparison.recipe))
    origins = comparison.provenances if comparison else ()
    if not origins and origin:
        origins = (origin,)
    if origins:
        body.append(provenance(origins))
    return document(
        title=f"{before.name}, upgraded",
        kicker=" · ".join(
            ["Upgrade", kept, *([comparison.data] if comparison else [])]
        ),
        lead=f"{upgrade_verdict(comparison)} {_cost(before, after)}",
        body="".join(body),
        figures=figures,
    )


def upgrade_verdict(comparison: ComparisonSummary | None) -> str:
    """Better, worse or undecided, with the gain and its interval."""
    gain = comparison.gain if comparison else None
    if comparison is None or gain is None:
        return "No training compares the two networks yet."
    points = f"{gain.mean:+.2f} points of accuracy on {comparison.data}"
    if gain.low is None or gain.high is None:
        return f"Undecided: the new channels gain {points} with one seed."
    return (
        f"{comparison.verdict.capitalize()}: the new channels gain {points}, "
        f"{100 * comparison.confidence:.0f} % interval {gain.low:+.2f} to "
        f"{gain.high:+.2f} ({gain.count} paired seeds)."
    )


def _cost(before: NetworkSpec, after: NetworkSpec) -> str:
    old, new = cost_of(before), cost_of(after)
    return (
        f"They have {100 * new.macs / old.macs:.1f} % of the macs and "
        f"{100 * new.params / old.params:.1f} % of the params."
    )


def _facts(
    before: NetworkSpec, after: NetworkSpec, comparison: ComparisonSummary | None
) -> list[tuple[str, str]]:
    old, new = cost_of(before), cost_of(after)
    facts = [
        ("Macs", f"{formats.count(old.macs)} → {formats.count(new.macs)}"),
        ("Params", f"{formats.count(old.params)} → {formats.count(new.params)}"),
    ]
    if comparison is None:
        return facts
    sides = (comparison.before.accuracy, comparison.after.accuracy)
    means = " → ".join("-" if each is None else f"{each.mean:.2f}" for each in sides)
    return [
        (f"Mean {comparison.evaluated_on} accuracy", f"{means} %"),
        *facts,
        ("Training images", f"{comparison.images:,}"),
        ("Paired seeds", f"{len(comparison.gains)}"),
        ("Training time", formats.duration(comparison.seconds)),
    ]


def _accuracy(comparison: ComparisonSummary, shown: list[str]) -> str:
    values = zip(
        comparison.before.accuracies, comparison.after.accuracies, strict=False
    )
    rows = [
        [
            Cell(text=f"{seed}", value=seed, is_number=True),
            Cell(text=f"{old:.2f}", value=old, is_number=True),
            Cell(text=f"{new:.2f}", value=new, is_number=True),
            Cell(text=f"{new - old:+.2f}", value=new - old, is_number=True),
        ]
        for seed, (old, new) in enumerate(values)
    ]
    caption = "Both networks are trained with the same recipe, seeds and images."
    table = markup.table(_SEEDS, rows, caption, "sortable")
    figures = f'<div class="figures">{"".join(shown)}</div>'
    return markup.section("Accuracy", figures + table, "accuracy")
