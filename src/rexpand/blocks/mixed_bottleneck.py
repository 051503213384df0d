"""The inverted bottleneck with kernels of several sizes (arXiv 1907.09595)."""

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from rexpand.blocks.activation import activation
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import add_shortcut, joins
from rexpand.blocks.split_convolution import SplitConvNorm


class MixedBottleneck(nn.Module):
    """Expand 1x1, depthwise kernels side by side, [squeeze-excite], project 1x1.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)), where the
    channels are the sums of their parts: a part of `kernel_parts` has a kernel of its
    own, the parts of the 1x1 convolutions are their groups. There is no first 1x1 if
    `expand_parts` is None. The squeeze-excite stands before or behind the depthwise
    activation.
    """

    def __init__(
        self,
        *,
        expand_parts: tuple[Sequence[int], Sequence[int]] | None,
        kernel_parts: Sequence[int],
        project_parts: tuple[Sequence[int], Sequence[int]],
        kernel_sizes: Sequence[int],
        stride: int,
        dilation: int,
        expand_activation: str,
        depthwise_activation: str,
        project_activation: str,
        squeeze_excite: nn.Module | None,
        squeeze_position: Literal["before_activation", "after_activation"],
        shortcut: str,
    ) -> None:
        super().__init__()
        in_channels = sum(expand_parts[0] if expand_parts else kernel_parts)
        self.expand = (
            _pointwise(*expand_parts, expand_activation)
            if expand_parts
            else nn.Identity()
        )
        self.depthwise = SplitConvNorm(
            kernel_parts,
            kernel_parts,
            kernel_sizes=kernel_sizes,
            stride=stride,
            dilation=dilation,
            depthwise=True,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.depthwise_activation = activation(depthwise_activation)
        self.project = _pointwise(*project_parts, project_activation)
        self.squeezes_first = squeeze_position == "before_activation"
        out_channels = sum(project_parts[1])
        self.has_shortcut = joins(shortcut, in_channels, out_channels, stride)
        self.missing = out_channels - in_channels
        self.drop_path = DropPath() if self.has_shortcut else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.depthwise(self.expand(images))
        if self.squeezes_first:
            outputs = self.depthwise_activation(self.squeeze_excite(outputs))
        else:
            outputs = self.squeeze_excite(self.depthwise_activation(outputs))
        outputs = self.project(outputs)
        if not self.has_shortcut:
            return outputs
        return add_shortcut(self.drop_path(outputs), images, self.missing)


def _pointwise(
    in_parts: Sequence[int], out_parts: Sequence[int], activation: str
) -> SplitConvNorm:
    return SplitConvNorm(
        in_parts, out_parts, kernel_sizes=[1] * len(in_parts), activation=activation
    )
