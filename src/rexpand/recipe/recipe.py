"""How to train, as data."""

from dataclasses import dataclass, field, replace
from typing import Literal

from rexpand.errors import SpecError
from rexpand.recipe.augmentation import Augmentation
from rexpand.recipe.optimization import EMA, SGD, Cosine
from rexpand.spec.blocks import check_at_least, check_choice

Precision = Literal["auto", "fp32", "bf16"]

# Held-out images: with the grid of positions, four samples per channel or more of any map.
_WATCHED = 256


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A training: epochs of batches, the optimiser with its schedule, the augmentation.

    With `averaging`, the average of the weights is judged and kept. With `patience`,
    training stops after so many epochs without a better accuracy on `validation` images
    held out of the training set. `auto` precision is bf16 on GPUs
    that have it and fp32 elsewhere. `group_lasso` weighs the penalty on layers that
    choose their inputs while they train (CondenseNet; the paper's is 1e-5).
    `nuclear_norm` records that of the penultimate features at the end, `watch_rank`
    the rank of every block after each epoch, on so many held-out images.
    """

    epochs: int
    batch_size: int = 128
    optimizer: SGD = field(default_factory=SGD)
    schedule: Cosine = field(default_factory=Cosine)
    averaging: EMA | None = None
    label_smoothing: float = 0.0
    group_lasso: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    validation: int = 0
    patience: int = 0
    precision: Precision = "auto"
    channels_last: bool = True
    nuclear_norm: bool = False
    watch_rank: int = 0

    def __post_init__(self) -> None:
        check_at_least("epochs", self.epochs, 1)
        check_at_least("batch_size", self.batch_size, 2)  # batch norm needs two images
        check_at_least("group_lasso", self.group_lasso, 0)
        check_at_least("validation", self.validation, 0)
        check_at_least("patience", self.patience, 0)
        check_at_least("watch_rank", self.watch_rank, 0)
        check_choice("precision", self.precision, Precision)
        if not 0 <= self.label_smoothing < 1:
            raise SpecError(f"label_smoothing {self.label_smoothing} is outside [0, 1)")
        if self.patience and not self.validation:
            raise SpecError(
                f"patience {self.patience} needs images to judge by; set validation, "
                "so that the test images do not choose the epoch"
            )

    def with_epochs(self, epochs: int) -> "Recipe":
        """The same recipe for another number of epochs, warm-up in proportion."""
        warmup = min(self.schedule.warmup_epochs, epochs / 4)
        schedule = replace(self.schedule, warmup_epochs=warmup)
        return replace(self, epochs=epochs, schedule=schedule)

    def with_watch(self) -> "Recipe":
        """The same recipe, with every block's rank watched on a few hundred images."""
        return replace(self, watch_rank=self.watch_rank or _WATCHED)
