"""What a table says of two shapes at equal budget, in plain words with intervals."""

from rexpand.records import SearchTable, ShapeVerdict, StudyGap, TableStudy
from rexpand.report import formats

_SIGNIFICANT = 0.05  # the customary level; the p stands beside the words
_WORDS = {"stagewise": "stage-wise"}


def verdict_finding(found: ShapeVerdict) -> str:
    """Which of two shapes is better over all budgets, if chance does not explain it."""
    first, second = _word(found.first), _word(found.second)
    budgets = formats.plural(len(found.studies), "budget")
    numbers = (
        f"{found.difference:+.2f} points over {budgets}, 95 % interval {found.low:+.2f} to "
        f"{found.high:+.2f}, {_p(found.p_value)}"
    )
    if found.p_value >= _SIGNIFICANT:
        return (
            f"On this protocol {first} and {second} channels are not told apart at equal "
            f"budget ({first} less {second}: {numbers}). A true difference of "
            f"{found.findable:.2f} points would have been found with a power of 80 %."
        )
    better, worse = (first, second) if found.difference > 0 else (second, first)
    return (
        f"On this protocol {better} channels are more accurate than {worse} ones at equal "
        f"budget ({first} less {second}: {numbers})."
    )


def growth_finding(found: ShapeVerdict) -> str:
    """The same of configurations that grow as much; empty where that is not known."""
    equal = found.equal_growth
    if equal is None:
        return ""
    return (
        "Between configurations that grow as much from the first block to the last (a "
        f"parabola in log(growth) is taken out of each study): {equal.difference:+.2f} "
        f"points, 95 % interval {equal.low:+.2f} to {equal.high:+.2f}, {_p(equal.p_value)}."
    )


def gap_finding(gap: StudyGap, found: ShapeVerdict, study: TableStudy) -> str:
    """The same within one budget."""
    first, second = _word(found.first), _word(found.second)
    budget = formats.budget(study.bounds)
    return (
        f"Within {budget}, {gap.trials[0]} {first} configurations less {gap.trials[1]} "
        f"{second} ones: {gap.difference:+.2f} points, 95 % interval {gap.low:+.2f} to "
        f"{gap.high:+.2f}, {_p(gap.p_value)}; mean params {formats.count(gap.params[0])} and "
        f"{formats.count(gap.params[1])}."
    )


def scale_finding(table: SearchTable) -> str:
    """How many trainings of what, and whether they are less than the paper's."""
    trials = {(row.study, row.trial) for row in table.rows}
    drawn = sum(study.drawn for study in table.studies)
    known = f"{len(trials):,}" + (f" of {drawn:,}" if len(trials) < drawn else "")
    first = table.studies[0]
    hours = sum(row.seconds for row in table.rows) / 3600
    images = f"{first.train_subset:,} images" if first.train_subset else "all images"
    scaled = (
        "Scaled down from the paper's protocol" if _is_less(first) else "Like the paper"
    )
    return (
        f"{scaled} (30 epochs on all images of 32 pixels): {known} configurations of "
        f"`{first.spec.name}` within {formats.plural(len(table.studies), 'budget')}, "
        f"{len(table.rows):,} trainings on {first.data}, each of {images} of "
        f"{first.spec.resolution} pixels for {formats.plural(first.recipe.epochs, 'epoch')}; "
        f"{hours:.1f} hours of training in all."
    )


def _is_less(study: TableStudy) -> bool:
    """Whether a protocol is less than the paper's (arXiv 2007.00992, Section 4)."""
    is_short = study.recipe.epochs < 30 or study.train_subset > 0
    return is_short or study.spec.side < 32


def _word(shape: str) -> str:
    return _WORDS.get(shape, shape)


def _p(value: float) -> str:
    p = formats.probability(value)
    return f"p {p}" if p.startswith("<") else f"p = {p}"
