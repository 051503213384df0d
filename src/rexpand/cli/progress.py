"""Progress on stderr: bars with ETA on a terminal, else one line per epoch."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from rexpand.cli.epoch_text import reached
from rexpand.cli.forecast import expected
from rexpand.cli.pace import Pace, duration

if TYPE_CHECKING:
    from rexpand.records import DetectionEpoch, Epoch
    from rexpand.train import Forecast, Steps

_LONG = 60.0  # seconds: what takes less is not told of


class Bars:
    """The display that bars share; a context manager."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.has_lines = not console.is_terminal
        self.display = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            TextColumn("ETA {task.fields[left]}"),
            console=console,
            disable=self.has_lines,
            expand=True,
        )

    def add(self, name: str, total: int, done: int) -> TaskID:
        """One more bar."""
        return self.display.add_task(
            name, total=total, completed=done, state="", left=duration(None)
        )

    def say(self, message: str, style: str = "") -> None:
        """A line above the bars."""
        if self.has_lines:
            print(message, file=sys.stderr)
        else:
            self.display.console.print(message, style=style, soft_wrap=True)

    def __enter__(self) -> Self:
        self.display.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.display.stop()


class TrainingBar:
    """The bar of the training under way, of a network or a detector (`train.Progress`).

    What the first of `trainings` that are alike is expected to take is told for all.
    """

    def __init__(
        self,
        bars: Bars,
        name: str = "",
        *,
        has_lines: bool = True,
        trainings: int = 1,
    ) -> None:
        self._bars = bars
        self._name = name
        self._has_lines = has_lines and bars.has_lines
        self._untold = trainings
        self._bar: TaskID | None = None
        self._pace = Pace()
        self._epochs = self._images = self._seen = 0

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._remove()
        self._epochs, self._images = epochs, epochs * images
        self._seen = epoch * images
        self._pace = Pace()
        self._bar = self._bars.add(self._name or name, self._images, self._seen)
        self._show(state=f"epoch {epoch + 1}/{epochs}")

    def advance(self, images: int) -> None:
        self._seen += images
        self._pace.advance(images)
        left = self._pace.seconds_for(self._images - self._seen)
        self._show(completed=self._seen, left=duration(left))

    def end_steps(self, steps: "Steps") -> None: ...

    def end_epoch(self, epoch: "Epoch | DetectionEpoch") -> None:
        number = epoch.epoch + 1
        state = "  ".join([f"epoch {number}/{self._epochs}", *reached(epoch)])
        # Also what an earlier process did of an epoch, and an image that was left out.
        self._seen = number * self._images // self._epochs
        self._show(state=state, completed=self._seen)
        if self._has_lines:
            rate = self._pace.rate()
            speed = f"  {rate:,.0f} images/s" if rate else ""
            self._bars.say(f"{state}{speed}")

    def expect(self, forecast: "Forecast") -> None:
        """One line on what a long training takes."""
        is_long = forecast.seconds * self._untold >= _LONG
        if self._untold and (is_long or not forecast.fits):
            self._bars.say(expected(forecast, self._untold))
        self._untold = 0

    def alarm(self, message: str) -> None:
        self._bars.say(message, style="bold red")

    def end(self) -> None:
        self._remove()

    def _show(self, **fields: object) -> None:
        if self._bar is not None:
            self._bars.display.update(self._bar, **fields)  # type: ignore[arg-type]

    def _remove(self) -> None:
        if self._bar is not None:
            self._bars.display.remove_task(self._bar)
            self._bar = None
