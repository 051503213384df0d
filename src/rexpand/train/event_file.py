"""TensorBoard's event file: numbers by name over steps, read while it grows."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tensorboardX import RecordWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary

from rexpand.records.files import writing
from rexpand.records.record import EVENTS

_FORMAT = "brain.Event:2"  # the version that TensorBoard reads


class EventFile:
    """An event file under way."""

    def __init__(self, path: Path, writer: RecordWriter) -> None:
        self._path, self._writer = path, writer

    def add(self, group: str, step: int, numbers: Mapping[str, float]) -> None:
        """Numbers at a step, drawn together under `group`."""
        values = [
            Summary.Value(tag=f"{group}/{name}", simple_value=number)
            for name, number in numbers.items()
        ]
        if values:
            self.write(Event(step=step, summary=Summary(value=values)))

    def write(self, event: Event) -> None:
        """One more event, which readers see after `flush`."""
        event.wall_time = time.time()
        self._writer.write(event.SerializeToString())

    def flush(self) -> None:
        """Let readers see everything; raises OutputError if the disk takes no more."""
        with writing(self._path, "the training goes on from its last state"):
            self._writer.flush()


@contextmanager
def open_events(folder: Path) -> Iterator[EventFile]:
    """A new event file in place of those that are there.

    A TensorBoard that has read an older one forgets it: the new one begins a session at
    step 0.
    """
    for old in folder.glob(f"{EVENTS}.*"):
        old.unlink(missing_ok=True)
    path = folder / f"{EVENTS}.{time.time_ns() // 1000}.rexpand"
    with writing(path):
        writer = RecordWriter(str(path))
    try:
        events = EventFile(path, writer)
        events.write(Event(file_version=_FORMAT))
        events.write(Event(step=0, session_log=SessionLog(status=SessionLog.START)))
        yield events
    finally:
        writer.close()
