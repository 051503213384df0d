"""The names that fields of a spec choose from, and the checks of their values."""

from typing import Literal

Activation = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "softplus", "hard_swish", "silu"
]
Gate = Literal["sigmoid", "hard_sigmoid"]
SqueezePosition = Literal["before_activation", "after_activation"]
SqueezeReference = Literal["expanded", "inputs"]
