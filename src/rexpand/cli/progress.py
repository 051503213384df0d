"""Progress on stderr: bars with ETA on a terminal, else one line per epoch."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Bars:
    """The bar of the training under way, a `train.Progress`; a context manager."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.lines = not console.is_terminal
        self.display = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=console,
            disable=self.lines,
            expand=True,
        )
        self._run: TaskID | None = None
        self._started = time.perf_counter()
        self._seen = 0
        self._epochs = 0

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

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        if self._run is not None:
            self.display.remove_task(self._run)
        self._run = self.display.add_task(
            name, total=epochs * images, completed=epoch * images, state=""
        )
        self._started, self._seen, self._epochs = time.perf_counter(), 0, epochs

    def advance(self, images: int) -> None:
        self._seen += images
        if self._run is not None:
            self.display.advance(self._run, images)

    def end_epoch(self, epoch: int, accuracy: float) -> None:
        speed = self._seen / (time.perf_counter() - self._started)
        state = (
            f"epoch {epoch + 1}/{self._epochs}  {accuracy:.1f} %  {speed:,.0f} img/s"
        )
        if self._run is not None:
            self.display.update(self._run, state=state)
        if self.lines:
            print(state, file=sys.stderr)

    def alarm(self, message: str) -> None:
        if self.lines:
            print(message, file=sys.stderr)
        else:
            self.display.console.print(message, style="bold red", soft_wrap=True)


class TrialBar:
    """The bar of a study's trials, a `search.StudyProgress`, on the same display."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars.display
        self._lines = bars.lines
        self._best = 0.0
        self._total = 0
        self._done = 0
        self._task: TaskID | None = None

    def begin(self, *, trials: int, finished: int) -> None:
        self._total, self._done = trials, finished
        self._task = self._bars.add_task(
            "trials", total=trials, completed=finished, state=""
        )

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self._done += 1
        self._best = max(self._best, accuracy or 0.0)
        if self._task is not None:
            state = f"{self._done}/{self._total}  best {self._best:.1f} %"
            self._bars.update(self._task, completed=self._done, state=state)
        if self._lines:
            outcome = "pruned" if accuracy is None else f"{accuracy:.1f} %"
            print(
                f"trial {number}: {outcome} ({self._done}/{self._total})",
                file=sys.stderr,
            )
