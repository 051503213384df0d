"""Squeeze-and-excitation (arXiv 1709.01507)."""

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.pool import global_pool


class SqueezeExcite(nn.Module):
    """Pool, 1x1 to `squeezed_channels`, [norm], activation, 1x1, gate, multiply."""

    def __init__(
        self, squeeze: spec.SqueezeExcite, channels: int, squeezed_channels: int
    ) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed_channels, 1)
        self.norm = nn.BatchNorm2d(squeezed_channels) if squeeze.norm else nn.Identity()
        self.activation = activation(squeeze.activation)
        self.expand = nn.Conv2d(squeezed_channels, channels, 1)
        self.gate = activation(squeeze.gate)

    def forward(self, images: Tensor) -> Tensor:
        pooled = global_pool(images)
        squeezed = self.activation(self.norm(self.reduce(pooled)))
        return images * self.gate(self.expand(squeezed))


def squeeze_excite(squeeze: spec.SqueezeExcite | None, channels: int) -> nn.Module:
    """The squeeze-excite of a block on its `channels`; the identity if it has none."""
    if squeeze is None:
        return nn.Identity()
    return SqueezeExcite(squeeze, channels, int(squeeze.squeezed(channels)))


def inner_squeeze_excite(block: spec.InvertedResidual, in_channels: int) -> nn.Module:
    """The squeeze-excite between the depthwise and the last convolution of a block."""
    if block.squeeze_excite is None:
        return nn.Identity()
    expanded, squeezed = block.expanded(in_channels), block.squeezed(in_channels)
    return SqueezeExcite(block.squeeze_excite, int(expanded), int(squeezed))


def squeezes_first(block: spec.InvertedResidual) -> bool:
    """Whether the squeeze-excite comes before the depthwise activation."""
    squeeze = block.squeeze_excite
    return squeeze is not None and squeeze.position == "before_activation"
