"""Which maps a backbone has for a detector, and the choice of some of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from torch import nn

from rexpand.cost.graph import Graph
from rexpand.cost.operators import Call
from rexpand.errors import SpecError, UnknownNameError
from rexpand.spec import (
    Feature,
    FeatureLevel,
    Image,
    NetworkSpec,
    all_levels,
    expanded_levels,
    feature_levels,
    last_level,
)
from rexpand.trace import trace

_SHALLOWEST = 4  # stride of a pyramid's first map (arXiv 1612.03144)
_PYRAMID = 4  # maps of the backbone under a pyramid


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The maps of a backbone.

    `blocks` has the deepest map of every stride, `expansions` those between the
    expansion and the depthwise convolution of the block that leaves a stride, `last`
    the map before the pooling; `named` has every map that has a name.
    """

    blocks: tuple[FeatureLevel, ...]
    expansions: tuple[FeatureLevel, ...]
    last: FeatureLevel
    named: Mapping[str, FeatureLevel]

    def by_stride(self, stride: int, feature: Feature) -> FeatureLevel:
        """The map of a stride; UnknownNameError names the strides that there are."""
        for level in self.expansions if feature == "expansion" else ():
            if level.stride == stride:
                return level
        for level in self.blocks:
            if level.stride == stride:
                return level
        there = ", ".join(map(str, self.blocks))
        raise UnknownNameError("feature stride", str(stride), (), f"there are {there}")

    def by_name(self, name: str) -> FeatureLevel:
        """The map of a name; UnknownNameError names the usual ones."""
        if name in self.named:
            return self.named[name]
        usual = dict.fromkeys((*self.blocks, *self.expansions, self.last))
        there = ", ".join(map(str, usual))
        raise UnknownNameError("feature level", name, self.named, f"there are {there}")


def offered_by_spec(spec: NetworkSpec) -> Offered:
    """The maps of a network with a spec."""
    return Offered(
        blocks=feature_levels(spec),
        expansions=expanded_levels(spec),
        last=last_level(spec),
        named={level.name: level for level in all_levels(spec)},
    )


def offered_by_module(module: nn.Module, image: Image) -> Offered:
    """The maps of any module, by one pass over an image.

    timm's networks say themselves which maps are features; of others, the last map of
    every stride that is not inside of more modules than another. Raises SpecError for a module without such maps.
    """
    seen = trace(module, image)
    named = _named(seen, image[1])
    said = _said(module)
    blocks = _outer(named) if said is None else said
    blocks = tuple(sorted({each.stride: each for each in blocks}.values(), key=_stride))
    if not blocks:
        raise SpecError(
            f"{type(module).__name__} has no maps on an image of {image[1]} pixels; give "
            "a convolutional network"
        )
    return Offered(
        blocks=blocks,
        expansions=_expansions(seen, image[1], blocks),
        last=blocks[-1],
        named={level.name: level for level in (*named, *blocks)},
    )


def levels_for_boxes(
    offered: Offered, asked: Sequence[str | int], feature: Feature
) -> tuple[FeatureLevel, ...]:
    """Those of SSDLite: without any asked for, the last two strides.

    The deepest is the last map, after the penultimate layer.
    """
    strides = [level.stride for level in offered.blocks]
    if not asked and len(strides) < 2:
        raise SpecError(
            f"the backbone has maps of {len(strides)} stride ({offered.last}), and SSDLite "
            "takes two; name the levels"
        )
    return tuple(
        offered.last if each == strides[-1] else _chosen(offered, each, feature)
        for each in asked or strides[-2:]
    )


def levels_for_pyramid(
    offered: Offered, asked: Sequence[str | int], feature: Feature
) -> tuple[FeatureLevel, ...]:
    """Those of a pyramid: without any asked for, four strides from 4 on."""
    strides = [level.stride for level in offered.blocks]
    usual = [each for each in strides if each >= _SHALLOWEST][-_PYRAMID:] or strides[
        -1:
    ]
    return tuple(_chosen(offered, each, feature) for each in asked or usual)


def _chosen(offered: Offered, asked: str | int, feature: Feature) -> FeatureLevel:
    if isinstance(asked, int):
        return offered.by_stride(asked, feature)
    return offered.by_name(asked)


def _outer(named: Sequence[FeatureLevel]) -> tuple[FeatureLevel, ...]:
    """Of the maps of every stride, those that are not inside of as many modules."""
    depths: dict[int, int] = {}
    for level in named:
        depth = level.name.count(".")
        depths[level.stride] = min(depths.get(level.stride, depth), depth)
    return tuple(
        level for level in named if level.name.count(".") == depths[level.stride]
    )


def _stride(level: FeatureLevel) -> int:
    return level.stride


def _said(module: nn.Module) -> tuple[FeatureLevel, ...] | None:
    """The features that a network of timm lists; None for another module."""
    listed: Any = getattr(module, "feature_info", None)
    if not isinstance(listed, list):
        return None
    often = Counter(each["module"] for each in listed)
    return tuple(
        FeatureLevel(
            name=each["module"], channels=each["num_chs"], stride=each["reduction"]
        )
        for each in listed
        if often[each["module"]] == 1  # a name that stands for several maps is none
    )


def _named(seen: Graph, side: int) -> list[FeatureLevel]:
    """The square maps that modules returned once, in the order in which they ended."""
    left_out = {call.name for call in seen.calls if call.call > 1}
    # A pool to a fixed size has no stride.
    left_out |= {layer.name for layer in seen.layers if "adaptive" in layer.function}
    levels = []
    for call in seen.calls:
        is_map = len(call.output) == 4 and call.output[2] == call.output[3]
        if is_map and call.name and call.name not in left_out and call.output[2] > 1:
            levels.append(
                FeatureLevel(
                    name=call.name,
                    channels=call.output[1],
                    stride=_stride_of(side, call.output[2]),
                )
            )
    return levels


def _expansions(
    seen: Graph, side: int, blocks: Sequence[FeatureLevel]
) -> tuple[FeatureLevel, ...]:
    """What the depthwise convolution that leaves a stride reads, if it was widened."""
    named = {level.name: level for level in _named(seen, side)}
    widths = {level.stride: level.channels for level in blocks}
    found: dict[int, FeatureLevel] = {}
    for layer in seen.layers:
        if not (layer.is_depthwise and max(layer.stride) > 1 and layer.edges):
            continue
        origin = layer.edges[0].origin
        if isinstance(origin, int):
            level = named.get(_outermost(seen.layers[origin].name, seen.calls))
            if level and level.channels > widths.get(level.stride, level.channels):
                found.setdefault(level.stride, level)
    return tuple(found.values())


def _outermost(name: str, calls: Sequence[Call]) -> str:
    """The largest module that ends with the one of that name."""
    ended = iter(call.name for call in calls)
    for each in ended:
        if each == name:
            break
    for parent in ended:
        if parent != name.rpartition(".")[0]:
            break
        name = parent
    return name


def _stride_of(side: int, map_side: int) -> int:
    """The power of two nearest to the ratio: unpadded layers lose a few pixels."""
    return int(2 ** round(log2(side / map_side)))
