"""Xception's stack of separable convolutions (arXiv 1610.02357)."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from rexpand.blocks.activation import activation
from rexpand.blocks.residual import Residual

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
    """Separable convolutions through `widths`, [pool], [squeeze-excite], shortcut.

    Maps (batch, widths[0], height, width) to
    (batch, widths[-1], ceil(height / stride), ceil(width / stride)). Activations stand
    in front of all, between any two, and behind the sum.
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        kernel_size: int,
        stride: int,
        dilation: int,
        input_activation: str,
        between_activation: str,
        output_activation: str,
        squeeze_excite: nn.Module | None,
        shortcut: str,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            if layers:
                layers.append(activation(between_activation))
            layers.append(
                SeparableConvolution(
                    before, after, kernel_size=kernel_size, dilation=dilation
                )
            )
        # Out of place: the shortcut reads the input too.
        self.input_activation = activation(input_activation, in_place=False)
        self.layers = nn.Sequential(*layers)
        self.pool = (
            nn.MaxPool2d(_POOL_KERNEL, stride, padding=_POOL_KERNEL // 2)
            if stride > 1
            else nn.Identity()
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.residual = Residual(
            widths[0], widths[-1], stride=stride, shortcut=shortcut
        )
        self.output_activation = activation(output_activation)

    def forward(self, images: Tensor) -> Tensor:
        branch = self.pool(self.layers(self.input_activation(images)))
        branch = self.squeeze_excite(branch)
        return self.output_activation(self.residual(branch, images))
