"""SqueezeNet's fire module (arXiv 1602.07360)."""

import torch
from torch import Tensor, nn

from rexpand.blocks.conv_norm import ConvNorm

_POOL_KERNEL = 3


class Fire(nn.Module):
    """[Max pool], squeeze 1x1, expand by 1x1 and by kxk, join, [squeeze-excite].

    Maps (batch, in_channels, height, width) to (batch, out_channels, height, width),
    or, pooled with a 3x3 kernel and no padding, to ceil((height - 3) / stride) + 1.
    The kxk convolution makes the last `wide_channels` outputs.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        squeezed_channels: int,
        wide_channels: int,
        kernel_size: int,
        stride: int,
        dilation: int,
        squeeze_activation: str,
        expand_activation: str,
        squeeze_excite: nn.Module | None,
    ) -> None:
        super().__init__()
        self.pool = (
            nn.MaxPool2d(_POOL_KERNEL, stride, ceil_mode=True)
            if stride > 1
            else nn.Identity()
        )
        self.squeeze = ConvNorm(
            in_channels, squeezed_channels, activation=squeeze_activation, norm=False
        )
        self.narrow = ConvNorm(
            squeezed_channels,
            out_channels - wide_channels,
            activation=expand_activation,
            norm=False,
        )
        self.wide = ConvNorm(
            squeezed_channels,
            wide_channels,
            kernel_size=kernel_size,
            dilation=dilation,
            activation=expand_activation,
            norm=False,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        squeezed = self.squeeze(self.pool(images))
        joined = torch.cat((self.narrow(squeezed), self.wide(squeezed)), 1)
        return self.squeeze_excite(joined)
