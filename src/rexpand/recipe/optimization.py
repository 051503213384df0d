"""Optimiser, schedule and averaging, as data; `rexpand.train.optimization` acts on them.

Each says its `kind`, which a file may leave out where there is only one.
"""

from dataclasses import dataclass
from typing import Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks import check_at_least


@dataclass(frozen=True, kw_only=True)
class SGD:
    """Stochastic gradient descent with Nesterov momentum.

    `learning_rate` is the peak of the schedule, for the recipe's images per step. Weight
    decay acts on the weights of convolutions and linear layers, not on norms and biases.
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    kind: Literal["sgd"] = "sgd"

    def __post_init__(self) -> None:
        if not self.learning_rate > 0:
            raise SpecError(
                f"learning_rate is {self.learning_rate}; it must be positive"
            )
        if not 0 <= self.momentum < 1:
            raise SpecError(f"momentum {self.momentum} is outside [0, 1)")
        check_at_least("weight_decay", self.weight_decay, 0)


@dataclass(frozen=True, kw_only=True)
class Cosine:
    """Linear from 0 over the warm-up, then half a cosine to 0, step by step."""

    warmup_epochs: float = 1.0
    kind: Literal["cosine"] = "cosine"

    def __post_init__(self) -> None:
        check_at_least("warmup_epochs", self.warmup_epochs, 0)


@dataclass(frozen=True, kw_only=True)
class EMA:
    """The exponential moving average of the weights, judged and kept in their place.

    After step n, from 1, the average moves by 1 - min(decay, (1 + n) / (10 + n)) of the
    way to the weights: over a short training it forgets the first steps too.
    """

    decay: float = 0.999
    kind: Literal["ema"] = "ema"

    def __post_init__(self) -> None:
        if not 0 <= self.decay < 1:
            raise SpecError(f"decay {self.decay} is outside [0, 1)")

    def decay_at(self, step: int) -> float:
        """How much of the average stays at a step, counted from 1."""
        return min(self.decay, (1 + step) / (10 + step))
