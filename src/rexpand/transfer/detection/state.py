"""Where the training of a detector stands: everything that the next step depends on.

Every step seeds itself from the run's seed, the epoch and its own number, so that no
generator has to be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from rexpand.codec import to_line
from rexpand.documents import from_text, naming
from rexpand.errors import CheckpointError
from rexpand.ranges import SECONDS, STEPS
from rexpand.records import DetectionEpoch, RecipeChange
from rexpand.train.changes import asked_changes, changes_since, check_epochs
from rexpand.train.sealed import Content
from rexpand.train.state import Trained, fitting, put_tensors_back, tensors_of
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.design import MAY_CHANGE, DetectionDesign


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
    """The epochs that are done, and the one after them if it is begun.

    `changes` are those of the recipe since the beginning.
    """

    epochs: tuple[DetectionEpoch, ...] = ()
    begun: Begun | None = None
    changes: tuple[RecipeChange, ...] = ()

    @property
    def steps_begun(self) -> int:
        """Steps that are done of the epoch under way; 0 where it is not begun."""
        return self.begun.steps if self.begun else 0


def state_of(
    trained: Trained[Detector], design: DetectionDesign, done: Done
) -> Content | None:
    """The state of a training; None where no step could go on from its weights."""
    if not trained.is_finite:
        return None
    texts = {"design": to_line(design), "done": to_line(done)}
    return Content(texts=texts, tensors=tensors_of(trained))


def put_back(
    state: Content,
    path: Path,
    trained: Trained[Detector],
    design: DetectionDesign,
    *,
    allow_change: bool = False,
) -> Done:
    """Put a state back that was read from `path`.

    With `allow_change` its recipe may be another. Raises CheckpointError if it is another
    training's, and StudyError for fewer epochs than are done or begun.
    """
    with naming(path, CheckpointError):
        saved = from_text(DetectionDesign, state.texts.get("design", ""))
        done = from_text(Done, state.texts.get("done", ""))
    found = changes_since(saved, design, path, MAY_CHANGE if allow_change else ())
    check_epochs(design.recipe.epochs, len(done.epochs) + (done.begun is not None))
    with fitting(path):
        put_tensors_back(trained, state.tensors)
    new = asked_changes(found, len(done.epochs), done.steps_begun)
    return replace(done, changes=(*done.changes, *new))
