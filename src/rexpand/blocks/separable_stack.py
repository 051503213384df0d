"""Xception's stack of separable convolutions (arXiv 1610.02357)."""

from itertools import pairwise

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.residual import residual
from rexpand.blocks.squeeze_excite import squeeze_excite

_POOL_KERNEL = 3


class SeparableConvolution(nn.Module):
    """Depthwise kxk, pointwise 1x1, batch norm, with nothing in between."""

    def __init__(
        self, in_channels: int, out_channels: int, *, kernel_size: int, dilation: int
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            padding=dilation * (kernel_size // 2),
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, images: Tensor) -> Tensor:
        return self.norm(self.pointwise(self.depthwise(images)))


class SeparableStack(nn.Module):
    """Separable convolutions, [pool], [squeeze-excite], shortcut.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Activations come
    before the convolutions, between them, and after the sum.
    """

    def __init__(self, block: spec.SeparableStack, in_channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise(block.widths(in_channels, block.out_channels)):
            if layers:
                layers.append(activation(block.between_activation))
            layers.append(
                SeparableConvolution(
                    before,
                    after,
                    kernel_size=block.kernel_size,
                    dilation=block.dilation,
                )
            )
        # Out of place: the shortcut reads the input too.
        self.input_activation = activation(block.input_activation, in_place=False)
        self.layers = nn.Sequential(*layers)
        self.pool = (
            nn.MaxPool2d(_POOL_KERNEL, block.stride, padding=_POOL_KERNEL // 2)
            if block.stride > 1
            else nn.Identity()
        )
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, block.out_channels)
        self.residual = residual(block, in_channels)
        self.output_activation = activation(block.output_activation)

    def forward(self, images: Tensor) -> Tensor:
        branch = self.pool(self.layers(self.input_activation(images)))
        branch = self.squeeze_excite(branch)
        return self.output_activation(self.residual(branch, images))
