"""The optimiser and its schedule: pure functions of the recipe and the step."""

from math import cos, pi

from torch import nn
from torch.optim import SGD

from rexpand.recipe import Recipe


def sgd(module: nn.Module, recipe: Recipe) -> SGD:
    """SGD with Nesterov momentum; norms and biases are not decayed."""
    decayed = [p for p in module.parameters() if p.ndim > 1]
    free = [p for p in module.parameters() if p.ndim <= 1]
    return SGD(
        [
            {"params": decayed, "weight_decay": recipe.weight_decay},
            {"params": free, "weight_decay": 0.0},
        ],
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.momentum > 0,
        fused=True,
    )


def learning_rate_at(step: int, steps_per_epoch: int, recipe: Recipe) -> float:
    """Linear from 0 over the warm-up, then half a cosine to 0; `step` counts from 0."""
    warmup = recipe.warmup_epochs * steps_per_epoch
    if step < warmup:
        return recipe.learning_rate * (step + 1) / warmup
    total = recipe.epochs * steps_per_epoch
    progress = (step - warmup) / max(total - warmup, 1)
    return recipe.learning_rate * (1 + cos(pi * progress)) / 2


def set_learning_rate(optimizer: SGD, learning_rate: float) -> None:
    """Give every group the rate of this step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
