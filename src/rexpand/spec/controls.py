"""Functions that each make one change to a network of any family: spec in, spec out.

Widths and depth are multiplied where a family is built (`rexpand.spec.network`),
because every paper has its own rule; these functions have the same rule for all
families. They compose: `with_output_stride(with_squeeze_excite(spec, None), 16)`.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import lcm, prod
from typing import get_args

from rexpand.allowed import Choice
from rexpand.errors import SpecError, UnknownNameError
from rexpand.ranges import MULTIPLE_OF
from rexpand.spec.as_spec import SpecLike, as_spec
from rexpand.spec.blocks import (
    Activation,
    BlockSpec,
    Dense,
    ShuffleV1,
    SqueezeExcite,
)
from rexpand.spec.network import NetworkSpec
from rexpand.spec.rounding import nearest_multiple


def positions(spec: SpecLike) -> tuple[str, ...]:
    """Where the network has nonlinearities: stem, positions in blocks, head."""
    spec = as_spec(spec)
    places = dict.fromkeys(
        position for block in spec.blocks for position in block.activations
    )
    return ("stem", *places, "head")


def with_activation(
    spec: SpecLike, position: str, activation: Activation
) -> NetworkSpec:
    """The network with another nonlinearity at one of its `positions`.

    Raises UnknownNameError for a position that the network does not have.
    """
    spec = as_spec(spec)
    Choice(names=get_args(Activation)).check("activation", activation, SpecError)
    known = positions(spec)
    if position not in known:
        raise UnknownNameError(
            "position", position, known, f"choose from {', '.join(known)}"
        )
    if position == "stem":
        return replace(spec, stem=replace(spec.stem, activation=activation))
    if position == "head":
        return replace(spec, head=replace(spec.head, activation=activation))
    return _with_blocks(
        spec, (block.with_activation(position, activation) for block in spec.blocks)
    )


def with_squeeze_excite(
    spec: SpecLike, squeeze_excite: SqueezeExcite | None
) -> NetworkSpec:
    """The network with this squeeze-excite in every block, or with none."""
    spec = as_spec(spec)
    return _with_blocks(
        spec, (replace(b, squeeze_excite=squeeze_excite) for b in spec.blocks)
    )


def with_shuffle(spec: SpecLike, shuffle: bool) -> NetworkSpec:
    """ShuffleNetV1 with or without the shuffle between its groups (arXiv 1707.01083).

    Raises SpecError for a network without such units.
    """
    spec = as_spec(spec)
    if not any(isinstance(block, ShuffleV1) for block in spec.blocks):
        raise SpecError(
            f"{spec.name} has no units that shuffle groups; ShuffleNetV1 has"
        )
    return _with_blocks(
        spec,
        (
            replace(block, shuffle=shuffle) if isinstance(block, ShuffleV1) else block
            for block in spec.blocks
        ),
    )


def with_learned_groups(spec: SpecLike, learned_groups: bool) -> NetworkSpec:
    """CondenseNet with groups that choose their inputs, or not (arXiv 1711.09224).

    Raises SpecError for a network without such layers.
    """
    spec = as_spec(spec)
    if not any(isinstance(block, Dense) for block in spec.blocks):
        raise SpecError(
            f"{spec.name} has no layers that choose their inputs; CondenseNet has"
        )
    return _with_blocks(
        spec,
        (
            replace(block, learned_groups=learned_groups)
            if isinstance(block, Dense)
            else block
            for block in spec.blocks
        ),
    )


def with_multiple_of(spec: SpecLike, multiple_of: int) -> NetworkSpec:
    """The network with every width a multiple: stem, blocks, inner widths and head.

    Groups of a block divide its width as before; where a block adds channels to its
    input (CondenseNet), the number that it adds is rounded.
    """
    spec = as_spec(spec)
    MULTIPLE_OF.check("multiple_of", multiple_of, SpecError)
    head = spec.head
    stem, *channels = _rounded_channels(spec, multiple_of)
    blocks = (
        replace(block.rounded(multiple_of), out_channels=width)
        for block, width in zip(spec.blocks, channels, strict=True)
    )
    return replace(
        spec,
        stem=replace(spec.stem, out_channels=stem),
        blocks=tuple(blocks),
        head=replace(
            head,
            channels=head.channels and _rounded(head.channels, multiple_of),
            hidden=head.hidden and _rounded(head.hidden, multiple_of),
        ),
    )


def with_output_stride(spec: SpecLike, output_stride: int) -> NetworkSpec:
    """The network whose deepest map is `output_stride` times smaller than the image.

    Strides beyond it become 1 and the blocks after them are dilated instead, so that
    every kernel reaches as far as before (arXiv 1706.05587). Raises SpecError where the
    network cannot have that output stride.
    """
    spec = as_spec(spec)
    strides = [spec.stem.stride * spec.stem.pool_stride]
    blocks, dilation = [], 1
    for block in spec.blocks:
        fits = strides[-1] * block.stride <= output_stride
        stride = block.stride if fits else 1
        blocks.append(replace(block, stride=stride, dilation=block.dilation * dilation))
        strides.append(strides[-1] * stride)
        dilation *= block.stride // stride
    if strides[-1] != output_stride:
        total = strides[0] * prod(block.stride for block in spec.blocks)
        raise SpecError(
            f"output_stride {output_stride} is not possible for {spec.name}, whose own "
            f"is {total} and whose stem has {strides[0]}; choose from "
            f"{', '.join(map(str, _reachable(spec)))}"
        )
    return replace(spec, blocks=tuple(blocks))


def _reachable(spec: NetworkSpec) -> list[int]:
    """Output strides that the network can have."""
    stride = spec.stem.stride * spec.stem.pool_stride
    reachable = [stride]
    for block in spec.blocks:
        stride *= block.stride
        if stride != reachable[-1]:
            reachable.append(stride)
    return reachable


def _with_blocks(spec: NetworkSpec, blocks: Iterator[BlockSpec]) -> NetworkSpec:
    return replace(spec, blocks=tuple(blocks))


def _rounded_channels(spec: NetworkSpec, multiple_of: int) -> list[int]:
    """The output channels of stem and blocks, as multiples."""
    before = spec.stem.out_channels
    rounded = _rounded(before, lcm(multiple_of, spec.blocks[0].channel_multiple))
    widths = [rounded]
    for block in spec.blocks:
        rounded = block.rounded_channels(before, rounded, multiple_of)
        widths.append(rounded)
        before = block.out_channels
    return widths


def _rounded(width: int, multiple_of: int) -> int:
    return int(nearest_multiple(width, multiple_of))
