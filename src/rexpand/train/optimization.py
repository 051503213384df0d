"""What a recipe's optimiser, schedule and averaging do: one function per value.

All are pure functions of the value and the step, so that a resumed run goes on alike.
"""

from copy import deepcopy
from math import cos, floor, pi
from typing import Any

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
    Optimizer,
    Recipe,
    RMSpropTF,
    Step,
)
from rexpand.train.rmsprop import TensorFlowRMSprop


def optimizer_of(module: nn.Module, values: Optimizer) -> torch.optim.Optimizer:
    """The optimiser of a module's parameters; norms and biases are not decayed."""
    groups: list[dict[str, Any]] = [
        {
            "params": [p for p in module.parameters() if p.ndim > 1],
            "weight_decay": values.weight_decay,
        },
        {
            "params": [p for p in module.parameters() if p.ndim <= 1],
            "weight_decay": 0.0,
        },
    ]
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


def moments_of(values: Optimizer) -> int:
    """How many numbers an optimiser remembers for each weight."""
    match values:
        case SGD(momentum=momentum):
            return int(momentum > 0)
        case AdamW():
            return 2
        case RMSpropTF(momentum=momentum):
            return 1 + int(momentum > 0)


def learning_rate_at(step: int, steps_per_epoch: int, recipe: Recipe) -> float:
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
        case Constant():
            return peak


def set_learning_rate(optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    """Give every group the rate of this step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


def fresh_average(network: Network) -> Network:
    """A copy to be moved by `move_average`."""
    return deepcopy(network).requires_grad_(False)


@torch.no_grad()
def move_average(average: Network, network: Network, step: int, values: EMA) -> None:
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
