"""Batch norm that does not learn: what detectors of few images per step begin with."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class FrozenNorm(nn.Module):
    """Scale and shift of each channel by the statistics that a batch norm had.

    Maps (batch, channels, ...) to the same shape. Nothing of it is a parameter, and
    training changes nothing; the state has a batch norm's names.
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        assert norm.running_mean is not None
        assert norm.running_var is not None
        self.eps = norm.eps
        ones = torch.ones_like(norm.running_var)
        weight = ones if norm.weight is None else norm.weight.detach()
        bias = torch.zeros_like(ones) if norm.bias is None else norm.bias.detach()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.register_buffer("running_mean", norm.running_mean)
        self.register_buffer("running_var", norm.running_var)

    def forward(self, maps: Tensor) -> Tensor:
        return functional.batch_norm(
            maps,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            eps=self.eps,
        )


def freeze_norms(module: nn.Module) -> None:
    """Replace the batch norms inside a module by frozen ones, in place."""
    for parent in list(module.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, nn.BatchNorm2d):
                setattr(parent, name, FrozenNorm(layer))
