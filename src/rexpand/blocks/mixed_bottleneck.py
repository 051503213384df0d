"""The inverted bottleneck with kernels of several sizes (arXiv 1907.09595)."""

from collections.abc import Sequence

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import add_shortcut
from rexpand.blocks.split_convolution import SplitConvNorm
from rexpand.blocks.squeeze_excite import inner_squeeze_excite, squeezes_first


class MixedBottleneck(nn.Module):
    """Expand 1x1, depthwise kernels side by side, [squeeze-excite], project 1x1.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)), where each
    part of the channels has a kernel of its own, and the parts of the 1x1 convolutions
    are their groups. The squeeze-excite comes before or after the depthwise
    activation.
    """

    def __init__(self, block: spec.MixedBottleneck, in_channels: int) -> None:
        super().__init__()
        expanded = block.expanded(in_channels)
        kernel_parts = _whole(block.kernel_parts(expanded))
        self.expand = (
            _pointwise(
                block.expand_parts(in_channels),
                block.expand_parts(expanded),
                block.expand_activation,
            )
            if block.expands
            else nn.Identity()
        )
        self.depthwise = SplitConvNorm(
            kernel_parts,
            kernel_parts,
            kernel_sizes=block.kernel_sizes,
            stride=block.stride,
            dilation=block.dilation,
            depthwise=True,
        )
        self.squeeze_excite = inner_squeeze_excite(block, in_channels)
        self.depthwise_activation = activation(block.depthwise_activation)
        self.project = _pointwise(
            block.project_parts(expanded),
            block.project_parts(block.out_channels),
            block.project_activation,
        )
        self.squeezes_first = squeezes_first(block)
        self.has_shortcut = block.joins(in_channels)
        self.missing = block.out_channels - in_channels
        self.drop_path = DropPath() if self.has_shortcut else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        return self.after_expansion(self.expand(images), images)

    def after_expansion(self, expanded: Tensor, images: Tensor) -> Tensor:
        """The output for `images`, which the block has already expanded."""
        outputs = self.depthwise(expanded)
        if self.squeezes_first:
            outputs = self.depthwise_activation(self.squeeze_excite(outputs))
        else:
            outputs = self.squeeze_excite(self.depthwise_activation(outputs))
        outputs = self.project(outputs)
        if not self.has_shortcut:
            return outputs
        return add_shortcut(self.drop_path(outputs), images, self.missing)


def _pointwise(
    in_parts: Sequence[float], out_parts: Sequence[float], activation: str
) -> SplitConvNorm:
    return SplitConvNorm(
        _whole(in_parts),
        _whole(out_parts),
        kernel_sizes=[1] * len(in_parts),
        activation=activation,
    )


def _whole(parts: Sequence[float]) -> list[int]:
    return [int(part) for part in parts]
