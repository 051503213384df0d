"""Whether a network of other widths can compute, and does compute, what one did."""

import torch
from torch.nn.functional import pad

from rexpand.advise.shortcuts import inverted_residuals, shortcuts
from rexpand.blocks import activation
from rexpand.models import Network
from rexpand.spec import InvertedResidual, NetworkSpec
from rexpand.trace.evaluating import evaluating


def preserves_function(before: NetworkSpec, after: NetworkSpec) -> bool:
    """Whether nothing is narrower, and new channels output 0."""
    if shortcuts(before) != shortcuts(after) or before.norm_eps != after.norm_eps:
        return False
    old_blocks, new_blocks = inverted_residuals(before), inverted_residuals(after)
    if [*map(_layers, old_blocks)] != [*map(_layers, new_blocks)]:
        return False
    pairs = zip(_inner_widths(before), _inner_widths(after), old_blocks, strict=True)
    for old, new, block in pairs:
        if any(mine < theirs for mine, theirs in zip(new, old, strict=True)):
            return False
        if new[-1] > old[-1] and not _fixes_zero(block):
            return False
    return True


def _layers(block: InvertedResidual) -> tuple[object, ...]:
    """What a block is made of but for its widths."""
    layers = block.kind, block.stride, block.dilation
    return *layers, block.kernels, block.activations


def _inner_widths(spec: NetworkSpec) -> list[tuple[int, ...]]:
    """Expanded, squeezed and output width of each block."""
    widths: list[tuple[int, ...]] = []
    inputs = (spec.stem.out_channels, *spec.channels[:-1])
    for block, in_channels in zip(inverted_residuals(spec), inputs, strict=True):
        squeezed = block.squeezed(in_channels) if block.squeeze_excite else in_channels
        expanded = int(block.expanded(in_channels))
        widths.append((expanded, int(squeezed), block.out_channels))
    return widths


def _fixes_zero(block: InvertedResidual) -> bool:
    """Whether the last nonlinearity of a block leaves 0 as it is."""
    name = block.activations[block.last]
    return float(activation(name, in_place=False)(torch.zeros(1))) == 0


@torch.no_grad()
def score_gap(old: Network, new: Network) -> float:
    """Largest difference of the scores of two random images, over the largest score."""
    spec = old.spec
    generator = torch.Generator().manual_seed(0)
    shape = (2, *spec.image)
    images = torch.randn(shape, generator=generator).to(next(old.parameters()).dtype)
    scores = []
    for network in (old, new):
        with evaluating(network):
            scores.append(network(images))
    if scores[0].shape != scores[1].shape:  # without a classifier, the features
        scores[0] = pad(scores[0], (0, scores[1].shape[1] - scores[0].shape[1]))
    largest = float(scores[0].abs().max())
    return float((scores[0] - scores[1]).abs().max()) / max(largest, 1e-30)
