"""How long a study will take, from the images that its trainings have seen so far."""

import time
from collections.abc import Callable
from statistics import mean

_LEAST_SECONDS = 1.0  # of measuring, before a time is given


def duration(seconds: float | None) -> str:
    """A time as people say it: 40 s, 12 min, 3.5 h, 5 days; "-:--" for an unknown one."""
    if seconds is None:
        return "-:--"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 72 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.0f} days"


class Pace:
    """Images per second, judging and all; the first batch, for which nothing is warm,
    only starts the clock."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._started: float | None = None
        self._images = 0

    def advance(self, images: int) -> None:
        """So many more images were trained on."""
        if self._started is None:
            self._started = self._clock()
        else:
            self._images += images

    def rate(self) -> float | None:
        """Images per second, None before there is something to measure."""
        if self._started is None:
            return None
        seconds = self._clock() - self._started
        return self._images / seconds if seconds > _LEAST_SECONDS else None

    def seconds_for(self, images: float) -> float | None:
        """How long so many images take."""
        rate = self.rate()
        return images / rate if rate else None


class StudyPace:
    """The time left of a study of `trainings`, several of them at a time, by slots.

    A training is expected to see as many images as those that ended here did, which may
    stop early; before the first has ended, as many as the recipe says.
    """

    def __init__(
        self, trainings: int, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._pace = Pace(clock)
        self._waiting = trainings
        self._expected = 0
        self._seen: dict[int, int] = {}
        self._begun: set[str] = set()
        self._ended: list[int] = []

    def begin(self, slot: int, name: str, *, images: int, seen: int) -> None:
        """A training of `images` in all its epochs begins in a slot, or goes on.

        One that pauses may leave its slot to another, and goes on in any.
        """
        if name not in self._begun:
            self._begun.add(name)
            self._waiting -= 1
        self._expected, self._seen[slot] = images, seen

    def advance(self, slot: int, images: int) -> None:
        self._pace.advance(images)
        self._seen[slot] = self._seen.get(slot, 0) + images

    def end(self, slot: int) -> None:
        """The training in a slot has ended, or was found to have."""
        if slot in self._seen:
            self._ended.append(self._seen.pop(slot))
        else:
            self._waiting -= 1

    def skip(self, trainings: int) -> None:
        """So many trainings will not be run: their trial was pruned."""
        self._waiting -= trainings

    def seconds_left(self) -> float | None:
        """Of the whole study; None before there is something to measure."""
        if not self._expected:
            return None
        each = mean(self._ended) if self._ended else self._expected
        running = sum(max(each - seen, 0) for seen in self._seen.values())
        return self._pace.seconds_for(max(self._waiting, 0) * each + running)

    def seconds_to_first(self, seeds: int) -> float | None:
        """Until the first trial of `seeds` trainings has ended."""
        if not self._seen:
            return None
        images = seeds * self._expected - max(self._seen.values())
        return self._pace.seconds_for(images * len(self._seen))
