"""EfficientNet (arXiv 1905.11946) and EfficientNet-lite (tensorflow/tpu).

Widths go to the nearest multiple of 8, repeats are rounded up. The squeeze-excite's
width is a quarter of the block's inputs. The lite networks have none, ReLU6 for SiLU,
and keep the stem, the head and the repeats of the first and last stage.
"""

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import (
    multiplied,
    multiplied_between_ends,
    stage_table,
)
from rexpand.spec.stem import Stem

# Table 1 of the paper (B0).
_STAGES = """
    repeats  out_channels  stride  kernel_size  expand_ratio
    1        16            1       3            1
    2        24            2       3            6
    2        40            2       5            6
    3        80            2       3            6
    3        112           1       5            6
    4        192           2       5            6
    1        320           1       3            6
"""
_BLOCK = InvertedBottleneck(
    out_channels=1,
    expand_activation="silu",
    depthwise_activation="silu",
    squeeze_excite=SqueezeExcite(reduction=4, activation="silu"),
    squeeze_reference="inputs",
    shortcut="identity",
)
_LITE_BLOCK = InvertedBottleneck(out_channels=1, shortcut="identity")
_STEM, _HEAD = 32, 1280

# Of the release; drop_path is its survival rate of 0.8.
_DROP_PATH = 0.2


def efficientnet(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    resolution: int = 224,
    dropout: float = 0.2,
) -> NetworkSpec:
    """EfficientNet: B0 to B7 are this at growing width, depth and resolution."""
    return NetworkSpec(
        name=name,
        family="efficientnet",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="silu"),
        blocks=multiplied(
            stage_table(_STAGES, _BLOCK), width_mult=width_mult, depth_mult=depth_mult
        ),
        head=Head(
            channels=scaled(_HEAD, width_mult), activation="silu", dropout=dropout
        ),
        resolution=resolution,
        drop_path=_DROP_PATH,
    )


def efficientnet_lite(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    resolution: int = 224,
    dropout: float = 0.2,
) -> NetworkSpec:
    """EfficientNet-lite: lite0 to lite4 are this at growing width and depth."""
    blocks = multiplied_between_ends(
        stage_table(_STAGES, _LITE_BLOCK), width_mult=width_mult, depth_mult=depth_mult
    )
    return NetworkSpec(
        name=name,
        family="efficientnet_lite",
        stem=Stem(out_channels=_STEM),
        blocks=blocks,
        head=Head(channels=_HEAD, dropout=dropout),
        resolution=resolution,
        drop_path=_DROP_PATH,
    )
