"""The layers of a DARTS cell, each without its first activation (arXiv 1806.09055).

A node's activation is shared by all the edges that leave it.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from rexpand.blocks.activation import activation as activation_layer


class SeparableConvNorm(nn.Module):
    """Depthwise kxk, 1x1, batch norm; only the stride changes the shape."""

    def __init__(
        self, channels: int, kernel_size: int, stride: int, dilation: int
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels,
            channels,
            kernel_size,
            stride,
            padding=dilation * (kernel_size // 2),
            dilation=dilation,
            groups=channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, images: Tensor) -> Tensor:
        return self.norm(self.pointwise(self.depthwise(images)))


class Factorized(nn.Module):
    """Two strided 1x1 convolutions, the second on a shifted map, joined; batch norm.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). The second map
    starts `shift` pixels later, with zeros at its end where it gives fewer outputs.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, stride: int, shift: int
    ) -> None:
        super().__init__()
        half = out_channels // 2
        self.first = nn.Conv2d(in_channels, out_channels - half, 1, stride, bias=False)
        self.second = nn.Conv2d(in_channels, half, 1, stride, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.stride = stride
        self.shift = shift

    def forward(self, images: Tensor) -> Tensor:
        first = self.first(images)
        shifted = images[:, :, self.shift :, self.shift :]
        bottom = self._missing(first.shape[2], shifted.shape[2])
        right = self._missing(first.shape[3], shifted.shape[3])
        if bottom or right:
            shifted = pad(shifted, (0, right, 0, bottom))
        return self.norm(torch.cat([first, self.second(shifted)], 1))

    def _missing(self, outputs: int, inputs: int) -> int:
        """Pixels that the inputs lack for this number of outputs."""
        return max(0, (outputs - 1) * self.stride + 1 - inputs)


def cell_operation(
    operation: str,
    channels: int,
    *,
    kernel_size: int,
    stride: int,
    dilation: int,
    activation: str,
) -> nn.Module:
    """The layer of an edge, by the names of the spec.

    It keeps the channels, and only its stride changes the size.
    """
    match operation:
        case "max_pool":
            return nn.MaxPool2d(kernel_size, stride, padding=kernel_size // 2)
        case "avg_pool":
            return nn.AvgPool2d(
                kernel_size, stride, padding=kernel_size // 2, count_include_pad=False
            )
        case "factorized":
            return Factorized(channels, channels, stride=stride, shift=dilation)
        case "dilated":
            return SeparableConvNorm(channels, kernel_size, stride, 2 * dilation)
        case "separable":
            return nn.Sequential(
                SeparableConvNorm(channels, kernel_size, stride, dilation),
                activation_layer(activation),
                SeparableConvNorm(channels, kernel_size, 1, dilation),
            )
    return nn.Identity()


def wants_activation(layer: nn.Module) -> bool:
    """Whether a layer of an edge works on the activated map of its source."""
    return not isinstance(layer, nn.Identity | nn.MaxPool2d | nn.AvgPool2d)
