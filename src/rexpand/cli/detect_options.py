"""The options that the verbs of `rexpand detect` share."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.numbers import number
from rexpand.cli.options import Ema, Epochs, Optimizer, Schedule, WeightDecay
from rexpand.ranges import BATCH_SIZE, LEARNING_RATE

if TYPE_CHECKING:
    from rexpand.recipe import Change, DetectionRecipe


class DetectorName(StrEnum):
    """Which detector."""

    SSDLITE = "ssdlite"
    FASTER_RCNN = "faster_rcnn"
    MASK_RCNN = "mask_rcnn"


class NormName(StrEnum):
    """What the batch norms of a backbone learn from."""

    BATCH = "batch"
    FROZEN = "frozen"
    SYNC = "sync"


class FeatureName(StrEnum):
    """Which map of a stride."""

    BLOCK = "block"
    EXPANSION = "expansion"


class PartName(StrEnum):
    """Which images of a data set."""

    HELD_OUT = "held-out"
    TRAIN = "train"


AnnotatedData = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DATA",
        help="A folder of images annotated as COCO JSON, Pascal VOC XML or LabelMe JSON, "
        "found by its contents; or its name under --data-root.",
    ),
]
SkipDefects = Annotated[
    bool,
    typer.Option(
        "--skip-defects",
        help="Leave out annotations and images that are wrong (`rexpand data check` "
        "counts them).",
    ),
]

Part = Annotated[
    PartName,
    typer.Option(
        "--part",
        help="Which images: those that training holds out, or those that train. Of a "
        "folder without a training part test or val.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class DetectionRecipeOptions:
    """What the command line says of the recipe of a detector."""

    recipe: Annotated[
        str,
        typer.Option(
            "--recipe",
            metavar="RECIPE",
            help="How to train: quick, ssdlite, 1x, 3x, torchvision, or a .toml file.",
        ),
    ] = "quick"
    epochs: Epochs = None
    batch_size: Annotated[
        int | None, number(BATCH_SIZE, "--batch-size", help="Images per step.")
    ] = None
    learning_rate: Annotated[
        float | None,
        number(
            LEARNING_RATE,
            "--learning-rate",
            "--lr",
            help="Learning rate at its peak.",
        ),
    ] = None
    augment: Annotated[
        str | None,
        typer.Option(
            "--augment",
            metavar="NAME",
            help="flip, multiscale, lsj, ssd, ssdlite, or none.",
        ),
    ] = None
    optimizer: Optimizer = None
    weight_decay: WeightDecay = None
    schedule: Schedule = None
    ema: Ema = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Change a field of the recipe, e.g. judge_every=5; may be repeated. "
            "--show prints the fields.",
        ),
    ] = None

    def chosen(self) -> "DetectionRecipe":
        """The recipe with its changes.

        Raises UnknownNameError or SpecError, each with the way out.
        """
        from rexpand.recipe import Change, changed, find_detection_recipe

        recipe = changed(find_detection_recipe(self.recipe), [*self._named()])
        recipe = recipe.with_epochs(self.epochs) if self.epochs else recipe
        return changed(recipe, [Change.parse(text) for text in self.sets or ()])

    def _named(self) -> "Iterator[Change]":
        """The changes that have an option of their own; tables before their fields."""
        from rexpand.codec import to_content
        from rexpand.errors import UnknownNameError
        from rexpand.recipe import (
            DETECTION_AUGMENTATIONS,
            Change,
            DetectionAugmentation,
        )

        if self.augment:
            known = {"none": DetectionAugmentation(), **DETECTION_AUGMENTATIONS}
            if self.augment not in known:
                raise UnknownNameError(
                    "augmentation",
                    self.augment,
                    known,
                    f"choose from {', '.join(known)}",
                )
            content = to_content(known[self.augment])
            for name, table in content.items():  # those of the recipe go
                place = f"augmentation.{name}"
                yield Change(place=place, value="none" if table is None else table)
        named = {
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "optimizer.learning_rate": self.learning_rate,
            "optimizer.weight_decay": self.weight_decay,
            "batch_size": self.batch_size,
            "averaging.decay": self.ema,
        }
        for place, value in named.items():
            if value is not None:
                yield Change(place=place, value=value)
