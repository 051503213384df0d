"""What studies within several budgets found together, in plain words with numbers."""

from collections.abc import Iterator

from rexpand.records import BudgetComparison, ShapeComparison
from rexpand.report import formats
from rexpand.report.budget_rows import against_linear, budget_labels, slope_of

_SIGNIFICANT = 0.05  # the customary level; the p stands beside the words


def finding(found: BudgetComparison) -> str:
    """How linear and stage-wise configurations compare within each budget."""
    pairs = zip(budget_labels(found), found.studies, strict=True)
    verdicts = [
        _verdict(label, pair)
        for label, study in pairs
        if (pair := against_linear(study, "stagewise")) is not None
    ]
    if not verdicts:
        return (
            "Too few linear and stage-wise trials have finished to compare these shapes "
            "within any budget."
        )
    return f"Linear against stage-wise channels: {'; '.join(verdicts)}."


def lines_finding(found: BudgetComparison) -> Iterator[str]:
    """The slopes of the best tenths, and whether their intervals overlap."""
    pairs = zip(budget_labels(found), found.studies, strict=True)
    tops = [(label, each.top) for label, each in pairs if each.top is not None]
    if not tops:
        return
    slopes = [f"{slope_of(top)} within {label}" for label, top in tops]
    yield (
        f"The line through the mean channels of the best tenth has slope "
        f"{formats.listed(slopes)}."
    )


def shapes_findings(found: BudgetComparison) -> Iterator[str]:
    """The most accurate shape within each budget, by its mean."""
    for label, study in zip(budget_labels(found), found.studies, strict=True):
        ranked = sorted(study.shapes, key=lambda each: -each.accuracy.mean)
        if len(ranked) < 2:
            continue
        means = [
            f"{each.shape} {formats.interval(each.accuracy, 2)}" for each in ranked
        ]
        yield f"Within {label}, from the highest mean down: {formats.listed(means)} %."


def _verdict(label: str, pair: ShapeComparison) -> str:
    """Which of the two is better within a budget, if chance does not explain it."""
    p = formats.probability(pair.adjusted)
    sign = "" if p.startswith("<") else "= "
    said = (
        f"{pair.difference:+.2f} points, 95 % interval {pair.low:+.2f} to "
        f"{pair.high:+.2f}, p {sign}{p} over all pairs of shapes"
    )
    if pair.adjusted >= _SIGNIFICANT:
        return f"within {label} they are not told apart ({said})"
    better = "linear" if pair.difference > 0 else "stage-wise"
    return f"within {label} {better} is better on average ({said})"
