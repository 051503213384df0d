"""What the training of a detector leaves in its folder."""

from dataclasses import replace
from pathlib import Path

from rexpand.documents import from_text
from rexpand.errors import CheckpointError
from rexpand.records import DetectionRecord, read_record
from rexpand.train.sealed import read_sealed
from rexpand.transfer.detection.state import Done


def is_inside_an_epoch(state: Path) -> bool:
    """Whether a state is one inside an epoch; there may be none of that name just now."""
    try:
        done = from_text(Done, read_sealed(state).texts["done"])
    except CheckpointError:
        return False
    return done.begun is not None


def timeless(folder: Path) -> DetectionRecord:
    """The record without what a clock and the memory said, and the command's folder."""
    record = read_record(DetectionRecord, folder / "record.json")
    epochs = (
        replace(each, seconds=0.0, images_per_second=0.0) for each in record.epochs
    )
    provenance = replace(record.provenance, command=None)
    return replace(
        record, epochs=tuple(epochs), peak_memory_mb=0.0, provenance=provenance
    )
