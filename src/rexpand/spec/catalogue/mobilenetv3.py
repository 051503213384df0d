"""MobileNetV3."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.mobilenetv3 import Size, mobilenetv3

_PAPER = "arXiv 1905.02244, Table 3"
_SLIM = "tensorflow/models, slim"

_LARGE = "the source prints 5.4M for 5.483M; torchvision counts what we count"
_SMALL = (
    "the source cuts 56.5M macs to 56M; its first version and TensorFlow's release print"
    " 66M and 2.9M, which no layout of theirs that we found counts"
)
_SMALL_075 = (
    "the source prints 44M and 2.4M for 43.4M macs and 2.04M params; timm counts what we"
    " count"
)


def _entry(
    size: Size, width_mult: float, published: Published, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(mobilenetv3, size=size, width_mult=width_mult),
        published=published,
        fidelity=fidelity,
    )


def _figures(params: str, macs: str, top1: float, source: str) -> Published:
    return Published(params=params, macs=macs, top1=top1, source=source)


ENTRIES: Mapping[str, Entry] = {
    "mobilenetv3_large_075": _entry(
        "large", 0.75, _figures("4.0M", "155M", 73.3, _SLIM)
    ),
    "mobilenetv3_large_100": _entry(
        "large", 1.0, _figures("5.4M", "217M", 75.2, _SLIM), _LARGE
    ),
    "mobilenetv3_small_075": _entry(
        "small", 0.75, _figures("2.4M", "44M", 65.4, _SLIM), _SMALL_075
    ),
    "mobilenetv3_small_100": _entry(
        "small", 1.0, _figures("2.5M", "56M", 67.4, _PAPER), _SMALL
    ),
}
