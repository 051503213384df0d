"""Squeeze-and-excitation (arXiv 1709.01507)."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer
from rexpand.blocks.pool import global_pool


class SqueezeExcite(nn.Module):
    """Pool, 1x1 to `squeezed_channels`, [norm], activation, 1x1 back, gate, multiply."""

    def __init__(
        self,
        channels: int,
        squeezed_channels: int,
        *,
        activation: str = "relu",
        gate: str = "sigmoid",
        norm: bool = False,
    ) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed_channels, 1)
        self.norm = nn.BatchNorm2d(squeezed_channels) if norm else nn.Identity()
        self.activation = activation_layer(activation)
        self.expand = nn.Conv2d(squeezed_channels, channels, 1)
        self.gate = activation_layer(gate)

    def forward(self, images: Tensor) -> Tensor:
        pooled = global_pool(images)
        squeezed = self.activation(self.norm(self.reduce(pooled)))
        return images * self.gate(self.expand(squeezed))
