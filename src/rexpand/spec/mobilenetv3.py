"""MobileNetV3, Large and Small (arXiv 1905.02244, Tables 1 and 2).

The first stages have ReLU, the later ones hard swish; expanded and squeezed widths are
multiples of 8. The 1x1 in front of the pooling is six times the last block's width; the
linear layer behind it has no batch norm and keeps its width, as in TensorFlow's release.
"""

from dataclasses import replace
from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import Stage, multiplied, stage_table
from rexpand.spec.stem import Stem

Size = Literal["large", "small"]

_LARGE_RELU = """
    out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    16            1       3            1             no
    24            2       3            4,3           no
    40            2       5            3,3,3         yes
"""
_LARGE_HARD_SWISH = """
    out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    80            2       3            6,2.5,2.3,2.3 no
    112           1       3            6,6           yes
    160           2       5            6,6,6         yes
"""
_SMALL_RELU = """
    out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    16            2       3            1             yes
    24            2       3            4.5,3.67      no
"""
_SMALL_HARD_SWISH = """
    out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    40            2       5            4,6,6         yes
    48            1       5            3,3           yes
    96            2       5            6,6,6         yes
"""
_RELU = InvertedBottleneck(
    out_channels=1,
    expand_multiple=8,
    expand_activation="relu",
    depthwise_activation="relu",
    squeeze_excite=SqueezeExcite(reduction=4, multiple_of=8, gate="hard_sigmoid"),
    shortcut="identity",
)
_HARD_SWISH = replace(
    _RELU, expand_activation="hard_swish", depthwise_activation="hard_swish"
)
_STEM = 16
_HIDDEN = {"large": 1280, "small": 1024}


def mobilenetv3(
    *, name: str, size: Size = "large", width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """MobileNetV3; the paper has no depth multiplier, EfficientNet's rule is taken."""
    blocks = multiplied(_stages(size), width_mult=width_mult, depth_mult=depth_mult)
    return NetworkSpec(
        name=name,
        family="mobilenetv3",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="hard_swish"),
        blocks=blocks,
        head=Head(
            channels=6 * blocks[-1].out_channels,
            hidden=_HIDDEN[size],
            hidden_norm=False,
            activation="hard_swish",
        ),
    )


def _stages(size: Size) -> tuple[Stage[InvertedBottleneck], ...]:
    if size == "small":
        relu, hard_swish = _SMALL_RELU, _SMALL_HARD_SWISH
    else:
        relu, hard_swish = _LARGE_RELU, _LARGE_HARD_SWISH
    return stage_table(relu, _RELU) + stage_table(hard_swish, _HARD_SWISH)
