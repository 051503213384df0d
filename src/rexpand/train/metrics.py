"""The metric files of a training, which grow while it runs.

`metrics.csv` has a line per epoch, `metrics.jsonl` one per epoch and per fifty steps, and
the event file of TensorBoard the same. The epochs are those of the state: when a training
goes on, the files are made again from it and from the steps that were written, so that no
epoch is there twice or missing, at whatever moment the process was killed.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from rexpand.codec import to_line
from rexpand.documents import read_lines
from rexpand.errors import RecordError
from rexpand.records import write_atomic
from rexpand.records.files import writing
from rexpand.records.record import METRICS_CSV, METRICS_LINES
from rexpand.train.event_file import EventFile, open_events
from rexpand.train.metric_rows import (
    EpochRow,
    Row,
    Rows,
    StepsRow,
    numbers_of,
    steps_read,
    steps_row,
)
from rexpand.train.progress import Silence, Steps

AnyEpoch = TypeVar("AnyEpoch")


class MetricFiles(Silence, Generic[AnyEpoch]):
    """Writes what it hears, a `train.Follower`."""

    def __init__(self, folder: Path, events: EventFile, rows: Rows[AnyEpoch]) -> None:
        self._folder, self._events, self._rows = folder, events, rows

    def end_steps(self, steps: Steps) -> None:
        row = steps_row(steps)
        _append(self._folder / METRICS_LINES, f"{to_line(row)}\n")
        _draw(self._events, row)
        self._events.flush()

    def end_epoch(self, epoch: AnyEpoch) -> None:
        row = self._rows.row_of(epoch)
        _append(self._folder / METRICS_LINES, f"{to_line(row)}\n")
        _append(self._folder / METRICS_CSV, _csv_line(_cells(row, self._rows.columns)))
        _draw(self._events, row)
        self.draw_curves(epoch)
        self._events.flush()

    def draw_curves(self, epoch: AnyEpoch) -> None:
        """Draw what the lines do not have."""
        place = self._rows.row_of(epoch).epoch
        for group, numbers in self._rows.curves(epoch).items():
            self._events.add(group, place, numbers)


@contextmanager
def metric_files(
    folder: Path, epochs: Sequence[AnyEpoch], steps_done: int, kind: Rows[AnyEpoch]
) -> Iterator[MetricFiles[AnyEpoch]]:
    """The files of a training of which `epochs` and `steps_done` are done, to go on with.

    Raises OutputError where they cannot be written.
    """
    steps = [row for row in _written(folder) if row.step <= steps_done]
    done = [kind.row_of(epoch) for epoch in epochs]
    # An epoch stands after its own steps.
    rows: list[Row] = sorted([*steps, *done], key=lambda row: row.epoch)
    lines = "".join(f"{to_line(row)}\n" for row in rows)
    write_atomic(folder / METRICS_LINES, lines)
    cells = (_cells(row, kind.columns) for row in done)
    table = "".join(map(_csv_line, (kind.columns, *cells)))
    write_atomic(folder / METRICS_CSV, table)
    with open_events(folder) as events:
        for row in rows:
            _draw(events, row)
        files = MetricFiles(folder, events, kind)
        for epoch in epochs:
            files.draw_curves(epoch)
        events.flush()
        yield files


def _written(folder: Path) -> list[StepsRow]:
    """The steps that an earlier process wrote, up to the first damaged line."""
    path, found = folder / METRICS_LINES, list[StepsRow]()
    if not path.exists():
        return found
    with suppress(RecordError):
        for row in read_lines(path, steps_read, RecordError):
            if row is not None:
                found.append(row)
    return found


def _draw(events: EventFile, row: Row) -> None:
    place = row.step if isinstance(row, StepsRow) else row.epoch
    events.add(row.kind, place, numbers_of(row))


def _cells(row: EpochRow, columns: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in columns]


def _csv_line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _append(path: Path, text: str) -> None:
    """Add text to a file, so that a kill of this process loses none of it."""
    kept = "the training goes on from its last state"
    with writing(path, kept), path.open("a", encoding="utf-8") as file:
        file.write(text)
