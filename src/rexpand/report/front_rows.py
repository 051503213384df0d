"""The fronts of one study and of several as rows of text."""

from dataclasses import dataclass

from rexpand.records import Front, FrontComparison, FrontTrial, HypervolumeDifference
from rexpand.report import costs, formats
from rexpand.report.measures import words_of

_MOST_RIVALS = 15


@dataclass(frozen=True, kw_only=True)
class FrontRow:
    """A trial of a front as written; `place` is front, knee, or "not told from it"."""

    trial: int
    channels: str
    accuracy: str
    costs: str
    place: str
    front_share: str
    knee_share: str


@dataclass(frozen=True, kw_only=True)
class StudyRow:
    """A study among those whose fronts are compared, as written."""

    study: str
    trials: int
    on_front: int
    hypervolume: str
    interval: str
    knee: str


def front_rows(front: Front) -> tuple[FrontRow, ...]:
    """The front, the cheapest first, and the likeliest of those not told from it."""
    rows = [(row, row.trial == front.knee) for row in front.trials]
    found = [_row(front, row, "knee" if is_knee else "front") for row, is_knee in rows]
    found += [_row(front, row, "not told from it") for row in likeliest(front)]
    return tuple(found)


def likeliest(front: Front) -> list[FrontTrial]:
    """The rivals of a front that are on it most often, at most fifteen."""
    ordered = sorted(front.rivals, key=lambda row: -(row.front_share or 0.0))
    return ordered[:_MOST_RIVALS]


def fronts_rows(found: FrontComparison) -> tuple[StudyRow, ...]:
    """A row per study, in the order in which they were given."""
    return tuple(
        StudyRow(
            study=each.study,
            trials=each.front.candidates,
            on_front=len(each.front.trials),
            hypervolume=f"{each.front.hypervolume.value:.2f}",
            interval=_interval(each.front),
            knee="" if each.front.knee is None else f"trial {each.front.knee}",
        )
        for each in found.studies
    )


def fronts_findings(found: FrontComparison) -> tuple[str, ...]:
    """The reference point, and which study dominates more than another."""
    front = found.studies[0].front
    point = front.hypervolume
    bounds = formats.listed(
        [
            f"{costs.written(name, bound)} of {costs.words(name)}"
            for name, bound in zip(front.costs, point.reference_costs, strict=True)
        ]
    )
    word = words_of(front.measure).word
    return (
        (
            f"Hypervolumes in points of {word}, from {point.reference_accuracy:.2f} % and "
            f"{bounds}; intervals of 95 %, of what other seeds would change."
        ),
        *map(difference_finding, found.differences),
    )


def difference_finding(found: HypervolumeDifference) -> str:
    """Which of two studies has the larger hypervolume, if the seeds can tell."""
    more, less = found.first, found.second
    gap, low, high = found.difference, found.low, found.high
    if gap < 0:
        more, less, gap = less, more, -gap
        low, high = (None, None) if low is None or high is None else (-high, -low)
    first = f"{more} has a hypervolume {gap:.2f} points larger than {less}"
    if low is None or high is None:
        return f"{first}; with one seed per trial nothing tells whether by chance."
    said = "more than" if low > 0 else "no more than"
    return (
        f"{first} (95 % interval {low:.2f} to {high:.2f}), {said} other seeds would "
        "readily change."
    )


def _row(front: Front, row: FrontTrial, place: str) -> FrontRow:
    return FrontRow(
        trial=row.trial,
        channels=formats.configuration(row.channels),
        accuracy=f"{row.accuracy:.2f}",
        costs=", ".join(
            costs.written(name, cost)
            for name, cost in zip(front.costs, row.costs, strict=True)
        ),
        place=place,
        front_share=_share(row.front_share),
        knee_share=_share(row.knee_share),
    )


def _share(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}%"


def _interval(front: Front) -> str:
    found = front.hypervolume
    if found.low is None or found.high is None:
        return ""
    return f"{found.low:.2f} to {found.high:.2f}"
