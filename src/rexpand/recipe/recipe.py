"""How to train, as data."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from rexpand.codec import from_content
from rexpand.errors import SpecError
from rexpand.recipe.augmentation import Augmentation
from rexpand.spec.blocks import check_at_least, check_choice

Precision = Literal["auto", "fp32", "bf16"]

# Held-out images: with the grid of positions, four samples a channel or more of any map.
_WATCHED = 256


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """SGD with Nesterov momentum, linear warm-up, cosine decay to nothing.

    `learning_rate` is the peak, for `batch_size` images a step. Weight decay acts on
    the weights of convolutions and linear layers, not on norms and biases. With
    `patience`, training stops after so many epochs without a better accuracy on
    `validation` images held out of the training set. `auto` precision is bf16 on GPUs
    that have it and fp32 elsewhere. `group_lasso` weighs the penalty on layers that
    choose their inputs while they train (CondenseNet; the paper's is 1e-5).
    `nuclear_norm` records that of the penultimate features at the end, `watch_rank`
    the rank of every block after each epoch, on so many held-out images.
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 0.1
    warmup_epochs: float = 1.0
    momentum: float = 0.9
    weight_decay: float = 5e-4
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
        check_at_least("warmup_epochs", self.warmup_epochs, 0)
        check_at_least("weight_decay", self.weight_decay, 0)
        check_at_least("group_lasso", self.group_lasso, 0)
        check_at_least("validation", self.validation, 0)
        check_at_least("patience", self.patience, 0)
        check_at_least("watch_rank", self.watch_rank, 0)
        check_choice("precision", self.precision, Precision)
        if not self.learning_rate > 0:
            raise SpecError(
                f"learning_rate is {self.learning_rate}; it must be positive"
            )
        if not 0 <= self.momentum < 1:
            raise SpecError(f"momentum {self.momentum} is outside [0, 1)")
        if not 0 <= self.label_smoothing < 1:
            raise SpecError(f"label_smoothing {self.label_smoothing} is outside [0, 1)")
        if self.patience and not self.validation:
            raise SpecError(
                f"patience {self.patience} needs images to judge by; set validation, "
                "so that the test images do not choose the epoch"
            )

    def to_dict(self) -> dict[str, Any]:
        """The recipe as a JSON object."""
        return asdict(self)

    def with_epochs(self, epochs: int) -> "Recipe":
        """The same recipe for another number of epochs, warm-up in proportion."""
        warmup = min(self.warmup_epochs, epochs / 4)
        return replace(self, epochs=epochs, warmup_epochs=warmup)

    def with_watch(self) -> "Recipe":
        """The same recipe, with every block's rank watched on a few hundred images."""
        return replace(self, watch_rank=self.watch_rank or _WATCHED)


def recipe_from_dict(content: Any) -> Recipe:
    """The recipe of a JSON object; SpecError for an unknown key or a wrong value."""
    try:
        return from_content(Recipe, content)
    except ValueError as error:
        raise SpecError(f"recipe: {error}") from None
