"""Cost measured on a module by running it: the second derivation of every price."""

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torch.utils.hooks import RemovableHandle

from rexpand.cost import Cost


def measure(module: nn.Module, image: tuple[int, int, int]) -> Cost:
    """Cost of one image of shape (channels, height, width), by one pass.

    Macs are half of what torch's counter gives: it counts a multiply-accumulate as two
    operations, in convolutions and matrix products. Activations and memory access are
    those of convolutions and linear layers. Module, mode and gradients stay untouched.
    """
    device = next(module.parameters(), torch.empty(0)).device
    training = [layer for layer in module.modules() if layer.training]
    tally = _Tally()
    handles = tally.watch(module)
    counter = FlopCounterMode(display=False)
    try:
        module.eval()
        with torch.no_grad(), counter:
            module(torch.empty(1, *image, device=device))
    finally:
        for layer in training:
            layer.training = True
        for handle in handles:
            handle.remove()
    return Cost(
        params=sum(parameter.numel() for parameter in module.parameters()),
        macs=counter.get_total_flops() // 2,
        activations=tally.activations,
        memory_access=tally.memory_access,
    )


class _Tally:
    """Elements that convolutions and linear layers read and write."""

    def __init__(self) -> None:
        self.activations = 0
        self.memory_access = 0

    def watch(self, module: nn.Module) -> list[RemovableHandle]:
        return [
            layer.register_forward_hook(self._count)
            for layer in module.modules()
            if isinstance(layer, nn.Conv2d | nn.Linear)
        ]

    def _count(self, layer: nn.Module, inputs: tuple[Tensor], outputs: Tensor) -> None:
        self.activations += outputs.numel()
        read = sum(parameter.numel() for parameter in layer.parameters())
        self.memory_access += read + inputs[0].numel() + outputs.numel()
