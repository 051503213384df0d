"""A progress bar with ETA on stderr; one line if stderr is not a terminal."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class CountBar:
    """Counts up to `total` under a label; a context manager."""

    def __init__(self, label: str, total: int) -> None:
        console = Console(stderr=True)
        self._line = None if console.is_terminal else label
        self._display = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            expand=True,
        )
        self._task = self._display.add_task(label, total=total)
        self._total = total

    def advance(self, count: int) -> None:
        """Note that `count` more are done."""
        self._display.advance(self._task, count)

    def __enter__(self) -> Self:
        self._display.start()
        if self._line:
            print(f"{self._line}: {self._total:,}", file=sys.stderr)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._display.stop()
