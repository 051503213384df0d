"""FBNet A, B and C (arXiv 1812.03443).

A and B are laid out as in the authors' release (facebookresearch/mobile-vision), C as
in timm, where blocks that expand by 1 keep their first 1x1, as the paper draws them.
Where the search put a skip, there is no block. The release gives the convolutions of
blocks a bias, which the batch norm behind takes away; here they have none. The paper
has no multipliers: widths go to multiples of 8, the head keeps its own, depth is scaled
as in EfficientNet.
"""

from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import multiplied, stage_table
from rexpand.spec.stem import Stem

Variant = Literal["a", "b", "c"]

_A = """
    out_channels  stride  kernel_size  expand_ratio  groups
    24            2       3,3          3,1           1
    32            2       5,3,5,3      6,3,1,3       1
    64            2       5,5,5,5      6,3,1,6       1,1,2,1
    112           1       3,5,5,3      6,1,3,1       1,2,1,2
    184           2       5,5,5,5      6,6,3,6       1
    352           1       5            6             1
"""
_B = """
    out_channels  stride  kernel_size  expand_ratio
    16            1       3            1
    24            2       3,5,3,3      6,1,1,1
    32            2       5,5,3,5      6,3,6,6
    64            2       5,5,5        6,6,3
    112           1       5,3,5,5      6,1,1,3
    184           2       5,5,5,5      6,1,6,6
    352           1       3            6
"""
_C = """
    out_channels  stride  kernel_size  expand_ratio
    16            1       3            1
    24            2       3,3,3        6,1,1
    32            2       5,5,5,3      6,3,6,6
    64            2       5,5,5,5      6,3,6,6
    112           1       5,5,5,5      6,6,6,3
    184           2       5,5,5,5      6
    352           1       3            6
"""
_TABLES = {"a": _A, "b": _B, "c": _C}
_HEADS = {"a": 1504, "b": 1984, "c": 1984}
_STEM = 16


def fbnet(
    *,
    name: str,
    variant: Variant = "c",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """FBNet: inverted bottlenecks whose kernel, expansion and groups were searched."""
    block = InvertedBottleneck(
        out_channels=1,
        always_expands=variant == "c",
        expand_activation="relu",
        depthwise_activation="relu",
        shortcut="identity",
    )
    return NetworkSpec(
        name=name,
        family="fbnet",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="relu"),
        blocks=multiplied(
            stage_table(_TABLES[variant], block),
            width_mult=width_mult,
            depth_mult=depth_mult,
        ),
        head=Head(channels=_HEADS[variant], activation="relu"),
    )
