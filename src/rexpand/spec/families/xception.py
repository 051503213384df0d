"""Xception (arXiv 1610.02357), the network for 299 pixels."""

from collections.abc import Mapping

from rexpand.spec.blocks import BlockSpec, Convolution, SeparableStack
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# Figure 5 of the paper: entry flow, middle flow, exit flow.
_ENTRY = (128, 256, 728)
_MIDDLE = 728
_MIDDLE_BLOCKS = 8
_EXIT = 1024
_LAST = (1536, 2048)


def xception(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """Xception: two convolutions without padding, 12 stacks, two more convolutions.

    The paper has no multipliers: here all widths are scaled, to multiples of 8, and the
    number of middle blocks is scaled.
    """
    entry = (
        SeparableStack(
            out_channels=scaled(width, width_mult),
            stride=2,
            input_activation="relu" if index else "linear",
            shortcut="projection",
        )
        for index, width in enumerate(_ENTRY)
    )
    middle = SeparableStack(out_channels=scaled(_MIDDLE, width_mult), repeats=3)
    blocks: tuple[BlockSpec, ...] = (
        Convolution(out_channels=scaled(64, width_mult), padded=False),
        *entry,
        *(middle,) * repeated(_MIDDLE_BLOCKS, depth_mult),
        *_exit_flow(width_mult),
    )
    return NetworkSpec(
        name=name,
        family="xception",
        stem=Stem(out_channels=scaled(32, width_mult), activation="relu", padded=False),
        blocks=blocks,
        head=Head(channels=0, activation="relu", dropout=0.5),
        resolution=299,
    )


def _exit_flow(width_mult: float) -> tuple[SeparableStack, ...]:
    last = (
        SeparableStack(
            out_channels=scaled(width, width_mult),
            repeats=1,
            input_activation="linear",
            output_activation="relu",
            shortcut="none",
        )
        for width in _LAST
    )
    return (
        SeparableStack(
            out_channels=scaled(_EXIT, width_mult),
            stride=2,
            growth="last",
            shortcut="projection",
        ),
        *last,
    )


ENTRIES: Mapping[str, Entry] = {
    "legacy_xception": Entry(
        build=xception,
        published=Published(
            params="22.855952M",
            macs="8.40B",
            top1=79.0,
            source="arXiv 1610.02357, Tables 1 and 3; macs: timm results",
            top1_source="arXiv 1610.02357, Table 1",
        ),
        fidelity=(
            "the paper prints no macs, and timm counts two more for every element that "
            "a batch norm outputs: 8.357B without them, 8.400B with; Keras prints "
            "22.9M params, 22.91M with the 54,528 running statistics; its poolings pad "
            "only at the end where a side is even, timm's and ours on both sides"
        ),
        aliases=("xception",),
    )
}
