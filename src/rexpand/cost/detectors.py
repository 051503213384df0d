"""Closed-form cost of SSDLite on a network, for many channel configurations at once.

Its layers are those that `rexpand.transfer.detection` builds: the network up to its last
map, extra blocks of which each halves the side, and two separable heads on every map.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from rexpand.cost.layers import Cost, Count, convolution, depthwise, pointwise
from rexpand.cost.network import costs_of
from rexpand.errors import SpecError
from rexpand.size import Size
from rexpand.spec import (
    DetectorSpec,
    NetworkSpec,
    SpecLike,
    SSDLite,
    as_spec,
    last_level,
)
from rexpand.spec.blocks import InvertedResidual, strided

_KERNEL = 3
_REDUCED = 3  # anchors at each place of a reduced first map
_BOX = 4  # numbers

Map = tuple[Count, Size]  # width, and size


def detector_costs(
    detector: DetectorSpec, network: SpecLike, channels: ArrayLike
) -> Cost:
    """Cost of the detector on many configurations of a network, for one of its images.

    `channels` is (configurations, blocks); each count is a float64 column. The network
    is the detector's backbone, or the same relaxed, whose widths need not be whole.
    Raises SpecError as `check_priced` does.
    """
    architecture = check_priced(detector)
    rows = np.asarray(channels, dtype=np.float64)
    spec = as_spec(network)
    body = replace(
        spec, num_classes=0, head=replace(spec.head, hidden=0, condense_factor=1)
    )
    total = costs_of(body, rows, architecture.size)
    maps = [_map(each.name, body, architecture.size, rows) for each in detector.levels]
    for cost in _added(architecture, maps, detector.num_classes + 1):
        total = total + cost
    return total


def check_priced(detector: DetectorSpec) -> SSDLite:
    """The architecture, if the cost of the detector has a closed form; else SpecError.

    It has one for SSDLite on a network with a spec whose last map it takes, and whose
    batch norms learn.
    """
    architecture, backbone = detector.architecture, detector.backbone
    if not isinstance(architecture, SSDLite):
        raise SpecError(
            f"the cost of {detector.detector} has no closed form here, which a search "
            "needs; give ssdlite"
        )
    if not isinstance(backbone, NetworkSpec):
        raise SpecError(
            f"{backbone.name} has no spec, so that its channels are not free; give a name "
            "of `rexpand list` or a spec file"
        )
    last = last_level(backbone)
    if detector.levels[-1] != last:
        raise SpecError(
            f"the deepest level is {detector.levels[-1]}, and blocks after it would be in "
            f"no detector; give levels that end with {last.name}"
        )
    if detector.norm == "frozen":
        raise SpecError(
            "the backbone's batch norms are frozen, and fresh weights need norms that "
            "learn; give norm batch"
        )
    return architecture


def _added(architecture: SSDLite, maps: Sequence[Map], outputs: int) -> Iterator[Cost]:
    """The extra blocks and the heads; `outputs` are the classes with the background."""
    maps = [*maps]
    for width in architecture.extra_channels:
        below, size = maps[-1]
        inner, half = max(width // 2, 1), size.each(lambda side: strided(side, 2))
        yield pointwise(below, inner, size, norm=True)
        yield _separable(inner, size, half)
        yield pointwise(inner, width, half, norm=True)
        maps.append((width, half))
    usual = 2 + 2 * len(architecture.aspect_ratios)
    for place, (width, size) in enumerate(maps):
        is_reduced = architecture.reduced_first and place == 0
        anchors = _REDUCED if is_reduced else usual
        is_last = place == len(maps) - 1
        for numbers in (outputs, _BOX):
            if not (is_last and architecture.last_kernel_size == 1):
                yield _separable(width, size, size)
            yield convolution(
                width,
                anchors * numbers,
                kernel_size=1,
                in_size=size,
                out_size=size,
                bias=True,
            )


def _separable(width: Count, in_size: Size, out_size: Size) -> Cost:
    return depthwise(
        width, kernel_size=_KERNEL, in_size=in_size, out_size=out_size, norm=True
    )


def _map(name: str, network: NetworkSpec, side: int, rows: np.ndarray) -> Map:
    """Width and size of the map of a level."""
    image, sizes = Size.of(side), network.map_sizes(side)
    place, _, part = name.removeprefix("blocks.").partition(".")
    match name:
        case "stem":
            return network.stem.out_channels, image.each(network.stem.conv_size)
        case "pool":
            return network.stem.out_channels, network.stem.output(image)
        case "penultimate":
            return network.head.channels or rows[:, -1], sizes[-1]
    index = int(place)
    if not part:
        return rows[:, index], sizes[index]
    block = network.blocks[index]
    assert isinstance(block, InvertedResidual)  # only those have a map inside
    if not index:
        stem = network.stem
        return block.expanded(stem.out_channels), stem.output(image)
    return block.expanded(rows[:, index - 1]), sizes[index - 1]
