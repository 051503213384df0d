"""MobileNetV1 and MobileNetV2."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.mobilenet import mobilenetv1, mobilenetv2

_V1 = "arXiv 1704.04861, Table 6"
_SLIM = "tensorflow/models, slim"
_TIMM = "timm"
_NO_NORM = "the source leaves the scales and shifts of batch norm out of its params"
_V2_100 = f"{_NO_NORM}, and cuts 300.8M macs to 300M"


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


def _deeper(width_mult: float, depth_mult: float, params: str, top1: float) -> Entry:
    return Entry(
        build=partial(
            mobilenetv2,
            width_mult=width_mult,
            depth_mult=depth_mult,
            fixed_ends=True,
        ),
        published=Published(params=params, top1=top1, source=_TIMM),
    )


ENTRIES: Mapping[str, Entry] = {
    "mobilenetv1_025": _v1(0.25, "0.5M", "41M", 50.6),
    "mobilenetv1_050": _v1(0.5, "1.3M", "149M", 63.7),
    "mobilenetv1_075": _v1(0.75, "2.6M", "325M", 68.4),
    "mobilenetv1_100": _v1(1.0, "4.2M", "569M", 70.6),
    "mobilenetv2_035": _v2(0.35, "1.66M", "59M", 60.3),
    "mobilenetv2_050": _v2(0.5, "1.95M", "97M", 65.4),
    "mobilenetv2_075": _v2(0.75, "2.61M", "209M", 69.8),
    "mobilenetv2_100": _v2(1.0, "3.47M", "300M", 71.8, _V2_100),
    "mobilenetv2_110d": _deeper(1.1, 1.2, "4.5M", 75.052),
    "mobilenetv2_120d": _deeper(1.2, 1.4, "5.8M", 77.294),
    "mobilenetv2_130": _v2(1.3, "5.34M", "509M", 74.4),
    "mobilenetv2_140": _v2(1.4, "6.06M", "582M", 75.0),
}
