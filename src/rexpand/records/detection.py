"""The JSON line that the training of a detector leaves behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rexpand.ranges import COUNT, IMAGES, PLACE, SECONDS, SEED
from rexpand.recipe import DetectionRecipe
from rexpand.records.detection_scores import DetectionScores, Measure
from rexpand.records.provenance import Provenance
from rexpand.records.record import Measured, RecipeChange
from rexpand.spec import DetectorSpec

VERSION = 1
DETECTOR = "detector.safetensors"  # the weights, in the folder of a training


@dataclass(frozen=True, kw_only=True)
class DetectionEpoch:
    """One epoch: the mean training loss, and what it is the sum of, by torchvision's names.

    The measures are of the held-out images, as shares from 0 to 1; None where these were
    not judged after the epoch, or the measure is not defined. `seconds` are those of its
    training and its judgement.
    """

    epoch: Annotated[int, COUNT]
    loss: Measured
    parts: Mapping[str, Measured]
    learning_rate: float
    images_per_second: float
    seconds: Annotated[float, SECONDS]
    box_ap: Measure | None = None
    box_ap50: Measure | None = None
    mask_ap: Measure | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class DetectionRecord:
    """One detector trained once: what it was, how it was trained, what it finds.

    `scores` are those on the held-out images after the last epoch, of the weights that
    were kept. `images` is the number of training images. `started_from` is the
    NETWORK@WEIGHTS that the backbone began with, None for fresh weights. `recipe` is the
    one that the training ended with, and `changes` are those that it saw before.
    """

    spec: DetectorSpec
    recipe: DetectionRecipe
    data: Annotated[str, PLACE]
    seed: Annotated[int, SEED]
    params: Annotated[int, COUNT]
    images: Annotated[int, IMAGES]
    epochs: tuple[DetectionEpoch, ...]
    scores: DetectionScores
    peak_memory_mb: float
    provenance: Provenance
    started_from: str | None = None
    changes: tuple[RecipeChange, ...] = ()
    version: int = VERSION

    def __repr__(self) -> str:
        """One line: what was trained on what, and what came out."""
        return (
            f"<DetectionRecord {self.name} on {self.data}, seed {self.seed}: box AP "
            f"{self.scores.box_ap} on {self.scores.images:,} held-out images after "
            f"{len(self.epochs)} epochs, {self.params:,} params>"
        )

    @property
    def name(self) -> str:
        """The detector and its backbone."""
        return self.spec.name

    @property
    def seconds(self) -> float:
        """Those that the epochs took."""
        return sum(each.seconds for each in self.epochs)
