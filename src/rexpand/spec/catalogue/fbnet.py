"""FBNet."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.fbnet import fbnet

_RELEASE = "facebookresearch/mobile-vision"

_BIAS = (
    "the release gives the convolutions of its blocks a bias that batch norm takes away"
    " (15,000 params); ours have none"
)
_POOLED = f"{_BIAS}; the source adds the elements of its pooling to the macs: 291.1M for 291.0M"
_C = (
    "timm's layout, whose blocks that expand by 1 keep their first 1x1; without it the"
    " macs are 378.1M, as the release prints with its pooling (378.2M); no layout has the"
    " paper's 375M, and its 5.5M params are cut from 5.57M"
)

ENTRIES: Mapping[str, Entry] = {
    "fbnet_a": Entry(
        build=partial(fbnet, variant="a"),
        published=Published(params="4.3M", macs="244.5M", top1=73.3, source=_RELEASE),
        fidelity=_BIAS,
    ),
    "fbnet_b": Entry(
        build=partial(fbnet, variant="b"),
        published=Published(params="4.8M", macs="291.1M", top1=74.5, source=_RELEASE),
        fidelity=_POOLED,
    ),
    "fbnetc_100": Entry(
        build=partial(fbnet, variant="c"),
        published=Published(
            params="5.5M", macs="375M", top1=74.9, source="arXiv 1812.03443"
        ),
        fidelity=_C,
        aliases=("fbnet_c",),
    ),
}
