"""Optimiser, schedule and averaging, as data; `rexpand.train.optimization` acts on them.

Each says its `kind`. A recipe's file may leave it out where it is that of the recipe
that the file starts from.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import (
    LEARNING_RATE,
    RATE,
    SHARE,
    STEP_EPOCHS,
    WARMUP_EPOCHS,
    WEIGHT,
)


@dataclass(frozen=True, kw_only=True)
class SGD:
    """Stochastic gradient descent with Nesterov momentum.

    `learning_rate` is the peak of the schedule, for the recipe's images per step. Weight
    decay acts on the weights of convolutions and linear layers, not on norms and biases.
    """

    learning_rate: Annotated[float, LEARNING_RATE] = 0.1
    momentum: Annotated[float, RATE] = 0.9
    weight_decay: Annotated[float, WEIGHT] = 5e-4
    kind: Literal["sgd"] = "sgd"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class AdamW:
    """Adam with decoupled weight decay (arXiv 1711.05101).

    `beta1` and `beta2` are the decays of the mean of the gradients and of their squares.
    """

    learning_rate: Annotated[float, LEARNING_RATE] = 1e-3
    beta1: Annotated[float, RATE] = 0.9
    beta2: Annotated[float, RATE] = 0.999
    eps: Annotated[float, SHARE] = 1e-8
    weight_decay: Annotated[float, WEIGHT] = 0.05
    kind: Literal["adamw"] = "adamw"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class RMSpropTF:
    """RMSprop as TensorFlow has it, which trained MobileNetV3, MnasNet and EfficientNet.

    It starts from a mean square of 1, adds `eps` below the root, and scales each
    gradient by the rate before momentum. `decay` is that of the mean square. The
    defaults are EfficientNet's, for 256 images per step (arXiv 1905.11946).
    """

    learning_rate: Annotated[float, LEARNING_RATE] = 0.016
    decay: Annotated[float, RATE] = 0.9
    momentum: Annotated[float, RATE] = 0.9
    eps: Annotated[float, SHARE] = 1e-3
    weight_decay: Annotated[float, WEIGHT] = 1e-5
    kind: Literal["rmsprop_tf"] = "rmsprop_tf"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


Optimizer = SGD | AdamW | RMSpropTF


@dataclass(frozen=True, kw_only=True)
class Cosine:
    """Linear from 0 over the warm-up, then half a cosine to 0, step by step."""

    warmup_epochs: Annotated[float, WARMUP_EPOCHS] = 1.0
    kind: Literal["cosine"] = "cosine"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Linear from 0 over the warm-up, then linear to 0 (ShuffleNetV2's)."""

    warmup_epochs: Annotated[float, WARMUP_EPOCHS] = 1.0
    kind: Literal["linear"] = "linear"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Linear from 0 over the warm-up, then times `factor` after every `epochs` epochs.

    Epochs count from the start of the training. The defaults are EfficientNet's.
    """

    warmup_epochs: Annotated[float, WARMUP_EPOCHS] = 1.0
    epochs: Annotated[float, STEP_EPOCHS] = 2.4
    factor: Annotated[float, SHARE] = 0.97
    kind: Literal["step"] = "step"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class Milestones:
    """Linear from 0 over the warm-up, then times `factor` at each of some `epochs`.

    Epochs count from the start of the training and rise. The defaults are Detectron's 1x.
    """

    warmup_epochs: Annotated[float, WARMUP_EPOCHS] = 1.0
    epochs: tuple[Annotated[float, STEP_EPOCHS], ...] = (8.0, 11.0)
    factor: Annotated[float, SHARE] = 0.1
    kind: Literal["milestones"] = "milestones"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if sorted({*self.epochs}) != [*self.epochs]:
            raise SpecError(
                f"the milestones are after epochs {self.epochs}; give each once, the "
                "first one first"
            )


@dataclass(frozen=True, kw_only=True)
class Constant:
    """Linear from 0 over the warm-up, then the peak."""

    warmup_epochs: Annotated[float, WARMUP_EPOCHS] = 1.0
    kind: Literal["constant"] = "constant"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


Schedule = Cosine | Linear | Step | Milestones | Constant


def stretched(schedule: Schedule, before: int, after: int) -> Schedule:
    """A schedule for `before` epochs in proportion for `after`.

    Of the warm-up only what is more than a quarter of the epochs is cut.
    """
    warmup = min(schedule.warmup_epochs, after / 4)
    schedule = replace(schedule, warmup_epochs=warmup)
    match schedule:
        case Step(epochs=epochs):
            return replace(schedule, epochs=epochs * after / before)
        case Milestones(epochs=milestones):
            return replace(
                schedule, epochs=tuple(each * after / before for each in milestones)
            )
    return schedule


@dataclass(frozen=True, kw_only=True)
class EMA:
    """The exponential moving average of the weights, judged and kept in their place.

    After step n, from 1, the average moves by 1 - min(decay, (1 + n) / (10 + n)) of the
    way to the weights: over a short training it forgets the first steps too.
    """

    decay: Annotated[float, RATE] = 0.999
    kind: Literal["ema"] = "ema"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    def decay_at(self, step: int) -> float:
        """How much of the average stays at a step, counted from 1."""
        return min(self.decay, (1 + step) / (10 + step))
