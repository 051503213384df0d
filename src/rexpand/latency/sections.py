"""A network cut into stem, blocks and head, each a module of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rexpand.errors import SpecError
from rexpand.models import Network
from rexpand.spec import (
    BlockSpec,
    DepthwiseSeparable,
    InvertedBottleneck,
    MixedBottleneck,
    NetworkSpec,
)

_EXPANDING = (DepthwiseSeparable, InvertedBottleneck, MixedBottleneck)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a network as data: its input in channels and pixels, its output.

    `expanded` are the inner channels of an inverted bottleneck, 0 for other kinds.
    """

    name: str
    block: BlockSpec | None
    in_channels: int
    out_channels: int
    expanded: int
    stride: int
    resolution: int


class StemSection(nn.Module):
    """The stem with its pooling; maps lie as `Network` hands them on."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.stem, self.pool = network.stem, network.pool

    def forward(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        return self.pool(self.stem(images))


class HeadSection(nn.Module):
    """What follows the blocks: norm, penultimate layer, pooling, classifier."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.norm, self.penultimate = network.norm, network.penultimate
        self.head = network.head

    def forward(self, maps: Tensor) -> Tensor:
        return self.head(self.penultimate(self.norm(maps)))


def sections_of(spec: NetworkSpec) -> tuple[Section, ...]:
    """The sections of a network, in forward order.

    Raises SpecError for blocks that look further back than one block.
    """
    if any(block.looks_back for block in spec.blocks):
        raise SpecError(
            f"{spec.name} has blocks that also read the output of the block before the "
            "last, so that none runs alone; give a network whose blocks follow one another"
        )
    widths = (spec.stem.out_channels, *spec.channels)
    sizes = (spec.stem.out_size(spec.side), *spec.sizes())
    blocks = (
        Section(
            name=f"blocks.{index}",
            block=block,
            in_channels=widths[index],
            out_channels=block.out_channels,
            expanded=_expanded(block, widths[index]),
            stride=block.stride,
            resolution=sizes[index],
        )
        for index, block in enumerate(spec.blocks)
    )
    return (
        Section(
            name="stem",
            block=None,
            in_channels=spec.in_channels,
            out_channels=spec.stem.out_channels,
            expanded=0,
            stride=spec.stem.stride * spec.stem.pool_stride,
            resolution=spec.side,
        ),
        *blocks,
        Section(
            name="head",
            block=None,
            in_channels=widths[-1],
            out_channels=spec.num_classes or spec.head.channels or widths[-1],
            expanded=0,
            stride=1,
            resolution=sizes[-1],
        ),
    )


def section_modules(network: Network) -> tuple[nn.Module, ...]:
    """The module of each section, with the network's own weights."""
    return (StemSection(network), *network.blocks, HeadSection(network))


def section_inputs(network: Network, images: Tensor) -> Iterator[Tensor]:
    """What each section receives of a batch of images."""
    maps = images
    for module in section_modules(network):
        yield maps
        with torch.no_grad():
            maps = module.eval()(maps)


def _expanded(block: BlockSpec, in_channels: int) -> int:
    if isinstance(block, _EXPANDING):
        return int(block.expanded(in_channels))
    return 0
