"""The structures of Figure 1 as rows of convolutions, run for many networks at once.

Features are (networks, curves, images, height, width, channels). A curve is one
activation: all curves of a network share its inputs and weights, so that curves differ
by their activation alone. Whatever comes before the first activation is shared by all
and computed once, with one curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from rexpand.blocks.activation import activation as activation_layer
from rexpand.rank.protocol import Norm, Protocol

Structure = Literal[
    "conv1x1", "conv3x3", "inverted_bottleneck", "inverted_bottleneck_dw"
]
STRUCTURES: tuple[str, ...] = get_args(Structure)
_EPSILON = 1e-5  # as torch's batch norm
# Which of expansion, 3x3 and projection an activation follows.
_ACTIVATED = {
    "both": (True, True, False),
    "first": (True, False, False),
    "second": (False, True, False),
    "all": (True, True, True),
    "rexnet": (True, True, False),
}


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """A convolution of stride 1 that keeps the size of its images, without bias.

    With `has_relu6` its activation is ReLU6 in every curve but the linear one.
    """

    in_channels: int
    out_channels: int
    kernel_size: int = 1
    is_depthwise: bool = False
    is_activated: bool = True
    has_relu6: bool = False

    @property
    def fan_in(self) -> int:
        """Inputs of one output."""
        channels = 1 if self.is_depthwise else self.in_channels
        return self.kernel_size**2 * channels

    @property
    def fan_out(self) -> int:
        """As torch counts it, a depthwise convolution's groups left out."""
        return self.kernel_size**2 * self.out_channels

    def weight_shape(self, spatial_size: int) -> tuple[int, int]:
        """(taps * inputs, outputs), or (taps, channels) where it is depthwise.

        On images of one pixel only the middle tap ever meets anything but padding.
        """
        taps = len(_shifts(self.kernel_size, spatial_size))
        inputs = 1 if self.is_depthwise else self.in_channels
        return taps * inputs, self.out_channels


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Convolutions in order, and whether the input joins the first outputs."""

    convolutions: tuple[Convolution, ...]
    has_shortcut: bool = False


def layers(
    structure: str, d_in: int, d_out: int, expansion: int, protocol: Protocol
) -> Layers:
    """A structure between two widths. Only the inverted bottlenecks expand.

    They expand the input by a 1x1, apply a 3x3 (dense or depthwise) and project by a 1x1;
    the protocol says which of the three are activated, and whether the input joins the
    first outputs.
    """
    if structure == "conv1x1":
        return Layers(convolutions=(Convolution(in_channels=d_in, out_channels=d_out),))
    if structure == "conv3x3":
        return Layers(
            convolutions=(
                Convolution(in_channels=d_in, out_channels=d_out, kernel_size=3),
            )
        )
    hidden = expansion * d_in
    first, second, third = _ACTIVATED[protocol.activated]
    has_no_first = expansion == 1 and not protocol.expands_by_one
    return Layers(
        convolutions=(
            Convolution(in_channels=d_in, out_channels=hidden, is_activated=first),
            Convolution(
                in_channels=hidden,
                out_channels=hidden,
                kernel_size=3,
                is_depthwise=structure == "inverted_bottleneck_dw",
                is_activated=second,
                has_relu6=protocol.activated == "rexnet",
            ),
            Convolution(in_channels=hidden, out_channels=d_out, is_activated=third),
        )[has_no_first:],
        has_shortcut=protocol.shortcut == "padded"
        or (protocol.shortcut == "equal" and d_in == d_out),
    )


def forward(
    stack: Layers,
    inputs: Tensor,
    weights: Sequence[Tensor],
    activations: Sequence[str],
    norm: Norm,
    centres: bool,
) -> Tensor:
    """Outputs for (networks, 1, images, height, width, d_in), one curve an activation.

    `weights` are (networks, *weight_shape) for each convolution.
    """
    features = inputs
    for convolution, weight in zip(stack.convolutions, weights, strict=True):
        features = convolve(features, weight, convolution)
        if norm == "before" or (norm == "after" and not convolution.is_activated):
            features = normalise(features, centres)
        if convolution.is_activated:
            features = activate(features, _curves(convolution, activations))
            if norm == "after":
                features = normalise(features, centres)
    if features.shape[1] < len(activations):  # nothing was activated
        features = activate(features, ["linear"] * len(activations))
    if stack.has_shortcut:
        features[..., : inputs.shape[-1]] += inputs
    return features


def _curves(convolution: Convolution, activations: Sequence[str]) -> Sequence[str]:
    """The activation of each curve after a convolution."""
    if not convolution.has_relu6:
        return activations
    return [name if name == "linear" else "relu6" for name in activations]


def convolve(features: Tensor, weight: Tensor, convolution: Convolution) -> Tensor:
    """One convolution for every network and curve, by one batched product."""
    networks, curves, images, height, width, _ = features.shape
    shifted = _shifted(features, convolution.kernel_size)
    if convolution.is_depthwise:
        taps = weight[:, :, None, None, None, None, :].unbind(1)
        return sum(
            (part * tap for part, tap in zip(shifted[1:], taps[1:], strict=True)),
            start=shifted[0] * taps[0],
        )
    rows = torch.cat(shifted, dim=-1) if len(shifted) > 1 else shifted[0]
    product = rows.reshape(networks, -1, weight.shape[1]) @ weight
    return product.view(networks, curves, images, height, width, -1)


def activate(features: Tensor, activations: Sequence[str]) -> Tensor:
    """Each curve by its own activation; a single curve becomes one an activation."""
    curves = features.expand(-1, len(activations), -1, -1, -1, -1).contiguous()
    for index, name in enumerate(activations):
        if name != "linear":
            curve = curves[:, index]
            curve.copy_(activation_layer(name)(curve))
    return curves


def normalise(features: Tensor, centres: bool) -> Tensor:
    """Batch norm without its affine part, over all positions of a network's curve."""
    over = (2, 3, 4)
    variance, mean = torch.var_mean(features, over, correction=0, keepdim=True)
    scale = (variance + _EPSILON).rsqrt()
    return (features - mean) * scale if centres else features * scale


def _shifted(features: Tensor, kernel_size: int) -> list[Tensor]:
    """The images as each tap of a kernel sees them, with zeros around."""
    height, width = features.shape[3:5]
    reach = kernel_size // 2
    if not reach or height == 1:
        return [features]
    padded = torch.nn.functional.pad(features, (0, 0, reach, reach, reach, reach))
    return [
        padded[:, :, :, reach + dy :, reach + dx :][:, :, :, :height, :width]
        for dy, dx in _shifts(kernel_size, height)
    ]


def _shifts(kernel_size: int, spatial_size: int) -> list[tuple[int, int]]:
    """The taps that meet pixels of a square image, row by row."""
    reach = kernel_size // 2 if spatial_size > 1 else 0
    steps = range(-reach, reach + 1)
    return [(dy, dx) for dy in steps for dx in steps]
