"""The shortcuts of a network, block by block, as data."""

from dataclasses import replace

from rexpand.errors import SpecError
from rexpand.spec import InvertedResidual, NetworkSpec, SpecLike, as_spec


def inverted_residuals(spec: SpecLike) -> tuple[InvertedResidual, ...]:
    """The blocks of an inverted-residual network.

    Raises SpecError, naming the first block that is of another kind.
    """
    spec = as_spec(spec)
    blocks: list[InvertedResidual] = []
    for index, block in enumerate(spec.blocks):
        if not isinstance(block, InvertedResidual):
            raise SpecError(
                f"upgrade needs blocks 1x1, depthwise, 1x1; block {index} of "
                f"{spec.name} is a {block.kind}"
            )
        blocks.append(block)
    return tuple(blocks)


def shortcuts(spec: SpecLike) -> tuple[bool, ...]:
    """Whether each block's input joins its output."""
    spec = as_spec(spec)
    inputs = (spec.stem.out_channels, *spec.channels[:-1])
    pairs = zip(inverted_residuals(spec), inputs, strict=True)
    return tuple(block.joins(in_channels) for block, in_channels in pairs)


def with_partial_shortcuts(spec: SpecLike) -> NetworkSpec:
    """The network with a partial shortcut where it has one, and none elsewhere.

    An identity needs equal widths, which a line of channels has nowhere; the partial
    one adds the input to the first outputs (arXiv 2007.00992), and is the identity
    where the widths are equal. Nothing is added where the network has no shortcut, so
    that the new one can take over what the old one computes.
    """
    spec = as_spec(spec)
    pairs = zip(inverted_residuals(spec), shortcuts(spec), strict=True)
    blocks = (
        block.with_shortcut("partial" if joins else "none") for block, joins in pairs
    )
    return replace(spec, blocks=tuple(blocks))
