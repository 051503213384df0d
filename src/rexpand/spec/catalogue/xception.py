"""Xception."""

from collections.abc import Mapping

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.xception import xception

ENTRIES: Mapping[str, Entry] = {
    "legacy_xception": Entry(
        build=xception,
        published=Published(
            params="22.855952M",
            macs="8.40B",
            top1=79.0,
            source="arXiv 1610.02357, Tables 1 and 3; macs: timm results",
        ),
        fidelity=(
            "the paper prints no macs, and timm counts two more for every element that "
            "a batch norm puts out: 8.357B without them, 8.400B with; Keras prints "
            "22.9M params, 22.91M with the 54,528 running statistics; its poolings pad "
            "behind the map only where a side is even, timm's and ours on both sides"
        ),
        aliases=("xception",),
    )
}
