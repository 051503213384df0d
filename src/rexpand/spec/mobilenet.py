"""MobileNetV1 (arXiv 1704.04861) and MobileNetV2 (arXiv 1801.04381).

Multipliers above 1 widen the head of V2, those below never narrow it. The papers scale
widths alone; depth is scaled as in EfficientNet. timm's `mobilenetv2_110d` and `120d`
keep the stem, the head and the repeats of the first and last stage (`fixed_ends`).
"""

from rexpand.spec.blocks import DepthwiseSeparable, InvertedBottleneck
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import (
    multiplied,
    multiplied_between_ends,
    stage_table,
)
from rexpand.spec.stem import Stem

# Table 1 of the paper; ReLU6 as in TensorFlow's release.
_V1 = """
    repeats  out_channels  stride
    1        64            1
    2        128           2
    2        256           2
    6        512           2
    2        1024          2
"""
_V1_BLOCK = DepthwiseSeparable(
    out_channels=1, depthwise_activation="relu6", pointwise_activation="relu6"
)

# Table 2 of the paper.
_V2 = """
    repeats  out_channels  stride  expand_ratio
    1        16            1       1
    2        24            2       6
    3        32            2       6
    4        64            2       6
    3        96            1       6
    3        160           2       6
    1        320           1       6
"""
_V2_BLOCK = InvertedBottleneck(out_channels=1, shortcut="identity")

_STEM, _HEAD = 32, 1280


def mobilenetv1(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """MobileNetV1: depthwise-separable blocks."""
    return NetworkSpec(
        name=name,
        family="mobilenetv1",
        stem=Stem(out_channels=scaled(_STEM, width_mult)),
        blocks=multiplied(
            stage_table(_V1, _V1_BLOCK), width_mult=width_mult, depth_mult=depth_mult
        ),
        head=Head(channels=0),
    )


def mobilenetv2(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    fixed_ends: bool = False,
) -> NetworkSpec:
    """MobileNetV2: inverted bottlenecks with identity shortcuts."""
    multiply = multiplied_between_ends if fixed_ends else multiplied
    blocks = multiply(
        stage_table(_V2, _V2_BLOCK), width_mult=width_mult, depth_mult=depth_mult
    )
    stem_mult = 1.0 if fixed_ends else width_mult
    return NetworkSpec(
        name=name,
        family="mobilenetv2",
        stem=Stem(out_channels=scaled(_STEM, stem_mult)),
        blocks=blocks,
        head=Head(channels=scaled(_HEAD, max(stem_mult, 1.0))),
    )
