"""What timings say of a guideline. Pure functions of ratios, one per round.

A ratio is a stack's time over the first stack's in the same round; a guideline claims
that it is above 1.
"""

from collections.abc import Collection, Mapping, Sequence
from math import log2

from rexpand.latency.intervals import median_spread
from rexpand.records import GuidelineRow, GuidelineVerdict, MedianSpread


def verdict_of(ratio: MedianSpread) -> GuidelineVerdict:
    """Whether a stack is slower than the first; undecided if its interval holds 1."""
    if ratio.least > 1:
        return "holds"
    return "does not hold" if ratio.most < 1 else "undecided"


def joint_verdict(verdicts: Collection[GuidelineVerdict]) -> GuidelineVerdict:
    """One verdict from those at several widths."""
    decided = set(verdicts)
    return decided.pop() if len(decided) == 1 else "depends on the width"


def doubling_cost(ratios: Mapping[int, Sequence[float]]) -> MedianSpread:
    """Times that a doubling of the degree costs; `ratios` by degree, one per round.

    In each round it is the slope of the line through (1, 1) that is fitted to the
    logarithms by least squares.
    """
    weights = {degree: log2(degree) for degree in ratios}
    total = sum(weight**2 for weight in weights.values())
    rounds = zip(*ratios.values(), strict=True)
    slopes = [
        sum(w * log2(r) for w, r in zip(weights.values(), one, strict=True)) / total
        for one in rounds
    ]
    return median_spread([2**slope for slope in slopes])


def sentence(
    guideline: int,
    runtime: str,
    against: str,
    claimed: Sequence[GuidelineRow],
    doubling: Sequence[MedianSpread] = (),
    degree: str = "",
) -> str:
    """The verdict in words, from the rows of one stack, one row per width."""
    verdicts = [verdict_of(row.ratio) for row in claimed]
    joint = joint_verdict(verdicts)
    said = {
        "undecided": f"is undecided here under {runtime}",
        "depends on the width": f"depends on the width here under {runtime}",
    }.get(joint, f"{joint} here under {runtime}")
    costs = [
        f"{_times(row.ratio, against if row is claimed[0] else '')} "
        f"at {row.width} channels"
        + (f", {verdict}" if joint == "depends on the width" else "")
        for row, verdict in zip(claimed, verdicts, strict=True)
    ]
    fitted = ", ".join(f"{each.median:.2f}" for each in doubling)
    fit = f"; a doubling of the {degree} costs {fitted} times" if fitted else ""
    verb = "costs" if guideline == 1 else "cost"  # 1:12 costs, 8 groups cost
    return (
        f"Guideline {guideline} {said}: {claimed[0].variant} {verb} "
        f"{'; '.join(costs)}{fit}."
    )


def _times(ratio: MedianSpread, against: str) -> str:
    """1.70 times 1:1 (1.62 to 1.79, n = 9)."""
    return (
        f"{ratio.median:.2f} times{f' {against}' if against else ''} "
        f"({_bound(ratio.least)} to {_bound(ratio.most)}, n = {ratio.count})"
    )


def _bound(value: float) -> str:
    """Three decimals where two could not tell the number from 1."""
    return f"{value:.3f}" if abs(value - 1) < 0.01 else f"{value:.2f}"
