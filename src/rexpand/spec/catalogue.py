"""Every network by name, with what its source publishes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from rexpand.spec.mobilenet import mobilenetv1, mobilenetv2
from rexpand.spec.network import NetworkSpec
from rexpand.spec.rexnet import rexnet, rexnet_lite, rexnet_plain
from rexpand.spec.search_network import BEST_18, BEST_30, BEST_42, search_network


@dataclass(frozen=True, kw_only=True)
class Published:
    """What a source prints, as it prints it: params and macs are strings like 4.8M."""

    params: str | None = None
    macs: str | None = None
    top1: float | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A network of the catalogue: how to build its spec, and its source's numbers.

    `fidelity` says where and why ours differs from what the source prints.
    """

    build: Callable[..., NetworkSpec]
    published: Published
    fidelity: str = ""


_TABLE_5 = "arXiv 2007.00992, Table 5"
_TABLE_A1 = "arXiv 2007.00992, Appendix B.3"
_README = "clovaai/rexnet README"
_TIMM = "timm 1.0"
_V1 = "arXiv 1704.04861, Table 6"
_SLIM = "tensorflow/models, slim"
_TABLE_3 = "arXiv 2007.00992, Table 3"

_CUT = "the source cuts 34.71M to 34M where it rounds everywhere else"
_LITE_130 = "the source prints 6.8M for 6.748M, which rounds to 6.7M"
_PLAIN = (
    "strides of MobileNetV1 and no 1x1 of 1,280: as the source draws it (stride 2 in "
    "the first block, a 1x1 of 1,280) it would cost 0.44B macs and 5.0M params"
)
_NO_NORM = "the source leaves the scales and shifts of batch norm out of its params"
_V2_100 = f"{_NO_NORM}, and cuts 300.8M macs to 300M"
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


def _v1(width_mult: float, params: str, macs: str, top1: float) -> Entry:
    return Entry(
        build=partial(mobilenetv1, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=_V1),
    )


def _v2(
    width_mult: float, params: str, macs: str, top1: float, fidelity: str = _NO_NORM
) -> Entry:
    return Entry(
        build=partial(mobilenetv2, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=_SLIM),
        fidelity=fidelity,
    )


def _search(channels: tuple[int, ...], params: str, macs: str, row: str) -> Entry:
    return Entry(
        build=partial(search_network, channels=channels),
        published=Published(params=params, macs=macs, source=f"{_TABLE_3} ({row})"),
        fidelity=_GROUP,
    )


_CATALOGUE = {
    "mobilenetv1_025": _v1(0.25, "0.5M", "41M", 50.6),
    "mobilenetv1_050": _v1(0.5, "1.3M", "149M", 63.7),
    "mobilenetv1_075": _v1(0.75, "2.6M", "325M", 68.4),
    "mobilenetv1_100": _v1(1.0, "4.2M", "569M", 70.6),
    "mobilenetv2_050": _v2(0.5, "1.95M", "97M", 65.4),
    "mobilenetv2_075": _v2(0.75, "2.61M", "209M", 69.8),
    "mobilenetv2_100": _v2(1.0, "3.47M", "300M", 71.8, _V2_100),
    "mobilenetv2_140": _v2(1.4, "6.06M", "582M", 75.0),
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

CATALOGUE: Mapping[str, Entry] = MappingProxyType(_CATALOGUE)


def network(name: str) -> NetworkSpec:
    """The spec of a name of the catalogue; KeyError if there is none."""
    return CATALOGUE[name].build(name=name)
