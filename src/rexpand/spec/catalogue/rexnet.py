"""ReXNet and the networks that its paper searches on CIFAR."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.rexnet import rexnet, rexnet_lite, rexnet_plain
from rexpand.spec.search_network import BEST_18, BEST_30, BEST_42, search_network

_TABLE_5 = "arXiv 2007.00992, Table 5"
_TABLE_A1 = "arXiv 2007.00992, Appendix B.3"
_README = "clovaai/rexnet README"
_TIMM = "timm 1.0"
_TABLE_3 = "arXiv 2007.00992, Table 3"

_CUT = "the source cuts 34.71M to 34M where it rounds everywhere else"
_LITE_130 = "the source prints 6.8M for 6.748M, which rounds to 6.7M"
_PLAIN = (
    "strides of MobileNetV1 and no 1x1 of 1,280: as the source draws it (stride 2 in "
    "the first block, a 1x1 of 1,280) it would cost 0.44B macs and 5.0M params"
)
_GROUP = (
    "the source prints the mean of a group of searched networks; strides, activation "
    "and shortcut are reconstructed, and the classifier is left out"
)


def _rexnet(
    width_mult: float,
    params: str,
    macs: str,
    top1: float,
    source: str,
    fidelity: str = "",
) -> Entry:
    return Entry(
        build=partial(rexnet, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=source),
        fidelity=fidelity,
    )


def _lite(
    width_mult: float, params: str, macs: str, top1: float, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(rexnet_lite, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=_README),
        fidelity=fidelity,
    )


def _rounded(width_mult: float, multiple_of: int, published: Published) -> Entry:
    return Entry(
        build=partial(rexnet, width_mult=width_mult, multiple_of=multiple_of),
        published=published,
    )


def _search(channels: tuple[int, ...], params: str, macs: str, row: str) -> Entry:
    return Entry(
        build=partial(search_network, channels=channels),
        published=Published(params=params, macs=macs, source=f"{_TABLE_3} ({row})"),
        fidelity=_GROUP,
    )


ENTRIES: Mapping[str, Entry] = {
    "rexnet_090": _rexnet(0.9, "4.1M", "0.35B", 77.2, _TABLE_5),
    "rexnet_100": _rexnet(1.0, "4.8M", "0.40B", 77.9, _TABLE_5),
    "rexnet_110": _rexnet(1.1, "5.6M", "0.48B", 78.6, _TABLE_A1),
    "rexnet_120": _rexnet(1.2, "6.6M", "0.57B", 79.0, _TABLE_A1),
    "rexnet_130": _rexnet(1.3, "7.6M", "0.66B", 79.5, _TABLE_5),
    "rexnet_140": _rexnet(1.4, "8.6M", "0.76B", 79.8, _TABLE_A1),
    "rexnet_150": _rexnet(1.5, "9.7M", "0.9B", 80.3, _TABLE_5),
    "rexnet_200": _rexnet(2.0, "16M", "1.5B", 81.6, _TABLE_5),
    "rexnet_220": _rexnet(2.2, "19M", "1.8B", 81.7, _TABLE_A1),
    "rexnet_300": _rexnet(3.0, "34M", "3.4B", 82.8, _TABLE_A1, _CUT),
    "rexnet_lite_100": _lite(1.0, "4.7M", "0.41B", 76.2),
    "rexnet_lite_130": _lite(1.3, "6.8M", "0.65B", 77.8, _LITE_130),
    "rexnet_lite_150": _lite(1.5, "8.3M", "0.84B", 78.6),
    "rexnet_lite_200": _lite(2.0, "13M", "1.5B", 80.2),
    "rexnet_plain": Entry(
        build=rexnet_plain,
        published=Published(params="3.4M", macs="0.56B", top1=74.8, source=_TABLE_A1),
        fidelity=_PLAIN,
    ),
    "rexnetr_100": _rounded(1.0, 8, Published(params="4.88M", source=_TIMM)),
    "rexnetr_130": _rounded(1.3, 8, Published(params="7.61M", source=_TIMM)),
    "rexnetr_150": _rounded(1.5, 8, Published(params="9.78M", source=_TIMM)),
    "rexnetr_200": _rounded(
        2.0, 8, Published(params="16.52M", top1=82.602, source=_TIMM)
    ),
    "rexnetr_300": _rounded(
        3.0, 16, Published(params="34.81M", top1=84.036, source=_TIMM)
    ),
    "search_18": _search(BEST_18, "0.2M", "30M", "a"),
    "search_30": _search(BEST_30, "0.5M", "100M", "b"),
    "search_42": _search(BEST_42, "3.0M", "351M", "d"),
}
