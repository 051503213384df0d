"""SqueezeNet's fire module (arXiv 1602.07360)."""

import torch
from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.squeeze_excite import squeeze_excite
from rexpand.spec.blocks.fire import POOL_KERNEL


class Fire(nn.Module):
    """[Max pool], squeeze 1x1, expand by 1x1 and by kxk, concatenate, [squeeze-excite].

    Maps (batch, in_channels, height, width) to (batch, out_channels, height, width). A
    stride, a 3x3 pooling without padding, makes the height ceil((height - 3) / stride)
    + 1, and the width likewise. The last outputs are those of the kxk convolution.
    """

    def __init__(self, block: spec.Fire, in_channels: int) -> None:
        super().__init__()
        squeezed = int(block.squeezed(block.out_channels))
        wide = int(block.wide(block.out_channels))
        self.pool = (
            nn.MaxPool2d(POOL_KERNEL, block.stride, ceil_mode=True)
            if block.stride > 1
            else nn.Identity()
        )
        self.squeeze = ConvNorm(
            in_channels, squeezed, activation=block.squeeze_activation, norm=False
        )
        self.narrow = ConvNorm(
            squeezed,
            block.out_channels - wide,
            activation=block.expand_activation,
            norm=False,
        )
        self.wide = ConvNorm(
            squeezed,
            wide,
            kernel_size=block.kernel_size,
            dilation=block.dilation,
            activation=block.expand_activation,
            norm=False,
        )
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, block.out_channels)

    def forward(self, images: Tensor) -> Tensor:
        squeezed = self.squeeze(self.pool(images))
        joined = torch.cat((self.narrow(squeezed), self.wide(squeezed)), 1)
        return self.squeeze_excite(joined)
