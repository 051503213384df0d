"""What one training was asked to do, as data and as a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.ranges import IMAGES, PLACE, SEED
from rexpand.recipe import Recipe
from rexpand.recipe.distillation import Distillation
from rexpand.records import ExperimentFolder
from rexpand.records.record import (
    EVENTS,
    METRICS_CSV,
    METRICS_LINES,
    RECORD,
    TRACKING,
)
from rexpand.spec import NetworkSpec

# A training can go on with other values of these, from its last state: they leave the
# network, its memory and the position among the images as they are.
MAY_CHANGE = tuple(
    f"recipe.{field}"
    for field in (
        *("epochs", "patience", "on_divergence", "schedule", "augmentation"),
        *("optimizer.learning_rate", "optimizer.weight_decay", "optimizer.momentum"),
        *("averaging.decay", "label_smoothing", "group_lasso"),
        *("accumulation", "checkpointing", "compile", "precision", "channels_last"),
        *("nuclear_norm", "watch_rank"),
    )
)


@dataclass(frozen=True, kw_only=True)
class TrainingDesign:
    """A network trained once, by a recipe, from a seed, on `images` training images.

    The fingerprint is that of the data set, so that a training never goes on with other
    images. `started_from` is the NETWORK@WEIGHTS whose weights it begins with;
    `distillation` says what teaches it beside the labels.
    """

    spec: NetworkSpec
    recipe: Recipe
    seed: Annotated[int, SEED]
    data: Annotated[str, PLACE]
    images: Annotated[int, IMAGES]
    data_fingerprint: str
    started_from: str | None = None
    distillation: Distillation | None = None

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


def training_folder(path: Path) -> ExperimentFolder[TrainingDesign]:
    """The folder of a training."""
    return ExperimentFolder(
        path=path,
        design=TrainingDesign,
        name="training",
        started_by="rexpand train",
        file="training.json",
        version=1,
        # One that is over has no state to go on from.
        may_change=() if (path / RECORD).exists() else MAY_CHANGE,
        results="state*.safetensors",
        bookkeeping=(METRICS_CSV, METRICS_LINES, TRACKING, f"{EVENTS}.*"),
    )
