"""The schedule and the optimiser follow the recipe."""

import pytest
import torch

from rexpand.models import build
from rexpand.recipe import SGD, Cosine, Recipe
from rexpand.spec import network
from rexpand.train.optimization import learning_rate_at, sgd

RECIPE = Recipe(
    epochs=10,
    optimizer=SGD(learning_rate=0.4),
    schedule=Cosine(warmup_epochs=2),
)
STEPS = 5  # an epoch


def test_the_rate_rises_to_its_peak_and_falls_to_nothing() -> None:
    rates = [learning_rate_at(step, STEPS, RECIPE) for step in range(50)]

    # Warm-up is linear and its last step has the peak.
    assert rates[:10] == pytest.approx([0.04 * (step + 1) for step in range(10)])
    # The cosine starts at the peak, is half of it midway, and ends near 0.
    assert rates[10] == pytest.approx(0.4)
    assert rates[30] == pytest.approx(0.2)
    assert 0 < rates[49] < 0.001


def test_without_warm_up_the_first_step_has_the_peak() -> None:
    recipe = Recipe(epochs=1, schedule=Cosine(warmup_epochs=0))

    assert learning_rate_at(0, STEPS, recipe) == 0.1


def test_norms_and_biases_are_not_decayed() -> None:
    module = build(network("search_18").with_classes(10))

    decayed, free = sgd(module, RECIPE.optimizer).param_groups

    # Weights of convolutions and linear layers have two dimensions or more.
    assert decayed["weight_decay"] == RECIPE.optimizer.weight_decay
    assert all(parameter.ndim > 1 for parameter in decayed["params"])
    assert free["weight_decay"] == 0
    assert all(parameter.ndim <= 1 for parameter in free["params"])
    # Every parameter is in one of the groups.
    counted = len(decayed["params"]) + len(free["params"])
    assert counted == len(list(module.parameters()))


def test_momentum_is_nesterovs() -> None:
    assert sgd(torch.nn.Linear(2, 2), RECIPE.optimizer).param_groups[0]["nesterov"]
