"""Progress of a study on stderr: its bar, and one for the training in every slot.

Without a terminal there are few lines: the time that the study will take, once the first
steps tell it, one for each trial, and one for the latest epoch if a minute was silent.
"""

import time
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from rich.progress import TaskID

from rexpand.cli.epoch_text import reached
from rexpand.cli.pace import StudyPace, duration
from rexpand.cli.progress import Bars, TrainingBar
from rexpand.report.measures import words_of

if TYPE_CHECKING:
    from rexpand.records import DetectionEpoch, Epoch
    from rexpand.records.study_front import MeasureName
    from rexpand.train import Forecast, Steps

_GIB = 2**30
_SILENCE = 60.0  # seconds without a line


class StudyBars:
    """Hears of a study's trials (`search.SearchProgress`) and trainings (`Watch`).

    Trainings are told of in a thread per slot.
    """

    def __init__(
        self,
        bars: Bars,
        clock: Callable[[], float] = time.perf_counter,
        measure: "MeasureName" = "accuracy",
    ) -> None:
        self._bars, self._clock = bars, clock
        self._words = words_of(measure)
        self._lock = RLock()
        self._slots: dict[int, _Slot] = {}
        self._pace = StudyPace(0, clock)
        self._bar: TaskID | None = None
        self._trials = self._finished = self._seeds = 0
        self._best = 0.0
        self._has_estimate = self._has_warned = False
        self._last_line = clock()

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        self._trials, self._finished, self._seeds = trials, finished, seeds
        self._pace = StudyPace((trials - finished) * seeds, self._clock)
        self._bar = self._bars.add("trials", trials, finished)
        self._show()

    def training(self, slot: int, task: object) -> "_Slot":
        with self._lock:
            name = str(task)
            if slot not in self._slots or self._slots[slot].name != name:
                if slot in self._slots:
                    self._slots[slot].leave()
                self._slots[slot] = _Slot(self, slot, name)
            return self._slots[slot]

    def end_trial(self, number: int, accuracy: float | None) -> None:
        with self._lock:
            self._best = max(self._best, accuracy or 0.0)
            self._count(skipped=self._seeds - 1 if accuracy is None else 0)
            outcome = "pruned" if accuracy is None else self._words.said(accuracy)
            self._line(f"trial {number}: {outcome} ({self._finished}/{self._trials})")

    def fail_trial(self, number: int, reason: str) -> None:
        with self._lock:
            self._count(skipped=self._seeds - 1)
            done = f"({self._finished}/{self._trials})"
            self._say(f"trial {number} failed {done}: {reason}")

    def tell(self, message: str) -> None:
        with self._lock:
            self._say(message)

    def _count(self, *, skipped: int) -> None:
        """One trial more is over, of which so many trainings are not run."""
        self._finished += 1
        self._pace.skip(skipped)
        self._show()

    def begin_training(self, slot: int, name: str, images: int, seen: int) -> None:
        with self._lock:
            self._pace.begin(slot, name, images=images, seen=seen)

    def advance(self, slot: int, images: int) -> None:
        with self._lock:
            self._pace.advance(slot, images)
            self._show()
            left = self._pace.seconds_left()
            if left is not None and not self._has_estimate:
                self._has_estimate = True
                self._estimate(left)

    def end_epoch(self, state: str) -> None:
        with self._lock:
            if self._clock() - self._last_line > _SILENCE:
                self._line(state)

    def end_training(self, slot: int) -> None:
        with self._lock:
            self._pace.end(slot)

    def expect(self, forecast: "Forecast") -> None:
        """Warn once if the trainings of all slots need more memory than there is."""
        with self._lock:
            needed = len(self._slots) * forecast.peak_bytes
            if needed > forecast.usable_bytes and not self._has_warned:
                self._has_warned = True
                self._bars.say(
                    f"{len(self._slots)} trainings at a time need about "
                    f"{needed / _GIB:.2g} of {forecast.usable_bytes / _GIB:.3g} GiB of "
                    "memory; run fewer at a time, or give a smaller batch",
                    style="bold red",
                )

    def seconds_left(self) -> float | None:
        """Of the whole study, as its trainings go."""
        return self._pace.seconds_left()

    def _estimate(self, left: float) -> None:
        """What the first steps say, once."""
        if self._bars.has_lines:
            first = duration(self._pace.seconds_to_first(self._seeds))
            self._say(f"about {duration(left)} left; the next trial ends in {first}")

    def _line(self, text: str) -> None:
        left = self._pace.seconds_left()
        rest = f", about {duration(left)} left" if left else ""
        if self._bars.has_lines:
            self._say(f"{text}{rest}")

    def _say(self, text: str) -> None:
        self._last_line = self._clock()
        self._bars.say(text)

    def _show(self) -> None:
        if self._bar is None:
            return
        best = f"  best {self._words.said(self._best)}" if self._best else ""
        self._bars.display.update(
            self._bar,
            completed=self._finished,
            state=f"{self._finished}/{self._trials}{best}",
            left=duration(self._pace.seconds_left()),
        )


class _Slot:
    """One training after another in a slot, a `train.Progress`."""

    def __init__(self, study: StudyBars, slot: int, name: str) -> None:
        self.name = name
        self._study, self._slot = study, slot
        self._bar = TrainingBar(study._bars, name, has_lines=False)
        self._epochs = 0

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._epochs = epochs
        self._bar.begin(name, epochs=epochs, epoch=epoch, images=images)
        self._study.begin_training(
            self._slot, self.name, epochs * images, epoch * images
        )

    def advance(self, images: int) -> None:
        self._bar.advance(images)
        self._study.advance(self._slot, images)

    def end_steps(self, steps: "Steps") -> None: ...

    def end_epoch(self, epoch: "Epoch | DetectionEpoch") -> None:
        self._bar.end_epoch(epoch)
        state = [f"epoch {epoch.epoch + 1}/{self._epochs}", *reached(epoch)]
        self._study.end_epoch(f"{self.name}: {', '.join(state)}")

    def expect(self, forecast: "Forecast") -> None:
        self._study.expect(forecast)

    def alarm(self, message: str) -> None:
        self._bar.alarm(message)

    def end(self) -> None:
        self._bar.end()
        self._study.end_training(self._slot)

    def leave(self) -> None:
        """Another training has the slot."""
        self._bar.end()
