import pytest
import torch
from torch import nn

from rexpand.cost import Cost, cost_of
from rexpand.errors import MistakeError
from rexpand.models import build
from rexpand.spec import network
from rexpand.trace import measure


@pytest.fixture
def tiny() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.Flatten(),
        nn.Linear(16, 5),
    )


def test_convolutions_and_linear_layers_are_counted(tiny):
    cost = measure(tiny, (3, 4, 4))

    # 4 maps of 2x2 from 27 weights each, then 16 x 5 with bias; the norm is learned.
    assert cost.params == 108 + 8 + 80 + 5
    assert cost.macs == 27 * 16 + 80
    assert cost.activations == 16 + 5
    assert cost.memory_access == (108 + 48 + 16) + (85 + 16 + 5)


def test_a_network_measures_as_it_prices():
    assert measure(build(network("search_18")), (3, 32, 32)) == cost_of(
        network("search_18")
    )


@pytest.mark.parametrize("training", [True, False])
def test_mode_and_state_stay_as_they_were(tiny, training):
    tiny.train(training)
    tiny[1].eval()  # a frozen norm, as in fine-tuning
    before = {name: tensor.clone() for name, tensor in tiny.state_dict().items()}

    measure(tiny, (3, 4, 4))

    # Each layer's own mode, the running statistics, and no hook left behind.
    assert [layer.training for layer in tiny] == [training, False, training, training]
    assert tiny.training == training
    assert all(torch.equal(tiny.state_dict()[name], before[name]) for name in before)
    assert all(not layer._forward_hooks for layer in tiny.modules())
    assert all(parameter.grad is None for parameter in tiny.parameters())


def test_a_module_that_fails_is_left_as_it_was(tiny):
    tiny.train()

    with pytest.raises(MistakeError, match="cannot be multiplied"):
        measure(tiny, (3, 9, 9))

    assert all(layer.training for layer in tiny.modules())
    assert all(not layer._forward_hooks for layer in tiny.modules())


def test_matrix_products_outside_of_layers_count_as_macs():
    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            tokens = images.flatten(2)
            return self.scale * (tokens @ tokens.mT)

    # (3, 16) times (16, 3): torch's counter sees what no hook on layers would.
    assert measure(Attention(), (3, 4, 4)).macs == 3 * 16 * 3


def test_a_module_without_parameters_costs_nothing():
    assert measure(nn.ReLU(), (3, 4, 4)) == Cost()
