"""FairNAS A, B and C (arXiv 1907.01845), plain and with squeeze-excite.

Layers of the authors' release. The squeeze-excite's width is half of the block's
inputs; with it the blocks have SiLU, the rest of the network ReLU. The paper has no
multipliers: widths go to multiples of 8, the head keeps its own, depth is scaled as in
EfficientNet.
"""

from typing import Literal

from rexpand.spec.blocks import Activation, InvertedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import multiplied, stage_table
from rexpand.spec.stem import Stem

Variant = Literal["a", "b", "c"]

_FIRST = """
    out_channels  expand_ratio
    16            1
"""
_A = """
    out_channels  stride  kernel_size  expand_ratio
    32            2       7,3          3
    40            2       7,3,7,3      3,6,6,3
    80            2       3,7,7,5      3,6,6,3
    96            1       3,5,5,3      6,3,3,6
    192           2       3,7,3,7      6
    320           1       5            6
"""
_B = """
    out_channels  stride  kernel_size  expand_ratio
    32            2       5,3          3
    40            2       5,3,3,5      3,3,6,3
    80            2       7,3,3,5      3,3,6,3
    96            1       3,3,7,3      3,6,3,3
    192           2       7,5,7,3      6
    320           1       5            6
"""
_C = """
    out_channels  stride  kernel_size  expand_ratio
    32            2       5,3          3
    40            2       7,3,3,3      3
    80            2       3,3,3,3      3,3,3,6
    96            1       3,3,3,3      3
    192           2       7,7,3,3      6
    320           1       5            6
"""
_TABLES = {"a": _A, "b": _B, "c": _C}
_PLAIN = InvertedBottleneck(out_channels=1, shortcut="identity")
_SQUEEZED_FIRST = InvertedBottleneck(
    out_channels=1, depthwise_activation="relu", shortcut="identity"
)
_SQUEEZED = InvertedBottleneck(
    out_channels=1,
    expand_activation="silu",
    depthwise_activation="silu",
    squeeze_excite=SqueezeExcite(reduction=2, activation="silu"),
    squeeze_reference="inputs",
    shortcut="identity",
)


def fairnas(
    *,
    name: str,
    variant: Variant = "a",
    squeeze_excite: bool = False,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """FairNAS; without squeeze-excite all nonlinearities are ReLU6."""
    first, block = (_SQUEEZED_FIRST, _SQUEEZED) if squeeze_excite else (_PLAIN, _PLAIN)
    stages = stage_table(_FIRST, first) + stage_table(_TABLES[variant], block)
    ends: Activation = "relu" if squeeze_excite else "relu6"
    return NetworkSpec(
        name=name,
        family="fairnas",
        stem=Stem(out_channels=scaled(32, width_mult), activation=ends),
        blocks=multiplied(stages, width_mult=width_mult, depth_mult=depth_mult),
        head=Head(channels=1280, activation=ends, dropout=0.0),
    )
