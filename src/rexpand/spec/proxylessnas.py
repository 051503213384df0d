"""ProxylessNAS, searched for a phone, a GPU and a CPU (arXiv 1812.00332).

Layers of the released configurations; where the search put nothing, there is no block.
The paper scales widths (its x1.4 runs); depth is scaled as in EfficientNet.
"""

from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import multiplied, stage_table
from rexpand.spec.stem import Stem

Target = Literal["mobile", "gpu", "cpu"]

_MOBILE = """
    out_channels  stride  kernel_size  expand_ratio
    16            1       3            1
    32            2       5,3          3
    40            2       7,3,5,5      3
    80            2       7,5,5,5      6,3,3,3
    96            1       5,5,5,5      6,3,3,3
    192           2       7,7,7,7      6,6,3,3
    320           1       7            6
"""
_GPU = """
    out_channels  stride  kernel_size  expand_ratio
    24            1       3            1
    32            2       5            3
    56            2       7,3          3
    112           2       7,5          6,3
    128           1       5,3,5        6,3,3
    256           2       7,7,7,5      6
    432           1       7            6
"""
_CPU = """
    out_channels  stride  kernel_size  expand_ratio
    24            1       3            1
    32            2       3,3,3,3      6,3,3,3
    48            2       3,3,3,5      6,3,3,3
    88            2       3,3          6,3
    104           1       5,3,3,3      6,3,3,3
    216           2       5,5,5,3      6,3,3,3
    360           1       5            6
"""
_TABLES = {"mobile": _MOBILE, "gpu": _GPU, "cpu": _CPU}
_STEMS = {"mobile": 32, "gpu": 40, "cpu": 40}
_HEADS = {"mobile": 1280, "gpu": 1728, "cpu": 1432}
_BLOCK = InvertedBottleneck(out_channels=1, shortcut="identity")


def proxylessnas(
    *,
    name: str,
    target: Target = "mobile",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """ProxylessNAS; the one for the phone is the paper's R."""
    return NetworkSpec(
        name=name,
        family="proxylessnas",
        stem=Stem(out_channels=scaled(_STEMS[target], width_mult)),
        blocks=multiplied(
            stage_table(_TABLES[target], _BLOCK),
            width_mult=width_mult,
            depth_mult=depth_mult,
        ),
        head=Head(channels=scaled(_HEADS[target], width_mult), dropout=0.0),
        norm_eps=1e-3,  # of the release
    )
