"""Convolutions side by side, each on channels of its own (arXiv 1907.09595)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer


class SplitConvolution(nn.Module):
    """Split the channels, convolve each part with its own kernel, join the outputs.

    Maps (batch, sum of in_parts, height, width) to
    (batch, sum of out_parts, ceil(height / stride), ceil(width / stride)).
    """

    def __init__(
        self,
        in_parts: Sequence[int],
        out_parts: Sequence[int],
        *,
        kernel_sizes: Sequence[int],
        stride: int = 1,
        dilation: int = 1,
        depthwise: bool = False,
    ) -> None:
        super().__init__()
        self.in_parts = list(in_parts)
        self.parts = nn.ModuleList(
            nn.Conv2d(
                inputs,
                outputs,
                kernel_size,
                stride,
                padding=dilation * (kernel_size // 2),
                dilation=dilation,
                groups=inputs if depthwise else 1,
                bias=False,
            )
            for inputs, outputs, kernel_size in zip(
                in_parts, out_parts, kernel_sizes, strict=True
            )
        )

    def forward(self, images: Tensor) -> Tensor:
        parts = torch.split(images, self.in_parts, 1)
        return torch.cat(
            [part(parts[place]) for place, part in enumerate(self.parts)], 1
        )


class SplitConvNorm(nn.Module):
    """Split convolution, one batch norm over all parts, activation.

    A single part is a plain convolution.
    """

    def __init__(
        self,
        in_parts: Sequence[int],
        out_parts: Sequence[int],
        *,
        kernel_sizes: Sequence[int],
        stride: int = 1,
        dilation: int = 1,
        depthwise: bool = False,
        activation: str = "linear",
    ) -> None:
        super().__init__()
        split = SplitConvolution(
            in_parts,
            out_parts,
            kernel_sizes=kernel_sizes,
            stride=stride,
            dilation=dilation,
            depthwise=depthwise,
        )
        self.conv = split.parts[0] if len(split.parts) == 1 else split
        self.norm = nn.BatchNorm2d(sum(out_parts))
        self.activation = activation_layer(activation)

    def forward(self, images: Tensor) -> Tensor:
        return self.activation(self.norm(self.conv(images)))
