"""What follows the blocks, as data."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import DIVISOR, OPTIONAL_WIDTH, RATE
from rexpand.spec.blocks import Activation
from rexpand.spec.blocks.groups import check_divides

Classifier = Literal["linear", "convolution"]


@dataclass(frozen=True, kw_only=True)
class Head:
    """1x1 to `channels`, pool, linear to `hidden`, dropout, classifier.

    `channels` is the penultimate layer's width, 0 for none; it has a batch norm and no
    bias. `hidden` is a second layer after the pooling, 0 for none, with a bias and,
    if `hidden_norm`, a batch norm. With `first_norm` a batch norm and the activation
    come first, where the blocks end in a convolution (CondenseNet). A `convolution`
    classifies every pixel, has a ReLU, and is pooled last (SqueezeNet). A linear
    classifier may have no `bias`, and may use one in `condense_factor` of the features,
    which training chooses (CondenseNet).
    """

    channels: Annotated[int, OPTIONAL_WIDTH] = 1280
    hidden: Annotated[int, OPTIONAL_WIDTH] = 0
    hidden_norm: bool = True
    first_norm: bool = False
    activation: Activation = "relu6"
    dropout: Annotated[float, RATE] = 0.2
    classifier: Classifier = "linear"
    bias: bool = True
    condense_factor: Annotated[int, DIVISOR] = 1

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if self.classifier == "convolution" and self.hidden:
            raise SpecError(
                f"a classifier that is pooled last cannot have hidden {self.hidden}; "
                "give hidden = 0 or classifier = 'linear'"
            )
        if self.classifier == "convolution" and (self.condense_factor, self.bias) != (
            1,
            True,
        ):
            raise SpecError(
                "a classifier that is pooled last has a bias and uses every feature; "
                "give bias = true and condense_factor = 1, or classifier = 'linear'"
            )

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the classifier's features cannot be condensed."""
        features = self.hidden or self.channels or in_channels
        check_divides(self.condense_factor, features, "features of the classifier")
