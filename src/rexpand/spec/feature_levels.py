"""The maps of several strides that a network has, for detectors and segmenters."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.ranges import NAME, REDUCTION, WIDTH
from rexpand.spec.as_spec import SpecLike, as_spec
from rexpand.spec.blocks import InvertedResidual
from rexpand.spec.network import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class FeatureLevel:
    """A feature map: the part that outputs it, its channels, its stride in pixels."""

    name: Annotated[str, NAME]
    channels: Annotated[int, WIDTH]
    stride: Annotated[int, REDUCTION]

    def __str__(self) -> str:
        return f"{self.name} (stride {self.stride}, {self.channels} channels)"


def feature_levels(spec: SpecLike) -> tuple[FeatureLevel, ...]:
    """The deepest map of every stride, shallow to deep, without the head's."""
    spec = as_spec(spec)
    stride = spec.stem.stride
    levels = {
        stride: FeatureLevel(
            name="stem", channels=spec.stem.out_channels, stride=stride
        )
    }
    if spec.stem.pool_stride > 1:
        stride *= spec.stem.pool_stride
        levels[stride] = FeatureLevel(
            name="pool", channels=spec.stem.out_channels, stride=stride
        )
    for index, block in enumerate(spec.blocks):
        stride *= block.stride
        levels[stride] = FeatureLevel(
            name=f"blocks.{index}", channels=block.out_channels, stride=stride
        )
    return tuple(levels.values())


def expanded_levels(spec: SpecLike) -> tuple[FeatureLevel, ...]:
    """The map of every stride between the expansion and the depthwise convolution.

    It is that of the block that leaves the stride, where this block expands its inputs:
    C4 of SSDLite (arXiv 1801.04381, section 6.2) for stride 16.
    """
    spec = as_spec(spec)
    stride = spec.stem.stride * spec.stem.pool_stride
    levels, in_channels = [], spec.stem.out_channels
    for index, block in enumerate(spec.blocks):
        if block.stride > 1 and isinstance(block, InvertedResidual) and block.expands:
            channels = int(block.expanded(in_channels))
            name = f"blocks.{index}.expand"
            levels.append(FeatureLevel(name=name, channels=channels, stride=stride))
        stride, in_channels = stride * block.stride, block.out_channels
    return tuple(levels)


def last_level(spec: SpecLike) -> FeatureLevel:
    """The last map: of the penultimate layer, or of the blocks where there is none."""
    spec = as_spec(spec)
    *_, deepest = feature_levels(spec)
    if not has_penultimate(spec):
        return deepest
    return FeatureLevel(
        name="penultimate",
        channels=spec.head.channels or deepest.channels,
        stride=deepest.stride,
    )


def has_penultimate(spec: NetworkSpec) -> bool:
    """Whether layers with weights follow the blocks before the pooling."""
    return bool(spec.head.channels) or spec.head.first_norm


def all_levels(spec: SpecLike) -> tuple[FeatureLevel, ...]:
    """Every map that can be asked for, in forward order."""
    spec = as_spec(spec)
    order = {"stem": -2, "pool": -1, "penultimate": spec.depth}
    levels = {*feature_levels(spec), *expanded_levels(spec), last_level(spec)}

    def place(level: FeatureLevel) -> tuple[int, bool]:
        _, _, inside = level.name.partition(".")
        number, _, part = inside.partition(".")
        return order.get(level.name, int(number or 0)), not part

    return tuple(sorted(levels, key=place))
