"""What a recipe's optimiser, schedule and averaging do: one function per value.

All are pure functions of the value and the step, so that a resumed run goes on alike.
"""

from copy import deepcopy
from math import cos, pi

import torch
from torch import nn

from rexpand.models import Network
from rexpand.recipe import EMA, SGD, Recipe


def sgd(module: nn.Module, values: SGD) -> torch.optim.SGD:
    """SGD with Nesterov momentum; norms and biases are not decayed."""
    decayed = [p for p in module.parameters() if p.ndim > 1]
    free = [p for p in module.parameters() if p.ndim <= 1]
    return torch.optim.SGD(
        [
            {"params": decayed, "weight_decay": values.weight_decay},
            {"params": free, "weight_decay": 0.0},
        ],
        lr=values.learning_rate,
        momentum=values.momentum,
        nesterov=values.momentum > 0,
        fused=True,
    )


def learning_rate_at(step: int, steps_per_epoch: int, recipe: Recipe) -> float:
    """Linear from 0 over the warm-up, then half a cosine to 0; `step` counts from 0."""
    peak = recipe.optimizer.learning_rate
    warmup = recipe.schedule.warmup_epochs * steps_per_epoch
    if step < warmup:
        return peak * (step + 1) / warmup
    total = recipe.epochs * steps_per_epoch
    progress = (step - warmup) / max(total - warmup, 1)
    return peak * (1 + cos(pi * progress)) / 2


def set_learning_rate(optimizer: torch.optim.SGD, learning_rate: float) -> None:
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
