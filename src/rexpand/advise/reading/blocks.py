"""Inverted-residual blocks among the steps: expand, depthwise, gate, project, shortcut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rexpand.advise.reading.cursor import Cursor, Unit
from rexpand.advise.reading.steps import Step
from rexpand.advise.reading.width_rules import (
    RawSqueeze,
    Rule,
    expand_rule,
    squeeze_rules,
)
from rexpand.errors import SpecError
from rexpand.spec import InvertedBottleneck


@dataclass(frozen=True, kw_only=True)
class RawBlock:
    """A block as it was found: widths, not yet the rules that give them.

    `joined` are the channels that its shortcut reaches, 0 without one; `end` is its
    last step.
    """

    in_channels: int
    out_channels: int
    expanded: int
    expands: bool
    depthwise: Step
    expand_activation: Any
    depthwise_activation: Any
    project_activation: Any
    squeeze: RawSqueeze | None
    joined: int
    end: int


def read_block(cursor: Cursor, here: int, index: int) -> RawBlock | None:
    """The block after a step; None where the head begins."""
    cursor.place = f"block {index}"
    convolutions = cursor.of(here, "convolution")
    if not convolutions and cursor.of(here, "pool"):
        return None
    if len(convolutions) != 1:
        cursor.refuse(cursor.followers(here))
    (first,) = convolutions
    step, ours = cursor.steps[first], f"blocks.{index}"
    if step.is_depthwise:
        return _bottleneck(cursor, here, None, first, ours)
    if not step.is_pointwise:
        cursor.refuse_step(step, _what_it_is(step))
    if _ends_in_pool(cursor, first):
        return None
    expand = cursor.unit(first, f"{ours}.expand")
    follower = cursor.only(expand.last, "convolution")
    if follower is None or not cursor.steps[follower].is_depthwise:
        cursor.refuse(
            f"no depthwise convolution follows its first 1x1, {expand.layer.name}; "
            f"{cursor.followers(expand.last)}"
        )
    return _bottleneck(cursor, here, expand, follower, ours)


def _what_it_is(step: Step) -> str:
    """A convolution that begins no block, in words."""
    size = f"{step.kernel_size}x{step.kernel_size}"
    if step.groups > 1:
        return f"is a {size} convolution in {step.groups} groups"
    if step.kernel_size > 1:
        return f"is a full {size} convolution"
    return f"is a 1x1 convolution of stride {step.stride}"


def block_specs(
    cursor: Cursor, raw: Sequence[RawBlock]
) -> tuple[InvertedBottleneck, ...]:
    """Blocks with the rules that give the widths that were found."""
    partial = any(0 < block.joined < block.out_channels for block in raw)
    squeezes = squeeze_rules(
        [(block.in_channels, block.expanded, block.squeeze) for block in raw]
    )
    blocks = []
    for index, (block, squeeze) in enumerate(zip(raw, squeezes, strict=True)):
        cursor.place = f"block {index}"
        if block.squeeze and squeeze is None:
            cursor.refuse(
                f"no rule gives {block.squeeze.inner} inner channels of its "
                f"squeeze-excite from {block.in_channels} and {block.expanded}"
            )
        try:
            blocks.append(_spec(block, squeeze, partial))
        except SpecError as error:
            cursor.refuse(str(error))
    return tuple(blocks)


def _bottleneck(
    cursor: Cursor, here: int, expand: Unit | None, depthwise: int, ours: str
) -> RawBlock:
    """From the depthwise convolution to the shortcut."""
    layer, norm = cursor.filtered(depthwise, f"{ours}.depthwise")
    activation, squeeze, last = _middle(cursor, norm, ours)
    project = cursor.only(last, "convolution")
    if project is None or not cursor.steps[project].is_pointwise:
        cursor.refuse(f"no 1x1 projects; {cursor.followers(last)}")
    projected = cursor.unit(project, f"{ours}.project")
    joined, end = _shortcut(cursor, here, projected.last)
    return RawBlock(
        in_channels=cursor.steps[here].channels,
        out_channels=projected.layer.channels,
        expanded=layer.channels,
        expands=expand is not None,
        depthwise=layer,
        expand_activation=cursor.activation(expand) if expand else activation,
        depthwise_activation=activation,
        project_activation=cursor.activation(projected),
        squeeze=squeeze,
        joined=joined,
        end=end,
    )


def _middle(cursor: Cursor, norm: int, ours: str) -> tuple[str, RawSqueeze | None, int]:
    """Activation and squeeze-excite between the depthwise norm and the projection."""
    last, activation = norm, "linear"
    squeeze: RawSqueeze | None = None
    while True:
        active = cursor.only(last, "activation")
        if active is not None and activation == "linear":
            activation, last = cursor.nonlinearity(active), active
            if squeeze:
                squeeze = replace(squeeze, position="before_activation")
        elif squeeze is None and cursor.of(last, "gate") and cursor.of(last, "pool"):
            squeeze, last = _squeeze(cursor, last, f"{ours}.squeeze_excite")
        else:
            return activation, squeeze, last


def _squeeze(cursor: Cursor, here: int, ours: str) -> tuple[RawSqueeze, int]:
    """A squeeze-excite, and the step that multiplies."""
    pools, gates = cursor.of(here, "pool"), cursor.of(here, "gate")
    if len(pools) != 1 or len(gates) != 1 or len(cursor.consumers[here]) != 2:
        cursor.refuse(
            f"the squeeze-excite is of an unknown kind; {cursor.followers(here)}"
        )
    first = cursor.one_layer(pools[0])
    reduce = cursor.layer(first, f"{ours}.reduce", f"{ours}.norm")
    second = cursor.one_layer(reduce.last)
    expand = cursor.layer(second, f"{ours}.expand", f"{ours}.after")
    if expand.norm or cursor.only(expand.last, "gate") != gates[0]:
        cursor.refuse("the squeeze-excite does not end in its gate")
    if len(reduce.layer.tensors) < 2 or len(expand.layer.tensors) < 2:
        cursor.refuse("the squeeze-excite has layers without bias")
    if expand.activation not in ("sigmoid", "hard_sigmoid"):
        cursor.refuse(f"the squeeze-excite is gated by '{expand.activation}'")
    raw = RawSqueeze(
        inner=reduce.layer.channels,
        activation=cursor.activation(reduce),
        gate=expand.activation,
        norm=reduce.norm is not None,
    )
    return raw, gates[0]


def _shortcut(cursor: Cursor, here: int, last: int) -> tuple[int, int]:
    """Channels that the shortcut reaches, 0 without one, and the block's end."""
    added = cursor.only(last, "add")
    if added is None:
        return 0, last
    step = cursor.steps[added]
    if sorted(step.inputs) != sorted((here, last)):
        cursor.refuse("something else than the block's input is added to its output")
    if step.joined < step.channels and step.inputs[0] != last:
        cursor.refuse("the shortcut has more channels than the block outputs")
    return step.joined, added


def _ends_in_pool(cursor: Cursor, number: int) -> bool:
    """Whether a 1x1 is the penultimate layer: only a pool follows."""
    for kind in ("norm", "activation"):
        follower = cursor.only(number, kind)
        number = number if follower is None else follower
    return cursor.only(number, "pool") is not None


def _spec(raw: RawBlock, squeeze: Rule | None, partial: bool) -> InvertedBottleneck:
    ratio, multiple = expand_rule(raw.in_channels, raw.expanded)
    return InvertedBottleneck(
        out_channels=raw.out_channels,
        kernel_size=raw.depthwise.kernel_size,
        stride=raw.depthwise.stride,
        dilation=raw.depthwise.dilation,
        expand_ratio=ratio if raw.expands else 1.0,
        expand_multiple=multiple,
        always_expands=raw.expands and ratio == 1,
        expand_activation=raw.expand_activation,
        depthwise_activation=raw.depthwise_activation,
        project_activation=raw.project_activation,
        squeeze_excite=squeeze[0] if squeeze else None,
        squeeze_reference=squeeze[1] if squeeze else "expanded",
        shortcut=_rule_of_shortcut(raw, partial),
    )


def _rule_of_shortcut(raw: RawBlock, partial: bool) -> Any:
    """The rule of the network, unless the block could have a shortcut and has none."""
    fits = raw.in_channels == raw.out_channels
    if partial:
        fits = raw.in_channels <= raw.out_channels
    if raw.depthwise.stride == 1 and fits and not raw.joined:
        return "none"
    return "partial" if partial else "identity"
