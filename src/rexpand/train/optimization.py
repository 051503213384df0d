"""What a recipe's optimiser, schedule and averaging do: one function per value.

All are pure functions of the value and the step, so that a resumed run goes on alike.
"""

from collections.abc import Mapping
from copy import deepcopy
from math import cos, floor, pi
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import torch
from torch import nn

from rexpand.models import Network
from rexpand.recipe import (
    EMA,
    SGD,
    AdamW,
    Constant,
    Cosine,
    Linear,
    Milestones,
    Optimizer,
    RMSpropTF,
    Schedule,
    Step,
)
from rexpand.train.rmsprop import TensorFlowRMSprop

Module = TypeVar("Module", bound=nn.Module)


class Scheduled(Protocol):
    """What a recipe says of the learning rate."""

    @property
    def epochs(self) -> int: ...

    @property
    def optimizer(self) -> Optimizer: ...

    @property
    def schedule(self) -> Schedule: ...


_SHARE = "share"  # of the learning rate, in a group of parameters
_FULL: Mapping[nn.Parameter, float] = MappingProxyType({})


def optimizer_of(
    module: nn.Module, values: Optimizer, shares: Mapping[nn.Parameter, float] = _FULL
) -> torch.optim.Optimizer:
    """The optimiser of the parameters that have gradients.

    Norms and biases are not decayed. `shares` are those of the learning rate at which
    single parameters learn (`layer_shares`); the others learn at the rate itself.
    """
    groups = _groups(module, values, shares)
    rate = values.learning_rate
    match values:
        case SGD(momentum=momentum):
            return torch.optim.SGD(
                groups, lr=rate, momentum=momentum, nesterov=momentum > 0, fused=True
            )
        case AdamW(beta1=beta1, beta2=beta2, eps=eps):
            return torch.optim.AdamW(
                groups, lr=rate, betas=(beta1, beta2), eps=eps, fused=True
            )
        case RMSpropTF(decay=decay, momentum=momentum, eps=eps):
            return TensorFlowRMSprop(
                groups, lr=rate, decay=decay, momentum=momentum, eps=eps
            )


def _groups(
    module: nn.Module, values: Optimizer, shares: Mapping[nn.Parameter, float]
) -> list[dict[str, Any]]:
    """The parameters by their share of the rate, weights before norms and biases."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    learning = [each for each in module.parameters() if each.requires_grad]
    for parameter in sorted(learning, key=lambda each: each.ndim <= 1):
        kind = (shares.get(parameter, 1.0), parameter.ndim > 1)
        groups.setdefault(kind, []).append(parameter)
    return [
        {
            "params": parameters,
            "weight_decay": values.weight_decay if is_decayed else 0.0,
            _SHARE: share,
        }
        for (share, is_decayed), parameters in groups.items()
    ]


def layer_shares(network: Network, decay: float) -> dict[nn.Parameter, float]:
    """The share of the learning rate of each parameter below the head.

    With n blocks it is decay ** (n + 1 - i) in block i, from 1; the stem is a block 0.
    What comes after the blocks learns at the rate itself, and is left out.
    """
    layers = (network.stem, *network.blocks)
    return {
        parameter: decay ** (len(layers) - number)
        for number, layer in enumerate(layers)
        for parameter in layer.parameters()
    }


def moments_of(values: Optimizer) -> int:
    """How many numbers an optimiser remembers for each weight."""
    match values:
        case SGD(momentum=momentum):
            return int(momentum > 0)
        case AdamW():
            return 2
        case RMSpropTF(momentum=momentum):
            return 1 + int(momentum > 0)


def learning_rate_at(step: int, steps_per_epoch: int, recipe: Scheduled) -> float:
    """Linear from 0 over the warm-up, then as the schedule says; `step` is from 0."""
    peak = recipe.optimizer.learning_rate
    warmup = recipe.schedule.warmup_epochs * steps_per_epoch
    if step < warmup:
        return peak * (step + 1) / warmup
    total = recipe.epochs * steps_per_epoch
    progress = (step - warmup) / max(total - warmup, 1)
    match recipe.schedule:
        case Cosine():
            return peak * (1 + cos(pi * progress)) / 2
        case Linear():
            return peak * (1 - progress)
        case Step(epochs=epochs, factor=factor):
            return peak * factor ** floor(step / steps_per_epoch / epochs)
        case Milestones(epochs=milestones, factor=factor):
            passed = sum(step >= each * steps_per_epoch for each in milestones)
            return peak * factor**passed
        case Constant():
            return peak


def set_learning_rate(optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    """Give every group its share of the rate of this step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate * group[_SHARE]


def fresh_average(network: Module) -> Module:
    """A copy to be moved by `move_average`."""
    return deepcopy(network).requires_grad_(False)


@torch.no_grad()
def move_average(
    average: nn.Module, network: nn.Module, step: int, values: EMA
) -> None:
    """Move weights and running statistics towards those after a step, from 1."""
    share = 1 - values.decay_at(step)
    pairs = zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    )
    for old, new in pairs:
        if old.is_floating_point():
            old.lerp_(new, share)
        else:
            old.copy_(new)  # how many batches a norm has seen
