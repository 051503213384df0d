"""A row of the ledger: what a source printed, what we found, and the verdict.

The functions below are the only makers of rows, so that a verdict means the same in
every item: a count holds if it rounds to the printed digits, a measured difference holds
if its whole interval has the claimed sign, and neither is decided by words.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from rexpand.allowed import Choice, check_fields
from rexpand.errors import RecordError
from rexpand.ledger.figure import rounds_to
from rexpand.ranges import FINITE, TRIALS
from rexpand.records import Interval, MedianSpread

LedgerVerdict = Literal["holds", "does not hold", "undecided", "not run"]
Exact = Annotated[float, FINITE]
_COUNTS = ("params", "macs", "channels")  # units


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number or claim. `printed` has the source's digits, or its claim in short.

    `ours` is None where nothing was run. `count` is the number of measurements behind
    it, None for an exact count; `low` and `high` are the ends of its interval of 95 %.
    """

    name: str
    printed: str
    unit: str
    verdict: LedgerVerdict
    ours: Exact | None = None
    count: Annotated[int, TRIALS] | None = None
    low: Exact | None = None
    high: Exact | None = None
    note: str = ""

    @property
    def shown(self) -> str:
        """Our number as people read it; empty where there is none."""
        if self.ours is None:
            return ""
        return f"{self.ours:,.0f}" if self.unit in _COUNTS else f"{self.ours:.4g}"

    @property
    def interval(self) -> str:
        """The interval as people read it; empty where there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{self.low:.3g} to {self.high:.3g}"

    def __post_init__(self) -> None:
        check_fields(self, RecordError)
        Choice(names=get_args(LedgerVerdict)).check(
            "verdict", self.verdict, RecordError
        )


def counted(name: str, printed: str, exact: float, unit: str, note: str = "") -> Row:
    """An exact count: it holds if it rounds to the printed digits."""
    return Row(
        name=name,
        printed=printed,
        unit=unit,
        ours=exact,
        verdict="holds" if rounds_to(exact, printed) else "does not hold",
        note=note,
    )


def agreed(name: str, printed: str, is_so: bool, note: str = "") -> Row:
    """A statement without a number that is true of our networks, or is not."""
    verdict: LedgerVerdict = "holds" if is_so else "does not hold"
    return Row(name=name, printed=printed, unit="", verdict=verdict, note=note)


def signed(
    name: str,
    printed: str,
    measured: Interval | MedianSpread,
    unit: str,
    *,
    least: float = 0.0,
    note: str = "",
) -> Row:
    """A claimed effect: it holds if its whole interval is at or above `least`.

    Undecided if the interval contains `least`, or if there is none.
    """
    mean, low, high = _ends(measured)
    verdict: LedgerVerdict = "undecided"
    if low is not None and high is not None:
        if low >= least:
            verdict = "holds"
        elif high < least:
            verdict = "does not hold"
    return Row(
        name=name,
        printed=printed,
        unit=unit,
        ours=mean,
        count=measured.count,
        low=low,
        high=high,
        verdict=verdict,
        note=note,
    )


def within(
    name: str, printed: str, deviation: float, most: float, count: int, note: str = ""
) -> Row:
    """A curve that was read off: it holds if the mean deviation is at most `most`."""
    return Row(
        name=name,
        printed=printed,
        unit="mean absolute deviation",
        ours=deviation,
        count=count,
        verdict="holds" if deviation <= most else "does not hold",
        note=note,
    )


def judged(
    name: str,
    printed: str,
    verdict: LedgerVerdict,
    note: str,
    *,
    ours: float | None = None,
    unit: str = "",
    count: int | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Row:
    """A claim whose verdict a study of its own has reached; the note says how."""
    return Row(
        name=name,
        printed=printed,
        unit=unit,
        ours=ours,
        count=count,
        low=low,
        high=high,
        verdict=verdict,
        note=note,
    )


def not_run(name: str, printed: str, unit: str, why: str) -> Row:
    """A figure that nothing here was measured against."""
    return Row(name=name, printed=printed, unit=unit, verdict="not run", note=why)


def _ends(
    measured: Interval | MedianSpread,
) -> tuple[float, float | None, float | None]:
    if isinstance(measured, MedianSpread):
        return measured.median, measured.least, measured.most
    return measured.mean, measured.low, measured.high
