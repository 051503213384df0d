"""ResNet (arXiv 1512.03385) and ResNeXt (arXiv 1611.05431).

The stride of a bottleneck is in its 3x3 convolution, as in timm and torchvision; the
paper's own had it in the first 1x1 and cost 0.23B macs less.
"""

from rexpand.spec.blocks import BasicResidual, ResidualBottleneck
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

    The papers have no multipliers: all widths are scaled, to multiples of 8. The
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
