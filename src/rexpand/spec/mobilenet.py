"""MobileNetV1 (arXiv 1704.04861) and MobileNetV2 (arXiv 1801.04381)."""

from rexpand.spec.blocks import DepthwiseSeparable, InvertedBottleneck
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# Output channels and stride of the blocks (Table 1 of the paper).
_V1 = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1),
    (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip

# Expand ratio, channels, repeats, stride of the stages (Table 2 of the paper).
_V2 = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
    (6, 160, 3, 2), (6, 320, 1, 1),
)  # fmt: skip


def mobilenetv1(*, name: str, width_mult: float = 1.0) -> NetworkSpec:
    """MobileNetV1: depthwise-separable blocks, ReLU6 as in TensorFlow's release."""
    return NetworkSpec(
        name=name,
        family="mobilenetv1",
        stem=Stem(out_channels=scaled(32, width_mult)),
        blocks=tuple(
            DepthwiseSeparable(
                out_channels=scaled(width, width_mult),
                stride=stride,
                depthwise_activation="relu6",
                pointwise_activation="relu6",
            )
            for width, stride in _V1
        ),
        head=Head(channels=0),
    )


def mobilenetv2(*, name: str, width_mult: float = 1.0) -> NetworkSpec:
    """MobileNetV2: the head is widened with width_mult above 1, never narrowed."""
    blocks = tuple(
        InvertedBottleneck(
            out_channels=scaled(width, width_mult),
            stride=stride if index == 0 else 1,
            expand_ratio=expand_ratio,
            shortcut="identity",
        )
        for expand_ratio, width, repeats, stride in _V2
        for index in range(repeats)
    )
    return NetworkSpec(
        name=name,
        family="mobilenetv2",
        stem=Stem(out_channels=scaled(32, width_mult)),
        blocks=blocks,
        head=Head(channels=scaled(1280, max(width_mult, 1.0))),
    )
