"""The schedule and the optimiser follow the recipe."""

from dataclasses import replace

import pytest
import torch

from rexpand.models import build
from rexpand.recipe import (
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
from rexpand.spec import network
from rexpand.train.optimization import learning_rate_at, optimizer_of

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


def test_a_linear_schedule_falls_by_the_same_amount_each_step() -> None:
    recipe = replace(RECIPE, schedule=Linear(warmup_epochs=2))

    rates = [learning_rate_at(step, STEPS, recipe) for step in range(10, 50)]

    # 40 steps from the peak to 0.
    assert rates == pytest.approx([0.4 - 0.01 * step for step in range(40)])


def test_a_schedule_in_steps_is_constant_between_them() -> None:
    schedule = Step(warmup_epochs=1, epochs=4, factor=0.5)
    recipe = replace(RECIPE, schedule=schedule)

    rates = [learning_rate_at(step, STEPS, recipe) for step in range(5, 50)]

    # Epochs count from the start: 1 to 4, 4 to 8 and 8 to 10, of five steps each.
    assert rates == pytest.approx([0.4] * 15 + [0.2] * 20 + [0.1] * 10)


def test_a_constant_schedule_stays_at_the_peak() -> None:
    recipe = replace(RECIPE, schedule=Constant(warmup_epochs=1))

    assert {learning_rate_at(step, STEPS, recipe) for step in range(5, 50)} == {0.4}


OPTIMIZERS = [SGD(), AdamW(), RMSpropTF()]


@pytest.mark.parametrize("values", OPTIMIZERS, ids=lambda values: values.kind)
def test_norms_and_biases_are_not_decayed(values: Optimizer) -> None:
    module = build(network("search_18").with_classes(10))

    decayed, free = optimizer_of(module, values).param_groups

    # Weights of convolutions and linear layers have two dimensions or more.
    assert decayed["weight_decay"] == values.weight_decay
    assert all(parameter.ndim > 1 for parameter in decayed["params"])
    assert free["weight_decay"] == 0
    assert all(parameter.ndim <= 1 for parameter in free["params"])
    # Every parameter is in one of the groups.
    counted = len(decayed["params"]) + len(free["params"])
    assert counted == len(list(module.parameters()))


def test_momentum_is_nesterovs() -> None:
    optimizer = optimizer_of(torch.nn.Linear(2, 2), RECIPE.optimizer)

    assert optimizer.param_groups[0]["nesterov"]


def test_rmsprop_is_timms(float64: None) -> None:
    from timm.optim import RMSpropTF as TimmsRMSprop

    values = RMSpropTF(learning_rate=0.01, weight_decay=0.1)
    ours, theirs = torch.nn.Linear(5, 3), torch.nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    groups = [
        {"params": [theirs.weight], "weight_decay": 0.1},
        {"params": [theirs.bias], "weight_decay": 0.0},
    ]
    pairs = (
        (ours, optimizer_of(ours, values)),
        (theirs, TimmsRMSprop(groups, lr=0.01, alpha=0.9, momentum=0.9, eps=1e-3)),
    )

    for step in range(5):
        images = torch.linspace(-1, 2 + step, 20).reshape(4, 5)
        for module, optimizer in pairs:
            optimizer.zero_grad()
            module(images).square().sum().backward()
            optimizer.step()

    # Five steps of sums of 20 products in float64.
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(ours.bias, theirs.bias, rtol=1e-10, atol=1e-10)
