"""`make fuzz`: cases without end, until the minutes are over; what breaks a promise is
printed once for each cause, as a line that runs it again."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from fuzz.case import Case, case_from
from fuzz.draws import cases, sample
from fuzz.field import Field


class Found:
    """The causes found so far, each with how often, and its first case made short."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._started = time.monotonic()
        self.causes: Counter[str] = Counter()
        self.cases = 0

    def take(self, case: Case) -> None:
        self.cases += 1
        for broken in self._field.broken_promises(case):
            cause = broken
            if broken.startswith("bug"):
                cause = f"bug: {self._field.cause_of(case)}"
            self.causes[cause] += 1
            if self.causes[cause] == 1:
                short = shortened(case, self._breaks_alike(broken))
                print(f"{cause}\n    {short.pasted()}", flush=True)

    def _breaks_alike(self, broken: str) -> Callable[[Case], bool]:
        kind = broken.split(":")[0]
        return lambda case: any(
            each.split(":")[0] == kind for each in self._field.broken_promises(case)
        )

    def conclude(self) -> int:
        """The count of cases, and the exit code."""
        minutes = (time.monotonic() - self._started) / 60
        print(
            f"{self.cases:,} cases in {minutes:.1f} minutes "
            f"({self.cases / minutes:.0f} per minute): {sum(self.causes.values())} "
            f"broke a promise, {len(self.causes)} causes"
        )
        return bool(self.causes)


def shortened(case: Case, breaks_alike: Callable[[Case], bool]) -> Case:
    """The case without any word that can be left out, alone or with the next."""
    for width in (2, 1):
        place = len(case.arguments)
        while (place := place - 1) >= 1:
            words = case.arguments
            shorter = words[:place] + words[place + width :]
            tried = replace(case, arguments=shorter)
            if len(shorter) < len(words) and breaks_alike(tried):
                case = tried
    return case


class _Over(Exception):
    """The minutes are over."""


def draw_until(end: float, world: Path, take: Callable[[Case], None]) -> None:
    @settings(
        max_examples=10**7,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(cases(world))
    def draw(case: Case) -> None:
        if time.monotonic() > end:
            raise _Over
        take(case)

    try:
        draw()
    except _Over:
        return


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--case", help="run one case, as this prints it")
    options.add_argument("--sample", action="store_true", help="run the fixed sample")
    asked = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="rexpand-fuzz-") as name,
        Field(Path(name)) as field,
    ):
        if asked.case:
            broken = field.broken_promises(case_from(asked.case))
            print("\n".join(broken) or "the promise holds")
            return bool(broken)
        found = Found(field)
        every: Iterable[Case] = sample(field.world) if asked.sample else ()
        for case in every:
            found.take(case)
        if not asked.sample:
            draw_until(time.monotonic() + 60 * asked.minutes, field.world, found.take)
        return found.conclude()


if __name__ == "__main__":
    sys.exit(main())
