"""The same network without its roundings, for widths that are not whole."""

from dataclasses import replace

from rexpand.spec.as_spec import SpecLike, as_spec
from rexpand.spec.network import NetworkSpec


def relaxed(spec: SpecLike) -> NetworkSpec:
    """The spec without roundings: its cost is quadratic in the channels.

    Every layer's cost is a product of at most two widths, and each width is then
    proportional to the channels of one block.
    """
    spec = as_spec(spec)
    return replace(spec, blocks=tuple(block.relaxed() for block in spec.blocks))
