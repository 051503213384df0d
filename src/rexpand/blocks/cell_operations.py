"""The layers of a cell, each without its first activation (arXiv 1806.09055).

A node's activation is shared by all the edges that leave it.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from rexpand import spec
from rexpand.blocks.activation import activation as activation_layer
from rexpand.blocks.conv_norm import ConvNorm


class SeparableConvNorm(nn.Module):
    """Depthwise kxk with the stride, 1x1 to the outputs, batch norm."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        dilation: int,
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride,
            padding=dilation * (kernel_size // 2),
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

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


class RowColumn(nn.Module):
    """1x1 to the inner width, 1xk, kx1, 1x1; batch norms, and activations between.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)).
    """

    def __init__(
        self,
        in_channels: int,
        inner: int,
        out_channels: int,
        *,
        kernel_size: int,
        stride: int,
        dilation: int,
        activation: str,
    ) -> None:
        super().__init__()
        padding = dilation * (kernel_size // 2)
        self.reduce = ConvNorm(in_channels, inner, activation=activation)
        self.row = nn.Conv2d(
            inner,
            inner,
            (1, kernel_size),
            (1, stride),
            padding=(0, padding),
            dilation=(1, dilation),
            bias=False,
        )
        self.row_norm = nn.BatchNorm2d(inner)
        self.column = nn.Conv2d(
            inner,
            inner,
            (kernel_size, 1),
            (stride, 1),
            padding=(padding, 0),
            dilation=(dilation, 1),
            bias=False,
        )
        self.column_norm = nn.BatchNorm2d(inner)
        self.activation = activation_layer(activation)
        self.restore = ConvNorm(inner, out_channels)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.activation(self.row_norm(self.row(self.reduce(images))))
        maps = self.activation(self.column_norm(self.column(maps)))
        return self.restore(maps)


def cell_operation(
    block: spec.Cell, edge: spec.CellEdge, in_channels: int
) -> nn.Module:
    """The layer of an edge, from a node with `in_channels` to one of the cell's width."""
    width = int(block.width(block.out_channels))
    stride, dilation = block.edge_stride(edge), block.dilation
    kernel_size, activation = edge.kernel_size, block.edge_activation
    match edge.operation:
        case "max_pool":
            pool: nn.Module = nn.MaxPool2d(
                kernel_size, stride, padding=kernel_size // 2
            )
            return _pooled(pool, block, edge, in_channels)
        case "avg_pool":
            pool = nn.AvgPool2d(
                kernel_size, stride, padding=kernel_size // 2, count_include_pad=False
            )
            return _pooled(pool, block, edge, in_channels)
        case "factorized":
            return Factorized(in_channels, width, stride=stride, shift=dilation)
        case "pointwise":
            return ConvNorm(in_channels, width, stride=stride)
        case "row_column":
            return RowColumn(
                in_channels,
                int(block.quarter(width)),
                width,
                kernel_size=kernel_size,
                stride=stride,
                dilation=dilation,
                activation=activation,
            )
        case "dilated":
            return SeparableConvNorm(
                in_channels, width, kernel_size, stride, 2 * dilation
            )
        case "separable":
            return nn.Sequential(
                SeparableConvNorm(in_channels, width, kernel_size, stride, dilation),
                activation_layer(activation),
                SeparableConvNorm(width, width, kernel_size, 1, dilation),
            )
    return nn.Identity()


def _pooled(
    pool: nn.Module, block: spec.Cell, edge: spec.CellEdge, in_channels: int
) -> nn.Module:
    """A pool, with a 1x1 and a batch norm where the width changes."""
    if not block.is_raw(edge.source):
        return pool
    width = int(block.width(block.out_channels))
    return nn.Sequential(pool, ConvNorm(in_channels, width))
