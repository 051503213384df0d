"""MnasNet A1, A2, A3 and B1 (arXiv 1807.11626).

A1 and B1 are laid out as in the authors' release (tensorflow/tpu). A2 and A3 come from
the search that found A1; only their cost is published. They are reconstructed: A1 with
the fewest widths and repeats changed (four) for which both printed figures hold, and of
those the nearest to them. The head keeps its width; the papers scale widths alone, depth
is scaled as in EfficientNet.
"""

from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import multiplied, stage_table
from rexpand.spec.stem import Stem

Variant = Literal["a1", "a2", "a3", "b1"]

# Figure 7 of the paper.
_A1 = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    2        24            2       3            6             no
    3        40            2       5            3             yes
    4        80            2       3            6             no
    2        112           1       3            6             yes
    3        160           2       5            6             yes
    1        320           1       3            6             no
"""
_A2 = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    2        24            2       3            6             no
    3        40            2       5            3             yes
    3        80            2       3            6             no
    2        104           1       3            6             yes
    3        144           2       5            6             yes
    2        320           1       3            6             no
"""
_A3 = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    2        32            2       3            6             no
    3        40            2       5            3             yes
    4        72            2       3            6             no
    2        128           1       3            6             yes
    3        160           2       5            6             yes
    2        320           1       3            6             no
"""
_B1 = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    3        24            2       3            3             no
    3        40            2       5            3             no
    3        80            2       5            6             no
    2        96            1       3            6             no
    4        192           2       5            6             no
    1        320           1       3            6             no
"""
_TABLES = {"a1": _A1, "a2": _A2, "a3": _A3, "b1": _B1}
_BLOCK = InvertedBottleneck(
    out_channels=1,
    expand_activation="relu",
    depthwise_activation="relu",
    squeeze_excite=SqueezeExcite(reduction=4),
    squeeze_reference="inputs",
    shortcut="identity",
)
_STEM, _HEAD = 32, 1280


def mnasnet(
    *,
    name: str,
    variant: Variant = "a1",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """MnasNet; the A networks have squeeze-excite, B1 has none."""
    return NetworkSpec(
        name=name,
        family="mnasnet",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="relu"),
        blocks=multiplied(
            stage_table(_TABLES[variant], _BLOCK),
            width_mult=width_mult,
            depth_mult=depth_mult,
        ),
        head=Head(channels=_HEAD, activation="relu"),
    )
