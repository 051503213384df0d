"""The networks that the paper searches on CIFAR (arXiv 2007.00992, Section 4).

Stem of 16 channels, inverted bottlenecks of expansion 6, penultimate layer of 1,280:
depth 18, 30, 42 is 3 x blocks + 3 (stem, penultimate, classifier). The paper's cost
fits only without a classifier, so the catalogue's networks have none. Strides,
activation and shortcut are not published; stride 2 is at one and two thirds of the
blocks, which fits the printed cost best (docs/fidelity.md).
"""

from collections.abc import Mapping, Sequence
from functools import partial

from rexpand.spec.blocks import InvertedBottleneck
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.head import Head
from rexpand.spec.multipliers import check_multiplier, repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# The best configurations of Table 3 (a), (b) and (d).
BEST_18 = (34, 34, 45, 55, 66)
BEST_30 = (24, 33, 42, 50, 59, 68, 77, 85, 94)
BEST_42 = (34, 34, 34, 40, 64, 88, 112, 136, 160, 184, 208, 232, 256)


def search_network(
    *,
    name: str,
    channels: Sequence[int],
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """The paper's search network for 32x32 images, one block per number of channels.

    The paper has no multipliers: here widths are rounded to whole channels, and every
    block is repeated.
    """
    check_multiplier("width_mult", width_mult)
    channels = [
        scaled(width, width_mult, 1)
        for width in channels
        for _ in range(repeated(1, depth_mult))
    ]
    blocks = len(channels)
    strided = {blocks // 3, 2 * (blocks // 3)}
    return NetworkSpec(
        name=name,
        family="search",
        stem=Stem(out_channels=scaled(16, width_mult), stride=1, activation="relu"),
        blocks=tuple(
            InvertedBottleneck(out_channels=width, stride=2 if index in strided else 1)
            for index, width in enumerate(channels)
        ),
        head=Head(channels=scaled(1280, max(width_mult, 1.0)), dropout=0.0),
        resolution=32,
        num_classes=0,
    )


_TABLE_3 = "arXiv 2007.00992, Table 3"

_GROUP = (
    "the source prints the mean of a group of searched networks; strides, activation "
    "and shortcut are reconstructed, and there is no classifier"
)


def _search(channels: tuple[int, ...], params: str, macs: str, row: str) -> Entry:
    return Entry(
        build=partial(search_network, channels=channels),
        published=Published(params=params, macs=macs, source=f"{_TABLE_3} ({row})"),
        fidelity=_GROUP,
    )


ENTRIES: Mapping[str, Entry] = {
    "search_18": _search(BEST_18, "0.2M", "30M", "a"),
    "search_30": _search(BEST_30, "0.5M", "100M", "b"),
    "search_42": _search(BEST_42, "3.0M", "351M", "d"),
}
