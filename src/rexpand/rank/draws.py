"""What is random about a network: its sizes, its inputs, its weights.

Every network has a generator of its own, seeded by its place in the study. So it is the
same network whichever others are asked for, in whatever order and on how many workers,
and any one of them can be made again alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from rexpand.rank.protocol import Protocol, Weights
from rexpand.rank.structures import Convolution


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The widths of one network. d_in is never below one channel."""

    d_in: int
    d_out: int
    expansion: int


def generator(
    seed: int, structure: str, dim_ratio: float, index: int, device: torch.device
) -> torch.Generator:
    """The generator of one network of a study, at its start."""
    place = (seed, crc32(structure.encode()), round(dim_ratio * 1e6), index)
    state = np.random.SeedSequence(place).generate_state(1, np.uint64)
    return torch.Generator(device).manual_seed(int(state[0]) >> 1)


def draw_sizes(protocol: Protocol, dim_ratio: float, source: torch.Generator) -> Sizes:
    """The first thing that a network's generator gives."""
    widths = protocol.widths
    expansions = protocol.expansions
    draws = torch.rand(2, generator=source, device=source.device).tolist()
    d_out = widths[int(draws[0] * len(widths))]
    return Sizes(
        d_in=max(1, round(dim_ratio * d_out)),
        d_out=d_out,
        expansion=expansions[int(draws[1] * len(expansions))],
    )


def draw_inputs(protocol: Protocol, out: Tensor, source: torch.Generator) -> None:
    """Fill (images, height, width, channels) with one network's inputs."""
    match protocol.inputs:
        case "uniform":
            out.uniform_(generator=source)
        case "symmetric":
            out.uniform_(-1, 1, generator=source)
        case "normal":
            out.normal_(generator=source)
        case "rectified":
            out.normal_(generator=source).clamp_(min=0)
    if protocol.input_scale != 1:
        out.mul_(protocol.input_scale)


def draw_weight(
    weights: Weights,
    fan_in: int,
    fan_out: int,
    out: Tensor,
    source: torch.Generator | None,
) -> None:
    """Fill one layer's weights; without a source, by torch's own generator."""
    match weights:
        case "normal" | "own":
            out.normal_(generator=source)
        case "symmetric":
            out.uniform_(-1, 1, generator=source)
        case "kaiming":
            out.normal_(0, sqrt(2 / fan_in), generator=source)
        case "kaiming_out":
            out.normal_(0, sqrt(2 / fan_out), generator=source)
        case "xavier":
            out.normal_(0, sqrt(2 / (fan_in + fan_out)), generator=source)
        case "lecun":
            out.normal_(0, sqrt(1 / fan_in), generator=source)
        case "torch":
            bound = sqrt(1 / fan_in)
            out.uniform_(-bound, bound, generator=source)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Networks of one size: inputs (networks, 1, images, height, width, d_in)."""

    inputs: Tensor
    weights: tuple[Tensor, ...]


def draw_batch(
    protocol: Protocol,
    dim_ratio: float,
    convolutions: Sequence[Convolution],
    sizes: Sizes,
    sources: Sequence[torch.Generator],
    dtype: torch.dtype,
) -> Batch:
    """Draw networks of equal sizes; `sources` are their generators, at their start."""
    networks, side = len(sources), protocol.spatial_size
    device = sources[0].device
    images = protocol.images(sizes.d_out)
    inputs = torch.empty(
        networks, 1, images, side, side, sizes.d_in, dtype=dtype, device=device
    )
    weights = tuple(
        torch.empty(networks, *each.weight_shape(side), dtype=dtype, device=device)
        for each in convolutions
    )
    for index, source in enumerate(sources):
        draw_sizes(protocol, dim_ratio, source)  # as it did to be told its sizes
        draw_inputs(protocol, inputs[index, 0], source)
        for convolution, weight in zip(convolutions, weights, strict=True):
            draw_weight(
                protocol.weights,
                convolution.fan_in,
                convolution.fan_out,
                weight[index],
                source,
            )
    return Batch(inputs=inputs, weights=weights)
