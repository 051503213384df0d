"""The verdict on each change of Table 2, in words with its numbers."""

from itertools import pairwise

from rexpand.records import FactorRow, FactorSummary, Interval
from rexpand.report import formats

_CHANGES = {
    "first 1x1": "expanding 6 times instead of 20 at the first 1x1",
    "bottleneck": "a dim_ratio of 0.8 instead of 0.22 of the bottleneck",
    "activation": "SiLU instead of ReLU6 after the first 1x1",
}
_FEW_SEEDS = 3


def factor_finding(summary: FactorSummary) -> str:
    """Each change in turn: does accuracy rise as published, and the nuclear norm?"""
    steps = summary.rows[1:]
    if not any(row.accuracy_gain for row in steps):
        return "Too few trainings have finished to compare the rows."
    said = [factor_verdict(row, above) for above, row in pairwise(summary.rows)]
    return " ".join(text for text in said if text)


def factor_verdict(row: FactorRow, above: FactorRow) -> str:
    """One change: its gains with their intervals, and whether they are decided."""
    if row.accuracy_gain is None or row.nuclear_norm_gain is None:
        return ""
    change = _CHANGES.get(row.name, row.name)
    published = row.published_accuracy - above.published_accuracy
    beside = f"; published {published:+.1f}"
    norm = _direction(row.nuclear_norm_gain, "the nuclear norm", 0)
    return (
        f"{change[0].upper()}{change[1:]}: "
        f"{_direction(row.accuracy_gain, 'accuracy', 2, ' points', beside)}, {norm}."
    )


def agreement(row: FactorRow, above: FactorRow) -> str:
    """holds, does not hold, or undecided: the sign of the published gain."""
    gain = row.accuracy_gain
    if gain is None or gain.low is None or gain.high is None:
        return "undecided"
    if gain.low <= 0 <= gain.high:
        return "undecided"
    published = row.published_accuracy - above.published_accuracy
    return "holds" if gain.mean * published > 0 else "does not hold"


def factor_cautions(summary: FactorSummary) -> tuple[str, ...]:
    """What limits the verdict."""
    done = [len(row.seeds) for row in summary.rows]
    found = []
    if min(done) < summary.seeds:
        found.append(
            f"{sum(done)} of {summary.seeds * len(done)} trainings have finished."
        )
    if 0 < min(done) < _FEW_SEEDS:
        found.append("With fewer than three seeds an interval says little.")
    if summary.setting != "paper":
        found.append(
            f"This is the setting '{summary.setting}': {formats.count(summary.macs)} "
            f"macs, {summary.images:,} training images, "
            f"{summary.recipe.epochs} epochs. The paper's rows have about 100M "
            "macs and all images; its accuracies are not to be compared, its order is."
        )
    found.append(
        "The paper prints neither widths nor schedule. At equal macs the rows differ in "
        f"params ({_params(summary)}), which is a factor of its own."
    )
    return tuple(found)


def _direction(
    gain: Interval, what: str, digits: int, unit: str = "", beside: str = ""
) -> str:
    if gain.low is None or gain.high is None:
        return f"{what} {gain.mean:+.{digits}f}{unit} (one seed{beside})"
    spread = f"{gain.low:+.{digits}f} to {gain.high:+.{digits}f}{beside}"
    if gain.low <= 0 <= gain.high:
        return f"{what} {gain.mean:+.{digits}f}{unit}, undecided ({spread})"
    verb = "rises" if gain.low > 0 else "falls"
    return f"{what} {verb} by {abs(gain.mean):.{digits}f}{unit} ({spread})"


def _params(summary: FactorSummary) -> str:
    return ", ".join(formats.count(row.params) for row in summary.rows)
