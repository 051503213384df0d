"""Networks with weights that tell every tensor from every other."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

Shaken = Callable[[nn.Module], nn.Module]


@pytest.fixture(scope="session")
def shaken() -> Shaken:
    """Moves every tensor of a norm and every bias, so that no two could be swapped."""

    def shake(module: nn.Module) -> nn.Module:
        generator = torch.Generator().manual_seed(0)
        for name, tensor in module.state_dict().items():
            if tensor.dim() == 1:
                positive = "var" in name or "weight" in name
                noise = torch.rand(tensor.shape, generator=generator).to(tensor.dtype)
                tensor.copy_(noise + 0.5 if positive else (noise - 0.5) / 5)
        return module.eval()

    return shake
