"""Detectors in files: safetensors with the spec in the header; no code in them is run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.codec import to_line
from rexpand.documents import from_text, naming, read_header
from rexpand.errors import CheckpointError
from rexpand.models.checkpoint import read_tensors, to_bytes
from rexpand.models.state_files import put_state
from rexpand.ranges import CLASS_NAME
from rexpand.records import write_atomic
from rexpand.records.detection import DETECTOR
from rexpand.spec import DetectorSpec
from rexpand.transfer.detection.building import Detector, build_detector

_HEADER = "detector"


@dataclass(frozen=True, kw_only=True)
class SavedDetector:
    """What the header of a file says: the detector, and the classes that it finds."""

    spec: DetectorSpec
    class_names: tuple[Annotated[str, CLASS_NAME], ...]

    def __post_init__(self) -> None:
        if len(self.class_names) != self.spec.num_classes:
            raise CheckpointError(
                f"{len(self.class_names)} class names for a detector of "
                f"{self.spec.num_classes} classes; give one for each"
            )


def save_detector(
    detector: Detector, path: str | Path, class_names: tuple[str, ...]
) -> None:
    """Write weights, spec and class names; the old file stays until the new one is whole."""
    saved = SavedDetector(spec=detector.spec, class_names=class_names)
    content = to_bytes(detector.state_dict(), {_HEADER: to_line(saved)})
    write_atomic(Path(path), content)


def read_detector(place: str | Path) -> SavedDetector:
    """What a file of a detector, or the one in the folder of its training, holds.

    Raises CheckpointError if it is truncated or another file.
    """
    path = detector_file(place)
    texts = read_header(path).texts
    if _HEADER not in texts:
        raise CheckpointError(
            f"{path} holds no detector; give a {DETECTOR} of `rexpand detect train`"
        )
    with naming(path, CheckpointError):
        return from_text(SavedDetector, texts[_HEADER])


def load_detector(place: str | Path) -> Detector:
    """The detector of a file, or of the folder of a training, with its weights.

    Raises CheckpointError as `read_detector` does and if tensors are not the spec's, and
    SpecError as `build_detector`.
    """
    path = detector_file(place)
    detector = build_detector(read_detector(path).spec)
    put_state(detector, read_tensors(path), path)
    return detector


def detector_file(place: str | Path) -> Path:
    """The file of a detector: itself, or the one in a folder."""
    path = Path(place)
    return path / DETECTOR if path.is_dir() else path
