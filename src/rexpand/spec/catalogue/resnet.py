"""ResNet and ResNeXt."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.resnet import bottleneck_resnet, resnet

_TORCHVISION = "torchvision 0.20.1 IMAGENET1K_V1"

_R50, _R101 = (3, 4, 6, 3), (3, 4, 23, 3)

_STRIDE = (
    "the stride is in the 3x3 convolution, as in timm and torchvision; with the paper's, "
    "in the first 1x1, it would take {ours} macs (the paper prints {paper})"
)
_CARDINALITY = (
    "the source gives one figure to two networks of about the same cost: 7.8B are "
    "ResNet-101's (7.80B), ours takes 7.97B"
)
_README = (
    "the authors' README prints ~{macs}B macs, its ResNet's of about the same cost"
)


def _basic(
    repeats: tuple[int, ...], params: str, macs: str, top1: float, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(resnet, repeats=repeats),
        published=Published(params=params, macs=macs, top1=top1, source=_TORCHVISION),
        fidelity=fidelity,
    )


def _bottleneck(repeats: tuple[int, ...], published: Published, fidelity: str) -> Entry:
    return Entry(
        build=partial(bottleneck_resnet, repeats=repeats),
        published=published,
        fidelity=fidelity,
    )


def _resnext(
    repeats: tuple[int, ...],
    groups: int,
    group_width: int,
    published: Published,
    fidelity: str = "",
) -> Entry:
    return Entry(
        build=partial(
            bottleneck_resnet, repeats=repeats, groups=groups, group_width=group_width
        ),
        published=published,
        fidelity=fidelity,
    )


def _torchvision(params: str, macs: str, top1: float) -> Published:
    return Published(params=params, macs=macs, top1=top1, source=_TORCHVISION)


ENTRIES: Mapping[str, Entry] = {
    "resnet18": _basic((2, 2, 2, 2), "11.689512M", "1.814B", 69.758),
    "resnet34": _basic((3, 4, 6, 3), "21.797672M", "3.664B", 73.314),
    "resnet50": _bottleneck(
        _R50,
        _torchvision("25.557M", "4.089B", 76.130),
        _STRIDE.format(ours="3.86B", paper="3.8B"),
    ),
    "resnet101": _bottleneck(
        _R101,
        _torchvision("44.549160M", "7.801B", 77.374),
        _STRIDE.format(ours="7.57B", paper="7.6B"),
    ),
    "resnext50_32x4d": _resnext(
        _R50,
        32,
        4,
        _torchvision("25.0289M", "4.230B", 77.618),
        _README.format(macs="4.1"),
    ),
    "resnext101_32x4d": _resnext(
        _R101,
        32,
        4,
        Published(
            params="44M",
            macs="7.8B",
            top1=78.8,
            source="facebookresearch/ResNeXt README",
        ),
        _CARDINALITY,
    ),
    "resnext101_32x8d": _resnext(
        _R101, 32, 8, _torchvision("88.7913M", "16.414B", 79.312)
    ),
    "resnext101_64x4d": _resnext(
        _R101,
        64,
        4,
        _torchvision("83.4553M", "15.460B", 83.246),
        _README.format(macs="15.6"),
    ),
}
