"""How to train a detector, as data, and the recipes that come with rexpand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import (
    ACCUMULATION,
    BATCH_SIZE,
    EPOCHS,
    FROZEN_LEVELS,
    GROUP_FACTOR,
    RATE,
)
from rexpand.recipe.detection_augmentation import (
    DETECTION_AUGMENTATIONS,
    DetectionAugmentation,
)
from rexpand.recipe.optimization import (
    EMA,
    SGD,
    AdamW,
    Cosine,
    Milestones,
    Optimizer,
    Schedule,
    stretched,
)
from rexpand.recipe.recipe import Precision


@dataclass(frozen=True, kw_only=True)
class DetectionRecipe:
    """A training of a detector: epochs of batches, optimiser, schedule, augmentation.

    The warm-up rises from `warmup_start`, a share of the learning rate, not from 0. With
    `averaging`, the average of the weights is judged and kept. Whatever the first
    `frozen_levels` maps that the detector takes of its backbone are computed from keeps
    its values (one of Faster R-CNN on a ResNet is torchvision's `trainable_layers` of 3).
    With `aspect_ratio_group_factor` the images of a batch have like shapes, so that less
    is padded: torchvision's has 3, and 0 parts wide from tall. A step's batch is parted
    into `accumulation` micro-batches, and each of these among all processes. `auto`
    precision is bf16 on GPUs that have it and fp32 elsewhere. Every `judge_every` epochs,
    and after the last, the held-out images are judged, which changes no weights.
    """

    epochs: Annotated[int, EPOCHS]
    batch_size: Annotated[int, BATCH_SIZE] = 16
    optimizer: Optimizer = field(default_factory=SGD)
    schedule: Schedule = field(default_factory=Cosine)
    warmup_start: Annotated[float, RATE] = 0.0
    averaging: EMA | None = None
    frozen_levels: Annotated[int, FROZEN_LEVELS] = 0
    aspect_ratio_group_factor: Annotated[int, GROUP_FACTOR] | None = None
    augmentation: DetectionAugmentation = field(default_factory=DetectionAugmentation)
    accumulation: Annotated[int, ACCUMULATION] = 1
    precision: Precision = "auto"
    judge_every: Annotated[int, EPOCHS] = 1

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        size, rest = divmod(self.batch_size, self.accumulation)
        if rest or size < BATCH_SIZE.least:
            raise SpecError(
                f"accumulation {self.accumulation} does not part a batch_size of "
                f"{self.batch_size} into equal micro-batches of 2 images or more"
            )

    def with_epochs(self, epochs: int) -> "DetectionRecipe":
        """The same recipe for another number of epochs, the schedule `stretched`."""
        schedule = stretched(self.schedule, self.epochs, epochs)
        return replace(self, epochs=epochs, schedule=schedule)


_COCO_IMAGES = 118_287  # of train2017

# Of the code that the author names in clovaai/rexnet#22, with its defaults for COCO:
# 8 x 32 images, 200,000 steps, 500 of warm-up from a third. There the loss is focal, here
# torchvision's, of hard negatives; and its rate of 0.01 is multiplied by 8 GPUs.
_SSDLITE = DetectionRecipe(
    epochs=433,
    batch_size=256,
    optimizer=SGD(learning_rate=0.08, weight_decay=4e-5),
    schedule=Cosine(warmup_epochs=500 * 256 / _COCO_IMAGES),
    warmup_start=1 / 3,
    augmentation=DETECTION_AUGMENTATIONS["ssdlite"],
    judge_every=10,
)

# Detectron's 90,000 steps of 16 images, in epochs: 12.2, with a tenth of the rate after
# 8.1 and 10.8. It parts wide images from tall. Its warm-up is 500 steps from a tenth (arXiv 1706.02677), torchvision's
# 1,000 from nearly 0.
_1X = DetectionRecipe(
    epochs=12,
    batch_size=16,
    optimizer=SGD(learning_rate=0.02, weight_decay=1e-4),
    schedule=Milestones(warmup_epochs=1000 * 16 / _COCO_IMAGES, epochs=(8.0, 11.0)),
    warmup_start=1e-3,
    aspect_ratio_group_factor=0,
    augmentation=DETECTION_AUGMENTATIONS["flip"],
)


def _longer(epochs: int, milestones: tuple[float, ...]) -> DetectionRecipe:
    schedule = Milestones(warmup_epochs=_1X.schedule.warmup_epochs, epochs=milestones)
    return replace(_1X, epochs=epochs, schedule=schedule)


# torchvision's own weights of Faster and Mask R-CNN come from 26 epochs.
_TORCHVISION = replace(_longer(26, (16.0, 22.0)), aspect_ratio_group_factor=3)

# 270,000 steps are 36.5 epochs, with a tenth of the rate after 28.4 and 33.8.
_3X = _longer(36, (28.0, 34.0))

# For some tens to some thousands of images on a CPU, from a backbone with weights.
_QUICK = DetectionRecipe(
    epochs=30,
    batch_size=8,
    optimizer=AdamW(learning_rate=5e-4, weight_decay=1e-4),
    schedule=Cosine(warmup_epochs=1),
    augmentation=DETECTION_AUGMENTATIONS["flip"],
    judge_every=10,
)

DETECTION_RECIPES: Mapping[str, DetectionRecipe] = MappingProxyType(
    {
        "1x": _1X,
        "3x": _3X,
        "quick": _QUICK,
        "ssdlite": _SSDLITE,
        "torchvision": _TORCHVISION,
    }
)
