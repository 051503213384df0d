"""How far to trust the ranking of a study: sentences, and the table of its shapes."""

from collections.abc import Mapping

from rexpand.records import (
    RankingNoise,
    SeedsNeeded,
    ShapeComparison,
    ShapeSummary,
    StudySummary,
)
from rexpand.report import formats, markup
from rexpand.report.markup import Cell, Column
from rexpand.report.measures import words_of

_UNLIKE = 0.05  # of a bound
_SIGNIFICANT = 0.05  # the customary level; the p stands beside the words

_COLUMNS = (
    Column(title="Shapes"),
    Column(title="Difference (points)", is_number=True, hint="first less second"),
    Column(title="95 % interval", is_number=True),
    Column(title="p", is_number=True, hint="Welch's test"),
    Column(title="p, all pairs", is_number=True, hint="the same, adjusted by Holm"),
    Column(title="KS distance", is_number=True, hint="of both distributions"),
    Column(title="p of KS", is_number=True),
)


def ranking_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """What another seed would change, in sentences; empty before trials finish."""
    if summary.noise is None:
        return ""
    body = "".join(markup.paragraph(text) for text in noise_findings(summary.noise))
    return markup.section("How far to trust the ranking", body, "ranking")


def noise_findings(noise: RankingNoise) -> tuple[str, ...]:
    """The noise of the ranking, the differences that count, and the seeds needed."""
    return (_order(noise), _variance(noise), _differences(noise), _power(noise))


def shapes_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """The means of the shapes beside each other; empty for a single shape."""
    if not summary.shape_comparisons:
        return ""
    rows = [_cells(each) for each in summary.shape_comparisons]
    word = words_of(summary.measure).word
    caption = (
        f"Mean {word} of the finished trials of two shapes. The distance of Kolmogorov "
        "and Smirnov is the largest difference of their distribution functions."
    )
    means = formats.listed(
        [
            f"{each.shape} {formats.interval(each.accuracy, 2)} % "
            f"({formats.plural(each.accuracy.count, 'trial')})"
            for each in summary.shape_accuracies
        ]
    )
    unlike = (
        markup.paragraph(
            "Not every shape fills the budget, so they do not cost the same: see what was "
            "drawn.",
            "note",
        )
        if _differ_in_cost(summary.shapes)
        else ""
    )
    body = (
        figures.get("shape_distributions", "")
        + markup.paragraph(f"Mean {word}, with its interval of 95 %: {means}.")
        + markup.paragraph(shapes_finding(summary))
        + unlike
        + markup.table(_COLUMNS, rows, caption, "shapes")
    )
    return markup.section("Shapes", body, "shapes")


def shapes_finding(summary: StudySummary) -> str:
    """Which shapes differ by more than chance, over all pairs at once."""
    told = [each for each in summary.shape_comparisons if each.adjusted < _SIGNIFICANT]
    pairs = formats.plural(len(summary.shape_comparisons), "pair")
    if not told:
        word = words_of(summary.measure).word
        return f"Of {pairs} of shapes none differs in mean {word} by more than chance explains."
    return f"Of {pairs} of shapes, {formats.listed([_told(each) for each in told])}."


def _differ_in_cost(shapes: tuple[ShapeSummary, ...]) -> bool:
    """Whether some shape uses less of a bound than another, by the middle of each."""
    for shares in (
        [each.macs_share for each in shapes],
        [each.params_share for each in shapes],
        [each.activations_share for each in shapes],
        [each.memory_access_share for each in shapes],
    ):
        middle = [share.median for share in shares if share is not None]
        if middle and max(middle) - min(middle) > _UNLIKE:
            return True
    return False


def _told(each: ShapeComparison) -> str:
    better, worse = each.first, each.second
    if each.difference < 0:
        better, worse = worse, better
    p = formats.probability(each.adjusted)
    sign = "" if p.startswith("<") else "= "
    return (
        f"{better} beats {worse} by {abs(each.difference):.2f} points "
        f"(p {sign}{p} over all pairs)"
    )


def _order(noise: RankingNoise) -> str:
    tau = noise.tau
    assert tau.low is not None
    assert tau.high is not None
    pairs = "" if noise.pairs == 1 else f", mean over {noise.pairs} pairs of seeds"
    return (
        f"Two seeds put the {noise.trials:,} configurations in orders that agree by "
        f"Kendall's tau = {tau.mean:.2f} (95 % interval {tau.low:.2f} to {tau.high:.2f}"
        f"{pairs}): 1 is the same order, 0 no relation."
    )


def _variance(noise: RankingNoise) -> str:
    return (
        f"Configurations differ with a standard deviation of {noise.between_trials:.2f} "
        f"points, the seeds of one with {noise.spread.residual:.2f}. So "
        f"{100 * noise.reliability:.0f} % of the variance of the trials' means over "
        f"{formats.plural(noise.seeds, 'seed')} comes from the channels, and the rest "
        "from the seeds."
    )


def _differences(noise: RankingNoise) -> str:
    others = {
        0: "no other trial is",
        1: "one other trial is",
    }.get(noise.near_best, f"{noise.near_best:,} other trials are")
    return (
        "Two configurations that were chosen beforehand differ by more than chance "
        f"from {noise.smallest_difference:.2f} points on (95 %). The best one was chosen "
        f"among {noise.trials:,}, and beats another from {noise.smallest_gap:.2f} points "
        f"on: {others} nearer to it than that."
    )


def _power(noise: RankingNoise) -> str:
    seeds = formats.plural(noise.seeds, "seed")
    found = (
        f"A new comparison of just two configurations, with {seeds} each, finds a "
        f"difference of {noise.told_apart:.2f} points with a power of 80 %."
    )
    if not noise.needed:
        return found
    needs = formats.listed([_needs(each) for each in noise.needed])
    return f"{found} {needs[0].upper()}{needs[1:]}."


def _needs(each: SeedsNeeded) -> str:
    return (
        f"{each.seeds:,} seeds ({each.low:,} to {each.high:,}) are needed to tell "
        f"{each.effect:g} points apart"
    )


def _cells(each: ShapeComparison) -> list[Cell]:
    return [
        Cell(text=f"{each.first} less {each.second}"),
        Cell(text=f"{each.difference:+.2f}", is_number=True),
        Cell(text=f"{each.low:+.2f} to {each.high:+.2f}", is_number=True),
        Cell(text=formats.probability(each.p_value), is_number=True),
        Cell(text=formats.probability(each.adjusted), is_number=True),
        Cell(text=f"{each.ks_distance:.2f}", is_number=True),
        Cell(text=formats.probability(each.ks_p_value), is_number=True),
    ]
