"""The same network without its roundings, for widths that are not whole."""

from dataclasses import fields, replace
from typing import Any

from rexpand.spec.blocks import Block
from rexpand.spec.network import NetworkSpec


def relaxed(spec: NetworkSpec) -> NetworkSpec:
    """The spec with every rounding taken out: its cost is quadratic in the channels.

    Every layer's cost is a product of two widths at most, and each width is then
    proportional to the channels of one block.
    """
    return replace(spec, blocks=tuple(_relaxed(block) for block in spec.blocks))


def _relaxed(block: Block) -> Block:
    roundings: dict[str, Any] = {
        field.name: 0 for field in fields(block) if field.name.endswith("_multiple")
    }
    squeeze = block.squeeze_excite
    return replace(
        block,
        squeeze_excite=squeeze and replace(squeeze, multiple_of=0),
        **roundings,
    )
