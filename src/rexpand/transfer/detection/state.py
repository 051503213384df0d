"""Where the training of a detector stands: everything that the next step depends on.

Every step seeds itself from the run's seed, the epoch and its own number, so that no
generator has to be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.codec import to_line
from rexpand.documents import from_text, naming
from rexpand.errors import CheckpointError
from rexpand.ranges import SECONDS, STEPS
from rexpand.records import DetectionEpoch
from rexpand.train.sealed import Content
from rexpand.train.state import Trained, fitting, put_tensors_back, tensors_of
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.design import DetectionDesign


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An epoch that is begun: its `steps` that are done, and what they left.

    `losses` are sums over their images by name, `seconds` is the time that they took.
    """

    steps: Annotated[int, STEPS]
    losses: Mapping[str, float]
    seconds: Annotated[float, SECONDS]


@dataclass(frozen=True, kw_only=True)
class Done:
    """The epochs that are done, and the one after them if it is begun."""

    epochs: tuple[DetectionEpoch, ...] = ()
    begun: Begun | None = None


def state_of(
    trained: Trained[Detector], design: DetectionDesign, done: Done
) -> Content | None:
    """The state of a training; None where no step could go on from its weights."""
    if not trained.is_finite:
        return None
    texts = {"design": to_line(design), "done": to_line(done)}
    return Content(texts=texts, tensors=tensors_of(trained))


def put_back(
    state: Content, path: Path, trained: Trained[Detector], design: DetectionDesign
) -> Done:
    """Put a state back that was read from `path`.

    Raises CheckpointError if it is another training's.
    """
    with naming(path, CheckpointError):
        saved = from_text(DetectionDesign, state.texts.get("design", ""))
        done = from_text(Done, state.texts.get("done", ""))
    if saved != design:
        raise CheckpointError(
            f"{path} is of another training; give another folder to start anew"
        )
    with fitting(path):
        put_tensors_back(trained, state.tensors)
    return done
