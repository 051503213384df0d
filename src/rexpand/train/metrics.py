"""The metric files of a training, which grow while it runs.

`metrics.csv` has a line per epoch, `metrics.jsonl` one per epoch and per fifty steps, and
the event file of TensorBoard the same. Epochs and steps are counted from 1. The epochs
are those of the state: when a training goes on, the files are made again from it and from
the steps that were written, so that no epoch is there twice or missing, at whatever
moment the process was killed.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from rexpand.codec import from_content, to_line
from rexpand.documents import read_lines
from rexpand.errors import RecordError
from rexpand.records import Epoch, write_atomic
from rexpand.records.files import writing
from rexpand.records.record import METRICS_CSV, METRICS_LINES
from rexpand.train.event_file import EventFile, open_events
from rexpand.train.progress import Silence, Steps


@dataclass(frozen=True, kw_only=True)
class EpochRow:
    """An epoch as a line of the files; `accuracy` is in percent."""

    kind: Literal["epoch"] = "epoch"
    epoch: int
    loss: float
    accuracy: float
    held_out_loss: float
    learning_rate: float
    images_per_second: float
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class StepsRow:
    """Some steps as a line: the mean loss since the row before, and the last rate."""

    kind: Literal["steps"] = "steps"
    step: int
    epoch: int
    loss: float
    learning_rate: float


Row = EpochRow | StepsRow
_PLACES = ("kind", "epoch", "step")  # of a row; its other values are drawn over them
_COLUMNS = tuple(field.name for field in fields(EpochRow) if field.name != "kind")


class MetricFiles(Silence):
    """Writes what it hears, a `train.Progress`."""

    def __init__(self, folder: Path, events: EventFile) -> None:
        self._folder, self._events = folder, events

    def end_steps(self, steps: Steps) -> None:
        row = _steps_row(steps)
        _append(self._folder / METRICS_LINES, f"{to_line(row)}\n")
        self._events.add("steps", row.step, numbers_of(row))
        self._events.flush()

    def end_epoch(self, epoch: Epoch) -> None:
        row = epoch_row(epoch)
        _append(self._folder / METRICS_LINES, f"{to_line(row)}\n")
        _append(self._folder / METRICS_CSV, _csv_line(_cells(row)))
        self._events.add("epoch", row.epoch, numbers_of(row))
        self._events.add("effective_rank", row.epoch, _ranks(epoch))
        self._events.flush()


@contextmanager
def metric_files(
    folder: Path, epochs: Sequence[Epoch], steps_done: int
) -> Iterator[MetricFiles]:
    """The files of a training of which `epochs` and `steps_done` are done, to go on with.

    Raises OutputError where they cannot be written.
    """
    steps = [row for row in _written(folder) if row.step <= steps_done]
    done = [epoch_row(epoch) for epoch in epochs]
    # An epoch stands after its own steps.
    rows: list[Row] = sorted([*steps, *done], key=lambda row: row.epoch)
    lines = "".join(f"{to_line(row)}\n" for row in rows)
    write_atomic(folder / METRICS_LINES, lines)
    table = "".join(map(_csv_line, (_COLUMNS, *map(_cells, done))))
    write_atomic(folder / METRICS_CSV, table)
    with open_events(folder) as events:
        for row in rows:
            if isinstance(row, StepsRow):
                events.add("steps", row.step, numbers_of(row))
            else:
                events.add("epoch", row.epoch, numbers_of(row))
        for epoch in epochs:
            events.add("effective_rank", epoch.epoch + 1, _ranks(epoch))
        events.flush()
        yield MetricFiles(folder, events)


def _written(folder: Path) -> list[StepsRow]:
    """The steps that an earlier process wrote, up to the first damaged line."""
    path, found = folder / METRICS_LINES, list[StepsRow]()
    if not path.exists():
        return found
    with suppress(RecordError):
        for row in read_lines(path, _steps_of, RecordError):
            if row is not None:
                found.append(row)
    return found


def epoch_of(content: Any) -> EpochRow | None:
    """The row of an epoch, None for one of steps."""
    if isinstance(content, dict) and content.get("kind") == "epoch":
        return from_content(EpochRow, content)
    return None


def _steps_of(content: Any) -> StepsRow | None:
    if isinstance(content, dict) and content.get("kind") == "steps":
        return from_content(StepsRow, content)
    return None


def _steps_row(steps: Steps) -> StepsRow:
    return StepsRow(
        step=steps.step,
        epoch=steps.epoch + 1,
        loss=steps.loss,
        learning_rate=steps.learning_rate,
    )


def epoch_row(epoch: Epoch) -> EpochRow:
    """An epoch as the files have it."""
    return EpochRow(
        epoch=epoch.epoch + 1,
        loss=epoch.loss,
        accuracy=epoch.accuracy,
        held_out_loss=epoch.held_out_loss,
        learning_rate=epoch.learning_rate,
        images_per_second=epoch.images_per_second,
        seconds=epoch.seconds,
    )


def numbers_of(row: Row) -> dict[str, float]:
    """What is drawn over the epochs or the steps of a row, by name."""
    content = asdict(row)
    drawn = {name: content[name] for name in content if name not in _PLACES}
    return {name: value for name, value in drawn.items() if value is not None}


def _ranks(epoch: Epoch) -> dict[str, float]:
    return {rank.block: rank.effective_rank for rank in epoch.block_ranks}


def _cells(row: EpochRow) -> list[object]:
    return [getattr(row, name) for name in _COLUMNS]


def _csv_line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _append(path: Path, text: str) -> None:
    """Add text to a file, so that a kill of this process loses none of it."""
    kept = "the training goes on from its last state"
    with writing(path, kept), path.open("a", encoding="utf-8") as file:
        file.write(text)
