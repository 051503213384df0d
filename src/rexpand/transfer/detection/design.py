"""What the training of a detector was asked to do, as data and as a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.ranges import CLASS_NAME, IMAGES, PLACE, SEED
from rexpand.recipe import DetectionRecipe
from rexpand.records import ExperimentFolder
from rexpand.records.record import (
    EVENTS,
    METRICS_CSV,
    METRICS_LINES,
    RECORD,
    TRACKING,
)
from rexpand.spec import DetectorSpec

# A training can go on with other values of these, from its last state: they leave the
# detector, its memory and the position among the images as they are.
MAY_CHANGE = tuple(
    f"recipe.{field}"
    for field in (
        *("epochs", "schedule", "warmup_start", "augmentation", "judge_every"),
        *("optimizer.learning_rate", "optimizer.weight_decay", "optimizer.momentum"),
        *("averaging.decay", "accumulation", "precision"),
    )
)


@dataclass(frozen=True, kw_only=True)
class DetectionDesign:
    """A detector trained once, by a recipe, from a seed, on `images` training images.

    The fingerprint is that of the data set, so that a training never goes on with other
    images. `started_from` says where the backbone's weights are from.
    """

    spec: DetectorSpec
    recipe: DetectionRecipe
    seed: Annotated[int, SEED]
    data: Annotated[str, PLACE]
    class_names: tuple[Annotated[str, CLASS_NAME], ...]
    images: Annotated[int, IMAGES]
    data_fingerprint: str
    started_from: str | None = None

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


def detection_folder(path: str | Path) -> ExperimentFolder[DetectionDesign]:
    """The folder of the training of a detector."""
    path = Path(path)
    return ExperimentFolder(
        path=path,
        design=DetectionDesign,
        name="training of a detector",
        started_by="rexpand detect train",
        file="detection.json",
        version=1,
        # One that is over has no state to go on from.
        may_change=() if (path / RECORD).exists() else MAY_CHANGE,
        results="state*.safetensors",
        bookkeeping=(METRICS_CSV, METRICS_LINES, TRACKING, f"{EVENTS}.*"),
    )
