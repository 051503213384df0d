"""ResNet (arXiv 1512.03385) and ResNeXt (arXiv 1611.05431).

The stride of a bottleneck is in its 3x3 convolution, as in timm and torchvision; in the
paper it is in the first 1x1, which costs 0.23B macs less.
"""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.blocks import BasicResidual, ResidualBottleneck
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

_STEM = 64
_STRIDES = (1, 2, 2, 2)
_BASIC_CHANNELS = (64, 128, 256, 512)
_BOTTLENECK_CHANNELS = (256, 512, 1024, 2048)


def resnet(
    *,
    name: str,
    repeats: tuple[int, ...],
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """ResNet of basic blocks: 18 and 34 layers.

    The papers have no multipliers: here all widths are scaled, to multiples of 8. The
    shortcut of the first stage is an identity, that of the others a projection.
    """
    blocks = tuple(
        BasicResidual(
            out_channels=scaled(width, width_mult),
            stride=stride if index == 0 else 1,
            shortcut="projection" if index == 0 and stride > 1 else "partial",
        )
        for width, count, stride in zip(_BASIC_CHANNELS, repeats, _STRIDES, strict=True)
        for index in range(repeated(count, depth_mult))
    )
    return _network(name, "resnet", blocks, width_mult)


def bottleneck_resnet(
    *,
    name: str,
    repeats: tuple[int, ...],
    groups: int = 1,
    group_width: int = 64,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """ResNet of bottlenecks: 50 and 101 layers; with groups, ResNeXt.

    `group_width` is the width of a group in the first stage (the 4d of 32x4d). Widths
    are scaled to multiples of 8, the inner ones to multiples of `groups`.
    """
    blocks = tuple(
        ResidualBottleneck(
            out_channels=scaled(width, width_mult),
            stride=stride if index == 0 else 1,
            groups=groups,
            inner_ratio=groups * group_width / _BOTTLENECK_CHANNELS[0],
            inner_multiple=groups,
            shortcut="projection" if index == 0 else "partial",
        )
        for width, count, stride in zip(
            _BOTTLENECK_CHANNELS, repeats, _STRIDES, strict=True
        )
        for index in range(repeated(count, depth_mult))
    )
    return _network(name, "resnext" if groups > 1 else "resnet", blocks, width_mult)


def _network(
    name: str,
    family: str,
    blocks: tuple[BasicResidual, ...] | tuple[ResidualBottleneck, ...],
    width_mult: float,
) -> NetworkSpec:
    return NetworkSpec(
        name=name,
        family=family,
        stem=Stem(
            out_channels=scaled(_STEM, width_mult),
            kernel_size=7,
            activation="relu",
            pool_stride=2,
        ),
        blocks=blocks,
        head=Head(channels=0, activation="relu", dropout=0.0),
    )


_TORCHVISION = "torchvision 0.20.1 IMAGENET1K_V1"

_R50, _R101 = (3, 4, 6, 3), (3, 4, 23, 3)

_STRIDE = (
    "the stride is in the 3x3 convolution, as in timm and torchvision; in the first "
    "1x1, as in the paper, it would take {ours} macs (the paper prints {paper})"
)
_TEN_CROPS = "arXiv 1512.03385, Tables 2 and 3 (ten crops)"
_RESNEXT = "arXiv 1611.05431"
_CARDINALITY = (
    "the source gives one figure for two networks of about the same cost: 7.8B is "
    "ResNet-101's (7.80B), ours takes 7.97B"
)
_README = (
    "the authors' README prints ~{macs}B macs, those of a ResNet of about the same cost"
)


def _basic(
    repeats: tuple[int, ...], params: str, macs: str, top1: float, paper: float
) -> Entry:
    return Entry(
        build=partial(resnet, repeats=repeats),
        published=_torchvision(params, macs, top1).beside_paper(paper, _TEN_CROPS),
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
    "resnet18": _basic((2, 2, 2, 2), "11.689512M", "1.814B", 69.758, 72.12),
    "resnet34": _basic((3, 4, 6, 3), "21.797672M", "3.664B", 73.314, 74.97),
    "resnet50": _bottleneck(
        _R50,
        _torchvision("25.557M", "4.089B", 76.130).beside_paper(77.15, _TEN_CROPS),
        _STRIDE.format(ours="3.86B", paper="3.8B"),
    ),
    "resnet101": _bottleneck(
        _R101,
        _torchvision("44.549160M", "7.801B", 77.374).beside_paper(78.25, _TEN_CROPS),
        _STRIDE.format(ours="7.57B", paper="7.6B"),
    ),
    "resnext50_32x4d": _resnext(
        _R50,
        32,
        4,
        _torchvision("25.0289M", "4.230B", 77.618).beside_paper(77.8, _RESNEXT),
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
        ).beside_paper(78.8, _RESNEXT),
        _CARDINALITY,
    ),
    "resnext101_32x8d": _resnext(
        _R101, 32, 8, _torchvision("88.7913M", "16.414B", 79.312)
    ),
    "resnext101_64x4d": _resnext(
        _R101,
        64,
        4,
        _torchvision("83.4553M", "15.460B", 83.246).beside_paper(79.6, _RESNEXT),
        _README.format(macs="15.6"),
    ),
}
