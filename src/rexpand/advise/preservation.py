"""Whether a network of other widths can compute, and does compute, what one did."""

import torch
from torch.nn.functional import pad

from rexpand.advise.shortcuts import shortcuts
from rexpand.blocks import activation
from rexpand.models import Network
from rexpand.spec import DepthwiseSeparable, InvertedBottleneck, NetworkSpec


def preserves_function(before: NetworkSpec, after: NetworkSpec) -> bool:
    """Whether nothing is narrower, and what is new puts out 0."""
    if shortcuts(before) != shortcuts(after):
        return False
    pairs = zip(_inner_widths(before), _inner_widths(after), before.blocks, strict=True)
    for old, new, block in pairs:
        if any(mine < theirs for mine, theirs in zip(new, old, strict=True)):
            return False
        if new[-1] > old[-1] and not _fixes_zero(block):
            return False
    return before.norm_eps == after.norm_eps and _same_but_for_widths(before, after)


def _same_but_for_widths(before: NetworkSpec, after: NetworkSpec) -> bool:
    """Whether strides, kernels and activations are the same."""
    names = (
        *("kernel_size", "stride", "dilation", "depthwise_activation"),
        *("expand_activation", "project_activation", "pointwise_activation"),
    )
    return all(
        getattr(old, name, None) == getattr(new, name, None)
        for old, new in zip(before.blocks, after.blocks, strict=True)
        for name in names
    )


def _inner_widths(spec: NetworkSpec) -> list[tuple[int, ...]]:
    """Expanded, squeezed and output width of each block."""
    widths: list[tuple[int, ...]] = []
    inputs = (spec.stem.out_channels, *spec.channels[:-1])
    for block, in_channels in zip(spec.blocks, inputs, strict=True):
        expanded = squeezed = in_channels
        if isinstance(block, InvertedBottleneck):
            expanded = int(block.expanded(in_channels))
        if block.squeeze_excite:
            squeezed = int(
                block.squeezed(in_channels)
                if isinstance(block, InvertedBottleneck)
                else block.squeeze_excite.squeezed(in_channels)
            )
        widths.append((expanded, squeezed, block.out_channels))
    return widths


def _fixes_zero(block: object) -> bool:
    """Whether the last nonlinearity of a block leaves 0 as it is."""
    name = getattr(block, f"{last_layer(block)}_activation")
    return float(activation(name, in_place=False)(torch.zeros(1))) == 0


@torch.no_grad()
def score_gap(old: Network, new: Network) -> float:
    """Largest difference of the scores of two random images, over the largest score."""
    spec = old.spec
    generator = torch.Generator().manual_seed(0)
    shape = (2, spec.in_channels, spec.resolution, spec.resolution)
    images = torch.randn(shape, generator=generator).to(next(old.parameters()).dtype)
    scores = []
    for network in (old, new):
        training = network.training
        network.eval()
        scores.append(network(images))
        network.train(training)
    if scores[0].shape != scores[1].shape:  # without a classifier, the features
        scores[0] = pad(scores[0], (0, scores[1].shape[1] - scores[0].shape[1]))
    largest = float(scores[0].abs().max())
    return float((scores[0] - scores[1]).abs().max()) / max(largest, 1e-30)


def last_layer(block: object) -> str:
    """The name of the layer that puts out a block's channels."""
    return "pointwise" if isinstance(block, DepthwiseSeparable) else "project"
